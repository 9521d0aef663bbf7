from django.urls import path

from leksono_portal.home import data, verification, views

app_name = "home"
urlpatterns = [
    path("", views.front, name="front"),
    path("data/", data.data, name="data"),
    path("kerja/", views.work, name="work"),
    path("verifikasi/", verification.ask, name="verification-ask"),
    path("verifikasi/<str:code>/", verification.show, name="verification"),
    path("sehat/", views.health, name="health"),
]
