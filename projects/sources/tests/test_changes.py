"""A ceiling in force becomes another: who proposes, who decides, who reads what."""

from html import unescape

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leksono_portal.kit import dates
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.models import AuditEvent, Notification
from projects.sources import actions
from projects.sources.export import ALLOTMENTS
from projects.sources.models import CeilingChange
from projects.tests.make import (
    approved_request,
    make_allotment,
    make_change,
    make_project,
    make_source,
)
from villages.models import Office
from villages.people.models import Post
from villages.tests.make import make_officer

REASON = "Menyesuaikan Perubahan APBD Kabupaten."
MONEY = "/dana/"


@pytest.fixture
def ceiling(cast):
    return make_allotment(cast.district, ceiling=800_000_000)


def address(name, row):
    return reverse(f"projects:{name}", args=[row.pk])


def text_of(response):
    return unescape(response.content.decode())


def page_of(user, path, client=None):
    client = client or Client()
    if user:
        client.force_login(user)
    return text_of(client.get(path))


# What is done -----------------------------------------------------------------


@pytest.mark.parametrize("amount", [900_000_000, 700_000_000])
def test_a_ceiling_follows_a_change_that_the_camat_accepts(cast, ceiling, amount):
    change = make_change(ceiling, amount, accept=True)
    ceiling.refresh_from_db()
    assert (change.before, change.amount, ceiling.ceiling) == (
        800_000_000,
        amount,
        amount,
    )
    assert change.decided_by == cast.camat and change.decided_at


def test_a_declined_change_leaves_the_ceiling_and_says_why(cast, ceiling):
    change = make_change(ceiling, 900_000_000, accept=False, note="Belum ada dasarnya.")
    ceiling.refresh_from_db()
    assert (ceiling.ceiling, change.before) == (800_000_000, None)
    assert change.note == "Belum ada dasarnya."
    again = make_change(ceiling, 900_000_000)
    with pytest.raises(ValidationError, match="Tulis alasannya"):
        actions.decide_change(by=cast.camat, change_id=again.pk, accept=False)


@pytest.mark.parametrize(
    "name", "camat sekcam verifier admin operator head resident far_camat".split()
)
def test_only_the_districts_treasurer_proposes_a_change(cast, ceiling, name):
    with pytest.raises(PermissionDenied):
        make_change(ceiling, 5, by=getattr(cast, name))


def test_a_treasurer_of_elsewhere_proposes_nothing_here(cast, ceiling):
    other = make_officer("bendahara.jauh", Post.DISTRICT_TREASURER, cast.elsewhere)
    of_village = make_allotment(cast.district, village=cast.besani)
    for found in (ceiling, of_village):
        with pytest.raises(PermissionDenied):
            make_change(found, 5, by=other)
    make_change(of_village, 5)


@pytest.mark.parametrize(
    "name", "treasurer sekcam verifier admin operator head resident far_camat".split()
)
@pytest.mark.parametrize("accept", [True, False])
def test_only_the_districts_camat_decides(cast, ceiling, name, accept):
    change = make_change(ceiling)
    with pytest.raises(PermissionDenied):
        actions.decide_change(
            by=getattr(cast, name), change_id=change.pk, accept=accept, note="Tidak."
        )


def test_nobody_decides_what_they_proposed(cast, ceiling):
    change = make_change(ceiling)
    Office.objects.create(
        user=cast.treasurer,
        post="camat",
        district=cast.district,
        starts_on=dates.today(),
    )
    with pytest.raises(PermissionDenied):
        actions.decide_change(by=cast.treasurer, change_id=change.pk, accept=True)


def test_a_change_is_decided_once(cast, ceiling):
    change = make_change(ceiling, accept=True)
    with pytest.raises(PermissionDenied, match="sudah diputuskan"):
        actions.decide_change(by=cast.camat, change_id=change.pk, accept=True)


def test_what_is_only_proposed_is_not_changed_this_way(cast):
    proposed = make_allotment(cast.district, is_confirmed=False)
    with pytest.raises(PermissionDenied):
        make_change(proposed)


def test_a_page_from_before_a_change_is_stale(cast, ceiling):
    make_change(ceiling, 900_000_000, accept=True)
    with pytest.raises(Stale) as caught:
        make_change(ceiling, 850_000_000, ceiling=800_000_000)
    assert caught.value.by == cast.camat.name


def test_a_ceiling_that_never_was_is_stale_too(cast, ceiling, send):
    fields = {"amount": "850.000.000", "reason": REASON, "ceiling": "-1"}
    response = send(cast.treasurer, address("allotment-change", ceiling), **fields)
    assert response.status_code == 409 and cast.camat.name in text_of(response)


