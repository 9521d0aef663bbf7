"""A kept page is quick, never stale, and never another person's."""

from threading import Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from leksono_portal.kit import kept, kept_pages
from projects.tests.make import make_project

LIST = "/proyek/"


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def long_seconds(monkeypatch):
    monkeypatch.setattr(kept_pages, "SECONDS", 10**9)  # no test outlasts a page


@pytest.fixture
def at_rest(monkeypatch):
    """As if nobody wrote anything anywhere, which other tests on the server do."""
    monkeypatch.setattr(kept_pages, "_data_version", lambda: "the same")
    kept.ask_all()


def queries(client, address=LIST, **headers):
    with CaptureQueriesContext(connection) as found:
        response = client.get(address, headers=headers)
    return len(found), response


def test_an_unchanged_page_is_sent_again_without_being_made(at_rest, client):
    first = client.get(LIST)
    count, again = queries(client)
    assert count == 0
    assert (again.content, again.headers) == (first.content, first.headers)


def test_a_kept_page_answers_304(at_rest, client):
    etag = client.get(LIST)["ETag"]
    count, response = queries(client, **{"if-none-match": etag})
    assert (count, response.status_code, response.content) == (0, 304, b"")


def test_a_forced_reload_makes_the_page_anew(at_rest, client):
    client.get(LIST)
    assert queries(client, **{"cache-control": "no-cache"})[0] > 0


def test_a_page_is_kept_for_those_who_unpack_and_those_who_cannot(at_rest, client):
    for wanted in ("gzip", "identity", "gzip", "identity"):
        response = client.get(LIST, headers={"accept-encoding": wanted})
        assert response.headers.get("Content-Encoding", "identity") == wanted


def test_nobody_gets_the_page_of_another(at_rest, cast, client):
    client.get(LIST)
    for who in (cast.camat, cast.operator):
        client.force_login(who)
        assert str(who) in client.get(LIST).text
        count, again = queries(client)
        assert (count, str(who) in again.text) == (0, True)
    client.cookies.clear()
    assert str(cast.operator) not in client.get(LIST).text


def test_a_form_with_its_token_is_made_each_time(at_rest, cast, client):
    client.force_login(cast.operator)
    address = f"/proyek/{make_project(lead_village=cast.besani).pk}/ubah/"
    first, second = (client.get(address) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.text != second.text


def test_what_is_never_stored_is_asked_each_time(at_rest, client):
    client.get("/sehat/")
    assert queries(client, "/sehat/")[0] > 0


@pytest.mark.django_db(transaction=True)
def test_the_next_request_after_a_commit_shows_the_change(cast, client):
    for title in ("Jembatan Kali Begaluh", "Talud Sigedang"):
        client.get(LIST)
        make_project(title=title, lead_village=cast.besani)
        assert title in client.get(LIST).text


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_while_a_page_is_made_is_on_the_next(
    cast, client, monkeypatch
):
    """A page is named before it is made, so that an old one gets no new name."""
    may_be_kept = kept_pages._may_be_kept

    def commit_first(response):
        if not writer.ident:
            writer.start()
            writer.join()
        return may_be_kept(response)

    def commit():
        make_project(title="Sementara dibuat", lead_village=cast.besani)
        connection.close()

    writer = Thread(target=commit)
    monkeypatch.setattr(kept_pages, "_may_be_kept", commit_first)
    assert "Sementara dibuat" not in client.get(LIST).text
    assert "Sementara dibuat" in client.get(LIST).text


def test_nothing_is_kept_inside_a_transaction(cast, client):
    with transaction.atomic():
        client.get(LIST)
        make_project(title="Belum disimpan", lead_village=cast.besani)
        assert "Belum disimpan" in client.get(LIST).text
