from datetime import date, timedelta
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client

from leksono_portal.kit import dates, files, form_keys
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.models import AuditEvent, StoredFile
from leksono_portal.kit.tests.pictures import CAMERA, PLACE, camera_jpeg, jpeg
from leksono_portal.tests.typed import fields_of
from projects.portfolio import actions
from projects.portfolio.models import Photo, ProgressReport, Project
from projects.portfolio.tests.test_races import refused, together
from projects.portfolio.tests.test_rules import EVERYONE, STAGES, project_at
from projects.tests.make import make_photo, make_project, make_report, running_project

pytestmark = pytest.mark.django_db
STAFF = {"operator", "head", "other_operator", "other_head", "lurah"}
LEAD = {"operator", "head"}
MAY_ADD = {stage: STAFF for stage in ("agreed", "funded", "running")}
MAY_ADD |= {"completed": LEAD, "cancelled": set()}


@pytest.fixture(autouse=True)
def empty_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def sent(data, name="IMG_0001.jpg"):
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


def add(project, user, *uploads, **more):
    """Send `uploads` by the form of their own address."""
    body = {form_keys.FIELD: form_keys.new_key(user), "taken_on": ""} | more
    for number, upload in enumerate(uploads, 1):
        body |= {
            f"foto-{number}-upload": sent(upload),
            f"foto-{number}-alt": f"Foto ke-{number}",
            f"foto-{number}-moment": "50",
        } | {key: value for key, value in more.items() if key.startswith("foto-")}
    return browser(user).post(f"/proyek/{project.pk}/foto/tambah/", body)


def report_body(project, user, **more):
    items = {f"item-{item.pk}": 50 for item in project.work_items.all()}
    return {
        form_keys.FIELD: form_keys.new_key(user),
        "reported_on": dates.today().isoformat(),
        "spent": "12.000.000",
        "text": "Urukan selesai separuh.",
        "seen": project.reports.count(),
        **items,
        **more,
    }


def text_of(response):
    return unescape(response.content.decode())


# Who may ----------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_who_may_add_photos(cast, stage):
    project = project_at(cast, stage)
    may = {
        who
        for who in EVERYONE
        if Project.objects.photographable_by(getattr(cast, who)).contains(project)
    }
    assert may == MAY_ADD[stage]


def test_who_may_withdraw_a_photo(cast):
    photo = make_photo(project_at(cast, "completed"))
    may = {
        who
        for who in EVERYONE
        if Photo.objects.withdrawable_by(getattr(cast, who)).contains(photo)
    }
    assert may == LEAD | {"admin"}


def test_an_action_asks_the_same_rules(cast):
    project = project_at(cast, "completed")
    with pytest.raises(PermissionDenied):
        make_photo(project, by=cast.other_operator)
    photo = make_photo(project)
    with pytest.raises(PermissionDenied):
        actions.withdraw_photo(photo, by=cast.other_operator, reason="Salah.")


# Adding -----------------------------------------------------------------------


def test_a_photo_keeps_day_and_place_only_as_told(cast):
    project = make_project()
    plain = make_photo(project, upload=camera_jpeg(seed=1))
    placed = make_photo(project, upload=camera_jpeg(seed=2), keep_position=True)
    dated = make_photo(
        project, upload=camera_jpeg(seed=3), taken_on=date(2026, 1, 2), moment="0"
    )
    assert plain.taken_on == date(2026, 3, 14)
    assert (plain.latitude, plain.longitude) == (None, None)
    assert (float(placed.latitude), float(placed.longitude)) == pytest.approx(PLACE)
    assert (dated.taken_on, dated.moment) == (date(2026, 1, 2), "0")


def test_a_photo_of_a_day_to_come_is_refused(cast):
    with pytest.raises(ValidationError, match="belum tiba"):
        make_photo(make_project(), taken_on=dates.today() + timedelta(days=1))


def test_several_photos_are_sent_with_a_report(cast):
    project = running_project()
    body = report_body(
        project,
        cast.operator,
        **{
            "foto-1-upload": sent(camera_jpeg(seed=1)),
            "foto-1-alt": "Urukan tanah",
            "foto-1-moment": "50",
            "foto-1-keep_position": "on",
            "foto-2-upload": sent(jpeg(seed=2)),
            "foto-2-alt": "Saluran",
            "foto-2-moment": "lain",
        },
    )
    response = browser(cast.operator).post(f"/proyek/{project.pk}/lapor/", body)
    assert response.status_code == 302
    report = ProgressReport.objects.get()
    first, second = report.photos.order_by("pk")
    assert (first.alt, first.moment) == ("Urukan tanah", "50")
    assert first.latitude is not None
    assert (second.latitude, second.taken_on) == (None, report.reported_on)


