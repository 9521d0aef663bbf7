from django.urls import path

from forum.voting import views

urlpatterns = [
    path("rapat/<int:pk>/suara/utusan/", views.electorate, name="ballot-electorate"),
    path("rapat/<int:pk>/suara/buka/", views.ballot_open, name="ballot-open"),
    path("rapat/<int:pk>/suara/<int:ballot>/", views.ballot, name="ballot"),
    path(
        "rapat/<int:pk>/suara/<int:ballot>/hitung/",
        views.ballot_count,
        name="ballot-count",
    ),
    path(
        "rapat/<int:pk>/suara/<int:ballot>/sahkan/",
        views.ballot_confirm,
        name="ballot-confirm",
    ),
    path(
        "rapat/<int:pk>/suara/<int:ballot>/batalkan/",
        views.ballot_cancel,
        name="ballot-cancel",
    ),
    path(
        "rapat/<int:pk>/suara/<int:ballot>/jadikan-keputusan/",
        views.ballot_decide,
        name="ballot-decide",
    ),
]
