"""Signing up: what a resident is asked, which names are not for them, and who is kept out."""

import re
from datetime import timedelta
from threading import Barrier, Thread
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from leksono_portal.kit import dates
from leksono_portal.kit.models import AuditEvent
from leksono_portal.tests.typed import fields_of
from projects.tests.make import running_project
from villages.models import User
from villages.people import actions, names
from villages.tests.make import PASSWORD, make_user
from villages.tests.test_door import restart, sign_in
from villages.tests.test_second_factor import set_up

ADDRESS = "/akun/signup/"
POST_NAMES = """
camat Camat.Leksono c4mat c_a_m_a_t ca.mat carnat camat2 pak.camat pakcamat sekcam
kades.besani KADES k4d3s kad3s.timbang bukades sekdes lurah 1urah.leksono lurah_leksono
operator operator.besani 0perator op.erator opérator bendahara bend4hara.desa verifikator
ver1fikator pemantau admin ADMIN adm1n 4dmin admin-leksono administrator mitra mitra2
bpd.besani bpd kecamatan kecamatan.leksono desa desa.besani de.sa portal p0rtal.leksono
pemerintah pemdes.besani kepala.desa kepaladesa ketua.bpd besani.desa ibu-camat
""".split()
POST_NAMES_WRITTEN = """
Camat | Camat Leksono | Pak Camat | Ibu Sekcam | C a m a t | C.A.M.A.T | Ca mat | Ćamat
Kades Besani | Kepala Desa Besani | KEPALA DESA | Kepala | Bapak Kades | Lurah Leksono
Operator Besani | Óperator | Bendahara Desa | Verifikator | Pemantau | Admin | Ad Min
Administrator Portal | Mitra | Mitra Tani | Ketua BPD | BPD Besani | Kecamatan Leksono
Pemerintah Desa Besani | Desa Besani | Portal Leksono | Sekretaris Desa | Ｃａｍａｔ
Carnat Leksono | Perangkat Desa | Bupati
""".replace("\n", "|").split("|")
PEOPLE = """
tini tini.besani ahmad.mina muhammad_minarno eka.desi ika.desta warga.besani budi2
mita.rahayu de.wi dedi.satria camelia oktavia.p portia bendy badrun kadir lukman
""".split()
PEOPLE_WRITTEN = """
Tini | Ahmad Minarno | Muhammad Mina | Eka Desi Susanti | Ika Desta | Desak Made Rai
Siti Nur'aini | Rr. Endang-Sri, S.Pd. | Ade Saputra | Mitrawati | José | Camelia | Sri
Opik Eratno | Kadir Esmu | H. Bendy Haryanto | Lurina | Dewi Salma | Admaja
""".replace("\n", "|").split("|")
ODD_NAMES = [
    "\u0421amat",  # Cyrillic
    "C\u0430mat",
    "\u039fperator",  # Greek
    "\u1d04amat",  # a small capital
    "C\u200bamat",  # a space without width
    "\u202etamaC",  # written backwards
    "C\u0338amat",  # struck through
    "Tini \U0001f600",
    "K4des",
    "Tini 1",
    "Tini <b>",
    "\u0661\u0662",
    "T",
    ".",
    "",
]


def of(written):
    return [name.strip() for name in written if name.strip()]


def sent(**overrides):
    fields = {"username": "tini.besani", "full_name": "Tini", "email": ""}
    return fields | {"password1": PASSWORD, "password2": PASSWORD} | overrides


def sign_up(client, **overrides):
    return client.post(ADDRESS, sent(**overrides))


def words_of(page):
    return page.content.decode()


# Names ---------------------------------------------------------------------------


@pytest.mark.parametrize("username", POST_NAMES)
def test_user_names_of_posts_are_refused_in_words(username):
    with pytest.raises(ValidationError, match="seperti nama jabatan"):
        names.refuse_username_of_a_post(username)


