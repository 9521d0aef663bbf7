"""Pages are in Indonesian, unless their reader chose English by a link.

The choice is a cookie, read on every page and set at one address only. What the
browser says it prefers is not asked.
"""

from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

COOKIE = "bahasa"
KEPT_SECONDS = 365 * 24 * 3600
CHOICES = [code for code, _name in settings.LANGUAGES]


@contextmanager
def in_indonesian():
    """Around whatever is kept or sent: papers, letters, the trail.

    Also `@in_indonesian()` on a function; translation.override itself is no decorator
    for code that runs in threads, which would share what it remembers.
    """
    with translation.override(settings.LANGUAGE_CODE):
        yield


class ChosenLanguage:
    """Make the page in the language that its reader chose."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        chosen = request.COOKIES.get(COOKIE)
        with translation.override(
            chosen if chosen in CHOICES else settings.LANGUAGE_CODE
        ):
            return self.get_response(request)


@login_not_required
@require_safe
def choose(request, code):
    """Remember the language `code`, and lead back to the page `kembali` of ours."""
    if code not in CHOICES:
        raise Http404
    back = request.GET.get("kembali", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, None)
    response = redirect(back if is_ours else "/")
    if code == settings.LANGUAGE_CODE:
        response.delete_cookie(COOKIE, samesite="Lax")
    else:
        response.set_cookie(
            COOKIE,
            code,
            max_age=KEPT_SECONDS,
            samesite="Lax",
            secure=settings.SECURE,
            httponly=True,
        )
    return response
