"""Every page of the access table in a real Chromium: axe, widths, CSP, script errors.

Their answers come from a test client, so that all pages can share the scene of the
access table; a server only gives the static files. An address added to that table is looked at by itself.
"""

from contextlib import contextmanager
from contextvars import copy_context
from types import SimpleNamespace

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction
from django.test import Client, override_settings
from django.urls import NoReverseMatch, reverse

from conftest import QUICK_HASHERS, make_cast
from leksono_portal.tests import test_access as access
from leksono_portal.tests.conftest import serving
from leksono_portal.tests.test_first_sign_in import code_of
from leksono_portal.tests.visitor import Visitor
from villages.tests.make import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
# Of those who may open a page, whoever has most to do there.
BUSIEST = "operator verifier camat treasurer head admin resident".split()
# Pages of people of the access table who are led elsewhere, as these see them.
OWN = {
    "mfa_index": "twofold",
    "mfa_authenticate": "halfway",
    "mfa_reauthenticate": "twofold",
    "mfa_activate_totp": "fresh",
    "mfa_deactivate_totp": "twofold",
    "mfa_view_recovery_codes": "twofold",
    "mfa_generate_recovery_codes": "twofold",
    "mfa_download_recovery_codes": "twofold",
}
# Never seen: these only lead to pages of the portal's own, or are data for a script;
# and passkeys, which are there at a name only and looked over in test_passkey.py.
UNSEEN = set(
    "account_set_password admin:password_change admin:login admin:logout"
    " admin:autocomplete forum:agenda-up forum:agenda-down forum:attendance-save"
    " forum:notes-save"
    " forum:agenda-start forum:agenda-end"
    " projects:cancellation-sign projects:cancellation-decline"
    " notification notifications-read"
    " mfa_list_webauthn mfa_add_webauthn mfa_edit_webauthn mfa_remove_webauthn"
    " mfa_reauthenticate_webauthn".split()
)
TOLD = [
    (name, opening)
    for name, opening, *_ in access.lines(access.TABLE) + access.lines(access.ACCOUNT)
] + list(access.BACK_OFFICE.items())
KEPT_ROWS = {name: model for model in access.OURS for name in access.admin_pages(model)}


def who_look(name, opening):
    """A stranger and one of those signed in, where they may; else who is in OWN."""
    letters = dict(zip(access.ROLES, opening, strict=True))
    who = ["stranger"] if letters["stranger"] == "." else []
    who += [role for role in BUSIEST if letters[role] == "."][:1]
    return [*who, OWN[name]] if name in OWN else who


def needs_no_row(name):
    try:
        return reverse(name)
    except NoReverseMatch:
        return name == "villages:village"


LOOKS = [(who, name) for name, opening in TOLD for who in who_look(name, opening)]
LOOKS += [
    ("admin", name)
    for name, model in KEPT_ROWS.items()
    if name.endswith(("_changelist", "_change", "_history"))
    or (name.endswith("_add") and model.__name__ in access.KEPT)
]
EARLY_LOOKS = [(who, name) for who, name in LOOKS if needs_no_row(name)]


@contextmanager
def portal_of(make_scene, blocker):
    """A portal that all tests of a class share, and nobody changes."""
    # A password typed at the start stays typed just now, on a slow machine too.
    quick = override_settings(
        PASSWORD_HASHERS=QUICK_HASHERS, ACCOUNT_REAUTHENTICATION_TIMEOUT=3600
    )
    with blocker.unblock(), transaction.atomic(), quick:
        cast = make_cast()
        scene = make_scene(cast)
        scene.browsers = {
            role: access.browser_of(cast, role)[0] for role in access.ROLES
        }
        scene.browsers |= with_second_steps(cast)
        yield scene
        transaction.set_rollback(True)


def with_second_steps(cast):
    """People who have just typed what they know: one, two steps, or half of two."""
    fresh, twofold, halfway = Client(), Client(), Client()
    secret = generate_totp_secret()
    TOTP.activate(cast.far_camat, secret)
    RecoveryCodes.activate(cast.far_camat)
    sign_in(halfway, cast.far_camat)
    second = sign_in(twofold, cast.far_camat)
    twofold.post(second.url, {"code": code_of(secret)})
    sign_in(fresh, cast.sekcam)
    for client in (fresh, twofold):
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return {"fresh": fresh, "twofold": twofold, "halfway": halfway}


def sign_in(client, user):
    login = {"login": user.username, "password": PASSWORD}
    return client.post(reverse("account_login"), login)


