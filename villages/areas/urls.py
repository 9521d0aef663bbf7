from django.urls import path

from villages.areas import export, views

urlpatterns = [
    path("desa/", views.villages, name="villages"),
    path("desa/data.csv", export.villages, name="villages-csv"),
    path("desa/<slug:slug>/", views.village, name="village"),
]