def test_a_report_without_photos_is_a_report(cast):
    project = running_project()
    body = report_body(project, cast.operator)
    response = browser(cast.operator).post(f"/proyek/{project.pk}/lapor/", body)
    assert response.status_code == 302
    assert not Photo.objects.exists()


def test_a_refused_photo_loses_nothing_typed_and_stores_nothing(cast, settings):
    project = running_project()
    body = report_body(
        project,
        cast.operator,
        **{
            "foto-1-upload": sent(jpeg()),
            "foto-1-alt": "Foto yang baik",
            "foto-2-upload": sent(b"MZ\x90" * 900),
            "foto-2-alt": "Bukan foto",
        },
    )
    page = browser(cast.operator).post(f"/proyek/{project.pk}/lapor/", body)
    assert page.status_code == 200
    words = text_of(page)
    assert "program komputer, bukan foto" in words
    assert "pilih lagi fotonya" in words
    kept = fields_of(page, f"/proyek/{project.pk}/lapor/")
    assert kept["text"] == ["Urukan selesai separuh."]
    assert kept["foto-1-alt"] == ["Foto yang baik"]
    assert kept["foto-2-alt"] == ["Bukan foto"]
    assert not ProgressReport.objects.exists() and not StoredFile.objects.exists()
    assert not list(settings.MEDIA_ROOT.rglob("*"))


def test_a_photo_without_words_and_words_without_a_photo_are_asked_for(cast):
    project = make_project()
    silent = add(project, cast.operator, jpeg(), **{"foto-1-alt": ""})
    bare = add(project, cast.operator, **{"foto-2-alt": "Tepi jalan"})
    nothing = add(project, cast.operator)
    assert all(page.status_code == 200 for page in (silent, bare, nothing))
    assert "Keterangan foto" in text_of(silent)
    assert fields_of(bare)["foto-2-alt"] == ["Tepi jalan"]
    assert "paling sedikit satu foto" in text_of(nothing)
    assert not Photo.objects.exists()


def test_the_same_file_again_is_pointed_out_and_not_doubled(cast):
    project, other = make_project(), make_project(title="Lain")
    data = camera_jpeg()
    first = make_photo(project, upload=data)
    again = add(project, cast.operator, data)
    page = browser(cast.operator)
    page.cookies.update(again.cookies)
    words = text_of(page.get(again.url))
    assert "sudah ada" in words
    assert f'href="{first.get_absolute_url()}"' in words
    assert project.photos.count() == StoredFile.objects.count() == 1
    # Another project may show it as well; and a withdrawn one may come again.
    make_photo(other, upload=data)
    actions.withdraw_photo(first, by=cast.operator, reason="Keterangan salah.")
    make_photo(project, upload=data)
    assert project.photos.count() == 2


def test_the_same_file_twice_in_one_form_is_one_photo(cast):
    project = make_project()
    data = jpeg()
    assert add(project, cast.operator, data, data).status_code == 302
    assert project.photos.count() == 1


def test_a_body_cut_off_within_the_file_is_no_photo(cast):
    """What a server may hand on of a line that broke: all up to some byte."""
    project, data = make_project(), jpeg((900, 700))
    client = browser(cast.operator)
    key = form_keys.new_key(cast.operator)
    parts = [(form_keys.FIELD, "", key.encode()), ("foto-1-upload", "a.jpg", data)]
    parts += [("foto-1-alt", "", b"Tepi jalan"), ("foto-1-moment", "", b"50")]
    whole = b""
    for name, file, value in parts:
        what = f'; filename="{file}"\r\nContent-Type: image/jpeg' if file else ""
        head = f'--b\r\nContent-Disposition: form-data; name="{name}"{what}\r\n\r\n'
        whole += head.encode() + value + b"\r\n"
    ends = whole.index(b'name="foto-1-alt"')
    for cut in (ends - 20_000, ends - 50, ends - 5, ends + 10):
        response = client.post(
            f"/proyek/{project.pk}/foto/tambah/",
            whole[:cut],
            content_type="multipart/form-data; boundary=b",
        )
        assert response.status_code in (200, 400)
        assert not Photo.objects.exists()
    response = client.post(
        f"/proyek/{project.pk}/foto/tambah/",
        whole + b"--b--\r\n",
        content_type="multipart/form-data; boundary=b",
    )
    assert response.status_code == 302
    assert Photo.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_file_sent_by_three_at_once_is_one_photo(cast):
    project = make_project(partner_villages=[cast.timbang])
    data = camera_jpeg()
    people = (cast.operator, cast.head, cast.other_operator)

    def send(user):
        return lambda: actions.add_photo(project, by=user, upload=data, alt="Jalan")

    results = together(*map(send, people))
    assert refused(results) == 0
    assert sorted(is_new for _photo, is_new in results) == [False, False, True]
    assert len({photo.pk for photo, _is_new in results}) == 1
    assert Photo.objects.count() == StoredFile.objects.count() == 1


