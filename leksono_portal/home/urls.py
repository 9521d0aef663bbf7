from django.urls import path

from leksono_portal.home import views

app_name = "home"
urlpatterns = [
    path("", views.front, name="front"),
    path("kerja/", views.work, name="work"),
    path("sehat/", views.health, name="health"),
]
