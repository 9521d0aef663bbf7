"""Pages of no meaning, to try the kit on; no room's addresses are needed for it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from leksono_portal.kit import audit, dates, held
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.once import once

handler400 = "leksono_portal.kit.errors.bad_request"
handler403 = "leksono_portal.kit.errors.permission_denied"
handler404 = "leksono_portal.kit.errors.page_not_found"
handler500 = "leksono_portal.kit.errors.server_error"


@login_not_required
def public(request):
    return HttpResponse("halaman umum " * 100)


@login_not_required
def broken(request):
    raise RuntimeError("rusak")


def private(request):
    return HttpResponse("halaman pribadi")


@once
def write(request):
    """Writes one line, then ends as the field `akhir` says."""
    text = request.POST.get("teks", "")
    audit.record("tulis", target=text, by=request.user, new=dict(request.POST.lists()))
    match request.POST.get("akhir"):
        case "salah":
            return HttpResponse("teks belum benar", status=200)
        case "usang":
            raise Stale(by="Operator Besani", at=dates.now())
        case "tolak":
            raise PermissionDenied("Bukan wewenang Anda.")
    messages.success(request, "Tersimpan.")
    return redirect(f"/hasil/?n={len(text)}")


@csrf_exempt
def too_much(request):
    return HttpResponse(len(request.POST))


urlpatterns = [
    path("", public),
    path("pribadi/", private),
    path("tulis/", write),
    path("tulis/lain/", write),
    path("rusak/", broken),
    path("banyak/", too_much),
    path("hasil/", private),
    path("akun/login/", held.sign_in, name="account_login"),
    path("akun/", include("allauth.urls")),
    path("", include("leksono_portal.kit.urls")),
]
