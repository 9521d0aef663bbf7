from django.urls import path

from villages.contacts import views

urlpatterns = [
    path("desa/<slug:slug>/kontak/ubah/", views.edit, name="contact-edit"),
]
