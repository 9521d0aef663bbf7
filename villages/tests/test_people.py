"""Accounts, offices and the door: rules, actions, back office, and the database."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import reverse

from leksono_portal.kit import dates, demo
from leksono_portal.kit.models import AuditEvent
from villages.models import District, Office, User, Village
from villages.people import actions
from villages.people.models import Post, districts_of, villages_of
from villages.people.passwords import DEMO_PASSWORD
from villages.tests.make import PASSWORD, make_district, make_officer, make_user

NEW_PASSWORD = "sandi-baru-yang-panjang"


def day(offset):
    return dates.today() + timedelta(days=offset)


def sign_in(client, username, password=PASSWORD, **extra):
    address = reverse("account_login")
    return client.post(address, {"login": username, "password": password}, **extra)


def grant(cast, **overrides):
    fields = {
        "by": cast.admin,
        "user": cast.resident,
        "post": Post.OPERATOR,
        "village": cast.besani,
        "starts_on": day(0),
    }
    return actions.grant_office(**(fields | overrides))


# Offices held today --------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [(0, None, True), (-9, 0, True), (-9, -1, False), (1, None, False), (0, 0, True)],
)
def test_an_office_is_held_from_its_first_to_its_last_day(cast, starts, ends, holds):
    Office.objects.create(
        user=cast.resident,
        post=Post.OPERATOR,
        village=cast.besani,
        starts_on=day(starts),
        ends_on=None if ends is None else day(ends),
    )
    held = Village.objects.filter(pk__in=villages_of(cast.resident, Post.OPERATOR))
    assert list(held) == [cast.besani] * holds
    assert not held.filter(pk__in=villages_of(cast.resident, Post.LURAH)).exists()


def test_a_closed_account_and_a_stranger_hold_no_office(cast):
    cast.operator.is_active = False
    assert not Village.objects.filter(pk__in=villages_of(cast.operator, *Post)).exists()
    places = districts_of(AnonymousUser(), *Post)
    assert not District.objects.filter(pk__in=places).exists()
    cast.admin.is_active = False
    assert not cast.admin.administered_districts().exists()


def test_places_of_an_officer_hold_no_null_that_would_empty_a_not_in(cast):
    others = Village.objects.exclude(pk__in=villages_of(cast.verifier, *Post))
    assert others.count() == Village.objects.count()


# What the district admin does ----------------------------------------------------


def test_admin_makes_an_account_that_can_sign_in_and_has_no_power(cast, client):
    user = actions.create_account(
        by=cast.admin,
        username="operator.baru",
        full_name="Operator Baru",
        password=NEW_PASSWORD,
    )
    assert sign_in(client, "operator.baru", NEW_PASSWORD).status_code == 302
    assert not user.is_staff and not user.may_administer
    event = AuditEvent.objects.get(verb="account-create")
    assert event.target == "operator.baru"
    assert NEW_PASSWORD not in f"{event.new}{event.old}"


@pytest.mark.parametrize(
    ("username", "password", "words"),
    [
        ("KADES", NEW_PASSWORD, "nilai yang valid"),
        ("operator.besani", NEW_PASSWORD, "telah ada"),
        ("baru", "pendek", "terlalu pendek"),
        ("baru", DEMO_PASSWORD, "Kata sandi contoh"),
    ],
)
def test_a_bad_account_is_refused_in_words(cast, username, password, words):
    with pytest.raises(ValidationError) as refusal:
        actions.create_account(
            by=cast.admin, username=username, full_name="Nama", password=password
        )
    assert words in " ".join(refusal.value.messages)


@pytest.mark.parametrize(
    "who", ["operator", "head", "camat", "sekcam", "treasurer", "resident"]
)
def test_only_a_district_admin_makes_accounts_and_grants_offices(cast, who):
    by = getattr(cast, who)
    stranger = make_user("seorang")
    with pytest.raises(PermissionDenied):
        actions.create_account(
            by=by, username="baru", full_name="Baru", password=NEW_PASSWORD
        )
    with pytest.raises(PermissionDenied):
        grant(cast, by=by, user=stranger)
    assert not stranger.offices.exists()


def test_admin_grants_an_office_and_it_works_at_once(cast):
    office = grant(cast)
    assert office.granted_by == cast.admin
    held = Village.objects.filter(pk__in=villages_of(cast.resident, Post.OPERATOR))
    assert held.get() == cast.besani
    assert AuditEvent.objects.get(verb="office-grant").new["title"] == "Operator Besani"


def test_admin_never_grants_an_office_to_themselves(cast):
    with pytest.raises(PermissionDenied, match="diri sendiri"):
        grant(cast, user=cast.admin)
    assert cast.admin.offices.count() == 1


def test_admin_grants_nothing_in_another_district(cast):
    for place in ({"village": cast.far}, {"village": None, "district": cast.elsewhere}):
        post = Post.OPERATOR if place["village"] else Post.CAMAT
        with pytest.raises(PermissionDenied, match="di luar kecamatan"):
            grant(cast, post=post, **place)
    assert not cast.resident.offices.exists()


@pytest.mark.parametrize(
    ("post", "place", "words"),
    [
        (Post.CAMAT, {"village": "besani"}, "pilih kecamatan"),
        (Post.OPERATOR, {"village": None, "district": "district"}, "pilih desanya"),
        (Post.VILLAGE_HEAD, {"village": "leksono"}, "tidak mempunyai jabatan"),
        (Post.LURAH, {"village": "besani"}, "tidak mempunyai jabatan"),
    ],
)
def test_a_post_is_only_granted_where_there_is_one(cast, post, place, words):
    place = {key: name and getattr(cast, name) for key, name in place.items()}
    with pytest.raises(ValidationError) as refusal:
        grant(cast, post=post, **place)
    assert words in " ".join(refusal.value.messages)


def test_the_same_office_is_not_granted_twice(cast):
    grant(cast)
    with pytest.raises(ValidationError, match="sudah memegang"):
        grant(cast)


@pytest.mark.parametrize("standing", ["plt", "plh"])
def test_a_stand_in_is_granted_until_a_day_only(cast, standing):
    with pytest.raises(ValidationError, match="hanya untuk sementara"):
        grant(cast, standing=standing)
    office = grant(cast, standing=standing, ends_on=day(30))
    assert office.title.startswith(("Plt. Operator", "Plh. Operator"))


def test_an_ended_office_gives_no_power_and_stays_as_history(cast):
    office = cast.operator.offices.get()
    actions.end_office(by=cast.admin, office=office, ends_on=day(-1))
    held = Village.objects.filter(pk__in=villages_of(cast.operator, Post.OPERATOR))
    assert not held.exists()
    with pytest.raises(PermissionDenied, match="sudah berakhir"):
        actions.end_office(by=cast.admin, office=office, ends_on=day(30))


def test_an_office_cannot_end_before_it_began(cast):
    office = grant(cast)
    with pytest.raises(ValidationError, match="baru mulai"):
        actions.end_office(by=cast.admin, office=office, ends_on=day(-1))


def test_admin_ends_neither_their_own_office_nor_one_elsewhere(cast):
    for holder in (cast.admin, cast.far_camat):
        with pytest.raises(PermissionDenied):
            actions.end_office(
                by=cast.admin, office=holder.offices.get(), ends_on=day(0)
            )


def test_a_new_password_ends_the_old_sign_in(cast, client):
    sign_in(client, "operator.besani")
    _user, password = actions.issue_password(by=cast.admin, user=cast.operator)
    assert client.get(reverse("home:work")).status_code == 302
    assert sign_in(client, "operator.besani").status_code == 200
    assert sign_in(client, "operator.besani", password).status_code == 302


@pytest.mark.parametrize("who", ["admin", "far_camat", "far_operator"])
def test_admin_sets_no_password_of_their_own_nor_of_another_district(cast, who):
    user = getattr(cast, who)
    for act in (
        lambda: actions.issue_password(by=cast.admin, user=user),
        lambda: actions.remove_second_factor(by=cast.admin, user=user),
        lambda: actions.close_account(by=cast.admin, user=user),
    ):
        with pytest.raises(PermissionDenied):
            act()
    user.refresh_from_db()
    assert user.is_active and user.check_password(PASSWORD)


def test_an_officer_of_two_districts_is_out_of_reach_of_either_admin(cast):
    Office.objects.create(
        user=cast.far_camat,
        post=Post.MONITOR,
        district=cast.district,
        starts_on=day(0),
    )
    with pytest.raises(PermissionDenied):
        actions.close_account(by=cast.admin, user=cast.far_camat)


def test_a_closed_account_is_signed_out_and_can_be_reopened(cast, client):
    sign_in(client, "operator.besani")
    actions.close_account(by=cast.admin, user=cast.operator)
    assert client.get(reverse("home:work")).status_code == 302
    assert sign_in(client, "operator.besani").url == reverse("account_inactive")
    actions.reopen_account(by=cast.admin, user=cast.operator)
    assert sign_in(client, "operator.besani").url == reverse("home:work")


# The first admin -----------------------------------------------------------------


def create_admin(
    monkeypatch, username="admin.baru", code="33.07.05", typed=NEW_PASSWORD
):
    monkeypatch.setattr("sys.stdin", StringIO(f"{typed}\n"))
    call_command("create_admin", username, district=code, stdout=StringIO())


def test_the_command_makes_the_first_admin_of_an_empty_portal(monkeypatch, client, db):
    district = make_district()
    create_admin(monkeypatch)
    user = User.objects.get(username="admin.baru")
    assert user.may_administer
    assert user.administered_districts().get()["district"] == district.pk
    assert sign_in(client, "admin.baru", NEW_PASSWORD).status_code == 302
    with pytest.raises(CommandError, match="sudah mempunyai admin"):
        create_admin(monkeypatch, "admin.kedua")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"code": "99.99.99"}, "belum ada"),
        ({"typed": "pendek"}, "terlalu pendek"),
        ({"typed": ""}, "terlalu pendek"),
        ({"typed": DEMO_PASSWORD}, "Kata sandi contoh"),
        ({"username": "Admin Baru"}, "valid"),
    ],
)
def test_the_command_says_what_is_wrong(monkeypatch, db, given, words):
    make_district()
    with pytest.raises(CommandError, match=words):
        create_admin(monkeypatch, **given)
    assert not User.objects.exists()


# The door ------------------------------------------------------------------------


def test_signing_in_ignores_the_case_of_the_user_name(cast, client):
    assert sign_in(client, "Operator.BESANI").url == reverse("home:work")


def test_the_sixth_wrong_password_is_refused_in_words(cast, client):
    for _attempt in range(5):
        page = sign_in(client, "operator.besani", "salah-salah-salah")
        assert "Terlalu banyak percobaan" not in page.content.decode()
    page = sign_in(client, "operator.besani")
    assert "Terlalu banyak percobaan masuk yang gagal" in page.content.decode()
    assert "_auth_user_id" not in client.session


def test_one_blocked_name_does_not_block_another_from_the_same_address(cast, client):
    for _attempt in range(6):
        sign_in(client, "operator.besani", "salah-salah-salah")
    assert sign_in(client, "operator.timbang").url == reverse("home:work")


def test_the_demo_password_opens_only_a_portal_with_the_demo_mark(cast, client):
    cast.operator.set_password(DEMO_PASSWORD)
    cast.operator.save()
    page = sign_in(client, "operator.besani", DEMO_PASSWORD)
    assert "Kata sandi contoh hanya berlaku" in page.content.decode()
    demo.mark()
    assert sign_in(client, "operator.besani", DEMO_PASSWORD).status_code == 302


# The back office -----------------------------------------------------------------


def add_office(client, cast, **overrides):
    form = {
        "user": cast.resident.username,
        "post": Post.OPERATOR,
        "standing": "full",
        "village": cast.besani.pk,
        "district": "",
        "starts_on": day(0),
        "ends_on": "",
        "mandate": "SK 1/2026",
    }
    return client.post(reverse("admin:villages_office_add"), form | overrides)


def test_admin_makes_an_account_and_grants_an_office_in_the_back_office(cast, client):
    client.force_login(cast.admin)
    page = client.post(
        reverse("admin:villages_user_add"),
        {"username": "baru", "full_name": "Baru"},
    )
    assert page.status_code == 302, page.context["errors"]
    user = User.objects.get(username="baru")
    assert not user.has_usable_password()
    assert page.url == reverse("admin:villages_user_sheet", args=[user.pk])
    page = add_office(client, cast, user=user.username)
    assert page.status_code == 302, page.context["errors"]
    office = user.offices.get()
    assert (office.post, office.granted_by) == (Post.OPERATOR, cast.admin)


def test_the_back_office_refuses_in_words(cast, client):
    client.force_login(cast.admin)
    for given in (
        {"user": cast.admin.username},
        {"village": cast.far.pk},
        {"post": Post.LURAH},
        {"starts_on": "kemarin"},
        {"standing": "plt"},
    ):
        page = add_office(client, cast, **given)
        assert page.status_code == 200 and page.context["errors"]
    page = client.post(
        reverse("admin:villages_user_add"),
        {"username": "OPERATOR.besani", "full_name": ""},
    )
    assert page.status_code == 200 and len(page.context["errors"]) >= 2
    assert Office.objects.filter(user=cast.resident).count() == 0


def test_admin_closes_and_ends_in_the_back_office(cast, client):
    client.force_login(cast.admin)
    address = reverse("admin:villages_user_change", args=[cast.operator.pk])
    client.post(address, {"is_active": "on"})
    cast.operator.refresh_from_db()
    assert cast.operator.check_password(PASSWORD) and cast.operator.is_active
    client.post(address, {})
    cast.operator.refresh_from_db()
    assert cast.operator.check_password(PASSWORD) and not cast.operator.is_active
    office = cast.operator.offices.get()
    address = reverse("admin:villages_office_change", args=[office.pk])
    client.post(address, {"ends_on": day(-1), "post": Post.VILLAGE_HEAD})
    office.refresh_from_db()
    assert (office.ends_on, office.post) == (day(-1), Post.OPERATOR)


@pytest.mark.parametrize("who", ["camat", "sekcam", "verifier", "treasurer", "admin"])
def test_staff_see_accounts_of_their_own_district_only(cast, client, who):
    client.force_login(getattr(cast, who))
    page = client.get(reverse("admin:villages_user_changelist")).content.decode()
    assert "operator.besani" in page and "operator.tracap" not in page
    page = client.get(reverse("admin:villages_office_changelist")).content.decode()
    assert "Besani" in page and "Tracap" not in page


@pytest.mark.parametrize("who", ["camat", "sekcam", "verifier", "treasurer"])
def test_other_staff_may_look_and_change_nothing(cast, client, who):
    client.force_login(getattr(cast, who))
    user = reverse("admin:villages_user_change", args=[cast.operator.pk])
    assert client.get(user).status_code == 200
    assert client.post(user, {"password1": NEW_PASSWORD}).status_code == 403
    assert add_office(client, cast).status_code == 403
    assert client.get(reverse("admin:villages_user_add")).status_code == 403
    cast.operator.refresh_from_db()
    assert cast.operator.is_active and cast.operator.check_password(PASSWORD)


@pytest.mark.parametrize("who", ["operator", "head", "lurah", "resident"])
def test_the_back_office_is_closed_to_all_others(cast, client, who):
    client.force_login(getattr(cast, who))
    page = client.get(reverse("admin:index"), follow=True)
    assert page.status_code == 403
    assert "hanya untuk petugas kecamatan" in page.content.decode()


def test_the_back_office_has_no_door_of_its_own(cast, client):
    page = client.get(reverse("admin:villages_user_changelist"), follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("account_login"))
    form = {"username": "admin", "password": PASSWORD, "this_is_the_login_form": 1}
    client.post(reverse("admin:login"), form)
    assert "_auth_user_id" not in client.session


def test_passwords_are_changed_at_one_place(cast, client):
    client.force_login(cast.admin)
    page = client.get(reverse("admin:password_change"))
    assert page.url == reverse("account_change_password")


def test_nobody_deletes_an_account_or_office(cast, client):
    client.force_login(cast.admin)
    for name, row in (("user", cast.operator), ("office", cast.operator.offices.get())):
        address = reverse(f"admin:villages_{name}_delete", args=[row.pk])
        assert client.post(address, {"post": "yes"}).status_code == 403
    assert cast.operator.offices.exists()


# The database --------------------------------------------------------------------

ATTACKS = [
    "INSERT INTO villages_office (user_id, post, standing, district_id, starts_on,"
    " mandate, granted_by_id) VALUES (%(user)s, 'camat', 'full', %(district)s,"
    " now(), '', %(user)s)",
    "INSERT INTO villages_office (user_id, post, standing, village_id, starts_on,"
    " mandate) VALUES (%(user)s, 'camat', 'full', %(village)s, now(), '')",
    "INSERT INTO villages_office (user_id, post, standing, district_id, starts_on,"
    " mandate) VALUES (%(user)s, 'camat', 'plt', %(district)s, now(), '')",
    "UPDATE villages_office SET granted_by_id = user_id WHERE id = %(office)s",
    "UPDATE villages_office SET post = 'village_head' WHERE id = %(office)s",
    "UPDATE villages_office SET user_id = %(user)s WHERE id = %(office)s",
    "UPDATE villages_office SET ends_on = '2000-01-01' WHERE id = %(office)s",
    "DELETE FROM villages_office WHERE id = %(office)s",
    "DELETE FROM villages_user WHERE id = %(user)s",
    "INSERT INTO villages_user (username, full_name, password, title_before,"
    " title_after, phone, email, is_active, date_joined)"
    " VALUES ('Operator.Besani', 'X', '', '', '', '', '', true, now())",
    "TRUNCATE villages_office CASCADE",
    "TRUNCATE villages_user CASCADE",
    "ALTER TABLE villages_office DISABLE TRIGGER ALL",
    "ALTER TABLE villages_user DISABLE TRIGGER villages_user_no_delete",
    "SET session_replication_role = replica",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_database_itself_refuses_as_the_web_role(cast, as_web_role, attack):
    office = cast.operator.offices.get()
    names = {
        "user": cast.resident.pk,
        "office": office.pk,
        "village": cast.besani.pk,
        "district": cast.district.pk,
    }
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(attack, names)
    assert User.objects.filter(pk=cast.resident.pk).exists()
    assert Office.objects.get(pk=office.pk).post == Post.OPERATOR


def test_an_office_can_be_ended_by_the_web_role(cast, as_web_role):
    office = cast.operator.offices.get()
    with transaction.atomic(), as_web_role() as cursor:
        cursor.execute(
            "UPDATE villages_office SET ends_on = starts_on WHERE id = %s", [office.pk]
        )
    office.refresh_from_db()
    assert office.ends_on == office.starts_on


def test_an_office_reads_as_papers_write_it(cast):
    officer = make_officer(
        "plt.kades", Post.VILLAGE_HEAD, cast.timbang, standing=Office.Standing.PLT
    )
    assert officer.offices.get().title == "Plt. Kepala Desa Timbang"
