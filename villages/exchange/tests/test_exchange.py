"""What villages offer and ask for: who writes, what is shown, how it ends."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from leksono_portal.kit import dates, form_keys
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.models import AuditEvent
from leksono_portal.tests.typed import fields_of
from villages.exchange import actions
from villages.exchange.models import Resource
from villages.people.models import Post
from villages.tests.make import make_contact, make_officer, make_resource

TODAY = dates.today()
DAY = timedelta(days=1)


@pytest.fixture
def molen(cast):
    return make_resource(cast.besani, cast.operator)


@pytest.fixture
def post(client):
    """`post(user, address, **fields)`: what a browser of `user` sends there."""

    def send(user, address, **fields):
        client.force_login(user)
        return client.post(address, fields | {form_keys.FIELD: form_keys.new_key(user)})

    return send


def page_of(client, address, user=None):
    if user:
        client.force_login(user)
    return client.get(address).content.decode()


def close(resource, by, **fields):
    told = {"status": Resource.Status.AGREED, "reason": "Dipinjam Timbang."}
    return actions.close(resource, by=by, **(told | fields))


# Who may -------------------------------------------------------------------------

STAFF = "operator head secretary sekcam".split()
OTHERS = """lurah other_operator treasurer_of_village council delegate verifier camat
    treasurer admin resident far_operator far_camat far_sekcam ended""".split()


@pytest.fixture
def people(cast):
    """The cast and the posts at Besani that it has not."""
    for name, post in (
        ("secretary", Post.VILLAGE_SECRETARY),
        ("treasurer_of_village", Post.VILLAGE_TREASURER),
        ("council", Post.COUNCIL),
        ("delegate", Post.DELEGATE),
    ):
        setattr(cast, name, make_officer(f"{name}.b", post, cast.besani))
    cast.far_sekcam = make_officer("jauh", Post.DISTRICT_SECRETARY, cast.elsewhere)
    cast.ended = make_officer(
        "lama", Post.OPERATOR, cast.besani, ends_on=dates.today() - DAY
    )
    return cast


def test_staff_of_the_village_and_the_sekcam_write_for_it_and_nobody_else(
    people, molen
):
    may = {
        who
        for who in STAFF + OTHERS
        if Resource.objects.editable_by(getattr(people, who)).contains(molen)
    }
    assert may == set(STAFF)
    for who in OTHERS:
        by = getattr(people, who)
        for act in (
            lambda by=by: make_resource(people.besani, by),
            lambda by=by: actions.edit(molen, by=by, version=1, title="Lain"),
            lambda by=by: close(molen, by),
        ):
            with pytest.raises(PermissionDenied):
                act()
    assert Resource.objects.get().title == "Molen beton"


def test_the_lurah_writes_for_the_kelurahan(cast):
    assert make_resource(cast.leksono, cast.lurah).village == cast.leksono


def test_an_office_that_ended_while_the_page_was_open_has_ended(cast, molen):
    cast.operator.offices.update(ends_on=TODAY - DAY)
    with pytest.raises(PermissionDenied):
        close(molen, cast.operator)


# What happens --------------------------------------------------------------------


def test_an_edit_counts_the_version_and_leaves_a_trail(cast, molen):
    actions.edit(molen, by=cast.head, version=1, title="Molen 350 liter")
    molen.refresh_from_db()
    assert (molen.title, molen.version, molen.updated_by) == (
        "Molen 350 liter",
        2,
        cast.head,
    )
    event = AuditEvent.objects.get(verb="resource.edit")
    assert (event.old["title"], event.new["title"]) == (
        "Molen beton",
        "Molen 350 liter",
    )
    with pytest.raises(Stale, match="Kades Besani"):
        actions.edit(molen, by=cast.operator, version=1, title="Lain")


def test_what_is_closed_can_neither_be_changed_nor_closed_again(cast, molen):
    close(molen, cast.operator)
    molen.refresh_from_db()
    assert molen.is_closed and molen.closed_by == cast.operator
    for act in (
        lambda: close(molen, cast.head, status="withdrawn"),
        lambda: actions.edit(molen, by=cast.head, version=2, title="Lain"),
    ):
        with pytest.raises(Stale, match="Operator Besani sudah menutupnya"):
            act()
    assert not Resource.objects.editable_by(cast.operator).exists()


def test_open_is_what_is_not_closed_and_whose_last_day_has_not_passed(cast):
    def make(title, until=None):
        return make_resource(
            cast.besani, cast.operator, title=title, available_until=until
        )

    make("selamanya"), make("hari ini", TODAY), make("kemarin", TODAY - DAY)
    close(make("ditutup"), cast.operator)
    opened = {resource.title for resource in Resource.objects.open()}
    over = {resource.title for resource in Resource.objects.over()}
    assert (opened, over) == ({"selamanya", "hari ini"}, {"kemarin", "ditutup"})


# Forms ---------------------------------------------------------------------------

NEW = "/sumber-daya/baru/"


def told(cast, **changes):
    fields = {
        "kind": "need",
        "village": cast.besani.pk,
        "what": "teacher",
        "title": "Guru matematika",
    }
    return fields | changes


def test_a_need_is_written_and_shown(cast, client, post):
    response = post(cast.operator, NEW, **told(cast, how_many="2 orang"))
    assert response.url == Resource.objects.get().get_absolute_url()
    page = page_of(Client(), response.url)
    assert "Guru matematika" in page and "2 orang" in page and "Desa Besani" in page


def test_the_form_knows_the_village_and_what_was_asked_for(cast, client):
    client.force_login(cast.operator)
    page = client.get(NEW + "?jenis=butuh")
    fields = fields_of(page)
    assert fields["village"] == [str(cast.besani.pk)] and fields["kind"] == ["need"]
    assert "Kelurahan Leksono" not in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "isian perlu diperbaiki"),
        ({"title": "x" * 121}, "isian perlu diperbaiki"),
        ({"available_from": "2030-05-02", "available_until": "2030-05-01"}, "sebelum"),
        ({"available_until": "2020-01-01"}, "sudah lewat"),
        ({"description": "Hubungi Bu Tini 0812 3456 7890"}, "NIK atau nomor HP"),
        ({"how_many": "NIK 3307050101900001"}, "NIK atau nomor HP"),
        ({"what": "pesawat"}, "isian perlu diperbaiki"),
        ({"kind": "pinjam"}, "isian perlu diperbaiki"),
    ],
)
def test_a_wrong_form_comes_back_with_a_sentence_and_all_that_was_typed(
    cast, post, changes, sentence
):
    response = post(cast.operator, NEW, **told(cast, place="Krajan", **changes))
    page = response.content.decode()
    assert response.status_code == 200 and sentence in page
    assert 'value="Krajan"' in page
    assert not Resource.objects.exists()


def test_an_old_last_day_does_not_stand_in_the_way_of_another_edit(cast, post):
    old = make_resource(cast.besani, cast.operator, available_until=TODAY - DAY)
    fields = {"what": old.what, "title": "Molen baru", "version": 1}
    fields["available_until"] = old.available_until.isoformat()
    address = reverse("villages:resource-edit", args=[old.pk])
    assert post(cast.operator, address, **fields).status_code == 302


def test_who_was_slower_sees_both_and_may_send_again(cast, post, molen):
    actions.edit(molen, by=cast.head, version=1, title="Molen kades")
    address = reverse("villages:resource-edit", args=[molen.pk])
    fields = {"what": molen.what, "title": "Molen operator"}
    response = post(cast.operator, address, version=1, **fields)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Molen kades" in page and 'value="Molen operator"' in page
    assert 'name="version" value="2"' in page
    assert post(cast.operator, address, version=2, **fields).status_code == 302


def test_the_page_of_a_verb_says_why_it_cannot_be_done(cast, client, molen):
    address = reverse("villages:resource-close", args=[molen.pk])
    assert "perangkat desa yang menulisnya" in page_of(client, address, cast.camat)
    close(molen, cast.operator)
    assert "sudah ditutup" in page_of(client, address, cast.operator)
    assert client.get("/sumber-daya/999/").status_code == 404


# Pages ---------------------------------------------------------------------------


def test_the_list_shows_what_is_open_unless_asked(cast, client, molen):
    gone = make_resource(cast.timbang, cast.other_operator, title="Sudah pergi")
    close(gone, cast.other_operator)
    assert "Molen beton" in page_of(client, "/sumber-daya/")
    assert "Sudah pergi" not in page_of(client, "/sumber-daya/")
    over = page_of(client, "/sumber-daya/?keadaan=selesai")
    assert "Sudah pergi" in over and "Sudah terpenuhi" in over
    assert "Molen beton" not in over
    both = page_of(client, "/sumber-daya/?keadaan=semua")
    assert "Molen beton" in both and "Sudah pergi" in both


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("jenis=punya", {"Molen", "Lahan"}),
        ("jenis=butuh", {"Guru"}),
        ("apa=land", {"Lahan"}),
        ("desa=timbang", {"Lahan", "Guru"}),
        ("q=timbang+guru", {"Guru"}),
        ("q=bersih", {"Molen"}),
        ("desa=timbang&jenis=punya", {"Lahan"}),
        ("q=tidak+ada", set()),
        ("jenis=lain", {"Molen", "Lahan", "Guru"}),
        ("page=99", {"Molen", "Lahan", "Guru"}),
    ],
)
def test_filters_stand_in_the_address(cast, client, query, found):
    make_resource(cast.besani, cast.operator, title="Molen", description="Bersih.")
    at_timbang = {"village": cast.timbang, "by": cast.other_operator}
    make_resource(**at_timbang, title="Lahan", what="land")
    make_resource(**at_timbang, title="Guru", what="teacher", kind="need")
    response = client.get(f"/sumber-daya/?{query}")
    assert {row.title for row in response.context["page_obj"]} == found
    page = response.content.decode()
    assert ("tidak dikenal" in page) == (query == "jenis=lain")
    assert ("Tidak ada yang cocok" in page) == (not found)


def test_the_chips_count_under_the_other_filters_and_pages_are_cut(cast, client):
    for number in range(23):
        make_resource(cast.besani, cast.operator, title=f"Alat {number}")
    make_resource(cast.timbang, cast.other_operator, kind="need", title="Guru")
    response = client.get("/sumber-daya/?desa=besani&page=2")
    assert [n for _icon, _text, n, _to, _on in response.context["chips"]] == [23, 23, 0]
    assert len(response.context["page_obj"]) == 3
    assert "21–23 dari 23" in response.content.decode()


def test_an_empty_list_says_what_to_do_to_each(cast, client):
    assert "Sampaikan kepada kantor desa Anda" in page_of(client, "/sumber-daya/")
    page = page_of(client, "/sumber-daya/", cast.operator)
    assert "Tulis yang pertama" in page and f'href="{NEW}"' in page


def test_a_page_names_the_office_and_never_a_person(cast, client, molen):
    cast.operator.phone, cast.operator.email = "081200000001", "op@contoh.id"
    cast.operator.save()
    page = page_of(client, molen.get_absolute_url())
    assert "Kontak kantor belum ditulis" in page
    make_contact(cast.besani, cast.head, whatsapp="081300000009")
    page = page_of(client, molen.get_absolute_url())
    assert 'href="tel:+62286321234"' in page and "0286 321234" in page
    assert 'href="https://wa.me/6281300000009"' in page
    for private in ("081200000001", "op@contoh.id", "Operator Besani", "Kades"):
        assert private not in page


def test_a_page_suggests_open_counterparts_of_other_villages(cast, client, molen):
    theirs = {"village": cast.timbang, "by": cast.other_operator, "kind": "need"}
    make_resource(**theirs, title="Butuh molen")
    make_resource(**theirs, title="Butuh lahan", what="land")
    make_resource(**(theirs | {"kind": "offer"}), title="Punya juga")
    make_resource(cast.besani, cast.operator, kind="need", title="Desa sendiri")
    make_resource(**theirs, title="Kedaluwarsa", available_until=TODAY - DAY)
    close(make_resource(**theirs, title="Ditutup"), cast.other_operator)
    response = client.get(molen.get_absolute_url())
    assert [row.title for row in response.context["counterparts"]] == ["Butuh molen"]
    assert "Desa lain yang butuh ini" in response.content.decode()
    for number in range(6):
        make_resource(**theirs, title=f"Butuh {number}")
    assert len(client.get(molen.get_absolute_url()).context["counterparts"]) == 5
    close(molen, cast.operator)
    assert "Desa lain" not in page_of(client, molen.get_absolute_url())


def test_verbs_are_linked_only_for_those_who_may(cast, client, molen):
    edit = reverse("villages:resource-edit", args=[molen.pk])
    for user, shown in ((None, False), (cast.camat, False), (cast.operator, True)):
        page = page_of(client, molen.get_absolute_url(), user)
        assert (edit in page) == shown
    close(molen, cast.operator, reason="Dijual.")
    page = page_of(client, molen.get_absolute_url(), cast.operator)
    assert edit not in page and "Dijual." in page and "Sudah terpenuhi" in page


def test_the_village_page_lists_five_of_each_and_what_is_open_only(cast, client):
    address = cast.besani.get_absolute_url()
    page = page_of(client, address)
    assert "Belum ada yang ditawarkan" in page and "Belum ada yang diminta" in page
    for number in range(7):
        make_resource(cast.besani, cast.operator, title=f"Punya {number}")
    make_resource(cast.besani, cast.operator, kind="need", title="Butuh guru")
    make_resource(cast.timbang, cast.other_operator, title="Bukan kami")
    close(make_resource(cast.besani, cast.operator, title="Tamat"), cast.operator)
    response = client.get(address)
    assert [row.title for row in response.context["offers"]] == [
        f"Punya {number}" for number in (6, 5, 4, 3, 2)
    ]
    assert [row.title for row in response.context["needs"]] == ["Butuh guru"]
    page = response.content.decode()
    assert "?jenis=punya&amp;desa=besani" in page and NEW not in page
    assert NEW in page_of(client, address, cast.operator)
