"""A real Chromium on the real pages, served by a real server."""

import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections
from django.test.testcases import LiveServerThread

from leksono_portal.tests.visitor import Visitor


@pytest.fixture
def portal_server(transactional_db):
    with serving() as address:
        yield address


@contextmanager
def serving():
    """The address of a server on the test database; static files by whitenoise."""
    server = LiveServerThread(
        "127.0.0.1",
        static_handler=lambda application: application,
        connections_override={},
    )
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()
    server.join()
    for connection in connections.all():
        connection.close()


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    from leksono_portal.run import browser

    # Playwright keeps an event loop running in this thread; Django must not mind.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=browser.find(),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield launched
        launched.close()
        # Opened in this loop, they are out of reach once it has ended.
        connections.close_all()


@pytest.fixture
def visit(chromium, portal_server):
    """`visit("camat", width=360)`: a person at a browser of their own."""
    visitors = []

    def start(username=None, *, visitor=Visitor, **options):
        visitor = visitor(chromium, portal_server, username, **options)
        visitors.append(visitor)
        return visitor

    yield start
    for visitor in visitors:
        visitor.leave()


@pytest.fixture
def pictures():
    """Where a browser test leaves its screenshots; ignored by git."""
    folder = Path(".pictures")
    folder.mkdir(exist_ok=True)
    return folder
