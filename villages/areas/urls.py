from django.urls import path

from villages.areas import views

urlpatterns = [
    path("", views.villages, name="villages"),
    path("<slug:slug>/", views.village, name="village"),
]
