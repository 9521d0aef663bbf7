"""What is stored, printed or sent is Indonesian, whatever the page is that it comes from.

English is made a language in which every sentence begins with a mark; then the mark is
looked for where it must not be.
"""

from io import BytesIO

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse
from pypdf import PdfReader

from conftest import QUICK_HASHERS, make_cast
from leksono_portal.kit import dates, form_keys
from leksono_portal.kit.language import COOKIE
from leksono_portal.tests.test_access import (
    ROLES,
    TABLE,
    address_of,
    body_of,
    browser_of,
    lines,
    make_scene,
)
from leksono_portal.tests.test_language import MARK, marked  # noqa: F401
from villages.models import User
from villages.people.models import Post
from villages.tests.make import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("marked")]
PUBLIC = [name for name, opening, *_do in lines(TABLE) if opening[0] == "."]
DOING = {
    line[0]: ROLES[line[3].index("+")]
    for line in lines(TABLE)
    if len(line) == 4 and "+" in line[3]
}
# What the page fills in by itself, beside what a person would send.
MORE = {"projects:request-return": {"ok_1": "belum", "note_1": ""}}


@pytest.fixture(scope="module")
def scene(django_db_setup, django_db_blocker):
    """One of everything, and browsers that chose English."""
    quick = override_settings(PASSWORD_HASHERS=QUICK_HASHERS)
    with django_db_blocker.unblock(), transaction.atomic(), quick:
        scene = make_scene(make_cast())
        scene.browsers = {role: browser_of(scene.cast, role)[0] for role in ROLES}
        for browser in scene.browsers.values():
            browser.cookies[COOKIE] = "en"
        yield scene
        transaction.set_rollback(True)


@pytest.fixture
def trial(scene):
    """The scene; what is done to it is undone."""
    with transaction.atomic():
        yield scene
        transaction.set_rollback(True)


# Kept for all --------------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_translated_is_kept_by_cookie_and_files_are_not(name, scene):
    page = scene.browsers["stranger"].get(address_of(name, scene))
    text = b"".join(page.streaming_content) if page.streaming else page.content
    is_translated = MARK.encode() in text
    assert is_translated == ("text/html" in page["Content-Type"])
    assert not is_translated or "Cookie" in page["Vary"]


# Stored --------------------------------------------------------------------------


def rows_with(text):
    """The tables of ours with `text` somewhere in a row."""
    tables = [
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in ("villages", "projects", "forum", "kit", "account")
    ]
    parts = " UNION ALL ".join(
        f"SELECT '{table}' FROM {table} x WHERE to_jsonb(x)::text LIKE %s"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(parts, [f"%{text}%"] * len(tables))
        return {table for (table,) in cursor.fetchall()}


@pytest.mark.parametrize(("name", "role"), DOING.items())
def test_nothing_is_stored_in_the_language_of_the_page(name, role, trial):
    user = getattr(trial.cast, role)
    key = {form_keys.FIELD: form_keys.new_key(user)}
    sent = body_of(name, trial) | MORE.get(name, {}) | key
    response = trial.browsers[role].post(address_of(name, trial), sent)
    assert response.status_code == 302
    assert rows_with(MARK) == set()


def test_the_back_office_stores_nothing_in_the_language_of_the_page(trial):
    admin = trial.browsers["admin"]
    account = {"username": "operator.baru", "full_name": "Operator Baru"}
    admin.post(reverse("admin:villages_user_add"), account)
    made = User.objects.get(username="operator.baru")
    office = {
        "user": made.username,
        "post": Post.OPERATOR,
        "standing": "plt",
        "village": trial.cast.besani.pk,
        "starts_on": dates.today().isoformat(),
        "ends_on": dates.today().isoformat(),
    }
    admin.post(reverse("admin:villages_office_add"), office)
    assert made.offices.get().title == "Plt. Operator Besani"
    assert rows_with("Plt. Operator Besani") == {
        "kit_auditevent",
        "kit_notification",
    }
    assert rows_with(MARK) == set()


# Sent ----------------------------------------------------------------------------


def test_letters_are_in_indonesian(trial):
    User.objects.filter(pk=trial.cast.camat.pk).update(email="camat@example.id")
    stranger = Client()
    stranger.cookies[COOKIE] = "en"
    stranger.post(reverse("account_reset_password"), {"email": "camat@example.id"})
    names = {"username": "tini.besani", "full_name": "Tini", "email": "t@example.id"}
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    stranger.post(reverse("account_signup"), names | passwords)
    assert len(mail.outbox) == 2
    for letter in mail.outbox:
        assert MARK not in letter.subject + letter.body
    assert mail.outbox[1].subject.endswith("Pastikan surel Anda")


@pytest.mark.parametrize(
    ("name", "role", "method"),
    [
        ("forum:attendance-sheet", "operator", "get"),
        ("admin:villages_user_sheet", "admin", "post"),
    ],
)
def test_papers_made_while_one_waits_are_in_indonesian(name, role, method, trial):
    page = getattr(trial.browsers[role], method)(address_of(name, trial))
    sheets = PdfReader(BytesIO(page.content)).pages
    text = " ".join(" ".join(sheet.extract_text() for sheet in sheets).split())
    assert dates.format_date(dates.today()) in text
    assert MARK not in text
