from django.urls import path

from villages.areas import export, views

urlpatterns = [
    path("", views.villages, name="villages"),
    path("data.csv", export.villages, name="villages-csv"),
    path("<slug:slug>/", views.village, name="village"),
]
