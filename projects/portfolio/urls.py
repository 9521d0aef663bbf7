from django.urls import path

from projects.portfolio import export, views

urlpatterns = [
    path("proyek/", views.projects, name="projects"),
    path("proyek/data.csv", export.projects, name="projects-csv"),
    path("proyek/<int:pk>/", views.project, name="project"),
    path("proyek/<int:pk>/ubah/", views.edit, name="project-edit"),
    path("proyek/<int:pk>/mulai/", views.start, name="project-start"),
    path("proyek/<int:pk>/lapor/", views.report, name="report-new"),
    path("proyek/<int:pk>/serah-terima/", views.complete, name="project-complete"),
    path("proyek/<int:pk>/batalkan/", views.cancel, name="project-cancel"),
    path("proyek/<int:pk>/pekerjaan/tambah/", views.add_item, name="work-item-add"),
    path(
        "proyek/<int:pk>/pekerjaan/<int:item>/ubah/",
        views.save_item,
        name="work-item-save",
    ),
    path(
        "proyek/<int:pk>/pekerjaan/<int:item>/hapus/",
        views.remove_item,
        name="work-item-remove",
    ),
    path("proyek/<int:pk>/foto/", views.photos, name="photos"),
    path("proyek/<int:pk>/foto/tambah/", views.add_photos, name="photo-add"),
    path("proyek/<int:pk>/foto/<int:photo>/", views.photo, name="photo"),
    path(
        "proyek/<int:pk>/foto/<int:photo>/<int:size>.jpg",
        views.photo_file,
        name="photo-file",
    ),
    path(
        "proyek/<int:pk>/foto/<int:photo>/tarik/",
        views.withdraw_photo,
        name="photo-withdraw",
    ),
]
