"""The door: one-time passwords, throttling, sessions, and what a stranger can forge."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core import mail
from django.core.cache import caches
from django.core.cache.backends import locmem
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from leksono_portal.kit import dates, form_keys, held
from leksono_portal.kit.models import AuditEvent
from villages.models import User
from villages.people import actions, passwords
from villages.tests.make import PASSWORD, make_user

OWN = "sandi-baru-yang-panjang"
CHANGING = "account_change_password"


def sign_in(client, username, password=PASSWORD, **extra):
    address = reverse("account_login")
    return client.post(address, {"login": username, "password": password}, **extra)


def change(client, old, new):
    form = {"oldpassword": old, "password1": new, "password2": new}
    return client.post(reverse(CHANGING), form)


def text_of(pdf):
    pages = PdfReader(BytesIO(pdf)).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


# One-time passwords --------------------------------------------------------------


@pytest.fixture
def issued(cast):
    return actions.issue_password(by=cast.admin, user=cast.operator)[1]


def test_a_one_time_password_is_random_and_can_be_read_out():
    made = {passwords.one_time() for _n in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"([a-z]{4}-){3}[a-z]{4}", password) for password in made)


def test_the_sheet_opens_the_account_and_is_kept_nowhere(cast, client):
    client.force_login(cast.admin)
    address = reverse("admin:villages_user_sheet", args=[cast.operator.pk])
    assert client.get(address).status_code == 200
    page = client.post(address)
    assert page["Content-Type"] == "application/pdf"
    assert "no-store" in page["Cache-Control"]
    words = text_of(page.content)
    password = re.search(r"([a-z]{4}-){3}[a-z]{4}", words)[0]
    assert "operator.besani" in words and "http://127.0.0.1:8000/akun/login/" in words
    until = dates.now() + passwords.ONE_TIME_LIVES
    assert dates.format_date(until) in words
    event = AuditEvent.objects.get(verb="account-password")
    assert password not in f"{event.old}{event.new}"
    assert sign_in(Client(), "operator.besani", password).status_code == 302


@pytest.mark.parametrize("who", ["operator", "camat", "verifier", "far_camat"])
def test_only_the_admin_gets_a_sheet(cast, client, who):
    client.force_login(getattr(cast, who))
    address = reverse("admin:villages_user_sheet", args=[cast.resident.pk])
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403
    cast.resident.refresh_from_db()
    assert cast.resident.check_password(PASSWORD)


def test_a_second_sheet_makes_the_first_worthless(cast, issued):
    later = actions.issue_password(by=cast.admin, user=cast.operator)[1]
    assert sign_in(Client(), "operator.besani", issued).status_code == 200
    assert sign_in(Client(), "operator.besani", later).status_code == 302


def test_with_a_one_time_password_only_changing_it_is_open(cast, client, issued):
    sign_in(client, "operator.besani", issued)
    for address in ("/", "/kerja/", "/rapat/", "/rapat/baru/", "/akun/email/"):
        assert client.get(address).url == reverse(CHANGING), address
        assert client.post(address).url == reverse(CHANGING), address
    assert "sekali pakai" in client.get(reverse(CHANGING)).content.decode()
    assert client.get(reverse("account_logout")).status_code == 200
    page = change(client, issued, OWN)
    assert page.url == reverse("home:work")
    assert client.get(page.url).status_code == 200
    cast.operator.refresh_from_db()
    assert not cast.operator.password_is_temporary
    assert sign_in(Client(), "operator.besani", issued).status_code == 200


def test_what_was_typed_waits_until_the_password_is_changed(cast, client, issued):
    fields = (("text", "Dua kata"), (form_keys.FIELD, form_keys.new_key(cast.operator)))
    token = held.Held("/rapat/baru/", fields, ()).token
    form = {"login": "operator.besani", "password": issued, "held": token}
    client.post(reverse("account_login"), form)
    assert client.get(reverse("resend")).url == reverse(CHANGING)
    page = change(client, issued, OWN)
    assert page.url == reverse("resend")
    assert "Dua kata" in client.get(page.url).content.decode()


def test_the_one_time_password_cannot_be_kept(cast, client, issued):
    sign_in(client, "operator.besani", issued)
    page = change(client, issued, issued)
    assert "Ini kata sandi dari lembar" in page.content.decode()
    cast.operator.refresh_from_db()
    assert cast.operator.password_is_temporary


def end_it(user, **offset):
    until = dates.now() + timedelta(**offset)
    User.objects.filter(pk=user.pk).update(password_expires_at=until)


def test_a_one_time_password_lives_for_seven_days(cast, client, issued):
    cast.operator.refresh_from_db()
    left = cast.operator.password_expires_at - dates.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
    end_it(cast.operator, seconds=-1)
    page = sign_in(client, "operator.besani", issued)
    assert "sudah berakhir" in page.content.decode()
    assert "_auth_user_id" not in client.session
    page = sign_in(client, "operator.besani", "salah-sama-sekali")
    assert "sudah berakhir" not in page.content.decode()


def test_who_signed_in_in_time_and_waited_too_long_is_out(cast, client, issued):
    sign_in(client, "operator.besani", issued)
    end_it(cast.operator, seconds=-1)
    page = client.get(reverse(CHANGING), follow=True)
    assert page.redirect_chain[-1][0] == reverse("account_login")
    assert "sudah berakhir" in page.content.decode()
    assert change(client, issued, OWN).status_code != 200
    assert sign_in(Client(), "operator.besani", OWN).status_code == 200


def test_an_account_without_a_sheet_cannot_be_signed_in_to(cast, client):
    actions.create_account(by=cast.admin, username="baru", full_name="Baru")
    for password in ("", "!", OWN):
        sign_in(client, "baru", password)
        assert "_auth_user_id" not in client.session


# Forgotten -----------------------------------------------------------------------


def test_the_reset_page_says_whom_to_ask_without_an_email(cast, client):
    page = client.get(reverse("account_reset_password")).content.decode()
    assert "Akun Anda tanpa surel?" in page
    assert "Admin Kecamatan di kantor Kecamatan" in page


@pytest.mark.parametrize("email", ["op@example.id", "bukan-siapa-siapa@example.id"])
def test_a_dead_mail_server_is_told_in_words_and_the_same_to_all(
    cast, client, settings, email
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    User.objects.filter(pk=cast.operator.pk).update(email="op@example.id")
    address = reverse("account_reset_password")
    page = client.post(address, {"email": email}, follow=True)
    assert page.status_code == 200
    assert "server surat tidak menjawab" in page.content.decode()


def test_a_reset_by_email_ends_the_one_time_password(cast, client, issued):
    User.objects.filter(pk=cast.operator.pk).update(email="op@example.id")
    client.post(reverse("account_reset_password"), {"email": "op@example.id"})
    address = re.search(r"http\S+", mail.outbox[0].body)[0]
    page = client.get(address, follow=True)
    form = {"password1": OWN, "password2": OWN}
    client.post(page.redirect_chain[-1][0], form)
    sign_in(client, "operator.besani", OWN)
    assert client.get(reverse("home:work")).status_code == 200


# Throttling ----------------------------------------------------------------------


def restart():
    """Lose what a process keeps in its memory."""
    for name in caches:
        caches[name] = caches.create_connection(name)
    locmem._caches.clear()


def test_throttling_survives_a_restart(cast, client):
    for _attempt in range(5):
        sign_in(client, "operator.besani", "salah-salah-salah")
    restart()
    sign_in(client, "operator.besani")
    assert "_auth_user_id" not in client.session


def test_throttling_follows_the_name_to_another_address(cast, client):
    for n in range(5):
        address = f"10.0.0.{n}"
        sign_in(client, "operator.besani", "salah-salah-salah", REMOTE_ADDR=address)
    sign_in(client, "operator.besani", REMOTE_ADDR="10.0.0.99")
    assert "_auth_user_id" not in client.session


def test_a_clumsy_office_is_not_locked_out_behind_its_one_address(cast):
    """Twelve people, two wrong passwords each, then the right one, in a minute."""
    for n in range(12):
        make_user(f"petugas{n}")
        for _attempt in range(2):
            sign_in(Client(), f"petugas{n}", "salah-salah-salah")
    for n in range(12):
        client = Client()
        sign_in(client, f"petugas{n}")
        assert "_auth_user_id" in client.session, n


def test_too_many_attempts_are_answered_with_a_page_and_a_sentence(
    cast, client, settings
):
    limits = settings.ACCOUNT_RATE_LIMITS | {"reset_password": "1/m/ip"}
    settings.ACCOUNT_RATE_LIMITS = limits
    address = reverse("account_reset_password")
    assert client.post(address, {"email": "a@example.id"}).status_code == 302
    page = client.post(address, {"email": "a@example.id"})
    assert page.status_code == 429
    assert "Tunggu sebentar, lalu coba lagi." in page.content.decode()
    assert "Kesalahan 429" in page.content.decode()


# Sessions ------------------------------------------------------------------------


def test_the_session_key_changes_at_sign_in(cast, client):
    session = client.session
    session["before"] = "planted"
    session.save()
    planted = session.session_key
    sign_in(client, "operator.besani")
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get(reverse("home:work")).status_code == 302


def test_the_cookies_are_kept_from_scripts_and_other_sites(cast, client):
    sign_in(client, "operator.besani")
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


def test_a_person_signs_their_other_devices_out(cast, client):
    phone = Client(headers={"User-Agent": "Mozilla/5.0 (Linux; Android 13) Chrome/120"})
    other = Client()
    sign_in(phone, "operator.besani")
    sign_in(client, "operator.besani")
    sign_in(other, "operator.timbang")
    page = client.get(reverse("usersessions_list")).content.decode()
    assert "Chrome di Android" in page and "Yang ini" in page
    client.post(reverse("usersessions_list"))
    assert phone.get(reverse("home:work")).status_code == 302
    assert client.get(reverse("home:work")).status_code == 200
    assert other.get(reverse("home:work")).status_code == 200


def test_signing_in_needs_the_token_of_the_page(cast):
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, "operator.besani").status_code == 403
    page = client.get(reverse("account_login")).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    form = {"login": "operator.besani", "password": PASSWORD}
    form["csrfmiddlewaretoken"] = token
    assert client.post(reverse("account_login"), form).status_code == 302


def test_a_sign_in_leads_to_no_other_site(cast, client):
    form = {"login": "operator.besani", "password": PASSWORD}
    form["next"] = "https://example.org/"
    assert client.post(reverse("account_login"), form).url == reverse("home:work")
