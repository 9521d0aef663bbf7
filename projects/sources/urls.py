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
    path("dana/pagu/<int:pk>/ubah/", views.allotment_change, name="allotment-change"),
    path("dana/pagu/perubahan/<int:pk>/", views.change, name="ceiling-change"),
    path(
        "dana/pagu/perubahan/<int:pk>/tetapkan/",
        views.change_accept,
        name="ceiling-change-accept",
    ),
    path(
        "dana/pagu/perubahan/<int:pk>/tolak/",
        views.change_decline,
        name="ceiling-change-decline",
    ),
]
