"""Every address of the portal. Words people see are Indonesian."""

from django.contrib import admin
from django.urls import include, path

from leksono_portal.kit import held
from villages.people.views import sign_up

urlpatterns = [
    path("", include("leksono_portal.home.urls")),
    path("", include("villages.urls")),
    path("", include("projects.urls")),
    path("", include("forum.urls")),
    path("", include("leksono_portal.kit.urls")),
    # Before allauth's own, so that a form met by an expired sign-in is kept.
    path("akun/login/", held.sign_in, name="account_login"),
    path("akun/signup/", sign_up, name="account_signup"),
    path("akun/", include("allauth.account.urls")),
    path("akun/dua-langkah/webauthn/", include("villages.people.passkeys")),
    path("akun/dua-langkah/", include("allauth.mfa.urls")),
    path("akun/perangkat/", include("allauth.usersessions.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "leksono_portal.kit.errors.bad_request"
handler403 = "leksono_portal.kit.errors.permission_denied"
handler404 = "leksono_portal.kit.errors.page_not_found"
handler429 = "leksono_portal.kit.errors.too_many"
handler500 = "leksono_portal.kit.errors.server_error"
