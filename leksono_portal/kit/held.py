"""Nothing typed is lost to an expired sign-in or a stale CSRF token.

Such a POST is answered with a page that shows what was typed and holds it (no
passwords, files or tokens). A stranger signs in on that page; what was typed travels
with the sign-in, waits in the new session and is sent from `/kirim-ulang/` by one
press. It is shown and sent only to the user whose `form_key` it carries: that key is
also what keeps another site from having a user send what they did not write.
"""

import re
from dataclasses import dataclass, replace

from allauth.account import app_settings
from allauth.account.forms import LoginForm
from allauth.account.utils import get_login_redirect_url
from allauth.account.views import LoginView
from allauth.utils import get_form_class
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from leksono_portal.kit import form_keys
from leksono_portal.kit.models import FormKey

SESSION_KEY = "held"
NEVER_HELD = re.compile(r"otp.*|.*(password|sandi|token).*", re.IGNORECASE)


@dataclass(frozen=True)
class Held:
    """What a POST carried: where to, the fields in order, and which files it lost."""

    path: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...]

    @classmethod
    def from_request(cls, request):
        return cls(
            request.get_full_path(),
            tuple(
                (name, value)
                for name, values in request.POST.lists()
                if not NEVER_HELD.fullmatch(name)
                for value in values
            ),
            tuple(
                file.name for _name, files in request.FILES.lists() for file in files
            ),
        )

    @classmethod
    def from_token(cls, token):
        """What `token` holds, or None if it is not one of ours."""
        try:
            path, fields, files = signing.loads(token, salt="kit.held")
        except signing.BadSignature:
            return None
        return cls(path, tuple(map(tuple, fields)), tuple(files))

    @property
    def token(self):
        return signing.dumps(
            [self.path, self.fields, self.files], salt="kit.held", compress=True
        )

    @property
    def key(self):
        """The (UUID, user pk as text) of its form key, (None, None) without one."""
        return form_keys.read_key(dict(self.fields).get(form_keys.FIELD, ""))

    @property
    def words(self):
        """What was written in words: all that the writer would miss."""
        return [value for _name, value in self._filled() if _is_words(value)]

    @property
    def others(self):
        """The rest, as (name, value): dates, numbers, choices, version marks."""
        return [pair for pair in self._filled() if not _is_words(pair[1])]

    def _filled(self):
        return [
            (name, value)
            for name, value in self.fields
            if value.strip() and name != form_keys.FIELD
        ]

    def with_new_key(self, user):
        others = tuple(pair for pair in self.fields if pair[0] != form_keys.FIELD)
        key = (form_keys.FIELD, form_keys.new_key(user))
        return replace(self, fields=(*others, key))


def expired(request):
    """Answer the POST of someone whose sign-in has run out."""
    return _page(
        request,
        Held.from_request(request),
        _("Waktu masuk Anda sudah habis. Yang Anda tulis masih ada di halaman ini."),
    )


def csrf_failure(request, reason=""):
    """Answer a POST whose CSRF token is stale or missing (CSRF_FAILURE_VIEW)."""
    if settings.CSRF_COOKIE_NAME in request.COOKIES:
        message = _(
            "Halaman ini terlalu lama terbuka, jadi kirimannya belum diterima. "
            "Tidak ada yang hilang."
        )
    else:
        message = _(
            "Peramban Anda tidak mengirim kuki, jadi kirimannya belum diterima. "
            "Izinkan kuki untuk situs ini, lalu coba lagi."
        )
    if request.path == reverse("account_login"):
        return _sign_in_again(request, message)
    # A form for strangers that can be sent without any sign-in shows itself again.
    again = getattr(request.resolver_match.func, "shown_again", None)
    if again:
        return again(request, message)
    held = Held.from_request(request)
    if not (held.words or held.others):
        return render(request, "403_csrf.html", {"message": message}, status=403)
    return _page(request, held, message)


def typed_anew(request):
    """Answer a form that already had its effect and now came with other words."""
    return _page(
        request,
        Held.from_request(request).with_new_key(request.user),
        _(
            "Isian ini sudah pernah dikirim dan tersimpan, tetapi sekarang bunyinya "
            "lain. Periksa dahulu; kirim lagi hanya bila memang isian baru."
        ),
        status=409,
    )


class SignInView(LoginView):
    """allauth's sign-in, which carries along what an expired sign-in has held."""

    def dispatch(self, request, *args, **kwargs):
        self.held = Held.from_token(request.POST.get("held", ""))
        if self.held and request.user.is_authenticated:
            request.session[SESSION_KEY] = self.held.token
            return HttpResponseRedirect(reverse("resend"))
        response = super().dispatch(request, *args, **kwargs)
        if self.held and response.status_code == 429:
            message = _("Terlalu banyak percobaan. Tunggu sebentar, lalu masuk lagi.")
            return _page(request, self.held, message, status=429)
        return response

    def form_valid(self, form):
        if self.held:
            self.request.session[SESSION_KEY] = self.held.token
        return super().form_valid(form)

    def get_success_url(self):
        return reverse("resend") if self.held else super().get_success_url()

    def form_invalid(self, form):
        if self.held:
            message = _("Belum masuk. Yang Anda tulis masih ada di halaman ini.")
            return _page(self.request, self.held, message, status=200, form=form)
        return super().form_invalid(form)


sign_in = login_not_required(SignInView.as_view())


@require_safe
@never_cache
def resend(request):
    """Show what waits in the session, with one button that sends it."""
    held = Held.from_token(request.session.get(SESSION_KEY, ""))
    if held is None:
        return _page(request, None, _("Tidak ada isian yang menunggu."), status=200)
    key, _user_id = held.key
    sent = FormKey.objects.filter(key=key).first()
    if sent:
        forget(request)
        return HttpResponseRedirect(sent.location)
    return _page(
        request, held, _("Anda sudah masuk. Periksa, lalu kirim sekarang."), status=200
    )


def forget(request):
    """Drop what waits in the session, if anything does."""
    if SESSION_KEY in request.session:
        del request.session[SESSION_KEY]


def _is_words(value):
    has_letters = any(map(str.isalpha, value))
    return has_letters and (len(value.split()) > 1 or value.isalpha())


def _sign_in_again(request, message):
    """Answer a stale sign-in form; it may itself carry what was typed before."""
    held = Held.from_token(request.POST.get("held", ""))
    if held is None and request.user.is_authenticated:
        return HttpResponseRedirect(get_login_redirect_url(request))
    return _page(request, held, message)


def _page(request, held, message, *, status=403, form=None):
    """The held page, as far as this visitor may see it."""
    user = request.user
    key, user_id = held.key if held else (None, None)
    is_others = user.is_authenticated and key and user_id != str(user.pk)
    if is_others:
        message = _(
            "Isian ini ditulis oleh pengguna lain, jadi tidak ditampilkan dan tidak "
            "dapat Anda kirim."
        )
    if not user.is_authenticated and form is None:
        form_class = get_form_class(app_settings.FORMS, "login", LoginForm)
        form = form_class(
            request=request, initial={"login": request.POST.get("login", "")}
        )
    context = {
        "message": message,
        "held": None if is_others else held,
        "can_send": user.is_authenticated and key and not is_others,
        "form": form,
        "next": request.POST.get("next", ""),
    }
    return render(request, "kit/held.html", context, status=status)
