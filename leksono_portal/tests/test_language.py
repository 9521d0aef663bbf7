"""English by a link: chosen, kept for a year, and left again."""

import re
from threading import Barrier, Thread

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, trans_real

from leksono_portal.kit.language import COOKIE, in_indonesian

ENGLISH = {COOKIE: "en"}
MARK = "Zqx"


def speaking(cookies=ENGLISH, client=None):
    client = client or Client()
    client.cookies.load(cookies)
    return client


def words_of(page):
    return page.content.decode()


@pytest.fixture
def marked(monkeypatch):
    """English in which every sentence begins with MARK, whatever the catalogue has."""

    class Marked(trans_real.DjangoTranslation):
        def gettext(self, message):
            return f"{MARK} {message}" if message else ""

        def ngettext(self, one, many, number):
            return f"{MARK} {one if number == 1 else many}"

    monkeypatch.setitem(trans_real._translations, "en", Marked("en"))


# Choosing ------------------------------------------------------------------------


def test_a_page_is_in_indonesian_whatever_the_browser_prefers(client, db):
    page = client.get("/proyek/", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="id">' in words_of(page)
    assert "Accept-Language" not in page["Vary"]
    assert not page.cookies


def test_english_is_chosen_kept_and_left_again(client, db):
    page = client.get("/proyek/?tahap=berjalan&q=air+bersih")
    link = "/bahasa/en/?kembali=/proyek/%3Ftahap%3Dberjalan%26q%3Dair%2Bbersih"
    assert f'<a href="{link}" hreflang="en" lang="en"' in words_of(page)
    chosen = client.get(link)
    assert (chosen.status_code, chosen.url) == (
        302,
        "/proyek/?tahap=berjalan&q=air+bersih",
    )
    assert chosen["Cache-Control"] == "no-store"
    cookie = chosen.cookies[COOKIE]
    assert (cookie.value, cookie["samesite"]) == ("en", "Lax")
    assert cookie["max-age"] == 365 * 24 * 3600
    page = client.get(chosen.url)
    assert '<html lang="en">' in words_of(page)
    assert 'lang="id" rel="nofollow">Bahasa Indonesia</a>' in words_of(page)
    left = client.get("/bahasa/id/?kembali=/rapat/")
    assert left.url == "/rapat/"
    assert left.cookies[COOKIE]["max-age"] == 0
    assert '<html lang="id">' in words_of(client.get("/rapat/"))


@pytest.mark.parametrize(
    "back",
    [
        "https://example.org/",
        "//example.org/",
        "/\\example.org/",
        "///example.org",
        "http:example.org",
        "javascript:alert(1)",
        "proyek/",
        "\t//example.org",
        "/\t/example.org",
        "",
    ],
)
def test_no_link_leads_to_another_site(client, db, back):
    page = client.get("/bahasa/en/", {"kembali": back})
    assert page.url == "/"
    assert page.cookies[COOKIE].value == "en"


def test_a_line_break_in_the_address_makes_no_header(client, db):
    page = client.get("/bahasa/en/", {"kembali": "/proyek/\r\nSet-Cookie: a=b"})
    assert "\n" not in page.url
    assert page.cookies.keys() == {COOKIE}


@pytest.mark.parametrize("code", ["fr", "EN", "id-x", "en_US"])
def test_there_are_two_languages(client, db, code):
    assert client.get(f"/bahasa/{code}/").status_code == 404


@pytest.mark.parametrize("value", ["fr", "", "EN", "../../etc", "e" * 4000, "id"])
def test_a_cookie_that_is_none_of_ours_is_not_heard(db, value):
    page = speaking({COOKIE: value}).get("/proyek/")
    assert '<html lang="id">' in words_of(page)


def test_it_is_a_link_and_nothing_else(client, db):
    assert client.post("/bahasa/en/").status_code == 405


def test_the_language_of_one_page_is_not_that_of_the_next(client, db):
    speaking().get("/proyek/")
    assert translation.get_language() == "id"
    assert '<html lang="id">' in words_of(client.get("/proyek/"))


@pytest.mark.parametrize("address", ["/tidak-ada/", "/admin/", "/rapat/baru/"])
def test_pages_of_refusal_are_in_the_chosen_language_too(cast, client, address):
    client.force_login(cast.resident)
    assert '<html lang="en">' in words_of(speaking(client=client).get(address))


# Caches --------------------------------------------------------------------------


def test_either_language_has_its_own_304(client, db, marked):
    indonesian, english = client.get("/proyek/"), speaking().get("/proyek/")
    assert english["ETag"] != indonesian["ETag"]
    for page in (indonesian, english):
        assert page["Cache-Control"] == "public, max-age=30"
        assert "Cookie" in page["Vary"]
        assert not page.cookies
    same, other = (
        speaking().get("/proyek/", headers={"If-None-Match": page["ETag"]})
        for page in (english, indonesian)
    )
    assert (same.status_code, other.status_code) == (304, 200)


# In threads ----------------------------------------------------------------------


def test_what_is_written_in_indonesian_knows_nothing_of_the_thread_beside_it(marked):
    barrier, heard = Barrier(2), {}

    @in_indonesian()
    def write():
        barrier.wait()
        said = gettext("Beranda")
        barrier.wait()
        return said

    def read(language):
        with translation.override(language):
            said = write()
            heard[language] = said, gettext("Beranda")

    threads = [Thread(target=read, args=[language]) for language in ("id", "en")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {
        "id": ("Beranda", "Beranda"),
        "en": ("Beranda", f"{MARK} Beranda"),
    }


# Pages ---------------------------------------------------------------------------

INDONESIAN = set("yang dan atau tidak belum sudah untuk dengan dari ini akan".split())


@pytest.mark.parametrize(
    ("who", "address"),
    [
        (None, "/"),
        (None, "/desa/"),
        (None, "/proyek/"),
        (None, "/dana/"),
        (None, "/rapat/"),
        (None, "/forum/"),
        (None, "/verifikasi/"),
        (None, "/tidak-ada/"),
        (None, "/akun/login/"),
        (None, "/akun/signup/"),
        (None, "/akun/password/reset/"),
        ("operator", "/kerja/"),
        ("operator", "/akun/password/change/"),
        ("operator", "/akun/email/"),
        ("operator", "/akun/perangkat/"),
        ("operator", "/akun/dua-langkah/"),
        ("operator", "/rapat/baru/"),
        ("admin", "/admin/"),
        ("admin", "/admin/villages/office/add/"),
    ],
)
def test_a_page_chosen_in_english_has_no_indonesian_in_it(cast, client, who, address):
    if who:
        client.force_login(getattr(cast, who))
    page = words_of(speaking(client=client).get(address))
    assert '<html lang="en"' in page
    text = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    assert set(re.findall(r"\w+", text.lower())) & INDONESIAN == set()
