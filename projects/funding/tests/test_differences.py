"""What changed between two submissions, in words."""

import pytest
from django.urls import reverse

from projects.funding import actions
from projects.funding.differences import between
from projects.tests.make import submitted_request

SEMEN = {
    "group": "1material",
    "description": "Semen",
    "quantity": "120",
    "unit": "zak",
    "unit_price": 65_000,
    "amount": 7_800_000,
    "source": "Bantuan Keuangan Kabupaten",
    "allotment": 1,
}
BEFORE = {
    "title": "Talud",
    "year": 2026,
    "background": "Runtuh.",
    "requested": 7_800_000,
    "lines": [SEMEN],
}


def told(after):
    return [
        (change.kind, change.what, change.was, change.now)
        for change in between(BEFORE, BEFORE | after)
    ]


def test_nothing_is_told_of_what_stayed():
    assert told({}) == []


def test_a_line_is_told_as_it_was_and_as_it_is():
    line = SEMEN | {"quantity": "100.5", "amount": 6_532_500}
    assert told({"lines": [line], "requested": 6_532_500}) == [
        (
            "changed",
            "Bahan: Semen",
            "120 zak × Rp65.000 = Rp7.800.000, Bantuan Keuangan Kabupaten",
            "100,5 zak × Rp65.000 = Rp6.532.500, Bantuan Keuangan Kabupaten",
        ),
        ("changed", "Jumlah diminta", "Rp7.800.000", "Rp6.532.500"),
    ]


def test_lines_that_come_and_go_are_told_whole():
    sand = SEMEN | {"description": "Pasir", "source": None, "allotment": None}
    words = "120 zak × Rp65.000 = Rp7.800.000, "
    assert told({"lines": [sand]}) == [
        ("added", "Bahan: Pasir", "", words + "sendiri"),
        ("removed", "Bahan: Semen", words + "Bantuan Keuangan Kabupaten", ""),
    ]


def test_two_lines_of_one_name_are_told_apart_by_their_order():
    more = SEMEN | {"quantity": "1", "amount": 65_000}
    [(kind, *_rest, now)] = told({"lines": [SEMEN, more]})
    assert kind == "added" and now.startswith("1 zak")


def test_words_are_told_in_full():
    assert told({"background": "Runtuh lagi."}) == [
        ("changed", "Latar belakang dan tujuan", "Runtuh.", "Runtuh lagi.")
    ]


@pytest.mark.django_db
def test_the_verifier_and_everyone_read_what_came_back_changed(
    cast, project, ceiling, client, django_assert_max_num_queries
):
    request = submitted_request(project, ceiling)
    actions.send_back(
        by=cast.verifier, request_id=request.pk, step=request.step, reason="Mahal."
    )
    request.refresh_from_db()
    line = request.lines.get()
    fields = ("group", "description", "quantity", "unit", "allotment")
    actions.save_line(
        by=cast.operator,
        request_id=request.pk,
        line_id=line.pk,
        version=request.version,
        **{name: getattr(line, name) for name in fields},
        unit_price=25_000_000,
    )
    request.refresh_from_db()
    assert "Yang berubah" not in client.get(request.get_absolute_url()).content.decode()
    actions.submit(
        by=cast.head, request_id=request.pk, version=request.version, letter_number="2"
    )
    was, now = "= Rp30.000.000", "= Rp25.000.000"
    verify = reverse("projects:request-verify", args=[request.pk])
    client.force_login(cast.verifier)
    for address in (verify, request.get_absolute_url()):
        page = client.get(address).content.decode()
        assert "Yang berubah di revisi 2" in page
        assert was in page and now in page
    with django_assert_max_num_queries(12):
        client.get(request.get_absolute_url())
    client.logout()
    page = client.get(request.get_absolute_url()).content.decode()
    assert was in page and now in page
