"""A partner's pledge: who writes it down, agrees, receives, and tells what became of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from leksono_portal.kit import dates
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.models import Notification
from leksono_portal.kit.tests.pictures import jpeg
from projects.pledges import actions
from projects.pledges.models import Pledge
from projects.portfolio import actions as portfolio
from projects.tests.make import (
    agreed_pledge,
    head_of,
    make_photo,
    make_pledge,
    make_project,
    make_report,
    receive_pledge,
    received_pledge,
    running_project,
    used_pledge,
)
from villages.models import Office
from villages.partners import actions as partners
from villages.tests.make import make_officer, make_partner

pytestmark = pytest.mark.django_db
REASON = "Anggaran mitra dipotong."


@pytest.fixture
def project(cast):
    return make_project()


def act(verb, pledge, by, **fields):
    pledge.refresh_from_db()
    return getattr(actions, verb)(
        by=by, pledge_id=pledge.pk, version=pledge.version, **fields
    )


def states(pledge):
    return [(move.to_status, move.office) for move in pledge.moves.all()]


def test_from_the_offer_to_what_became_of_it(cast, project):
    pledge = used_pledge(project)
    assert states(pledge) == [
        ("offered", "Sekretaris Kecamatan Leksono"),
        ("agreed", "Kepala Desa Besani"),
        ("received", "Operator Besani"),
        ("used", "Operator Besani"),
    ]
    assert pledge.received == pledge.amount == 5_000_000


@pytest.mark.parametrize("who", ["camat", "sekcam", "operator", "head"])
def test_the_district_and_the_lead_village_write_down_what_a_partner_offers(
    cast, project, who
):
    make_partner(cast.district, cast.camat)
    assert make_pledge(project, by=getattr(cast, who)).status == "offered"


@pytest.mark.parametrize(
    "who", ["resident", "other_operator", "verifier", "treasurer", "admin", "far_camat"]
)
def test_nobody_else_does(cast, project, who):
    make_partner(cast.district, cast.camat)
    with pytest.raises(PermissionDenied):
        make_pledge(project, by=getattr(cast, who))


def test_no_pledge_of_a_closed_partner_or_of_another_district(cast, project):
    partner = make_partner(cast.district, cast.camat)
    partners.close(partner, by=cast.camat, version=1, reason="Programnya berakhir.")
    far = make_partner(cast.far.district, cast.far_camat, name="Jauh")
    for other in (partner, far):
        with pytest.raises(ValidationError, match="ditutup"):
            make_pledge(project, other)


def test_no_pledge_for_a_project_that_is_over(cast):
    make_partner(cast.district, cast.camat)
    project = running_project(title="Pipa")
    make_report(project, 100, 100)
    portfolio.complete(project, by=cast.operator)
    with pytest.raises(PermissionDenied, match="belum selesai"):
        make_pledge(project)


@pytest.mark.parametrize("who", ["operator", "camat", "sekcam", "other_operator"])
def test_only_the_head_of_the_lead_village_agrees(cast, project, who):
    pledge = make_pledge(project)
    for verb, fields in (("agree", {}), ("decline", {"reason": REASON})):
        with pytest.raises(PermissionDenied):
            act(verb, pledge, getattr(cast, who), **fields)


def test_the_lurah_agrees_for_the_kelurahan(cast):
    project = make_project(lead_village=cast.leksono)
    assert agreed_pledge(project).status == "agreed"


def test_a_head_does_not_agree_to_what_they_wrote_down_unless_alone(cast, project):
    make_partner(cast.district, cast.camat)
    pledge = make_pledge(project, by=cast.head)
    with pytest.raises(PermissionDenied):
        act("agree", pledge, cast.head)
    Office.objects.filter(village=cast.besani).exclude(user=cast.head).update(
        ends_on=dates.today() - timedelta(days=1)
    )
    assert act("agree", pledge, cast.head).status == "agreed"


def test_money_comes_in_parts_and_the_last_one_completes_it(cast, project):
    pledge = agreed_pledge(project)
    receive_pledge(pledge, 2_000_000)
    pledge.refresh_from_db()
    assert (pledge.status, pledge.received, pledge.rest) == (
        "agreed",
        2_000_000,
        3_000_000,
    )
    with pytest.raises(ValidationError, match="masih ditunggu Rp3.000.000"):
        receive_pledge(pledge, 3_000_001)
    receive_pledge(pledge, 3_000_000)
    pledge.refresh_from_db()
    assert (pledge.status, pledge.received) == ("received", 5_000_000)
    with pytest.raises(PermissionDenied):
        receive_pledge(pledge, 1)


def test_the_rest_stays_open_until_it_is_closed_with_a_reason(cast, project):
    pledge = agreed_pledge(
        project, kind="goods", quantity=Decimal("20"), unit="batang", estimate=4_000_000
    )
    with pytest.raises(PermissionDenied):
        act("close", pledge, cast.operator, reason=REASON)
    receive_pledge(pledge, quantity=Decimal("12.5"))
    act("close", pledge, cast.operator, reason=REASON)
    pledge.refresh_from_db()
    assert (pledge.status, pledge.received_told) == ("received", "12,5 batang")
    assert pledge.last_reason == REASON


def test_what_is_not_counted_comes_at_once(cast, project):
    pledge = agreed_pledge(project, kind="training", what="Pelatihan merawat pompa")
    receive_pledge(pledge)
    pledge.refresh_from_db()
    assert (pledge.status, pledge.promised_told) == ("received", "")


@pytest.mark.parametrize("fields", [{"quantity": Decimal(1)}, {}])
def test_money_is_received_as_money(cast, project, fields):
    pledge = agreed_pledge(project)
    with pytest.raises(ValidationError, match="Isi"):
        receive_pledge(pledge, **fields)


@pytest.mark.parametrize(
    ("days", "match"), [(1, "belum tiba"), (-1, "baru disepakati")]
)
def test_it_is_received_between_the_agreement_and_today(cast, project, days, match):
    pledge = agreed_pledge(project)
    with pytest.raises(ValidationError, match=match):
        receive_pledge(pledge, 1, received_on=dates.today() + timedelta(days=days))


def test_a_receipt_number_is_used_once_for_a_pledge(cast, project):
    pledge = agreed_pledge(project)
    receive_pledge(pledge, 1, reference="BAST/9")
    with pytest.raises(ValidationError, match="sudah dipakai"):
        receive_pledge(pledge, 1, reference="BAST/9")


def test_a_photo_of_what_came_is_a_photo_of_the_project(cast, project):
    pledge = agreed_pledge(project)
    receipt = receive_pledge(pledge, 1, upload=jpeg(), alt="Serah terima uang")
    assert receipt.photo.project == project


def test_what_became_of_it_points_only_to_its_own_project(cast, project):
    other = running_project(title="Lain")
    report = make_report(other, 10, 10)
    pledge = received_pledge(project)
    told = {"outcome": "Pipa terpasang 300 meter."}
    for fields in ({"report": report}, {"photo": make_photo(other)}):
        with pytest.raises(ValidationError, match="dari proyek ini"):
            act("use", pledge, cast.operator, **told, **fields)
    photo = make_photo(project)
    assert act("use", pledge, cast.head, **told, photo=photo).outcome_photo == photo


@pytest.mark.parametrize("who", ["camat", "other_operator", "secretary"])
def test_the_operator_or_the_head_tells_it(cast, project, who):
    cast.secretary = make_officer("sekdes", "village_secretary", cast.besani)
    pledge = received_pledge(project)
    with pytest.raises(PermissionDenied):
        act("use", pledge, getattr(cast, who), outcome="Pipa terpasang 300 meter.")


def test_a_partner_takes_its_word_back_only_before_anything_came(cast, project):
    offered, agreed = make_pledge(project), agreed_pledge(project)
    for pledge in (offered, agreed):
        assert act("withdraw", pledge, cast.sekcam, reason=REASON).status == "withdrawn"
    begun = agreed_pledge(project)
    receive_pledge(begun, 1)
    with pytest.raises(PermissionDenied):
        act("withdraw", begun, cast.sekcam, reason=REASON)


def test_whoever_is_late_is_told_who_was_quicker(cast, project):
    pledge = make_pledge(project)
    actions.agree(by=cast.head, pledge_id=pledge.pk, version=1)
    with pytest.raises(Stale, match=cast.head.name):
        actions.decline(by=cast.head, pledge_id=pledge.pk, version=1, reason=REASON)


def test_an_office_that_ended_yesterday_has_ended(cast, project):
    pledge = make_pledge(project)
    Office.objects.filter(user=cast.head).update(
        ends_on=dates.today() - timedelta(days=1)
    )
    with pytest.raises(PermissionDenied):
        act("agree", pledge, cast.head)


def news_of(user):
    return [news.title for news in Notification.objects.of(user)]


def test_the_head_hears_of_an_offer_and_the_recorder_of_the_answer(cast, project):
    pledge = make_pledge(project)
    assert "Janji mitra untuk" in news_of(cast.head)[0]
    assert news_of(cast.operator) == []
    act("agree", pledge, head_of(pledge))
    assert news_of(cast.sekcam)[0].endswith("disepakati")
    act("decline", make_pledge(project), cast.head, reason=REASON)
    assert news_of(cast.sekcam)[0].endswith("tidak diterima desa")


def test_the_sums_count_money_that_was_agreed_to_and_no_estimate(cast, project):
    make_pledge(project)
    used_pledge(project)
    receive_pledge(agreed_pledge(project), 1_000_000)
    received_pledge(
        project, kind="goods", quantity=Decimal(3), unit="sak", estimate=200_000
    )
    assert Pledge.objects.sums() == {
        "n": 4,
        "promised": 10_000_000,
        "arrived": 6_000_000,
        "used": 5_000_000,
        "estimated": 200_000,
    }
