from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.handlers.wsgi import LimitedStream
from django.http import UnreadablePostError
from django.middleware.gzip import GZipMiddleware
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers

from leksono_portal.kit import errors, held

ENDED_EARLY = "The body ended before its Content-Length."


class Gzip(GZipMiddleware):
    """Pack what gets smaller by it: photos and PDFs are packed already."""

    def process_response(self, request, response):
        if response.get("Content-Type") in ("image/jpeg", "application/pdf"):
            return response
        return super().process_response(request, response)


class BodyLimit:
    """Refuse a body that is too large by its Content-Length, before it is read."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        limit = (
            settings.UPLOAD_LIMIT
            if request.content_type == "multipart/form-data"
            else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        )
        length = request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > limit:
            limit = max(limit, self._limit_of_view(request))
            if int(length) > limit:
                return errors.too_large(request, limit)
        return self.get_response(request)

    def _limit_of_view(self, request):
        """What `kit.files.takes_files` says of the view; 0 of all others."""
        try:
            view = resolve(request.path_info).func
        except Resolver404:
            return 0
        is_for_files = request.content_type == "multipart/form-data"
        return getattr(view, "upload_limit", 0) if is_for_files else 0


class WholeBody:
    """Take nothing from a body that ended before its Content-Length.

    Where a line breaks, the server hands over what had come; Django would read it as
    all there was: a report without its photo, half a sentence. Now it reads it as it
    reads any broken connection, and nothing of the request has an effect.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        stream = request.environ["wsgi.input"]
        request._stream = _WholeStream(stream, request._stream.limit)
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, UnreadablePostError):
            return errors.bad_request(request)
        return None


class _WholeStream(LimitedStream):
    def read(self, size=-1, /):
        wanted = self._wanted(size)
        data = super().read(size)
        if len(data) < wanted:
            raise ConnectionResetError(ENDED_EARLY)
        return data

    def readline(self, size=-1, /):
        wanted = self._wanted(size)
        line = super().readline(size)
        if len(line) < wanted and not line.endswith(b"\n"):
            raise ConnectionResetError(ENDED_EARLY)
        return line

    def _wanted(self, size):
        left = self.limit - self._pos
        return left if size in (-1, None) else min(size, left)


class CacheHeaders:
    """Say how long an answer may be kept, where the view did not say it itself."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = self._policy(request, response)
            patch_vary_headers(response, ["Cookie"])
        return response

    def _policy(self, request, response):
        if request.method not in ("GET", "HEAD") or response.status_code != 200:
            return "no-store"
        user = getattr(request, "user", None)
        if response.cookies or (user and user.is_authenticated):
            return "private, no-cache"
        return "public, max-age=30"


class SignInRequired(LoginRequiredMiddleware):
    """Lead a stranger to the sign-in page, and lose nothing of what they posted."""

    def handle_no_permission(self, request, view_func):
        if request.method == "POST":
            return held.expired(request)
        return super().handle_no_permission(request, view_func)


class StaleToConflict:
    """Answer 409 where a view lets a Stale pass."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, errors.Stale):
            return errors.page(request, 409, str(exception))
        return None