@pytest.mark.parametrize(
    "amount, sentence",
    [
        (800_000_000, "Pagunya sudah Rp800.000.000"),
        (
            29_999_999,
            "Pagu Rp800.000.000 tidak dapat menjadi Rp29.999.999: "
            "Rp30.000.000 sudah terikat",
        ),
    ],
)
def test_an_amount_that_cannot_be_is_refused_with_both(ceiling, amount, sentence):
    approved_request(make_project(), ceiling)
    with pytest.raises(ValidationError, match=sentence):
        make_change(ceiling, amount)
    make_change(ceiling, 30_000_000, accept=True)


def test_one_change_waits_at_a_time(ceiling):
    make_change(ceiling, 900_000_000)
    with pytest.raises(ValidationError, match="Rp900.000.000 masih menunggu"):
        make_change(ceiling, 850_000_000)


def test_what_was_bound_meanwhile_holds_a_lowering_up(cast, ceiling, send, client):
    change = make_change(ceiling, 20_000_000)
    approved_request(make_project(), ceiling)
    with pytest.raises(ValidationError, match="Rp30.000.000 sudah terikat"):
        actions.decide_change(by=cast.camat, change_id=change.pk, accept=True)
    response = send(cast.camat, address("ceiling-change-accept", change))
    page = text_of(response)
    assert "Rp800.000.000 tidak dapat menjadi Rp20.000.000" in page
    assert "hanya dapat ditolak" in page and "Tetapkan Rp" not in page
    ceiling.refresh_from_db()
    assert ceiling.ceiling == 800_000_000


def test_a_change_leaves_a_trail(ceiling):
    make_change(ceiling, 900_000_000, accept=False, note="Belum.")
    make_change(ceiling, 950_000_000, accept=True)
    found = AuditEvent.objects.order_by("pk").values_list("verb", "old", "new")[2:]
    old = {"ceiling": 800_000_000}
    assert list(found) == [
        ("usul ubah pagu", old, {"ceiling": 900_000_000, "reason": REASON}),
        ("tolak ubah pagu", old, {"ceiling": 900_000_000, "note": "Belum."}),
        ("usul ubah pagu", old, {"ceiling": 950_000_000, "reason": REASON}),
        ("ubah pagu", old, {"ceiling": 950_000_000}),
    ]


def test_who_proposed_it_hears_what_became_of_it(cast, ceiling):
    no = make_change(ceiling, 900_000_000, accept=False, note="Belum.")
    yes = make_change(ceiling, 900_000_000, accept=True)
    heard = Notification.objects.of(cast.treasurer).order_by("pk")
    assert [(news.title, news.url) for news in heard] == [
        (
            f"Perubahan pagu {ceiling} menjadi Rp900.000.000 tidak ditetapkan",
            no.get_absolute_url(),
        ),
        (
            f"Pagu {ceiling} berubah dari Rp800.000.000 menjadi Rp900.000.000",
            yes.get_absolute_url(),
        ),
    ]
    assert not Notification.objects.of(cast.camat).exists()


# What is shown ----------------------------------------------------------------


def test_from_the_treasurers_page_to_the_camats_and_the_public(cast, ceiling, send):
    change_page = address("allotment-change", ceiling)
    assert change_page in page_of(cast.treasurer, MONEY)
    page = page_of(cast.treasurer, change_page)
    assert page.count("Rp800.000.000") == 2 and "Rp0" in page
    fields = {"amount": "Rp 900.000.000", "reason": REASON, "ceiling": "800000000"}
    response = send(cast.treasurer, change_page, **fields)
    assert response.url == ceiling.get_absolute_url()

    change = CeilingChange.objects.get()
    here = change.get_absolute_url()
    for user, words in ((cast.camat, "Periksa"), (cast.treasurer, "Lihat")):
        page = page_of(user, MONEY)
        assert f'href="{here}">{words}<' in page and "Rp900.000.000" in page
        assert change_page not in page
    assert here not in page_of(cast.operator, MONEY)
    page = page_of(cast.camat, here)
    for words in (
        "Semula</dt><dd>Rp800.000.000",
        "Diusulkan menjadi</dt><dd>Rp900.000.000",
        "Bertambah</dt><dd>Rp100.000.000",
        REASON,
        f"Diusulkan Bendahara Kecamatan, {dates.format_when(change.proposed_at)}",
        "Tetapkan Rp900.000.000",
        "Tolak",
    ):
        assert words in page, words
    assert "Tetapkan Rp" not in page_of(cast.treasurer, here)

    response = send(cast.camat, address("ceiling-change-accept", change))
    assert response.url == here
    change.refresh_from_db()
    for user in (None, cast.operator, cast.treasurer, cast.camat):
        page = page_of(user, MONEY)
        assert "Semula Rp800.000.000" in page and here in page
        assert (
            f"diubah {dates.format_date_short(change.decided_at)}</a>: {REASON}" in page
        )
    assert change_page in page_of(cast.treasurer, MONEY)


