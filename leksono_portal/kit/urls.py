from django.urls import path

from leksono_portal.kit import held

urlpatterns = [path("kirim-ulang/", held.resend, name="resend")]
