from django.urls import path

from villages.exchange import export, views

urlpatterns = [
    path("sumber-daya/", views.resources, name="resources"),
    path("sumber-daya/data.csv", export.resources, name="resources-csv"),
    path("sumber-daya/baru/", views.new, name="resource-new"),
    path("sumber-daya/<int:pk>/", views.resource, name="resource"),
    path("sumber-daya/<int:pk>/ubah/", views.edit, name="resource-edit"),
    path("sumber-daya/<int:pk>/tutup/", views.close, name="resource-close"),
]
