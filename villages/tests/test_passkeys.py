"""Passkeys as the second step: where they are offered, added, used, refused, removed."""

import importlib
import json
import re
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from leksono_portal import settings as told
from leksono_portal.tests.passkey import Device, at_localhost
from villages.people import actions, second_factor
from villages.tests.make import PASSWORD
from villages.tests.test_second_factor import code_of, set_up, sign_in

ADDING, LIST = "mfa_add_webauthn", "mfa_list_webauthn"
SECOND = "mfa_authenticate"
WEBAUTHN = Authenticator.Type.WEBAUTHN
UNKNOWN = "Kunci sandi ini tidak dikenali"
HOST = {"SERVER_NAME": "localhost"}


@pytest.fixture
def named(settings):
    at_localhost(settings)


@pytest.fixture
def demanded(settings):
    settings.REQUIRE_MFA = True


@pytest.fixture
def client():
    return Client(**HOST)


def options_on(page):
    found = re.search(
        r'id="passkey-options"[^>]*>(.*?)</script>', page.content.decode()
    )
    return json.loads(found[1])


def open_adding(client):
    asked = client.get(reverse(ADDING)).url
    assert asked.startswith(reverse("account_reauthenticate"))
    return client.post(asked, {"password": PASSWORD}, follow=True)


def add(client, device, name="HP kantor"):
    options = options_on(open_adding(client))
    sent = {"name": name, "credential": device.make(options)}
    return client.post(reverse(ADDING), sent)


def with_passkey(user, device=None):
    device, client = device or Device(), Client(**HOST)
    sign_in(client, user)
    assert add(client, device).status_code == 302
    return device


def halfway(user):
    """A browser that has typed the password, and the options it is then given."""
    client = Client(**HOST)
    assert sign_in(client, user).url == reverse(SECOND)
    return client, options_on(client.get(reverse(SECOND)))


def is_in(client):
    return "_auth_user_id" in client.session


# Where they are offered -------------------------------------------------------------


@pytest.mark.parametrize(
    ("site", "offered"),
    [
        ("http://127.0.0.1:8000", False),
        ("https://10.0.0.7", False),
        ("https://[2001:db8::7]", False),
        ("http://localhost:8000", True),
        ("https://portal.leksono.example", True),
        ("https://desa2.example", True),
    ],
)
def test_a_portal_whose_address_is_a_name_offers_them(monkeypatch, site, offered):
    monkeypatch.setenv("SITE_URL", site)
    try:
        types = importlib.reload(told).MFA_SUPPORTED_TYPES
    finally:
        monkeypatch.undo()
        importlib.reload(told)
    assert ("webauthn" in types) is offered


def test_where_the_address_is_a_number_nothing_of_them_is_there(cast, settings):
    settings.MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
    client = Client()
    sign_in(client, cast.camat)
    for name, args in (
        (LIST, []),
        (ADDING, []),
        ("mfa_reauthenticate_webauthn", []),
        ("mfa_edit_webauthn", [1]),
        ("mfa_remove_webauthn", [1]),
    ):
        address = reverse(name, args=args)
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    for name in ("mfa_index", "mfa_activate_totp"):
        page = client.get(reverse(name))
        assert page.status_code == 200
        assert b"webauthn" not in page.content and b"unci sandi" not in page.content


def test_who_has_one_from_a_name_needs_a_recovery_code_at_a_number(
    cast, settings, named
):
    device = with_passkey(cast.camat)
    codes = cast.camat.authenticator_set.get(type="recovery_codes").wrap()
    browser, options = halfway(cast.camat)
    settings.MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
    browser.post(reverse(SECOND), {"credential": device.answer(options)})
    assert not is_in(browser)
    assert b"passkey-options" not in browser.get(reverse(SECOND)).content
    browser.post(reverse(SECOND), {"code": codes.get_unused_codes()[0]})
    assert is_in(browser)
    assert browser.get(reverse("account_reauthenticate")).status_code == 200


# Adding -----------------------------------------------------------------------------


def test_it_is_the_second_step_an_office_demands(cast, client, named, demanded):
    assert sign_in(client, cast.camat).url == reverse("home:work")
    assert client.get(reverse("home:work")).url == reverse("mfa_activate_totp")
    assert client.get(reverse(LIST)).url == reverse("mfa_activate_totp")
    page = add(client, Device())
    assert page.url == reverse("mfa_view_recovery_codes")
    assert not second_factor.is_missing(cast.camat)
    assert len(client.get(page.url).context["unused_codes"]) == 10
    assert client.get(reverse("home:work")).status_code == 200
    assert "HP kantor" in client.get(reverse("mfa_index")).content.decode()


def test_a_second_one_keeps_the_recovery_codes(cast, client, named):
    sign_in(client, cast.camat)
    set_up(client)
    codes = cast.camat.authenticator_set.get(type="recovery_codes")
    options = options_on(client.get(reverse(ADDING)))
    sent = {"name": "Laptop", "credential": Device().make(options)}
    assert client.post(reverse(ADDING), sent).url == reverse("mfa_index")
    assert cast.camat.authenticator_set.get(type="recovery_codes") == codes


