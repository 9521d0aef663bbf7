"""The second step: whom it is demanded of, set-up, sign-in with it, and its loss."""

import time
from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from leksono_portal.kit import dates, demo, form_keys, held
from leksono_portal.kit.models import AuditEvent
from villages.models import Office
from villages.people import actions, second_factor
from villages.people.models import Post
from villages.tests.make import PASSWORD

ADDING = "mfa_activate_totp"
REQUIRED = ["camat", "sekcam", "verifier", "treasurer", "admin"]
OTHERS = ["operator", "head", "lurah", "resident"]


@pytest.fixture
def demanded(settings):
    settings.REQUIRE_MFA = True


def sign_in(client, user):
    address = reverse("account_login")
    return client.post(address, {"login": user.username, "password": PASSWORD})


def code_of(secret, *, step=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def open_set_up(client):
    """The set-up page, before which the password is asked for once more."""
    asked = client.get(reverse(ADDING)).url
    assert asked.startswith(reverse("account_reauthenticate"))
    return client.post(asked, {"password": PASSWORD}, follow=True)


def set_up(client):
    """Add the second step as a person does; the secret that their phone now has."""
    secret = open_set_up(client).context["form"].secret
    page = client.post(reverse(ADDING), {"code": code_of(secret)})
    assert page.status_code == 302, page.context["form"].errors
    return secret


def with_second_factor(user):
    client = Client()
    sign_in(client, user)
    return set_up(client)


@pytest.mark.parametrize("who", REQUIRED + OTHERS)
def test_offices_that_decide_or_release_or_grant_must_have_it(cast, demanded, who):
    assert second_factor.is_missing(getattr(cast, who)) is (who in REQUIRED)


def test_an_office_ended_yesterday_demands_nothing(cast, demanded):
    cast.camat.offices.update(ends_on=dates.today() - timedelta(days=1))
    assert not second_factor.is_missing(cast.camat)


@pytest.mark.parametrize(
    ("setting", "is_demo", "demands"),
    [
        (None, False, True),
        (None, True, False),
        (True, True, True),
        (False, False, False),
    ],
)
def test_it_is_demanded_where_data_are_real_or_the_setting_says_so(
    cast, settings, setting, is_demo, demands
):
    settings.REQUIRE_MFA = setting
    if is_demo:
        demo.mark()
    assert second_factor.is_missing(cast.camat) is demands


def test_an_approver_without_it_is_led_to_it_and_can_do_nothing_else(
    cast, client, demanded
):
    office = cast.operator.offices.get()
    page = sign_in(client, cast.admin)
    assert client.get(page.url).url == reverse(ADDING)
    for name in ("home:work", "admin:index", "admin:villages_user_add", "mfa_index"):
        assert client.get(reverse(name)).url == reverse(ADDING), name
    address = reverse("admin:villages_office_change", args=[office.pk])
    assert client.post(address, {"ends_on": "2026-01-01"}).url == reverse(ADDING)
    office.refresh_from_db()
    assert office.ends_on is None
    assert client.get("/").status_code == 200
    assert client.post("/").url == reverse(ADDING)
    assert client.get(reverse("account_logout")).status_code == 200


def test_with_it_everything_opens(cast, client, demanded):
    sign_in(client, cast.admin)
    set_up(client)
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10 and all(code in page for code in codes)
    assert client.get(reverse("home:work")).status_code == 200
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_new_office_demands_it_at_the_next_page(cast, client, demanded):
    sign_in(client, cast.resident)
    assert client.get(reverse("home:work")).status_code == 200
    actions.grant_office(
        by=cast.admin,
        user=cast.resident,
        post=Post.VERIFIER,
        district=cast.district,
        starts_on="2026-01-01",
    )
    assert client.get(reverse("home:work")).url == reverse(ADDING)


@pytest.mark.parametrize("has_unverified_email", [False, True])
def test_an_account_without_a_verified_email_can_set_it_up(
    cast, client, has_unverified_email
):
    if has_unverified_email:
        cast.camat.emailaddress_set.create(email="a@example.id", verified=False)
    sign_in(client, cast.camat)
    set_up(client)
    assert cast.camat.authenticator_set.count() == 2


def test_the_set_up_page_needs_no_exception_in_the_csp(cast, client):
    sign_in(client, cast.camat)
    page = open_set_up(client)
    assert "data:" not in page["Content-Security-Policy"]
    assert "<svg" in page.content.decode() and "style=" not in page.content.decode()


def test_a_wrong_code_adds_nothing(cast, client):
    sign_in(client, cast.camat)
    secret = open_set_up(client).context["form"].secret
    wrong = f"{(int(code_of(secret)) + 1) % 10**6:06}"
    page = client.post(reverse(ADDING), {"code": wrong})
    assert "Kode ini salah" in page.content.decode()
    assert secret in page.content.decode()
    assert not Authenticator.objects.exists()


def test_signing_in_asks_for_the_code_before_anything_opens(cast, client):
    secret = with_second_factor(cast.camat)
    assert sign_in(client, cast.camat).url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    assert client.get(reverse("home:work")).status_code == 302
    page = client.get(reverse("mfa_authenticate"))
    assert "Langkah kedua" in page.content.decode()
    page = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert page.url == reverse("home:work")
    assert client.get(page.url).status_code == 200


def test_a_code_opens_once_for_as_long_as_it_lives(cast, client):
    secret = with_second_factor(cast.camat)
    code = code_of(secret)
    sign_in(client, cast.camat)
    client.post(reverse("mfa_authenticate"), {"code": code})
    # After 30 seconds allauth has forgotten the code, which opens for 90.
    cache.delete(f"allauth.mfa.totp.used?user={cast.camat.pk}&code={code}")
    thief = Client()
    sign_in(thief, cast.camat)
    page = thief.post(reverse("mfa_authenticate"), {"code": code})
    assert "Kode ini salah" in page.content.decode()
    assert "_auth_user_id" not in thief.session


def test_a_recovery_code_opens_once(cast, client):
    with_second_factor(cast.camat)
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    sign_in(client, cast.camat)
    page = client.post(reverse("mfa_authenticate"), {"code": code})
    assert page.url == reverse("home:work")
    again = Client()
    sign_in(again, cast.camat)
    assert again.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200


def test_codes_cannot_be_tried_without_end(cast, client):
    secret = with_second_factor(cast.camat)
    sign_in(client, cast.camat)
    for _attempt in range(6):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert "_auth_user_id" not in client.session


def test_what_was_typed_before_the_sign_in_ran_out_survives_both_steps(cast, client):
    secret = with_second_factor(cast.camat)
    fields = (("text", "Dua kata"), (form_keys.FIELD, form_keys.new_key(cast.camat)))
    token = held.Held("/rapat/baru/", fields, ()).token
    form = {"login": "camat", "password": PASSWORD, "held": token}
    client.post(reverse("account_login"), form)
    page = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert page.url == reverse("resend")
    assert "Dua kata" in client.get(page.url).content.decode()


def test_the_admin_takes_it_away_from_who_lost_the_phone(cast, client):
    with_second_factor(cast.camat)
    client.force_login(cast.admin)
    address = reverse("admin:villages_user_change", args=[cast.camat.pk])
    client.post(address, {"is_active": "on", "without_second_factor": "on"})
    assert not Authenticator.objects.exists()
    assert AuditEvent.objects.get(verb="account-second-factor").target == "camat"
    assert sign_in(Client(), cast.camat).url == reverse("home:work")


def test_only_an_admin_is_rescued_from_the_command_line(cast):
    with_second_factor(cast.admin)
    with_second_factor(cast.camat)
    call_command("rescue_admin", "admin", stdout=StringIO())
    with pytest.raises(CommandError, match="bukan Admin Kecamatan"):
        call_command("rescue_admin", "camat")
    assert {a.user for a in Authenticator.objects.all()} == {cast.camat}


def test_who_takes_it_off_themselves_must_set_it_up_anew(cast, client, demanded):
    sign_in(client, cast.camat)
    set_up(client)
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert not Authenticator.objects.exists()
    assert client.get(reverse("home:work")).url == reverse(ADDING)
    assert Office.objects.today().filter(user=cast.camat).exists()
