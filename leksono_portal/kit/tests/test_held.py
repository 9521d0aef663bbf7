import re
import time
from html import unescape

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from leksono_portal.kit.models import AuditEvent
from leksono_portal.kit.tests.conftest import PASSWORD, filled_by

pytestmark = pytest.mark.urls("leksono_portal.kit.tests.urls")
TEXT = 'Talut & "gorong-gorong" <b>40 m</b>\r\n\r\nꦧꦼꦱꦤꦶ 😀 #*_$'


@pytest.fixture
def browser(settings):
    """A browser that must send CSRF tokens, as real ones must."""
    settings.LOGIN_REDIRECT_URL = "/hasil/"
    return Client(enforce_csrf_checks=True)


def fields_of(page, action):
    """The hidden fields of the form on `page` that posts to `action`, as a browser
    would send them: names may repeat, newlines become CRLF."""
    html = page.content.decode()
    form = html.split(f'action="{action}"', 1)[1].split("</form>", 1)[0]
    found = {}
    pattern = r'<input type="hidden" name="([^"]*)" value="([^"]*)"'
    for name, value in re.findall(pattern, form):
        value = re.sub(r"\r\n|\r|\n", "\r\n", unescape(value))
        found.setdefault(unescape(name), []).append(value)
    return found


def sign_in(browser, page, user, password=PASSWORD):
    form = fields_of(page, "/akun/login/")
    return browser.post(
        "/akun/login/", form | {"login": user.get_username(), "password": password}
    )


def shown(page):
    return unescape(page.content.decode())


def with_token(browser, form):
    browser.get("/akun/login/")
    return form | {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}


def written():
    return [event.new for event in AuditEvent.objects.order_by("pk")]


def test_what_was_typed_survives_an_expired_sign_in(browser, operator):
    form = filled_by(operator, teks=TEXT, desa=["2", "1", "2"])
    page = browser.post("/tulis/?dari=rapat", with_token(browser, form))
    assert page.status_code == 403
    assert "40 m</b>" in shown(page)
    assert "sessionid" not in browser.cookies

    signed_in = sign_in(browser, page, operator)
    assert (signed_in.status_code, signed_in.url) == (302, "/kirim-ulang/")
    waiting = browser.get("/kirim-ulang/")
    assert waiting.status_code == 200
    assert "Kirim sekarang" in shown(waiting)

    address = "/tulis/?dari=rapat"
    sent = browser.post(address, fields_of(waiting, address))
    assert sent.status_code == 302
    [kept] = written()
    assert kept["teks"] == [TEXT]
    assert kept["desa"] == ["2", "1", "2"]
    assert "Tidak ada isian yang menunggu" in shown(browser.get("/kirim-ulang/"))


def test_a_wrong_password_loses_nothing(browser, operator):
    form = filled_by(operator, teks=TEXT)
    page = browser.post("/tulis/", with_token(browser, form))
    for _ in range(2):
        page = sign_in(browser, page, operator, password="salah sandi")
        assert page.status_code == 200
        assert "40 m</b>" in shown(page)
        assert "salah sandi" not in shown(page)
    assert sign_in(browser, page, operator).url == "/kirim-ulang/"
    waiting = browser.get("/kirim-ulang/")
    browser.post("/tulis/", fields_of(waiting, "/tulis/"))
    assert written()[0]["teks"] == [TEXT]


def test_too_many_wrong_passwords_lose_nothing(browser, operator):
    page = browser.post("/tulis/", with_token(browser, filled_by(operator, teks=TEXT)))
    for _ in range(12):
        page = sign_in(browser, page, operator, password="salah sandi")
        assert "40 m</b>" in shown(page)


def test_a_stale_token_shows_what_was_typed_and_sends_it_by_one_press(
    browser, operator
):
    browser.force_login(operator)
    form = filled_by(operator, teks=TEXT) | {"csrfmiddlewaretoken": "a" * 64}
    page = browser.post("/tulis/", form)
    assert page.status_code == 403
    assert written() == []
    sent = browser.post("/tulis/", fields_of(page, "/tulis/"))
    assert sent.status_code == 302
    assert written()[0]["teks"] == [TEXT]


def test_another_user_neither_sees_nor_sends_it(browser, operator, other_operator):
    form = filled_by(operator, teks="rahasia desa")
    page = browser.post("/tulis/", with_token(browser, form))
    assert sign_in(browser, page, other_operator).url == "/kirim-ulang/"
    waiting = browser.get("/kirim-ulang/")
    assert "ditulis oleh pengguna lain" in shown(waiting)
    assert "rahasia desa" not in shown(waiting)
    assert 'action="/tulis/"' not in shown(waiting)
    assert browser.post("/tulis/", with_token(browser, form)).status_code == 400
    assert written() == []


def test_a_stale_page_of_the_previous_user_is_not_shown_to_the_next(
    browser, operator, other_operator
):
    browser.force_login(other_operator)
    page = browser.post("/tulis/", filled_by(operator, teks="rahasia desa"))
    assert page.status_code == 403
    assert "ditulis oleh pengguna lain" in shown(page)
    assert "rahasia desa" not in shown(page)


