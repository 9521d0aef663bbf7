from django.urls import path

from forum.followup import export, views

urlpatterns = [
    path("tindak-lanjut/", views.follow_ups, name="follow-ups"),
    path("tindak-lanjut/data.csv", export.follow_ups, name="follow-ups-csv"),
    path("rapat/<int:pk>/acara/bawa/", views.carry, name="agenda-carry"),
    path(
        "rapat/<int:pk>/acara/<int:item>/tunda/",
        views.defer,
        name="agenda-defer",
    ),
    path(
        "rapat/<int:pk>/acara/<int:item>/batal-tunda/",
        views.resume,
        name="agenda-resume",
    ),
    path("rapat/<int:pk>/acara/<int:item>/pindah/", views.move, name="agenda-transfer"),
    path("rapat/<int:pk>/acara/<int:item>/salin/", views.copy, name="agenda-copy"),
]
