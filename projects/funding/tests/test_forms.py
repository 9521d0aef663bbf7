"""Every verb through its page: who, what is typed, and what becomes of it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from leksono_portal.kit import dates, form_keys
from projects.funding import actions
from projects.funding.checklist import POINTS
from projects.funding.models import FundingRequest
from projects.funding.tests.test_pages import text
from projects.funding.tests.test_rules import MATRIX, put_in
from projects.sources.models import Allotment
from projects.tests.make import (
    approved_request,
    make_allotment,
    make_project,
    make_request,
    make_source,
    submitted_request,
    verified_request,
)

YES = {f"ok_{number}": "ya" for number in range(1, len(POINTS) + 1)}
LINE = {
    "group": "1material",
    "description": "Semen",
    "quantity": "62,5",
    "unit": "zak",
    "unit_price": "Rp 68.000,00",
    "allotment": "",
}
STATUS = {
    "edit": "draft",
    "submit": "returned",
    "withdraw": "submitted",
    "verify": "submitted",
    "return": "verified",
    "approve": "verified",
    "reject": "verified",
    "release": "approved",
}


def address(request, verb):
    return reverse(f"projects:request-{verb}", args=[request.pk])


def body(request, verb):
    """What a good page of `verb` would send."""
    line = request.lines.get()
    told = {
        "edit": {"title": "Lain", "year": request.year, "background": "Lain"},
        "submit": {"letter_number": "2", "message": "Peta ada."},
        "verify": YES,
        "return": {"reason": "Peta kurang"},
        "reject": {"reason": "Lahan sengketa", "letter_number": "900/1/2026"},
        "approve": {
            f"line_{line.pk}": "30.000.000",
            "total": "30000000",
            "letter_number": "900/12/2026",
        },
        "release": {"reference": "TRF-1", "paid_on": str(dates.today())},
    }
    seen = {"step": request.step, "version": request.version}
    return seen | told.get(verb, {})


@pytest.mark.parametrize("verb", STATUS)
def test_a_form_sent_twice_has_its_effect_once(
    cast, project, ceiling, send, client, verb
):
    request = put_in(STATUS[verb], cast, project, ceiling)
    request.refresh_from_db()
    who = next(
        who for who, verbs in MATRIX[STATUS[verb]].items() if verb in verbs.split()
    )
    user = getattr(cast, who)
    fields = body(request, verb) | {form_keys.FIELD: form_keys.new_key(user)}
    first = send(user, address(request, verb), **fields)
    once = FundingRequest.objects.values().get(pk=request.pk)
    second = send(user, address(request, verb), **fields)
    assert (first.status_code, first.url) == (302, second.url)
    assert FundingRequest.objects.values().get(pk=request.pk) == once
    assert "tidak dicatat dua kali" in text(client.get(second.url))


@pytest.mark.parametrize("verb", STATUS)
def test_an_empty_form_is_answered_with_a_sentence(cast, project, ceiling, send, verb):
    request = put_in(STATUS[verb], cast, project, ceiling)
    who = next(
        who for who, verbs in MATRIX[STATUS[verb]].items() if verb in verbs.split()
    )
    answer = send(getattr(cast, who), address(request, verb))
    assert answer.status_code == 200
    assert "tidak boleh kosong" in text(answer) or "Pilih Ya" in text(answer)


@pytest.mark.parametrize("junk", ["abc", "-1", "9" * 4000, "\x00"])
@pytest.mark.parametrize("verb", [verb for verb in STATUS if verb != "withdraw"])
def test_junk_in_every_field_is_no_500(cast, project, ceiling, send, verb, junk):
    request = put_in(STATUS[verb], cast, project, ceiling)
    who = next(
        who for who, verbs in MATRIX[STATUS[verb]].items() if verb in verbs.split()
    )
    good = body(request, verb)
    for name in good:
        answer = send(getattr(cast, who), address(request, verb), **good | {name: junk})
        assert answer.status_code in (200, 302, 400, 409), name
        if answer.status_code == 302:
            return  # free text took it


def test_a_request_begins_on_its_project_and_leads_to_its_budget(
    cast, project, ceiling, send, client
):
    begin = reverse("projects:request-new", args=[project.pk])
    answer = send(
        cast.operator,
        begin,
        title="Talud",
        year=dates.today().year,
        background="Banjir",
    )
    request = FundingRequest.objects.get()
    assert answer.url == request.get_absolute_url()
    assert "Isi baris pertama" in text(client.get(answer.url))
    add = reverse("projects:line-add", args=[request.pk])
    assert (
        send(
            cast.operator, add, version=1, **LINE | {"allotment": ceiling.pk}
        ).status_code
        == 302
    )
    request.refresh_from_db()
    assert request.requested == 4_250_000
    for who, status in (("other_operator", 403), ("camat", 403), ("resident", 403)):
        client.force_login(getattr(cast, who))
        assert client.get(begin).status_code == status


def test_the_kelurahan_reads_why_it_cannot_ask(cast, ceiling, client):
    project = make_project(lead_village=cast.leksono, by=cast.lurah)
    client.force_login(cast.lurah)
    answer = client.get(reverse("projects:request-new", args=[project.pk]))
    assert answer.status_code == 403
    assert "tidak mempunyai Kepala Desa" in text(answer)


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"quantity": "0"}, "Volume harus lebih dari nol"),
        ({"quantity": "banyak"}, "Tulis volumenya dengan angka"),
        ({"unit_price": "10 ribu"}, "Tulis jumlahnya dengan angka saja"),
        ({"unit_price": "-5"}, "tidak boleh kurang dari nol"),
        ({"unit_price": "0"}, "Volume kali harga harus antara"),
        ({"unit_price": "999.999.999.999.999"}, "Volume kali harga harus antara"),
        ({"quantity": "0,001", "unit_price": "1"}, "Volume kali harga harus antara"),
        ({"description": "x" * 161}, "160"),
        ({"group": "lain"}, "lain"),
        ({"allotment": "999999"}, "Pilih"),
        ({"allotment": "abc"}, "Pilih"),
    ],
)
def test_a_wrong_line_is_told_and_kept(cast, project, ceiling, send, wrong, sentence):
    request = make_request(project, ceiling)
    answer = send(
        cast.operator,
        reverse("projects:line-add", args=[request.pk]),
        version=request.version,
        **LINE | {"unit": "karung"} | wrong,
    )
    assert answer.status_code == 200
    assert sentence in text(answer)
    assert 'value="karung"' in text(answer)
    assert request.lines.count() == 1


def test_a_budget_has_an_end(cast, project, ceiling, send):
    request = make_request(project, ceiling, asked=(999_999_999_999_999,))
    answer = send(
        cast.operator,
        reverse("projects:line-add", args=[request.pk]),
        version=request.version,
        **LINE,
    )
    assert "Jumlah RAB paling banyak Rp999.999.999.999.999" in text(answer)


def test_a_line_is_changed_and_taken_out(cast, project, ceiling, send):
    request = make_request(project, ceiling)
    line = request.lines.get()
    at = [request.pk, line.pk]
    save = reverse("projects:line-save", args=at)
    version = request.version
    assert send(cast.operator, save, version=version, **LINE).status_code == 302
    remove = reverse("projects:line-remove", args=at)
    stale = send(cast.operator, remove, version=version)
    assert stale.status_code == 409
    assert send(cast.operator, remove, version=version + 1).status_code == 302
    assert not request.lines.exists()
    assert send(cast.operator, remove, version=version + 2).status_code == 404


def test_a_line_of_another_request_is_not_found(cast, project, ceiling, send):
    mine, other = make_request(project, ceiling), make_request(project, ceiling)
    line = other.lines.get()
    for name in ("line-save", "line-remove"):
        answer = send(
            cast.operator, reverse(f"projects:{name}", args=[mine.pk, line.pk]), **LINE
        )
        assert answer.status_code == 404


def test_a_stale_edit_shows_both_and_a_second_send_goes_through(
    cast, project, ceiling, send
):
    request = make_request(project, ceiling)
    told = {"year": request.year, "background": "Punya saya", "title": "Punya saya"}
    actions.edit_request(
        by=cast.head,
        request_id=request.pk,
        version=request.version,
        title="Milik Kades",
    )
    answer = send(
        cast.operator, address(request, "edit"), version=request.version, **told
    )
    page = text(answer)
    assert answer.status_code == 409
    assert cast.head.name in page
    assert "Milik Kades" in page
    assert 'value="Punya saya"' in page
    again = send(
        cast.operator,
        address(request, "edit"),
        version=answer.context["form"]["version"].value(),
        **told,
    )
    assert again.status_code == 302
    request.refresh_from_db()
    assert request.title == "Punya saya"


def test_the_verifier_hears_who_was_first_and_keeps_the_list(
    cast, project, ceiling, send
):
    request = submitted_request(project, ceiling)
    seen = body(request, "verify") | {"note_4": "Volume saya hitung ulang"}
    actions.reject(
        by=cast.camat,
        request_id=request.pk,
        step=request.step,
        reason="Sengketa",
        letter_number="900/1/2026",
    )
    answer = send(cast.verifier, address(request, "verify"), **seen)
    assert answer.status_code == 409
    assert cast.camat.name in text(answer)
    assert "Volume saya hitung ulang" in text(answer)


def test_one_no_leads_to_a_return_with_all_that_was_typed(cast, project, ceiling, send):
    request = submitted_request(project, ceiling)
    told = body(request, "verify") | {
        "origin": "verify",
        "ok_3": "belum",
        "note_3": "Kolom satuan kosong",
        "note_9": "Swakelola penuh",
    }
    answer = send(cast.verifier, address(request, "verify"), **told)
    page = text(answer)
    assert answer.status_code == 200
    assert "Kembalikan permohonan ini ke desa" in page
    assert "Kolom satuan kosong" in page
    assert "Swakelola penuh" in page
    answer = send(cast.verifier, address(request, "return"), **told)
    assert answer.status_code == 302
    last = request.transitions.last()
    assert last.to_status == "returned"
    assert last.reason == "3. RAB memakai format baku: Kolom satuan kosong"


def test_a_return_without_a_word_comes_back_to_the_list_as_it_was(
    cast, project, ceiling, send
):
    request = submitted_request(project, ceiling)
    told = {"origin": "verify", "step": request.step, "note_2": "Baru separuh"}
    answer = send(cast.verifier, address(request, "return"), **told)
    page = text(answer)
    assert answer.status_code == 200
    assert "Tulis apa yang perlu diperbaiki" in page
    assert "Baru separuh" in page
    assert f'action="{address(request, "verify")}"' in page


def test_notes_beyond_what_a_return_holds_are_told(cast, project, ceiling, send):
    request = submitted_request(project, ceiling)
    told = {"origin": "verify", "step": request.step, "reason": "x" * 3990}
    told |= {"ok_1": "belum", "note_1": "y" * 100}
    answer = send(cast.verifier, address(request, "return"), **told)
    assert "paling banyak 4.000 huruf" in text(answer)


def test_the_camat_cuts_a_line_sees_the_new_sum_and_agrees(
    cast, project, ceiling, send
):
    request = verified_request(project, ceiling, asked=(30_000_000, 10_000_000))
    cut, kept = request.lines.all()
    told = {
        "step": request.step,
        "origin": "approve",
        "total": "40000000",
        "letter_number": "900/12/2026",
        f"line_{cut.pk}": "21.000.000",
        f"line_{kept.pk}": "10.000.000",
        "reason": "Segera dikerjakan",
    }
    at = address(request, "approve")
    page = text(send(cast.camat, at, **told))
    assert "Tulis alasan kurang dari Rp30.000.000" in page
    assert "Setujui Rp31.000.000" in page
    assert "Rp69.000.000" in page  # left of the ceiling of 100 million
    assert "Segera dikerjakan" in page
    told[f"reason_{cut.pk}"] = "Sesuai gambar"
    page = text(send(cast.camat, at, **told))
    assert "Jumlahnya sekarang Rp31.000.000" in page
    request.refresh_from_db()
    assert request.status == "verified"
    assert send(cast.camat, at, **told | {"total": "31000000"}).status_code == 302
    request.refresh_from_db()
    assert (request.status, request.approved) == ("approved", 31_000_000)
    assert request.tranches.get().amount == 31_000_000


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"line": "30.000.001"}, "Diminta Rp30.000.000, jadi paling banyak itu."),
        ({"line": "tiga juta"}, "Tulis jumlahnya dengan angka saja"),
        ({"tranche_1": "1", "tranche_2": "2"}, "seharusnya Rp30.000.000"),
        ({"letter_number": ""}, "tidak boleh kosong"),
        ({"letter_number": "9" * 61}, "60"),
    ],
)
def test_a_wrong_decision_is_told_beside_the_field(
    cast, project, ceiling, send, wrong, sentence
):
    request = verified_request(project, ceiling)
    told = body(request, "approve") | {"reason": "Pesan saya"} | wrong
    if "line" in wrong:
        told[f"line_{request.lines.get().pk}"] = told.pop("line")
    answer = send(cast.camat, address(request, "approve"), **told)
    assert answer.status_code == 200
    assert sentence in text(answer)
    assert "Pesan saya" in text(answer)
    assert not FundingRequest.objects.exclude(status="verified").exists()


def test_a_ceiling_too_small_is_named(cast, project, ceiling, send):
    approved_request(project, ceiling, asked=(80_000_000,))
    request = verified_request(project, ceiling)
    page = text(
        send(cast.camat, address(request, "approve"), **body(request, "approve"))
    )
    assert "tinggal Rp20.000.000" in page
    assert "Melebihi pagu" in page


@pytest.mark.parametrize("verb", ["return", "reject"])
def test_from_the_decision_page_a_reason_is_asked_and_the_amounts_stay(
    cast, project, ceiling, send, verb
):
    request = verified_request(project, ceiling)
    told = body(request, "approve") | {"origin": "approve"}
    told[f"line_{request.lines.get().pk}"] = "12.345.678"
    page = text(send(cast.camat, address(request, verb), **told))
    assert "12.345.678" in page
    assert f'action="{address(request, "approve")}"' in page
    answer = send(cast.camat, address(request, verb), **told | {"reason": "Sengketa"})
    assert answer.status_code == 302


def test_a_transfer_number_used_before_is_told(cast, project, ceiling, send):
    put_in("running", cast, project, ceiling)
    request = approved_request(project, ceiling)
    answer = send(
        cast.treasurer, address(request, "release"), **body(request, "release")
    )
    assert "sudah dipakai" in text(answer)
    assert 'value="TRF-1"' in text(answer)


def test_a_request_that_came_back_is_not_sent_unchanged(cast, project, ceiling, send):
    request = put_in("returned", cast, project, ceiling)
    told = body(request, "submit") | {"message": ""}
    assert "Belum ada yang diubah" in text(
        send(cast.head, address(request, "submit"), **told)
    )


def test_the_treasurer_proposes_a_ceiling(cast, client, send):
    at = reverse("projects:allotment-new")
    fields = {
        "source": make_source().pk,
        "year": dates.today().year,
        "village": cast.timbang.pk,
        "ceiling": "Rp 250.000.000",
    }
    assert send(cast.camat, at, **fields).status_code == 403
    for wrong in (
        {"ceiling": "0"},
        {"ceiling": "banyak"},
        {"village": cast.leksono.pk},
        {"village": cast.far.pk},
        {"source": ""},
        {"year": "1900"},
    ):
        assert send(cast.treasurer, at, **fields | wrong).status_code == 200, wrong
    assert not Allotment.objects.exists()
    assert send(cast.treasurer, at, **fields).status_code == 302
    allotment = Allotment.objects.get()
    assert (allotment.owner, allotment.ceiling) == ("Desa Timbang", 250_000_000)


def test_the_lines_of_another_request_of_the_desa_are_copied(
    cast, project, ceiling, send
):
    last = make_request(project, ceiling, asked=(2_000_000, 3_000_000))
    last.lines.create(
        group="3labour",
        description="Gotong royong",
        quantity=10,
        unit="HOK",
        unit_price=100_000,
    )
    request = make_request(project, ceiling, asked=(1_000_000,))
    newer = make_allotment(cast.district, source=make_source("add", "ADD"))
    address = reverse("projects:lines-copy", args=[request.pk])
    answer = send(
        cast.operator,
        address,
        version=request.version,
        origin=last.pk,
        allotment=newer.pk,
    )
    assert answer.status_code == 302
    request.refresh_from_db()
    assert request.requested == 6_000_000
    copied = list(request.lines.order_by("pk"))[1:]
    assert [(line.amount, line.allotment) for line in copied] == [
        (2_000_000, newer),
        (3_000_000, newer),
        (1_000_000, None),
    ]
    assert last.lines.count() == 3


def test_only_budgets_of_the_own_desa_are_offered(cast, project, ceiling, send):
    other = make_project(lead_village=cast.timbang, by=cast.other_operator)
    foreign = make_request(other, ceiling, by=cast.other_operator)
    request = make_request(project, ceiling)
    address = reverse("projects:lines-copy", args=[request.pk])
    fields = {"version": request.version, "allotment": ceiling.pk}
    answer = send(cast.operator, address, origin=foreign.pk, **fields)
    assert answer.status_code == 200
    assert request.lines.count() == 1
    assert "Belum ada RAB lain" in text(answer)


def test_the_action_copies_nothing_of_another_desa(cast, project, ceiling):
    other = make_project(lead_village=cast.timbang, by=cast.other_operator)
    foreign = make_request(other, ceiling, by=cast.other_operator)
    request = make_request(project, ceiling)
    with pytest.raises(PermissionDenied):
        actions.copy_lines(
            by=cast.operator, request_id=request.pk, origin=foreign, allotment=ceiling
        )
    assert request.lines.count() == 1
