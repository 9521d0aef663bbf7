from django.urls import path

from projects.accounts import export, views

OF = "dana/<int:pk>/laporan/<int:number>"

urlpatterns = [
    path("dana/bukti.csv", export.receipts, name="receipts-csv"),
    path("dana/<int:pk>/cairkan/", views.release, name="request-release"),
    path("dana/<int:pk>/tahan/", views.hold, name="request-hold"),
    path("dana/<int:pk>/lanjutkan/", views.resume, name="request-resume"),
    path("dana/<int:pk>/selesaikan/", views.complete, name="request-complete"),
    path("dana/<int:pk>/batalkan/", views.cancel, name="request-cancel"),
    path(
        "dana/<int:pk>/pembatalan/<int:asked>/", views.cancellation, name="cancellation"
    ),
    path(
        "dana/<int:pk>/pembatalan/<int:asked>/tandatangani/",
        views.sign_cancellation,
        name="cancellation-sign",
    ),
    path(
        "dana/<int:pk>/pembatalan/<int:asked>/tolak/",
        views.decline_cancellation,
        name="cancellation-decline",
    ),
    path("dana/<int:pk>/buku-kas/", views.cash_book, name="cash-book"),
    path("dana/<int:pk>/lpj.pdf", views.final_account, name="final-account"),
    path(f"{OF}/", views.detail, name="account"),
    path(f"{OF}/bukti/tambah/", views.add_receipt, name="receipt-add"),
    path(f"{OF}/bukti/<int:receipt>/ubah/", views.save_receipt, name="receipt-save"),
    path(
        f"{OF}/bukti/<int:receipt>/hapus/", views.remove_receipt, name="receipt-remove"
    ),
    path(f"{OF}/bukti/<int:receipt>/berkas/", views.proof, name="receipt-file"),
    path(f"{OF}/kirim/", views.send, name="account-send"),
    path(f"{OF}/kembalikan/", views.send_back, name="account-return"),
    path(f"{OF}/terima/", views.accept, name="account-accept"),
]
