from django.urls import path

from leksono_portal.kit import held, language

urlpatterns = [
    path("kirim-ulang/", held.resend, name="resend"),
    path("bahasa/<slug:code>/", language.choose, name="language"),
]
