from django.urls import path

from projects.responses import views

urlpatterns = [
    path("proyek/<int:pk>/tanggapan/", views.new, name="response-new"),
    path("tanggapan/<int:pk>/jawab/", views.answer, name="response-answer"),
    path("tanggapan/<int:pk>/sembunyikan/", views.hide, name="response-hide"),
]
