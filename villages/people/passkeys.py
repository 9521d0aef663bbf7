"""Passkeys as the second step: where they are offered, their forms and addresses.

The pages are allauth's own. A passkey is asked for after the password, never instead
of it: a one-time password must be typed to be changed, and a stranger's sign-in page
stays without a session.
"""

import json
import struct
from contextlib import contextmanager
from functools import wraps

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms as webauthn_forms
from allauth.mfa.webauthn import views
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

LARGEST = 20_000  # characters of what a browser sends; real ones have about a thousand
# What reading bytes that no browser made may end in.
UNREADABLE = (
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    TypeError,
    ValueError,
    struct.error,
)


def are_offered():
    """Whether browsers make passkeys for the address of this portal."""
    return "webauthn" in settings.MFA_SUPPORTED_TYPES


def _name_field():
    return forms.CharField(
        label=_("Nama kunci sandi ini"),
        max_length=60,
        help_text=_("Agar Anda mengenalinya nanti, misalnya HP kantor."),
    )


@contextmanager
def _refused_in_words():
    try:
        yield
    except UNREADABLE as error:
        raise get_adapter().validation_error("unknown_passkey") from error
    except ValidationError as error:
        if error.code != "incorrect_code":
            raise
        raise get_adapter().validation_error("unknown_passkey") from error


class AddForm(webauthn_forms.AddWebAuthnForm):
    name = _name_field()

    def clean_credential(self):
        """Only what proves the passkey is kept of all that was sent."""
        credential = self.cleaned_data["credential"]
        with _refused_in_words():
            if len(json.dumps(credential)) > LARGEST:
                raise ValueError
            sent = dict(auth.parse_registration_response(credential))
        return {part: sent[part] for part in ("id", "rawId", "type", "response")}

    def clean(self):
        with _refused_in_words():
            return super().clean()


class RenameForm(webauthn_forms.EditWebAuthnForm):
    name = _name_field()


class AuthenticateForm(webauthn_forms.AuthenticateWebAuthnForm):
    def clean_credential(self):
        with _refused_in_words():
            if not are_offered():
                raise ValueError
            return super().clean_credential()


def _where_offered(view):
    @wraps(view)
    def found(request, *args, **kwargs):
        if not are_offered():
            raise Http404
        return view(request, *args, **kwargs)

    return found


# Who is there is asked by the password, as before every other such page.
by_password = RedirectView.as_view(
    pattern_name="account_reauthenticate", query_string=True
)
urlpatterns = [
    path(address, _where_offered(view), name=f"mfa_{name}_webauthn")
    for address, view, name in (
        ("", views.list_webauthn, "list"),
        ("add/", views.add_webauthn, "add"),
        ("keys/<int:pk>/edit/", views.edit_webauthn, "edit"),
        ("keys/<int:pk>/remove/", views.remove_webauthn, "remove"),
        ("reauthenticate/", by_password, "reauthenticate"),
    )
]
