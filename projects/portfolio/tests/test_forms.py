"""What happens to what people type: saved once, never lost, refused in a sentence."""

from datetime import timedelta

import pytest

from leksono_portal.kit import dates, form_keys
from projects.portfolio import actions
from projects.portfolio.forms import ProjectForm
from projects.portfolio.models import (
    ProgressReport,
    Project,
    WorkItem,
    villages_leadable_by,
)
from projects.tests.make import (
    make_project,
    make_report,
    make_work_item,
    running_project,
)


@pytest.fixture
def send(client):
    """Post `body` as `user`, with a fresh form key unless it has one."""

    def post(user, address, body):
        client.force_login(user)
        key = form_keys.new_key(user)
        return client.post(address, {form_keys.FIELD: key} | body)

    return post


def description(project, **changes):
    fields = {
        "title": project.title,
        "sector": project.sector,
        "partner_villages": [v.pk for v in project.partner_villages.all()],
        "place": project.place,
        "purpose": project.purpose,
        "beneficiary_families": "",
        "beneficiary_people": "",
        "year": project.year,
        "version": project.version,
    }
    return fields | changes


def work(**changes):
    fields = {
        "title": "Talud",
        "cost": "Rp 1.250.000,00",
        "starts_on": "2026-08-01",
        "ends_on": "2026-08-31",
    }
    return fields | changes


def progress(project, *percents, **changes):
    items = project.work_items.all()
    fields = {
        "reported_on": dates.today().isoformat(),
        "spent": "1.000.000",
        "text": "Berjalan baik.",
        "seen": project.reports.count(),
    }
    fields |= {f"item-{i.pk}": p for i, p in zip(items, percents, strict=True)}
    return fields | changes


def test_an_edit_is_saved_and_shown(send, client, cast):
    project = make_project()
    body = description(
        project, title="Jalan baru", partner_villages=[cast.timbang.pk, cast.leksono.pk]
    )
    response = send(cast.operator, f"/proyek/{project.pk}/ubah/", body)
    assert response.url == f"/proyek/{project.pk}/"

    page = client.get(response.url).content.decode()
    for words in ("Jalan baru", "Timbang", "Perubahan proyek tersimpan."):
        assert words in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "tidak boleh kosong"),
        ({"title": "x" * 161}, "160"),
        ({"purpose": "x" * 2001}, "2000"),
        ({"purpose": "   "}, "tidak boleh kosong"),
        ({"sector": "lain"}, "Masukkan pilihan yang valid"),
        ({"year": "1945"}, "2015"),
        ({"year": "abad"}, "angka"),
        ({"beneficiary_people": "-1"}, "0"),
        ({"beneficiary_people": "99999999999"}, "2147483647"),
        ({"partner_villages": ["abc"]}, "abc"),
        ({"partner_villages": ["999999"]}, "999999"),
        ({"version": ""}, "Buka lagi formulir ini"),
        ({"version": "x"}, "angka"),
        ({"title": "a\x00b"}, "ull"),
    ],
)
def test_a_wrong_description_is_refused_in_a_sentence_and_kept(
    send, cast, changes, sentence
):
    project = make_project()
    body = description(project, place="Dusun Tetap Ada") | changes
    response = send(cast.operator, f"/proyek/{project.pk}/ubah/", body)

    page = response.content.decode()
    assert response.status_code == 200
    assert 'class="notice stop"' in page
    assert sentence in page
    assert "Dusun Tetap Ada" in page
    assert Project.objects.get().version == 1


def test_a_stale_description_comes_back_beside_the_stored_one(send, client, cast):
    project = make_project(partner_villages=[cast.timbang])
    old = description(project)
    send(cast.head, f"/proyek/{project.pk}/ubah/", old | {"title": "Dari kades"})

    typed = old | {"title": "Dari operator"}
    response = send(cast.operator, f"/proyek/{project.pk}/ubah/", typed)
    page = response.content.decode()
    assert response.status_code == 409
    for words in ("Dari kades", 'value="Dari operator"', "Kades Besani", "Timbang"):
        assert words in page
    assert 'name="version" value="2"' in page

    again = send(cast.operator, f"/proyek/{project.pk}/ubah/", typed | {"version": 2})
    assert again.status_code == 302
    assert Project.objects.get().title == "Dari operator"


