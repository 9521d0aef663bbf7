from django.urls import path

from projects.funding import export, views

urlpatterns = [
    path("dana/", views.money, name="money"),
    path("dana/data.csv", export.requests, name="money-csv"),
    path("dana/rab.csv", export.lines, name="lines-csv"),
    path("dana/<int:pk>/", views.detail, name="request"),
    path("dana/<int:pk>/surat.pdf", views.letter, name="request-letter"),
    path("proyek/<int:pk>/minta-dana/", views.new, name="request-new"),
    path("dana/<int:pk>/ubah/", views.edit, name="request-edit"),
    path("dana/<int:pk>/rab/tambah/", views.add_line, name="line-add"),
    path("dana/<int:pk>/rab/tempel/", views.paste_lines, name="lines-paste"),
    path("dana/<int:pk>/rab/salin/", views.copy_lines, name="lines-copy"),
    path("dana/<int:pk>/rab/<int:line>/ubah/", views.save_line, name="line-save"),
    path("dana/<int:pk>/rab/<int:line>/hapus/", views.remove_line, name="line-remove"),
    path("dana/<int:pk>/ajukan/", views.submit, name="request-submit"),
    path("dana/<int:pk>/tarik/", views.withdraw, name="request-withdraw"),
    path("dana/<int:pk>/verifikasi/", views.verify, name="request-verify"),
    path("dana/<int:pk>/kembalikan/", views.send_back, name="request-return"),
    path("dana/<int:pk>/setujui/", views.approve, name="request-approve"),
    path("dana/<int:pk>/tolak/", views.reject, name="request-reject"),
]
