from django.urls import path

from villages.partners import export, views

urlpatterns = [
    path("mitra/", views.partners, name="partners"),
    path("mitra/data.csv", export.partners, name="partners-csv"),
    path("mitra/baru/", views.new, name="partner-new"),
    path("mitra/<int:pk>/", views.partner, name="partner"),
    path("mitra/<int:pk>/ubah/", views.edit, name="partner-edit"),
    path("mitra/<int:pk>/tutup/", views.close, name="partner-close"),
]
