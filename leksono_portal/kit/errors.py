"""What can go wrong, and the portal's own page for each: what happened, what to do."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost, RequestDataTooBig
from django.http import HttpResponse
from django.template import loader
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from leksono_portal.kit import dates, money


class Stale(Exception):
    """The row changed after the page was made. `by` is display text, `at` a datetime.

    The middleware answers 409. A view that holds typed text catches it and shows its
    form again with status 409 and `str(error)`.
    """

    def __init__(self, *, by, at, message=None):
        self.by = by
        self.at = at
        super().__init__(
            message
            or _(
                "Bagian ini sudah diubah oleh %(by)s pada %(at)s. "
                "Muat ulang halaman untuk melihat isinya yang terbaru."
            )
            % {"by": by, "at": dates.format_when(at)}
        )


class BadForm(BadRequest):
    """A request that no page of ours sends; its sentence is shown on the 400 page."""


def page(request, status, message):
    """The error page for `status`, with `message` as its sentence."""
    body = loader.render_to_string(f"{status}.html", {"message": message}, request)
    return HttpResponse(body, status=status)


@requires_csrf_token
def bad_request(request, exception=None):
    if isinstance(exception, RequestDataTooBig):
        return too_large(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if isinstance(exception, DisallowedHost):
        # The page's links would ask for the host again.
        request = None
    message = (
        str(exception)
        if isinstance(exception, BadForm)
        else _("Permintaan ini tidak dapat dibaca. Kembali, lalu coba lagi.")
    )
    return page(request, 400, message)


@requires_csrf_token
def permission_denied(request, exception=None):
    message = str(exception or "") or _("Anda tidak berwenang melakukan ini.")
    return page(request, 403, message)


@requires_csrf_token
def page_not_found(request, exception=None):
    return page(
        request,
        404,
        _("Halaman ini tidak ada, sudah dipindahkan, atau tidak terbuka untuk Anda."),
    )


@requires_csrf_token
def server_error(request):
    # Without the request, so that no context processor asks the database.
    message = _("Terjadi kesalahan di pihak kami dan sudah dicatat. Coba lagi nanti.")
    return page(None, 500, message)


def too_many(request):
    """Answer 429 where allauth counts what one address may do."""
    message = _("Terlalu banyak percobaan. Tunggu sebentar, lalu coba lagi.")
    return page(request, 429, message)


def too_large(request, limit):
    """Answer 413, with `limit` (bytes) in words."""
    megabytes = money.format_decimal(Decimal(limit) / 1024 / 1024)
    return page(
        request,
        413,
        _("Kiriman ini terlalu besar; paling besar %(limit)s MB.")
        % {"limit": megabytes},
    )
