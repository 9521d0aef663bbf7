from django.urls import path

from forum.checkin import views

urlpatterns = [
    path("rapat/<int:pk>/kehadiran/", views.show_code, name="check-in-code"),
    path("rapat/<int:pk>/kehadiran/<str:code>/", views.check_in, name="check-in"),
]
