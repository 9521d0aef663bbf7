from django.urls import path

from projects.pledges import export, views

urlpatterns = [
    path("proyek/<int:pk>/janji-mitra/", views.new, name="pledge-new"),
    path("mitra/janji.csv", export.pledges, name="pledges-csv"),
    path("mitra/janji/<int:pk>/", views.pledge, name="pledge"),
    path("mitra/janji/<int:pk>/sepakati/", views.agree, name="pledge-agree"),
    path("mitra/janji/<int:pk>/tolak/", views.decline, name="pledge-decline"),
    path("mitra/janji/<int:pk>/tarik/", views.withdraw, name="pledge-withdraw"),
    path("mitra/janji/<int:pk>/terima/", views.receive, name="pledge-receive"),
    path("mitra/janji/<int:pk>/tutup-sisa/", views.close, name="pledge-close"),
    path("mitra/janji/<int:pk>/manfaat/", views.use, name="pledge-use"),
    path("mitra/janji/<int:pk>/terima-kasih/", views.thank, name="pledge-thank"),
    path("mitra/janji/<int:pk>/surat.pdf", views.letter, name="pledge-letter"),
]