@pytest.mark.parametrize("name", of(POST_NAMES_WRITTEN))
def test_shown_names_of_posts_are_refused_in_words(name):
    with pytest.raises(ValidationError, match="seperti nama jabatan"):
        names.refuse_name_of_a_post(names.tidy(name))


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_other_alphabets_and_signs_are_no_names(name):
    """Letters of many an alphabet look like ours; others are not seen at all."""
    with pytest.raises(ValidationError, match="huruf Latin"):
        names.refuse_odd_letters(names.tidy(name))


@pytest.mark.parametrize("username", PEOPLE)
def test_user_names_of_people_are_taken(username):
    names.refuse_username_of_a_post(username)


@pytest.mark.parametrize("name", of(PEOPLE_WRITTEN))
def test_names_of_people_are_taken(name):
    names.refuse_odd_letters(names.tidy(name))
    names.refuse_name_of_a_post(names.tidy(name))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("username", "Kades.Besani", "seperti nama jabatan"),
        ("username", "k4des", "seperti nama jabatan"),
        ("username", "\u0441amat", "Pakailah huruf biasa"),
        ("username", "tini besani", "Pakailah huruf biasa"),
        ("username", "3307051234567890", "ada hurufnya"),
        ("username", "ti", "Paling sedikit tiga tanda"),
        ("username", "t" * 61, "60"),
        ("username", "a\x00b", "tidak diizinkan"),
        ("username", "", "tidak boleh kosong"),
        ("full_name", "Kepala Desa Besani", "seperti nama jabatan"),
        ("full_name", "\u0421amat", "huruf Latin"),
        ("full_name", "T" * 121, "120"),
        ("email", "bukan surel", "alamat email"),
        ("password1", "pendek", "terlalu pendek"),
        ("password1", "tini.besani", "terlalu mirip"),
        ("password1", "gotong-royong", "Kata sandi contoh"),
        ("password2", "lain-sama-sekali", "belum sama"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_typed_is_lost(
    client, db, field, value, words
):
    typed = sent() | {"email": "tini@example.id"} | {field: value}
    page = client.post(ADDRESS, typed)
    assert page.status_code == 200
    assert words in words_of(page)
    kept = fields_of(page, ADDRESS)
    for name in ("username", "full_name", "email"):
        assert "\x00" in typed[name] or kept[name][0] == typed[name]
    assert not kept["password1"][0]
    assert not User.objects.exists()


def test_the_admin_gives_the_names_of_posts(cast, client):
    actions.create_account(
        by=cast.admin, username="kades.timbang2", full_name="Kepala Desa Timbang"
    )
    assert User.objects.filter(username="kades.timbang2").exists()


def test_the_action_itself_refuses_the_name_of_a_post(db):
    fields = {"email": "", "password": PASSWORD}
    for pair in ({"username": "camat"}, {"full_name": "Camat"}):
        with pytest.raises(ValidationError):
            actions.sign_up(**{"username": "tini", "full_name": "Tini"} | fields | pair)


# A whole sign-up -----------------------------------------------------------------


def test_a_resident_signs_up_and_is_told_what_for(cast, client):
    page = client.post(ADDRESS, sent(username="Tini.Besani"), follow=True)
    assert page.redirect_chain == [(reverse("projects:projects"), 302)]
    assert "Akun Anda sudah jadi" in words_of(page)
    assert "Kirim tanggapan" in words_of(page)
    user = User.objects.get(username="tini.besani")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert (user.name, user.email, user.phone) == ("Tini", "", "")
    assert not user.offices.exists() and not user.is_staff
    assert not user.may_administer and not user.password_is_temporary
    assert mail.outbox == []
    event = AuditEvent.objects.get(verb="account-create")
    assert (event.target, event.by) == ("tini.besani", "Tini")
    assert sign_in(Client(), "tini.besani").status_code == 302


def test_a_resident_may_respond_and_has_no_other_power(cast, client, settings):
    settings.REQUIRE_MFA = True  # demanded of offices, so of no resident
    project = running_project()
    sign_up(client)
    address = reverse("projects:response-new", args=[project.pk])
    page = client.get(address)
    assert page.status_code == 200
    client.post(address, fields_of(page, address) | {"text": "Terima kasih."})
    assert project.responses.get().author.username == "tini.besani"
    for shut in ("/admin/", "/rapat/baru/", f"/proyek/{project.pk}/ubah/"):
        assert client.get(shut).status_code == 403


def test_it_asks_for_nothing_else(client, db):
    named = fields_of(client.get(ADDRESS), ADDRESS).keys()
    asked = {"username", "full_name", "email", "password1", "password2"}
    assert named == asked | {"csrfmiddlewaretoken"}
    sign_up(client, phone="0811", title_before="Drs.", is_active="")
    user = User.objects.get()
    assert (user.phone, user.title_before, user.is_active) == ("", "", True)


def test_a_given_email_is_to_be_confirmed_and_blocks_nothing(cast, client):
    page = client.post(ADDRESS, sent(email="Tini@Example.id"), follow=True)
    assert "Kami mengirim tautan ke tini@example.id" in words_of(page)
    (letter,) = mail.outbox
    assert letter.to == ["tini@example.id"]
    assert letter.subject == "[Portal Leksono] Pastikan surel Anda"
    assert "akun Tini (tini.besani)" in letter.body
    assert not EmailAddress.objects.get(email="tini@example.id").verified
    other = Client()
    assert sign_in(other, "tini.besani").url == reverse("home:work")
    set_up(other)
    address = re.search(r"http\S+", letter.body)[0]
    client.post(address)
    assert EmailAddress.objects.get(email="tini@example.id").verified


def test_signing_in_again_sends_no_second_letter(cast, client):
    sign_up(client, email="tini@example.id")
    sign_in(Client(), "tini.besani")
    assert len(mail.outbox) == 1


def test_the_email_of_another_is_neither_betrayed_nor_taken(cast, client):
    EmailAddress.objects.create(
        user=cast.camat, email="camat@example.id", verified=True, primary=True
    )
    page = client.post(ADDRESS, sent(email="camat@example.id"), follow=True)
    assert page.redirect_chain == [(reverse("projects:projects"), 302)]
    address = re.search(r"http\S+", mail.outbox[0].body)[0]
    client.post(address)
    assert EmailAddress.objects.get(verified=True).user == cast.camat
    mail.outbox.clear()
    Client().post(reverse("account_reset_password"), {"email": "camat@example.id"})
    (letter,) = mail.outbox
    assert "tini" not in letter.body


def test_the_sign_in_page_leads_to_it_and_back_to_where_one_came_from(cast, client):
    project = running_project()
    wanted = reverse("projects:response-new", args=[project.pk])
    door = client.get(wanted, follow=True)
    link = re.search(r'href="(/akun/signup/[^"]*)"', words_of(door))[1]
    page = client.get(link)
    assert page.status_code == 200
    assert f"/akun/login/?next={quote(wanted, safe='')}" in words_of(page)
    assert client.post(link, sent()).url == wanted


def test_it_leads_to_no_other_site(client, db):
    page = client.post(f"{ADDRESS}?next=https://example.org/", sent())
    assert page.url == reverse("projects:projects")


# Taken, twice, at once -----------------------------------------------------------


@pytest.mark.parametrize("username", ["tini.besani", "Tini.BESANI"])
def test_a_taken_name_is_said_plainly(client, db, username):
    make_user("tini.besani")
    page = sign_up(client, username=username, password1="x" * 12, password2="x" * 12)
    assert words_of(page).count("Nama pengguna ini sudah dipakai.") == 1
    assert "_auth_user_id" not in client.session


def test_a_button_pressed_twice_makes_one_account_and_opens_it(client, db):
    sign_up(client)
    again = Client()
    assert sign_up(again).url == reverse("projects:projects")
    assert "_auth_user_id" in again.session
    assert User.objects.count() == 1


def test_the_form_is_no_second_door(client, db):
    """An older account is not opened here, however right the password."""
    user = make_user("tini.besani")
    hour_ago = dates.now() - timedelta(hours=1)
    User.objects.filter(pk=user.pk).update(date_joined=hour_ago)
    assert "sudah dipakai" in words_of(sign_up(client))
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db(transaction=True)
def test_two_who_take_one_name_at_once_get_one_account_and_one_sentence():
    barrier, pages = Barrier(2), []

    def run(password):
        connection.ensure_connection()
        barrier.wait()
        # An address of its own: its count outlives this test.
        client = Client(REMOTE_ADDR="10.0.0.9")
        pages.append(sign_up(client, password1=password, password2=password))
        connection.close()

    threads = [Thread(target=run, args=[word * 3]) for word in ("merah", "hijau")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(page.status_code for page in pages) == [200, 302]
    (told,) = [words_of(page) for page in pages if page.status_code == 200]
    assert told.count("Nama pengguna ini sudah dipakai.") == 1
    assert User.objects.count() == 1


# Throttling and the session ------------------------------------------------------


@pytest.mark.parametrize("limits", ["3/h/ip,9/d/ip", "9/h/ip,3/d/ip"])
def test_accounts_made_from_one_address_have_a_bound_that_survives_a_restart(
    db, settings, limits
):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"signup": limits}
    for n in range(3):
        assert sign_up(Client(), username=f"warga{n}").status_code == 302
    restart()
    page = sign_up(Client(), username="warga3")
    assert page.status_code == 429
    assert "Sudah banyak akun dibuat" in words_of(page)
    assert fields_of(page, ADDRESS)["username"] == ["warga3"]
    assert not User.objects.filter(username="warga3").exists()
    elsewhere = Client(REMOTE_ADDR="10.0.0.2")
    assert sign_up(elsewhere, username="warga3").status_code == 302


def test_the_bound_is_wide_enough_for_a_village_at_its_meeting(settings):
    assert settings.ACCOUNT_RATE_LIMITS["signup"] == "40/h/ip,120/d/ip"


def test_names_cannot_be_asked_for_without_end(db, client, settings):
    limits = settings.ACCOUNT_RATE_LIMITS | {"signup_tried": "3/m/ip"}
    settings.ACCOUNT_RATE_LIMITS = limits
    make_user("tini.besani")
    asked = [words_of(sign_up(client, password1="x" * 12)) for _n in range(4)]
    assert ["sudah dipakai" in words for words in asked] == [True, True, True, False]
    assert "Terlalu banyak percobaan" in asked[3]
    assert 'value="tini.besani"' in asked[3]


def test_the_session_key_changes(client, db):
    session = client.session
    session["before"] = "planted"
    session.save()
    planted = session.session_key
    sign_up(client)
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get(reverse("home:work")).status_code == 302


def test_it_needs_the_token_of_the_page_and_loses_nothing_without(db):
    client = Client(enforce_csrf_checks=True)
    page = sign_up(client, email="tini@example.id")
    assert page.status_code == 403
    assert not User.objects.exists()
    typed = fields_of(page, ADDRESS)
    assert typed["username"] == ["tini.besani"]
    assert typed["full_name"] == ["Tini"]
    assert typed["email"] == ["tini@example.id"]
    assert not typed["password1"][0] and PASSWORD not in words_of(page)
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(ADDRESS, typed | passwords).status_code == 302


def test_the_admin_closes_and_reopens_it_in_the_back_office(cast, client):
    resident = Client()
    sign_up(resident)
    user = User.objects.get(username="tini.besani")
    client.force_login(cast.admin)
    address = reverse("admin:villages_user_change", args=[user.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {}).status_code == 302
    assert resident.get(reverse("home:work")).status_code == 302
    assert sign_in(resident, "tini.besani").url == reverse("account_inactive")
    assert resident.get(reverse("home:work")).status_code == 302
    client.post(address, {"is_active": "on"})
    assert sign_in(resident, "tini.besani").url == reverse("home:work")