def test_the_page_tells_the_browser_for_whom_and_where(cast, client, named):
    sign_in(client, cast.camat)
    page = open_adding(client)
    asked = options_on(page)["publicKey"]
    assert asked["rp"] == {"id": "localhost", "name": "Portal Leksono"}
    assert asked["user"]["name"] == "camat"
    assert asked["user"]["displayName"] == cast.camat.name
    policy = page["Content-Security-Policy"]
    assert "script-src 'self'" in policy.split("; ") and "unsafe" not in policy


def test_nothing_is_kept_but_what_proves_it(cast, client, named):
    sign_in(client, cast.camat)
    options = options_on(open_adding(client))
    sent = json.loads(Device().make(options))
    sent |= {"more": "\x00", "clientExtensionResults": {"credProps": {"rk": "\x00"}}}
    sent["response"]["transports"] = ["\x00"]
    form = {"name": "HP", "credential": json.dumps(sent)}
    assert client.post(reverse(ADDING), form).status_code == 302
    kept = cast.camat.authenticator_set.get(type=WEBAUTHN).data["credential"]
    assert kept.keys() == {"id", "rawId", "type", "response"}
    assert kept["response"].keys() == {"clientDataJSON", "attestationObject"}


NOT_ONES = [
    "",
    "x",
    "[]",
    "1",
    "null",
    '"x"',
    '{"id": 1}',
    '{"id": "a", "rawId": "a", "response": {}}',
    '{"id": "YQ", "rawId": "YQ", "response": 5}',
    '{"id": "YQ", "rawId": "YQ", "response": {"clientDataJSON": "bnVsbA",'
    ' "attestationObject": "oA", "authenticatorData": "AA", "signature": "AA"}}',
    '{"id": "%s"}' % ("a" * 30_000),
]


@pytest.mark.parametrize("sent", NOT_ONES)
def test_what_is_none_is_refused_with_a_sentence(cast, client, named, sent):
    with_passkey(cast.verifier)
    sign_in(client, cast.camat)
    open_adding(client)
    page = client.post(reverse(ADDING), {"name": "HP", "credential": sent})
    assert page.status_code == 200 and page.context["form"].errors
    assert not cast.camat.authenticator_set.exists()
    browser, _options = halfway(cast.verifier)
    page = browser.post(reverse(SECOND), {"credential": sent})
    assert page.status_code == 200 and page.context["webauthn_form"].errors
    assert not is_in(browser)


def test_one_made_elsewhere_or_for_another_page_is_not_added(cast, client, named):
    sign_in(client, cast.camat)
    options = options_on(open_adding(client))
    for device in (
        Device(origin="https://leksono.example"),
        Device(rp="leksono.example"),
    ):
        form = {"name": "HP", "credential": device.make(options)}
        page = client.post(reverse(ADDING), form)
        assert UNKNOWN in page.content.decode()
        options = page.context["js_data"]["creation_options"]
    stale = options
    client.get(reverse(ADDING))
    form = {"name": "HP", "credential": Device().make(stale)}
    assert UNKNOWN in client.post(reverse(ADDING), form).content.decode()
    assert not Authenticator.objects.exists()


# Using ------------------------------------------------------------------------------


def test_signing_in_asks_for_it_before_anything_opens(cast, named):
    device = with_passkey(cast.camat)
    browser, options = halfway(cast.camat)
    assert not is_in(browser)
    page = browser.post(reverse(SECOND), {"credential": device.answer(options)})
    assert page.url == reverse("home:work") and is_in(browser)


def test_it_answers_once(cast, named):
    device = with_passkey(cast.camat)
    browser, options = halfway(cast.camat)
    sent = {"credential": device.answer(options)}
    assert browser.post(reverse(SECOND), sent).status_code == 302
    again, _options = halfway(cast.camat)
    assert UNKNOWN in again.post(reverse(SECOND), sent).content.decode()
    assert not is_in(again)


def test_a_wrong_one_opens_nothing_and_then_the_right_one_does(cast, named):
    mine = with_passkey(cast.camat, Device(b"of the camat"))
    anothers = with_passkey(cast.verifier, Device(b"of the verifier"))
    elsewhere = Device(mine.name, origin="https://leksono.example")
    elsewhere.key = mine.key
    forged = Device(mine.name)
    browser, options = halfway(cast.camat)
    for device in (anothers, elsewhere, forged):
        page = browser.post(reverse(SECOND), {"credential": device.answer(options)})
        assert UNKNOWN in page.content.decode()
        assert not is_in(browser)
        options = page.context["js_data"]["request_options"]
    browser.post(reverse(SECOND), {"credential": mine.answer(options)})
    assert is_in(browser)


