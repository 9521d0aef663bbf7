"""The second step at sign-in: who must have it, and the forms of the code from an app."""

import segno
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base import forms as base_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.db.models import Exists
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import demo
from villages.people import passkeys
from villages.people.models import Office, Post

# Who checks, decides or releases money, and who gives others the power to.
REQUIRED_OF = (
    Post.CAMAT,
    Post.DISTRICT_SECRETARY,
    Post.VERIFIER,
    Post.DISTRICT_TREASURER,
    Post.DISTRICT_ADMIN,
)
# Not recovery codes, which come with one of these and go with the last.
SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
CODE_LIVES = 90  # seconds, with one step of tolerance before and after


def is_demanded():
    """Whether this portal demands it: as REQUIRE_MFA says, else where data are real."""
    if settings.REQUIRE_MFA is None:
        return not demo.is_demo()
    return settings.REQUIRE_MFA


def is_missing(user):
    """True if an office that `user` holds today demands a second step they lack."""
    if not is_demanded():
        return False
    own = Authenticator.objects.filter(user=user, type__in=SECOND_STEPS)
    return Office.objects.held_by(user, *REQUIRED_OF).filter(~Exists(own)).exists()


class Adapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _(
            "Kode ini salah atau sudah lewat waktunya. Tulis kode yang sekarang "
            "tampak di aplikasi."
        ),
        "cannot_generate_recovery_codes": _(
            "Kode cadangan baru ada setelah langkah kedua terpasang."
        ),
        "unknown_passkey": _(
            "Kunci sandi ini tidak dikenali. Ulangi dari halaman ini, dengan kunci "
            "sandi yang terdaftar untuk akun ini."
        ),
    }

    def get_totp_label(self, user):
        return user.username

    def generate_authenticator_name(self, user, type):
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("Kunci sandi %d") % (count + 1)

    def get_public_key_credential_rp_entity(self):
        entity = super().get_public_key_credential_rp_entity()
        return entity | {"name": settings.MFA_TOTP_ISSUER}

    def get_public_key_credential_user_entity(self, user):
        entity = super().get_public_key_credential_user_entity(user)
        return entity | {"name": user.username, "display_name": user.name}

    def build_totp_svg(self, url):
        """The QR as SVG within the page, which needs no exception in the CSP."""
        return segno.make(url, error="m", micro=False).svg_inline(
            omitsize=True, border=3, dark="#000", light="#fff"
        )


def _code_field(label):
    return forms.CharField(
        label=label,
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}
        ),
    )


class _UsedOnce:
    """A code opens once: allauth forgets after 30 seconds, while the code lives on."""

    def clean_code(self):
        code = super().clean_code()
        key = f"second-step-{self.user.pk}-{code.replace(' ', '')}"
        if not cache.add(key, 1, timeout=CODE_LIVES):
            raise get_adapter().validation_error("incorrect_code")
        return code


class ActivateForm(totp_forms.ActivateTOTPForm):
    code = _code_field(_("Kode 6 angka dari aplikasi"))
    passkeys_are_offered = staticmethod(passkeys.are_offered)


class AuthenticateForm(_UsedOnce, base_forms.AuthenticateForm):
    code = _code_field(_("Kode dari aplikasi, atau kode cadangan"))


class ReauthenticateForm(_UsedOnce, base_forms.ReauthenticateForm):
    code = _code_field(_("Kode dari aplikasi, atau kode cadangan"))
