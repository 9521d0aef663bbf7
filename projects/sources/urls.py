from django.urls import path

from projects.sources import export, views

urlpatterns = [
    path("dana/pagu.csv", export.allotments, name="allotments-csv"),
    path("dana/pagu/baru/", views.allotment_new, name="allotment-new"),
    path(
        "dana/pagu/<int:pk>/tetapkan/",
        views.allotment_confirm,
        name="allotment-confirm",
    ),
]