def test_a_declined_change_is_read_by_everyone_until_another_is_decided(
    cast, ceiling, send
):
    change = make_change(ceiling, 900_000_000)
    address_of = address("ceiling-change-decline", change)
    page = text_of(send(cast.camat, address_of, note=" "))
    assert "Satu isian perlu diperbaiki" in page
    send(cast.camat, address_of, note="Belum ada dasarnya.")
    for path in (MONEY, change.get_absolute_url()):
        assert "Belum ada dasarnya." in page_of(None, path)
    make_change(ceiling, 850_000_000, accept=True)
    assert "Belum ada dasarnya." not in page_of(None, MONEY)
    assert "Rp800.000.000 → Rp850.000.000" in page_of(None, change.get_absolute_url())


@pytest.mark.parametrize("village", [False, True])
def test_an_open_change_is_for_the_districts_staff(cast, village):
    owner = {"village": cast.besani} if village else {}
    change = make_change(make_allotment(cast.district, **owner))
    here = change.get_absolute_url()
    for name in "camat treasurer sekcam verifier admin".split():
        client = Client()
        client.force_login(getattr(cast, name))
        assert client.get(here).status_code == 200
    for name in "operator head resident far_camat".split():
        client = Client()
        client.force_login(getattr(cast, name))
        assert client.get(here).status_code == 404
        assert REASON not in page_of(getattr(cast, name), MONEY)
    assert Client().get(here).status_code == 404


def test_a_decided_change_is_a_page_without_cookie_for_a_stranger(ceiling):
    change = make_change(ceiling, accept=True)
    response = Client().get(change.get_absolute_url())
    assert response.status_code == 200 and not response.cookies
    assert "csrf" not in text_of(response)


def test_a_stale_page_keeps_what_was_typed_and_then_goes_through(cast, ceiling, send):
    make_change(ceiling, 900_000_000, accept=True)
    fields = {"amount": "850.000.000", "reason": REASON}
    here = address("allotment-change", ceiling)
    response = send(cast.treasurer, here, ceiling="800000000", **fields)
    page = text_of(response)
    assert response.status_code == 409 and cast.camat.name in page
    assert REASON in page and 'value="850.000.000"' in page
    assert 'name="ceiling" value="900000000"' in page
    assert (
        send(cast.treasurer, here, ceiling="900000000", **fields).url
        == ceiling.get_absolute_url()
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": "0"},
        {"amount": "-5"},
        {"amount": "800.000.000"},
        {"reason": "Pendek"},
        {"reason": " " * 20},
        {"reason": "panjang " * 70},
        {"ceiling": ""},
    ],
)
def test_what_cannot_be_is_shown_again_with_a_sentence(cast, ceiling, send, fields):
    right = {"amount": "900.000.000", "reason": REASON, "ceiling": "800000000"}
    here = address("allotment-change", ceiling)
    response = send(cast.treasurer, here, **right | fields)
    assert response.status_code == 200 and 'role="alert"' in text_of(response)
    assert not CeilingChange.objects.exists()


def test_who_may_not_change_reads_why(cast, ceiling, client):
    client.force_login(cast.camat)
    response = client.get(address("allotment-change", ceiling))
    assert response.status_code == 403
    assert "diusulkan Bendahara Kecamatan" in text_of(response)


@pytest.mark.parametrize("who", [None, "operator", "camat", "treasurer"])
def test_changes_come_with_the_ceilings_in_their_one_query(cast, client, who):
    def asked():
        with CaptureQueriesContext(connection) as found:
            assert client.get(MONEY).status_code == 200
        return len(found)

    if who:
        client.force_login(getattr(cast, who))
    make_allotment(cast.district)
    client.get(MONEY)
    few = asked()
    for number in range(6):
        source = make_source(f"s{number}", f"Sumber {number}")
        for owner in ({}, {"village": cast.besani}):
            ceiling = make_allotment(cast.district, source=source, **owner)
            make_change(ceiling, 800_000_000, accept=True)
            ceiling.refresh_from_db()
            make_change(ceiling, 900_000_000, accept=False, note="Belum.")
            make_change(ceiling, 700_000_000)
    assert asked() == few <= 8


def test_the_open_data_say_what_the_ceiling_was_at_first(cast, ceiling):
    other = make_allotment(cast.district, village=cast.besani, ceiling=5)
    make_change(ceiling, 900_000_000, accept=True)
    ceiling.refresh_from_db()
    make_change(ceiling, 850_000_000, accept=True)
    make_change(other, 7, accept=False, note="Belum.")
    found = ALLOTMENTS.rows().values_list("pk", "ceiling", "first_ceiling")
    assert set(found) == {
        (ceiling.pk, 850_000_000, 800_000_000),
        (other.pk, 5, 5),
    }