@pytest.fixture(scope="module")
def window(chromium):
    with serving() as address:
        window = Window(chromium, address)
        yield window
        window.leave()


class Window(Visitor):
    """A browser that is shown answers of a test client."""

    def __init__(self, chromium, address):
        super().__init__(chromium, address)
        self.client = self.shown = self.here = None
        self.context.route(lambda url: "/static/" not in url, self._answer)

    def _answer(self, route):
        address = route.request.url.removeprefix(self.address)
        document = route.request.is_navigation_request()
        # In the test's own context, whose database connection sees the scene.
        response = self.shown if document else self.here.run(self.client.get, address)
        if not document and response.status_code != 200:
            self.wrong.append(f"{address}: {response.status_code}")
        headers = {name.lower(): value for name, value in response.items()}
        body = response.getvalue()
        route.fulfill(status=response.status_code, headers=headers, body=body)

    def show(self, client, response):
        """Look `response`, which `client` got, over: on a desk, and on a phone at night."""
        self.client, self.shown, self.here = client, response, copy_context()
        self.page.emulate_media(color_scheme="light")
        self._resize(1280)
        self.page.goto(self.address + response.request["PATH_INFO"])
        self.look()
        self.page.emulate_media(color_scheme="dark")
        self._resize(360)
        self.look()
        self._resize(320)
        self.measure()
        found, self.wrong = self.wrong, []
        return found

    def _resize(self, width):
        self.width = width
        self.page.set_viewport_size({"width": width, "height": 800})


def address_of(portal, name):
    if name in KEPT_ROWS:
        model = KEPT_ROWS[name]
        return access.address_in_back_office(name, model, portal.cast.admin)
    if name == "villages:village":
        return portal.cast.besani.get_absolute_url()
    try:
        return reverse(name)
    except NoReverseMatch:
        return access.address_of(name, portal)


def look_over(portal, who, name, window, answers=(200, 202)):
    client = portal.browsers[who]
    response = client.get(address_of(portal, name))
    assert response.status_code in answers
    content = response.getvalue()
    if response["Content-Type"].startswith("text/html"):
        assert window.show(client, response) == []
    else:
        assert content


class TestBusy:
    @pytest.fixture(scope="class")
    @classmethod
    def portal(cls, django_db_setup, django_db_blocker):
        with portal_of(access.make_scene, django_db_blocker) as scene:
            yield scene

    @pytest.mark.parametrize(("who", "name"), LOOKS)
    def test_every_page_is_fit_to_be_seen(self, portal, who, name, window):
        look_over(portal, who, name, window)

    @pytest.mark.parametrize("key", [None, "lama"])
    def test_the_pages_behind_a_letter_are_fit_to_be_seen(self, portal, key, window):
        client, user = Client(), portal.cast.resident
        key = key or default_token_generator.make_token(user)
        told = {"uidb36": user_pk_to_url_str(user), "key": key}
        address = reverse("account_reset_password_from_key", kwargs=told)
        response = client.get(address, follow=True)
        assert response.status_code == 200
        assert window.show(client, response) == []

    def test_the_pages_that_refuse_are_fit_to_be_seen(self, portal, window):
        stranger, resident = portal.browsers["stranger"], portal.browsers["resident"]
        meeting_new = reverse("forum:meeting-new")
        for client, response, status in (
            (stranger, stranger.get("/tidak-ada/"), 404),
            (resident, resident.get(meeting_new), 403),
            (stranger, stranger.post(meeting_new, {"title": "Air bersih"}), 403),
        ):
            assert response.status_code == status
            assert window.show(client, response) == []


class TestEmpty:
    """As an office finds the portal on its first day: villages and accounts only."""

    @pytest.fixture(scope="class")
    @classmethod
    def portal(cls, django_db_setup, django_db_blocker):
        with portal_of(
            lambda cast: SimpleNamespace(cast=cast), django_db_blocker
        ) as scene:
            yield scene

    @pytest.mark.parametrize(("who", "name"), EARLY_LOOKS)
    def test_every_page_is_fit_to_be_seen(self, portal, who, name, window):
        # What needs others first says so in a sentence, which is looked at as well.
        look_over(portal, who, name, window, answers=(200, 202, 403))


def test_no_address_is_forgotten():
    unseen = {name for name, _opening in TOLD} - {name for _who, name in LOOKS}
    assert unseen == UNSEEN, "say who sees it (OWN), or that nobody does (UNSEEN)"
