from django.urls import path

from forum.amendments import views

urlpatterns = [
    path("rapat/<int:pk>/perbaikan/", views.amend, name="amend"),
    path("perbaikan/<int:pk>/berita-acara.pdf", views.pdf, name="amendment-pdf"),
]
