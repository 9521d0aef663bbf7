from django.urls import path

from leksono_portal.kit import held, language, news

urlpatterns = [
    path("kirim-ulang/", held.resend, name="resend"),
    path("bahasa/<slug:code>/", language.choose, name="language"),
    path("kabar/", news.news, name="notifications"),
    path("kabar/dibaca/", news.read_all, name="notifications-read"),
    path("kabar/<int:pk>/", news.follow, name="notification"),
    path("akun/kabar/", news.wishes, name="notification-wishes"),
]
