"""What each verb does, and what it refuses."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from leksono_portal.kit.errors import Stale
from projects.funding import actions
from projects.funding.models import FundingRequest, Reservation, Transition
from projects.portfolio import actions as portfolio
from projects.tests.make import (
    approved_request,
    asked_amounts,
    checklist,
    make_allotment,
    make_line,
    make_project,
    make_request,
    make_source,
    make_work_item,
    release,
    submitted_request,
    verified_request,
)
from villages.models import Office
from villages.tests.make import make_officer

Status = FundingRequest.Status


def approve(cast, request, **overrides):
    fields = {
        "by": cast.camat,
        "request_id": request.pk,
        "step": request.step,
        "amounts": asked_amounts(request),
        "reasons": {},
        "letter_number": "900/12/2026",
    }
    return actions.approve(**(fields | overrides))


def test_the_whole_way_from_draft_to_money_is_written_down(cast, ceiling, project):
    make_work_item(project)
    request = make_request(project, ceiling, asked=(20_000_000, 10_000_000))
    make_line(request, None, unit_price=50_000)
    request.refresh_from_db()
    actions.submit(
        by=cast.head, request_id=request.pk, version=request.version, letter_number="1"
    )
    request.refresh_from_db()
    actions.verify(
        by=cast.verifier,
        request_id=request.pk,
        step=request.step,
        checklist=checklist(),
    )
    request.refresh_from_db()
    cut, kept = request.lines.filter(allotment__isnull=False).order_by("amount")
    approve(
        cast,
        request,
        amounts={cut.pk: 4_000_000, kept.pk: kept.amount},
        reasons={cut.pk: "Sesuai gambar teknis"},
        tranches=[14_000_000, 10_000_000],
        message="Segera dikerjakan.",
    )
    request.refresh_from_db()
    ceiling.refresh_from_db()
    assert (request.requested, request.approved) == (30_000_000, 24_000_000)
    assert ceiling.reserved == 24_000_000
    assert Reservation.objects.get().amount == 24_000_000
    assert request.project.stage == "funded"
    request = release(request)
    request.refresh_from_db()
    assert request.released == 14_000_000
    assert request.project.stage == "running"
    told = request.transitions.values_list("number", "to_status", "office", "reason")
    assert list(told) == [
        (1, "draft", "Operator Besani", ""),
        (2, "submitted", "Kepala Desa Besani", ""),
        (3, "verified", "Verifikator Kecamatan Leksono", ""),
        (4, "approved", "Camat Leksono", "Segera dikerjakan."),
        (5, "running", "Bendahara Kecamatan Leksono", ""),
    ]
    assert request.revisions.get().content["request"]["requested"] == 30_000_000


def test_a_stand_in_is_named_as_one(cast, ceiling, project):
    make_officer("plt.camat", "camat", cast.district, standing=Office.Standing.PLT)
    request = verified_request(project, ceiling)
    stand_in = Office.objects.get(standing="plt").user
    approve(cast, request, by=stand_in)
    assert Transition.objects.last().office == "Plt. Camat Leksono"


def test_a_kelurahan_is_told_why_it_cannot_ask(cast, ceiling):
    project = make_project(lead_village=cast.leksono, by=cast.lurah)
    with pytest.raises(PermissionDenied, match="tidak mempunyai Kepala Desa"):
        actions.create_request(
            by=cast.lurah, project=project, title="a", year=2026, background="b"
        )


def test_own_share_is_no_part_of_what_is_asked(cast, ceiling, project):
    request = make_request(project, ceiling)
    make_line(request, None)
    request.refresh_from_db()
    assert request.requested == 30_000_000


def test_nothing_asked_is_not_sent(cast, ceiling, project):
    request = make_request(project, None, asked=(5_000_000,))
    with pytest.raises(ValidationError, match="belum memuat baris"):
        actions.submit(
            by=cast.head,
            request_id=request.pk,
            version=request.version,
            letter_number="1",
        )


def test_a_ceiling_of_a_village_outside_the_project_cannot_be_drawn_on(
    cast, ceiling, project
):
    outside = make_allotment(
        cast.district, village=cast.timbang, source=make_source("dd", "Dana Desa")
    )
    alone = make_project(title="Sendiri")
    make_request(project, outside)
    with pytest.raises(ValidationError, match="tidak tersedia"):
        make_request(alone, outside)


def test_the_year_stays_while_lines_draw_on_its_ceiling(cast, ceiling, project):
    request = make_request(project, ceiling)
    with pytest.raises(ValidationError, match="sudah memakai pagu"):
        actions.edit_request(
            by=cast.operator,
            request_id=request.pk,
            version=request.version,
            year=request.year + 1,
        )


def test_a_return_voids_the_verification_and_asks_for_an_answer(cast, ceiling, project):
    request = verified_request(project, ceiling)
    actions.send_back(
        by=cast.camat, request_id=request.pk, step=request.step, reason="Peta kurang"
    )
    request.refresh_from_db()
    assert (request.status, request.verified_by) == (Status.RETURNED, None)
    again = {
        "by": cast.head,
        "request_id": request.pk,
        "version": request.version,
        "letter_number": "2",
    }
    with pytest.raises(ValidationError, match="Belum ada yang diubah"):
        actions.submit(**again)
    actions.submit(**again, message="Peta ada di lampiran 3.")
    request.refresh_from_db()
    assert (request.status, request.revision) == (Status.SUBMITTED, 2)


def test_one_no_is_enough_not_to_be_found_fit(cast, ceiling, project):
    request = submitted_request(project, ceiling)
    with pytest.raises(ValidationError, match="belum terpenuhi"):
        actions.verify(
            by=cast.verifier,
            request_id=request.pk,
            step=request.step,
            checklist=checklist(p3="Kolom satuan kosong"),
        )


def test_returning_and_rejecting_need_a_reason(cast, ceiling, project):
    request = submitted_request(project, ceiling)
    step = {"request_id": request.pk, "step": request.step}
    with pytest.raises(ValidationError, match="perlu diperbaiki"):
        actions.send_back(by=cast.verifier, reason=" ", **step)
    with pytest.raises(ValidationError, match="alasan penolakan"):
        actions.reject(by=cast.camat, reason="", letter_number="900/1/2026", **step)


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"amount": 30_000_001}, "Diminta Rp30.000.000"),
        ({"amount": 29_999_999}, "Tulis alasan kurang dari Rp30.000.000"),
        ({"amount": 0, "reason": "tidak perlu"}, "tolak permohonannya"),
        ({"tranches": [10_000_000]}, "seharusnya Rp30.000.000"),
        ({"tranches": [30_000_000, 0]}, "seharusnya Rp30.000.000"),
        ({"foreign": 1}, "setiap baris"),
    ],
)
def test_the_camat_is_told_what_is_wrong_with_the_amounts(
    cast, ceiling, project, change, sentence
):
    request = verified_request(project, ceiling)
    line = request.lines.get()
    amounts = {line.pk: change.get("amount", line.amount)}
    if "foreign" in change:
        amounts = {line.pk + 1: line.amount}
    with pytest.raises(ValidationError) as refused:
        approve(
            cast,
            request,
            amounts=amounts,
            reasons={line.pk: change.get("reason", "")},
            tranches=change.get("tranches", []),
        )
    assert sentence in " ".join(refused.value.messages)
    assert not Reservation.objects.exists()


def test_a_ceiling_that_cannot_bear_it_is_named_with_what_is_free(
    cast, ceiling, project
):
    approved_request(project, ceiling, asked=(80_000_000,))
    request = verified_request(project, ceiling)
    with pytest.raises(
        ValidationError,
        match="Bantuan Keuangan Kabupaten .* tinggal Rp20.000.000.*Rp30.000.000",
    ):
        approve(cast, request)


def test_a_cancelled_project_gets_no_money(cast, ceiling, project):
    waiting = verified_request(project, ceiling)
    granted = approved_request(project, ceiling)
    portfolio.cancel(project, by=cast.head, reason="Lahan tidak jadi.")
    with pytest.raises(PermissionDenied):
        approve(cast, waiting)
    with pytest.raises(PermissionDenied):
        release(granted)


def test_who_comes_second_hears_who_was_first(cast, ceiling, project):
    request = verified_request(project, ceiling)
    approve(cast, request)
    with pytest.raises(Stale, match="Camat") as stale:
        actions.reject(
            by=cast.camat,
            request_id=request.pk,
            step=request.step - 1,
            reason="x",
            letter_number="900/1/2026",
        )
    assert stale.value.by == cast.camat.name


def test_a_line_changed_meanwhile_is_not_overwritten(cast, ceiling, project):
    request = make_request(project, ceiling)
    line = request.lines.get()
    save = {
        "request_id": request.pk,
        "line_id": line.pk,
        "version": request.version,
    }
    actions.save_line(by=cast.operator, unit_price=10, **save)
    with pytest.raises(Stale):
        actions.save_line(by=cast.head, unit_price=20, **save)


def test_what_a_source_demands_is_decided_in_a_meeting_first(cast, project):
    source = make_source("dd", "Dana Desa", needs_decision=True)
    ceiling = make_allotment(cast.district, source=source, ceiling=100_000_000)
    with pytest.raises(ValidationError, match="Dana Desa hanya untuk proyek dari kep"):
        submitted_request(project, ceiling)