# Seeing -----------------------------------------------------------------------


def test_a_stranger_sees_the_photo_without_anything_of_the_camera(cast, client):
    photo = make_photo(make_project(), upload=camera_jpeg())
    page = client.get(f"/proyek/{photo.project_id}/")
    assert f'alt="{photo.alt}"' in text_of(page)
    for size in StoredFile.SIZES:
        response = client.get(photo.address(size), headers={"Accept-Encoding": "gzip"})
        data = response.getvalue()
        assert data.startswith(b"\xff\xd8\xff")
        assert CAMERA.encode() not in data and b"Exif" not in data
        assert "immutable" in response["Cache-Control"]
        assert not response.cookies
        again = client.get(
            photo.address(size), headers={"If-None-Match": response["ETag"]}
        )
        assert again.status_code == 304


def test_a_photo_that_is_being_made_is_told_in_words(cast, client):
    photo = make_photo(make_project(), is_made=False)
    for address in (
        f"/proyek/{photo.project_id}/",
        f"/proyek/{photo.project_id}/foto/",
        photo.get_absolute_url(),
    ):
        words = text_of(client.get(address))
        assert "Foto sedang disiapkan" in words
        assert "<img" not in words
    assert client.get(photo.small).status_code == 404
    assert "<img" not in text_of(client.get("/proyek/"))


def test_a_report_tells_its_photos_on_the_journey(cast, client):
    project = running_project()
    report = make_report(project, 50, 50)
    photo = make_photo(project, report=report)
    words = text_of(client.get(f"/proyek/{project.pk}/"))
    journey = words[words.index('id="perjalanan"') :]
    assert photo.small in journey
    other = running_project(title="Lain")
    with pytest.raises(ProgressReport.DoesNotExist):
        make_photo(other, report=report)


def test_the_newest_photo_stands_on_the_cards(cast, client):
    project = running_project()
    make_photo(project, taken_on=date(2026, 1, 2))
    newest = make_photo(project, taken_on=date(2026, 2, 2))
    make_photo(project, taken_on=date(2026, 3, 2), is_made=False)
    for address in ("/", "/proyek/"):
        words = text_of(client.get(address))
        assert newest.small in words
        assert words.count("<img") == 1


def test_all_photos_stand_in_the_order_of_the_work(cast, client):
    project = make_project()
    for moment in ("lain", "100", "0", "50"):
        make_photo(project, moment=moment, alt=f"Saat {moment}")
    words = text_of(client.get(f"/proyek/{project.pk}/foto/"))
    at = [words.index(f'alt="Saat {moment}"') for moment in ("0", "50", "100", "lain")]
    assert at == sorted(at)


def test_a_photo_is_reached_under_its_own_project_only(cast, client):
    photo = make_photo(make_project())
    other = make_project(title="Lain")
    for end in ("", "320.jpg"):
        assert (
            client.get(f"/proyek/{other.pk}/foto/{photo.pk}/{end}").status_code == 404
        )
    assert client.get(f"{photo.get_absolute_url()}321.jpg").status_code == 404


# Withdrawing ------------------------------------------------------------------


def test_a_withdrawn_photo_is_served_no_more_and_its_row_stays(cast, client):
    photo = make_photo(make_project(), alt="Wajah anak")
    assert client.get(photo.small).status_code == 200
    withdraw = f"{photo.get_absolute_url()}tarik/"
    key = {form_keys.FIELD: form_keys.new_key(cast.admin)}
    answer = browser(cast.admin).post(withdraw, key | {"reason": "Wajah terlihat."})
    assert answer.status_code == 302
    for size in StoredFile.SIZES:
        assert client.get(photo.address(size)).status_code == 404
    assert "<img" not in text_of(client.get(f"/proyek/{photo.project_id}/"))
    for address in (f"/proyek/{photo.project_id}/foto/", photo.get_absolute_url()):
        words = text_of(client.get(address))
        assert "Wajah terlihat." in words
        assert "Wajah anak" not in words and "<img" not in words
    photo.refresh_from_db()
    assert (photo.withdrawn_by, photo.withdrawn_reason) == (
        cast.admin,
        "Wajah terlihat.",
    )
    assert AuditEvent.objects.get(verb="photo.withdraw").new == {
        "reason": "Wajah terlihat."
    }


