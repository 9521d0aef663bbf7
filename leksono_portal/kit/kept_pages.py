"""Pages sent again while nothing in the database has changed."""

import time
from collections import OrderedDict
from threading import Lock

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.utils.cache import get_conditional_response

from leksono_portal.kit.style import is_first_page

MOST = 300  # pages in a process
LARGEST = 60_000  # bytes of one, packed
SECONDS = 10  # dates and times on a page go on, and so does what `kept` holds
ASKED = ("HTTP_COOKIE", "HTTP_HOST", "HTTP_ACCEPT_ENCODING", "HTTP_X_FORWARDED_PROTO")


class KeptPages:
    """Answer a GET as before if it, its cookies and all data are the same as before.

    A page is made of the request and of the data. PostgreSQL's own name for what can be
    seen of the data changes with each commit that wrote something, so a kept page is
    never older than the last commit; and as all cookies are part of its key, it never
    reaches another person. Nothing is kept that sets a cookie, as every form with a
    token does. A browser's forced reload makes the page anew.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.pages = OrderedDict()
        self.lock = Lock()

    def __call__(self, request):
        key = _key(request)
        page = self.pages.get(key) if key and not _is_forced(request) else None
        if page is None:
            response = self.get_response(request)
            if key and _may_be_kept(response):
                self._keep(key, response)
            return response
        content, headers = page
        response = HttpResponse(content, headers=headers)
        return get_conditional_response(
            request, etag=headers.get("ETag"), response=response
        )

    def _keep(self, key, response):
        with self.lock:
            self.pages[key] = response.content, dict(response.headers)
            while len(self.pages) > MOST:
                self.pages.popitem(last=False)


def _key(request):
    """Everything a page is made of; None for what is never kept.

    It is asked before the page is made: what is committed meanwhile has another name.
    """
    if request.method != "GET" or request.path.startswith(settings.STATIC_URL):
        return None
    if (data := _data_version()) is None:
        return None
    asked = tuple(request.META.get(name) for name in ASKED)
    asked += (request.get_full_path(), is_first_page(request))
    return asked, data, int(time.time() / SECONDS)


def _data_version():
    """Another text after each commit that wrote something, whoever made it.

    None inside a transaction, whose own changes would not show in it.
    """
    if connection.in_atomic_block:
        return None
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_snapshot()::text")
            return cursor.fetchone()[0]
    except DatabaseError:
        return None


def _is_forced(request):
    return "no-cache" in request.headers.get("Cache-Control", "")


def _may_be_kept(response):
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "no-store" not in response.get("Cache-Control", "")
        and len(response.content) < LARGEST
    )