def test_work_is_added_row_after_row(send, client, cast):
    project = make_project()
    address = f"/proyek/{project.pk}/pekerjaan/tambah/"
    assert send(cast.operator, address, work()).url == address
    send(cast.operator, address, work(title="Cor", cost="3750000"))

    page = client.get(address).content.decode()
    for words in ("Talud", "Cor", "Rp1.250.000", "25,0%", "Rp5.000.000"):
        assert words in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"cost": "0"}, "Biaya harus lebih dari nol."),
        ({"cost": "-5"}, "tidak boleh kurang dari nol"),
        ({"cost": "dua juta"}, "dengan angka saja"),
        ({"cost": "9" * 16}, "terlalu besar"),
        ({"cost": ""}, "tidak boleh kosong"),
        ({"starts_on": "31-31-2026"}, "tanggal yang valid"),
        ({"ends_on": "2026-07-31"}, "Selesai tidak boleh sebelum mulai."),
        ({"title": "x" * 161}, "160"),
    ],
)
def test_wrong_work_is_refused_in_a_sentence_and_kept(send, cast, changes, sentence):
    project = make_project()
    item = make_work_item(project)
    body = work(title="Tetap ada") | changes
    for address in ("tambah", f"{item.pk}/ubah"):
        response = send(
            cast.operator,
            f"/proyek/{project.pk}/pekerjaan/{address}/",
            body | {"version": 1},
        )
        page = response.content.decode()
        assert response.status_code == 200
        assert sentence in page
        assert "Tetap ada" in page or "title" in changes
    assert WorkItem.objects.get().version == 1


def test_stale_work_comes_back_beside_the_stored_row(send, cast):
    item = make_work_item(make_project())
    actions.save_work_item(item, by=cast.head, version=1, title="Dari kades")

    address = f"/proyek/{item.project_id}/pekerjaan/{item.pk}/ubah/"
    response = send(cast.operator, address, work(version=1))
    page = response.content.decode()
    assert response.status_code == 409
    for words in ("Dari kades", 'value="Talud"', "Kades Besani"):
        assert words in page
    assert send(cast.operator, address, work(version=2)).status_code == 302


def test_stale_work_is_not_taken_out(send, cast):
    item = make_work_item(make_project())
    actions.save_work_item(item, by=cast.head, version=1, title="Dari kades")
    address = f"/proyek/{item.project_id}/pekerjaan/{item.pk}/hapus/"

    assert send(cast.operator, address, {"version": 1}).status_code == 409
    assert send(cast.operator, address, {}).status_code == 200
    assert WorkItem.objects.exists()
    assert send(cast.operator, address, {"version": 2}).status_code == 302
    assert not WorkItem.objects.exists()


def test_work_of_another_project_is_not_found(send, cast):
    item, other = make_work_item(make_project()), make_project(title="Lain")
    for verb in ("ubah", "hapus"):
        address = f"/proyek/{other.pk}/pekerjaan/{item.pk}/{verb}/"
        assert send(cast.operator, address, work(version=1)).status_code == 404


def test_a_report_says_what_came_of_it(send, client, cast):
    project = running_project(costs=[80, 20])
    body = progress(project, 50, 25)
    response = send(cast.operator, f"/proyek/{project.pk}/lapor/", body)
    page = client.get(response.url).content.decode()
    assert "Laporan terkirim: fisik sekarang 45%." in page
    assert "lebih rendah" not in page


def test_a_report_that_goes_down_is_taken_and_says_so(send, client, cast):
    project = running_project(costs=[80, 20])
    make_report(project, 60, 0, spent=5_000_000)
    body = progress(project, 60, 0, spent="4.000.000")
    response = send(cast.operator, f"/proyek/{project.pk}/lapor/", body)
    assert "lebih rendah daripada" in client.get(response.url).content.decode()