def test_they_cannot_be_tried_without_end(cast, named):
    device = with_passkey(cast.camat)
    browser, options = halfway(cast.camat)
    for _attempt in range(6):
        sent = {"credential": Device().answer(options)}
        page = browser.post(reverse(SECOND), sent)
        options = page.context["js_data"]["request_options"]
    browser.post(reverse(SECOND), {"credential": device.answer(options)})
    assert not is_in(browser)


def test_who_has_only_the_app_is_not_asked_for_one(cast, client, named):
    sign_in(client, cast.camat)
    set_up(client)
    browser = Client(**HOST)
    sign_in(browser, cast.camat)
    assert b"passkey" not in browser.get(reverse(SECOND)).content


def test_a_closed_account_stays_closed(cast, named):
    device = with_passkey(cast.camat)
    browser, options = halfway(cast.camat)
    actions.close_account(by=cast.admin, user=cast.camat)
    browser.post(reverse(SECOND), {"credential": device.answer(options)})
    assert browser.get(reverse("home:work")).status_code == 302


def test_a_one_time_password_is_changed_first_of_all(cast, named):
    device = with_passkey(cast.camat)
    _user, password = actions.issue_password(by=cast.admin, user=cast.camat)
    browser = Client(**HOST)
    login = {"login": "camat", "password": password}
    assert browser.post(reverse("account_login"), login).url == reverse(SECOND)
    options = options_on(browser.get(reverse(SECOND)))
    browser.post(reverse(SECOND), {"credential": device.answer(options)})
    assert browser.get(reverse(LIST)).url == reverse("account_change_password")


# Keeping and removing ---------------------------------------------------------------


@pytest.fixture
def kept(cast, client, named):
    """The passkey of the camat, whose password was typed just now."""
    sign_in(client, cast.camat)
    add(client, Device(), name="HP kantor")
    return cast.camat.authenticator_set.get(type=WEBAUTHN)


def test_it_is_listed_and_named_anew(client, kept):
    page = client.get(reverse(LIST)).content.decode()
    assert "HP kantor" in page and "Belum pernah dipakai" in page
    renaming = reverse("mfa_edit_webauthn", args=[kept.pk])
    assert client.post(renaming, {"name": "HP <lama>"}).url == reverse(LIST)
    assert "HP &lt;lama&gt;" in client.get(reverse(LIST)).content.decode()
    for name in ("", "x" * 61, "a\x00"):
        page = client.post(renaming, {"name": name})
        assert page.status_code == 200 and page.context["form"].errors
    assert client.get(reverse(LIST)).context["authenticators"][0].wrap().name == (
        "HP <lama>"
    )


def test_nobody_touches_that_of_another(cast, kept):
    other = Client(**HOST)
    sign_in(other, cast.resident)
    other.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        address = reverse(name, args=[kept.pk])
        assert other.get(address).status_code == 404
        assert other.post(address, {"name": "Milik saya"}).status_code == 404
    kept.refresh_from_db()
    assert kept.wrap().name == "HP kantor"


def test_the_last_one_takes_the_recovery_codes_along(cast, client, kept, settings):
    settings.REQUIRE_MFA = True
    removing = reverse("mfa_remove_webauthn", args=[kept.pk])
    assert "HP kantor" in client.get(removing).content.decode()
    assert client.post(removing).url == reverse(LIST)
    assert not cast.camat.authenticator_set.exists()
    assert client.get(reverse(LIST)).url == reverse("mfa_activate_totp")


def test_with_the_app_left_the_codes_stay(cast, client, kept):
    set_up_again = client.get(reverse("mfa_activate_totp"))
    assert set_up_again.status_code == 200
    secret = set_up_again.context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    client.post(reverse("mfa_remove_webauthn", args=[kept.pk]))
    types = set(cast.camat.authenticator_set.values_list("type", flat=True))
    assert types == {"totp", "recovery_codes"}


def test_the_password_is_asked_again_before_it_is_changed(cast, named):
    device = with_passkey(cast.camat)
    browser, options = halfway(cast.camat)
    browser.post(reverse(SECOND), {"credential": device.answer(options)})
    passkey = cast.camat.authenticator_set.get(type=WEBAUTHN)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        address = reverse(name, args=[passkey.pk])
        asked = reverse("account_reauthenticate")
        assert browser.get(address).url.startswith(asked)
        assert browser.post(address, {"name": "x"}).url.startswith(asked)
    passkey.refresh_from_db()
    assert passkey.wrap().name == "HP kantor"


def test_admin_and_server_take_it_away_from_who_lost_it(cast, named):
    with_passkey(cast.camat)
    with_passkey(cast.admin)
    actions.remove_second_factor(by=cast.admin, user=cast.camat)
    assert {a.user for a in Authenticator.objects.all()} == {cast.admin}
    call_command("rescue_admin", "admin", stdout=StringIO())
    assert not Authenticator.objects.exists()
    assert sign_in(Client(**HOST), cast.camat).url == reverse("home:work")
