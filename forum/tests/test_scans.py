import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client

from forum.meetings import actions
from forum.models import Meeting, Scan
from forum.tests.make import make_body, make_ready_meeting, make_scan
from leksono_portal.kit import dates, files, form_keys
from leksono_portal.kit.models import StoredFile
from leksono_portal.kit.tests.pictures import camera_jpeg, pdf
from villages.models import Office, User

pytestmark = pytest.mark.django_db
OFFICERS = "operator head other_operator lurah camat sekcam verifier treasurer admin"


@pytest.fixture(autouse=True)
def empty_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def meeting(cast):
    """Final; chaired and written by the operator of Besani."""
    body = make_body(cast.district, cast.besani, cast.timbang, cast.leksono)
    meeting = make_ready_meeting(body, cast.operator)
    actions.finalise(meeting, by=cast.operator, version=meeting.version)
    return Meeting.objects.get(pk=meeting.pk)


def browser(user=None):
    client = Client()
    if user:
        client.force_login(user)
    return client


def send(meeting, user, data):
    return browser(user).post(
        f"/rapat/{meeting.pk}/pindaian/",
        {
            form_keys.FIELD: form_keys.new_key(user),
            "upload": SimpleUploadedFile("pindaian.pdf", data),
        },
    )


def everyone(cast):
    return {name: user for name, user in vars(cast).items() if isinstance(user, User)}


def test_who_may_put_a_scan_on_file(cast, meeting):
    def may(user):
        return Meeting.objects.papers_kept_by(user).contains(meeting)

    allowed = {name for name, user in everyone(cast).items() if may(user)}
    assert allowed == {"operator", "sekcam"}
    yesterday = dates.today() - timedelta(days=1)
    Office.objects.filter(user=cast.operator).update(ends_on=yesterday)
    assert not may(cast.operator)
    with pytest.raises(PermissionDenied):
        make_scan(meeting, cast.operator)


def test_a_meeting_that_is_not_final_takes_no_scan(cast, meeting):
    draft = make_ready_meeting(meeting.body, cast.operator, title="Lain")
    with pytest.raises(PermissionDenied):
        make_scan(draft, cast.operator)
    assert browser(cast.operator).get(f"/rapat/{draft.pk}/pindaian/").status_code == 403


def test_officers_of_the_body_open_it_and_nobody_else(cast, meeting):
    scan = make_scan(meeting, cast.operator)
    address = f"/rapat/{meeting.pk}/pindaian/{scan.pk}/berkas/"
    opened = {
        name
        for name, user in everyone(cast).items()
        if browser(user).get(address).status_code == 200
    }
    assert opened >= set(OFFICERS.split())
    assert not opened & {"resident", "far_operator", "far_camat"}
    assert browser().get(address).status_code == 302
    response = browser(cast.camat).get(address)
    assert response.getvalue() == pdf(b"/Number 0")
    assert "sandbox" in response["Content-Security-Policy"]
    assert "script-src" not in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-cache"


def test_the_public_reads_that_it_is_there_and_gets_no_way_to_it(cast, meeting):
    scan = make_scan(meeting, cast.operator)
    page = browser().get(meeting.get_absolute_url()).content.decode()
    assert "Pindaian bertanda tangan" in page
    assert scan.sha256 in page
    assert "/berkas/" not in page and "Simpan pindaian" not in page
    assert (
        "/berkas/"
        in browser(cast.camat).get(meeting.get_absolute_url()).content.decode()
    )


def test_a_newer_scan_replaces_the_older_and_both_are_kept(cast, meeting):
    first, second = (make_scan(meeting, cast.operator) for _ in range(2))
    page = browser().get(meeting.get_absolute_url()).content.decode()
    assert page.index(second.sha256) < page.index("Diganti oleh yang di atas")
    assert page.index("Diganti oleh yang di atas") < page.index(first.sha256)
    assert all(files.path_of(scan.file).exists() for scan in (first, second))


def test_the_same_scan_again_is_pointed_out(cast, meeting):
    assert send(meeting, cast.operator, pdf()).status_code == 302
    again = send(meeting, cast.sekcam, pdf())
    client = browser(cast.sekcam)
    client.cookies.update(again.cookies)
    assert "sudah ada" in client.get(meeting.get_absolute_url()).content.decode()
    assert Scan.objects.count() == StoredFile.objects.count() == 1


def test_a_photo_of_the_paper_is_told_in_words_until_it_is_ready(cast, meeting):
    assert send(meeting, cast.operator, camera_jpeg()).status_code == 302
    scan = Scan.objects.get()
    address = f"/rapat/{meeting.pk}/pindaian/{scan.pk}/berkas/"
    client = browser(cast.operator)
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert "Pindaian sedang disiapkan" in page and address not in page
    assert client.get(address).status_code == 404
    files.process(scan.file_id)
    assert client.get(address)["Content-Type"] == "image/jpeg"


def test_what_is_neither_is_refused_in_words(cast, meeting):
    for data in (b"MZ" + b"\0" * 99, pdf(b"/Encrypt 1 0 R"), pdf()[:-30], b""):
        page = send(meeting, cast.operator, data)
        assert page.status_code == 200
        assert 'role="alert"' in page.content.decode()
    with pytest.raises(ValidationError):
        actions.add_scan(meeting, by=cast.operator, upload=io.BytesIO(b"PK" * 50))
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    "attack", ["UPDATE forum_scan SET sha256 = ''", "DELETE FROM forum_scan"]
)
def test_the_database_keeps_every_scan(cast, meeting, as_web_role, attack):
    make_scan(meeting, cast.operator)
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(attack)