def test_another_site_cannot_have_a_user_send_what_they_did_not_write(
    browser, operator
):
    browser.force_login(operator)
    page = browser.post("/tulis/", {"teks": "tulisan penyerang"})
    assert page.status_code == 403
    assert "Kirim sekarang" not in shown(page)
    assert 'action="/tulis/"' not in shown(page)


def test_passwords_files_and_tokens_are_not_held(browser, operator):
    form = filled_by(
        operator,
        teks="ada lampiran",
        password1="jangan disimpan",
        kata_sandi="jangan disimpan",
        foto=SimpleUploadedFile("talut.jpg", b"isi berkas", "image/jpeg"),
    )
    form = with_token(browser, form)
    page = browser.post("/tulis/", form)
    assert "talut.jpg" in shown(page)
    assert form["csrfmiddlewaretoken"] not in shown(page)
    sign_in(browser, page, operator)
    waiting = shown(browser.get("/kirim-ulang/"))
    assert "ada lampiran" in waiting
    assert "jangan disimpan" not in shown(page) + waiting
    assert "isi berkas" not in shown(page) + waiting


def test_a_second_page_that_expired_too_is_sent_after_the_first(browser, operator):
    form = with_token(browser, filled_by(operator, teks="tab satu"))
    one = browser.post("/tulis/", form)
    two = browser.post("/tulis/", form | filled_by(operator, teks="tab dua"))
    sign_in(browser, one, operator)
    waiting = browser.get("/kirim-ulang/")
    browser.post("/tulis/", fields_of(waiting, "/tulis/"))
    # Signing in has made the token on the second page stale.
    page = sign_in(browser, two, operator)
    assert page.status_code == 403
    browser.post("/tulis/", fields_of(page, "/tulis/"))
    assert [new["teks"] for new in written()] == [["tab satu"], ["tab dua"]]


def test_a_held_page_of_someone_meanwhile_signed_in_leads_to_the_sending(
    browser, operator
):
    page = browser.post("/tulis/", with_token(browser, filled_by(operator, teks="x y")))
    form = fields_of(page, "/akun/login/")
    browser.force_login(operator)
    answer = browser.post("/akun/login/", form)
    assert (answer.status_code, answer.url) == (302, "/kirim-ulang/")
    assert "x y" in shown(browser.get("/kirim-ulang/"))


def test_a_held_form_cannot_be_forged(browser, operator):
    page = browser.get("/akun/login/")
    form = {
        "csrfmiddlewaretoken": browser.cookies["csrftoken"].value,
        "held": "palsu",
        "login": operator.get_username(),
        "password": PASSWORD,
    }
    assert page.status_code == 200
    assert browser.post("/akun/login/", form).status_code == 302
    assert "Tidak ada isian" in shown(browser.get("/kirim-ulang/"))


def test_a_stale_sign_in_page_can_be_sent_again(browser, operator):
    form = {"login": "operator.besani", "password": PASSWORD, "next": "/hasil/"}
    page = browser.post("/akun/login/", form)
    assert page.status_code == 403
    assert 'value="operator.besani"' in shown(page)
    assert PASSWORD not in shown(page)
    answer = sign_in(browser, page, operator)
    assert (answer.status_code, answer.url) == (302, "/hasil/")
    # Sent from a tab that was left open, by someone signed in by now.
    assert browser.post("/akun/login/", form).url == "/hasil/"


def test_a_stale_verb_without_words_is_answered_with_a_sentence(browser, operator):
    browser.force_login(operator)
    page = browser.post("/tulis/", {})
    assert page.status_code == 403
    assert "belum diterima" in shown(page)


def test_one_megabyte_of_text_is_held(browser, operator):
    text = "musyawarah antardesa ꦧ " * 41_000
    assert len(text.encode()) > 1_000_000
    form = with_token(browser, filled_by(operator, teks=text))
    page = browser.post("/tulis/", form)
    assert page.status_code == 403
    sign_in(browser, page, operator)
    waiting = browser.get("/kirim-ulang/")
    assert browser.post("/tulis/", fields_of(waiting, "/tulis/")).status_code == 302
    assert written()[0]["teks"] == [text]


def test_a_megabyte_without_a_space_is_answered_at_once(browser, operator):
    browser.force_login(operator)
    form = filled_by(operator, teks="a1" * 600_000)
    started = time.monotonic()
    assert browser.post("/tulis/", form).status_code == 403
    assert time.monotonic() - started < 5


def test_a_stranger_asking_what_waits_is_led_to_the_sign_in(browser, db):
    answer = browser.get("/kirim-ulang/")
    assert answer.status_code == 302
    assert answer.url.startswith("/akun/login/?next=/kirim-ulang/")
    assert settings.SESSION_COOKIE_NAME not in answer.cookies