def test_of_two_who_withdraw_the_second_is_told_of_the_first(cast):
    photo = make_photo(make_project())
    actions.withdraw_photo(photo, by=cast.admin, reason="Satu.")
    with pytest.raises(Stale, match=cast.admin.name):
        actions.withdraw_photo(photo, by=cast.operator, reason="Dua.")
    key = {form_keys.FIELD: form_keys.new_key(cast.operator)}
    page = browser(cast.operator).post(
        f"{photo.get_absolute_url()}tarik/", key | {"reason": "Dua."}
    )
    assert browser(cast.operator).get(page.wsgi_request.path).status_code == 403
    key = {form_keys.FIELD: form_keys.new_key(cast.resident)}
    stranger = browser(cast.resident).post(
        page.wsgi_request.path, key | {"reason": "x"}
    )
    assert stranger.status_code == 403 and cast.admin.name not in text_of(stranger)
    assert page.status_code == 409
    assert cast.admin.name in text_of(page) and "Dua." in text_of(page)


# What the database refuses ----------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "alt = 'lain'",
        "sha256 = repeat('0', 64)",
        "latitude = 1, longitude = 1",
        "project_id = project_id + 1",
        "withdrawn_at = now()",
        "withdrawn_at = now(), withdrawn_by_id = created_by_id, withdrawn_reason = ''",
    ],
)
def test_the_database_refuses_to_change_a_photo(cast, as_web_role, change):
    photo = make_photo(make_project())
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(f"UPDATE projects_photo SET {change} WHERE id = {photo.pk}")


def test_the_database_refuses_to_bring_a_withdrawn_photo_back(cast, as_web_role):
    photo = make_photo(make_project())
    actions.withdraw_photo(photo, by=cast.operator, reason="Salah.")
    for change in (
        "withdrawn_at = NULL, withdrawn_by_id = NULL, withdrawn_reason = NULL",
        "withdrawn_reason = 'lain'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            with as_web_role() as cursor:
                cursor.execute(f"UPDATE projects_photo SET {change}")


@pytest.mark.parametrize(
    "attack", ["DELETE FROM projects_photo", "TRUNCATE projects_photo CASCADE"]
)
def test_the_database_refuses_to_lose_a_photo(cast, as_web_role, attack):
    make_photo(make_project())
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(attack)


@pytest.mark.parametrize("place", ["200, 1", "1, 200", "1, NULL"])
def test_the_database_takes_only_places_on_earth(cast, as_web_role, place):
    photo = make_photo(make_project(), is_made=False)
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(
            "WITH f AS (INSERT INTO kit_storedfile (kind, name, byte_size, sha256,"
            " width, height, stored_at) SELECT 'photo', gen_random_uuid(), 1,"
            " repeat('b', 64), 4, 3, now() RETURNING id)"
            " INSERT INTO projects_photo (project_id, file_id, sha256, alt, moment,"
            " taken_on, created_by_id, created_at, latitude, longitude)"
            " SELECT project_id, f.id, repeat('b', 64), 'x', '0', taken_on,"
            f" created_by_id, now(), {place} FROM projects_photo, f"
            f" WHERE projects_photo.id = {photo.pk}"
        )


def test_the_same_file_twice_is_refused_by_the_database_as_well(cast):
    photo = make_photo(make_project())
    again = StoredFile.objects.create(
        kind="photo", byte_size=1, sha256=photo.sha256, width=4, height=3
    )
    with pytest.raises(DatabaseError, match="photo_once"), transaction.atomic():
        Photo.objects.create(
            project=photo.project,
            file=again,
            sha256=photo.sha256,
            alt="x",
            taken_on=photo.taken_on,
            created_by=cast.operator,
        )


def test_the_form_says_its_limits_and_takes_what_it_says(cast):
    page = browser(cast.operator).get(f"/proyek/{make_project().pk}/foto/tambah/")
    assert "Paling banyak 3 foto sekali kirim" in text_of(page)
    assert "paling besar 10 MB" in text_of(page)
    assert files.FORM_BYTES >= 3 * files.MOST_BYTES
