import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client

from forum.models import Amendment, Meeting
from forum.tests.make import (
    finalised_meeting,
    make_amendment,
    make_body,
    make_ready_meeting,
)
from leksono_portal.kit import form_keys, papers
from leksono_portal.kit.models import StoredPaper
from leksono_portal.kit.tests.threads import at_once
from villages.models import User

pytestmark = pytest.mark.django_db
ROW = {"where": "Keputusan 1", "was": "Talud 90 meter", "now": "Talud 80 meter"}


@pytest.fixture
def body(cast):
    return make_body(cast.district, cast.besani, cast.timbang, cast.leksono)


@pytest.fixture
def meeting(cast, body):
    """Final; chaired and written by the operator of Besani."""
    return finalised_meeting(body, cast.operator)


def page(address, user=None):
    client = Client()
    if user:
        client.force_login(user)
    return client.get(address).content.decode()


def verified(paper):
    return page(f"/verifikasi/{paper.code}/")


def send(meeting, user, *rows, seen=0, reason="Salah ketik"):
    client = Client()
    client.force_login(user)
    form = {
        form_keys.FIELD: form_keys.new_key(user),
        "reason": reason,
        "seen": seen,
        "form-TOTAL_FORMS": len(rows),
        "form-INITIAL_FORMS": 0,
    }
    for n, row in enumerate(rows):
        form |= {f"form-{n}-{name}": value for name, value in row.items()}
    return client.post(f"/rapat/{meeting.pk}/perbaikan/", form)


def test_what_was_wrong_stays_readable_beside_what_is_right(cast, meeting):
    assert send(meeting, cast.operator, ROW, {}, {}).status_code == 302
    amendment = Amendment.objects.get()
    assert amendment.number == f"{meeting.record.number}-P1"
    shown = page(meeting.get_absolute_url())
    assert "Talud 90 meter" in shown and "Talud 80 meter" in shown
    assert "Salah ketik" in shown and "sudah diperbaiki" in shown
    assert "sedang dibuat" in shown
    papers.render(amendment.paper_id)
    address = f"/perbaikan/{amendment.pk}/berita-acara.pdf"
    assert address in page(meeting.get_absolute_url())
    assert Client().get(address).content.startswith(b"%PDF-")


def test_whoever_checks_an_old_code_is_told_of_the_newer_paper(cast, meeting):
    record = meeting.record
    old = [record.paper, record.attendance_paper]
    assert not any("diperbaiki" in verified(paper) for paper in old)
    first = make_amendment(meeting, cast.operator)
    second = make_amendment(meeting, cast.sekcam, seen=1)
    for paper in old:
        told = verified(paper)
        assert first.number in told and second.number in told
        assert f"/verifikasi/{second.paper.code}/" in told
    told = verified(first.paper)
    assert second.number in told and "Sudah diperbaiki" in told
    newest = verified(second.paper)
    assert "Sudah diperbaiki" not in newest
    assert "Memperbaiki" in newest and record.number in newest


def test_who_corrects_a_record(cast, meeting):
    everyone = {n: user for n, user in vars(cast).items() if isinstance(user, User)}
    may = {
        name
        for name, user in everyone.items()
        if Meeting.objects.papers_kept_by(user).contains(meeting)
    }
    assert may == {"operator", "sekcam"}
    for name in everyone.keys() - may:
        with pytest.raises(PermissionDenied):
            make_amendment(meeting, everyone[name])
    assert send(meeting, cast.head, ROW).status_code == 403


def test_a_meeting_that_is_not_final_has_nothing_to_correct(cast, body):
    open_meeting = make_ready_meeting(body, cast.operator)
    with pytest.raises(PermissionDenied):
        make_amendment(open_meeting, cast.operator)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({}, "Isi paling sedikit satu perbaikan"),
        (ROW | {"now": ROW["was"]}, "tidak boleh sama"),
        (ROW | {"where": ""}, "tidak boleh kosong"),
    ],
)
def test_a_correction_of_nothing_is_refused_and_comes_back(
    cast, meeting, row, sentence
):
    answer = send(meeting, cast.operator, row, reason="Salah ketik jumlah")
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert sentence in shown and "Salah ketik jumlah" in shown
    assert not Amendment.objects.exists()
    with pytest.raises(ValidationError):
        make_amendment(meeting, cast.operator, corrections=[])


def test_who_was_slower_sees_the_other_correction_first(cast, meeting):
    make_amendment(meeting, cast.sekcam)
    answer = send(meeting, cast.operator, ROW | {"now": "Talud 85 meter"})
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert cast.sekcam.name in shown and "Talud 85 meter" in shown
    assert 'name="seen" value="1"' in shown
    assert Amendment.objects.count() == 1


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE forum_amendment SET number = 'x'",
        "DELETE FROM forum_amendment",
        "INSERT INTO forum_amendment (nth, number, at, by_id, paper_id, record_id) "
        "SELECT nth, 'lain', at, by_id, (SELECT min(id) FROM kit_storedpaper), record_id"
        " FROM forum_amendment",
    ],
)
def test_the_database_keeps_every_correction(cast, meeting, as_web_role, attack):
    make_amendment(meeting, cast.operator)
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(attack)


@pytest.mark.django_db(transaction=True)
def test_of_two_corrections_at_once_the_second_reads_the_first(cast, meeting):
    outcomes = at_once(
        *(
            lambda by=by: make_amendment(meeting, by)
            for by in (cast.operator, cast.sekcam)
        )
    )
    names = sorted(type(outcome).__name__ for outcome in outcomes)
    assert names == ["Amendment", "Stale"]
    assert StoredPaper.objects.filter(kind="berita_acara_perbaikan").count() == 1
