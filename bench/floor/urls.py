from django.urls import path

from bench.floor import views

urlpatterns = [path("", views.rows), path("<int:pk>/", views.row)]