def test_the_report_form_starts_from_the_last_report(client, cast):
    project = running_project(costs=[80, 20])
    make_report(project, 60, 15, spent=5_000_000)
    client.force_login(cast.operator)
    page = client.get(f"/proyek/{project.pk}/lapor/").content.decode()
    for words in ('value="60"', 'value="15"', 'value="5.000.000"', "fisik 51%"):
        assert words in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"spent": "banyak"}, "dengan angka saja"),
        ({"text": ""}, "tidak boleh kosong"),
        ({"text": "x" * 4001}, "4000"),
        ({"reported_on": "kemarin"}, "tanggal yang valid"),
        (
            {"reported_on": (dates.today() + timedelta(days=2)).isoformat()},
            "Tanggal ini belum tiba.",
        ),
        ({"reported_on": "2020-01-01"}, "Laporan terakhir sudah per"),
        ({"item": "101"}, "100"),
        ({"item": "-1"}, "0"),
        ({"item": ""}, "tidak boleh kosong"),
        ({"item": "separuh"}, "angka"),
    ],
)
def test_a_wrong_report_is_refused_in_a_sentence_and_kept(
    send, cast, changes, sentence
):
    project = running_project(costs=[5])
    make_report(project, 10)
    changes = dict(changes)
    if "item" in changes:
        changes[f"item-{project.work_items.get().pk}"] = changes.pop("item")
    body = progress(project, 77, text="Uraian tetap ada") | changes

    response = send(cast.operator, f"/proyek/{project.pk}/lapor/", body)
    page = response.content.decode()
    assert response.status_code == 200
    assert sentence in page
    assert "Uraian tetap ada" in page or "text" in changes
    assert ProgressReport.objects.count() == 1


def test_a_report_written_beside_anothers_comes_back_with_it(send, cast):
    project = running_project(partner_villages=[cast.timbang], costs=[5])
    body = progress(project, 40, text="Dari Besani")
    make_report(project, 55, by=cast.other_operator, text="Dari Timbang")

    response = send(cast.operator, f"/proyek/{project.pk}/lapor/", body)
    page = response.content.decode()
    assert response.status_code == 409
    for words in ("Dari Besani", "Dari Timbang", "55%", "Operator Timbang"):
        assert words in page
    assert ProgressReport.objects.count() == 1

    again = send(cast.operator, f"/proyek/{project.pk}/lapor/", body | {"seen": 1})
    assert again.status_code == 302


@pytest.mark.parametrize("verb", ["pekerjaan/tambah", "lapor", "batalkan"])
def test_a_double_click_has_one_effect(send, cast, verb):
    project = make_project()
    make_work_item(project)
    if verb == "lapor":
        actions.start(project, by=cast.operator)
    body = {
        "pekerjaan/tambah": work(),
        "lapor": progress(project, 10),
        "batalkan": {"reason": "Longsor"},
    }[verb]
    body[form_keys.FIELD] = form_keys.new_key(cast.head)
    address = f"/proyek/{project.pk}/{verb}/"

    first, second = (send(cast.head, address, body) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first.url == second.url
    assert project.work_items.count() == (2 if "tambah" in verb else 1)
    assert project.reports.count() == (verb == "lapor")
    assert project.stage_changes.count() == (1 if "tambah" in verb else 2)


def test_a_cancelling_without_a_reason_is_asked_again(send, cast):
    project = make_project()
    for reason in ("", "   ", "x" * 501):
        response = send(
            cast.head, f"/proyek/{project.pk}/batalkan/", {"reason": reason}
        )
        assert response.status_code == 200
    assert Project.objects.get().stage == "agreed"


def test_a_verb_done_meanwhile_is_refused_with_a_sentence(send, cast):
    project = make_project()
    make_work_item(project)
    actions.start(project, by=cast.operator)
    response = send(cast.head, f"/proyek/{project.pk}/mulai/", {"note": ""})
    assert response.status_code == 403
    assert "Pekerjaan dimulai oleh perangkat desa utama" in response.content.decode()


def test_the_form_of_a_new_project_offers_what_its_writer_may_lead(cast):
    def leads(user):
        form = ProjectForm(lead_villages=villages_leadable_by(user))
        return [village.name for village in form.fields["lead_village"].queryset]

    assert leads(cast.operator) == ["Besani"]
    assert leads(cast.sekcam) == ["Besani", "Leksono", "Timbang"]
    assert leads(cast.camat) == leads(cast.resident) == []
    form = ProjectForm(lead_villages=villages_leadable_by(cast.lurah))
    assert "tetapi tidak dapat meminta dana" in form.as_p()
    assert "Kelurahan Leksono" in form.as_p()
