"""The whole chain in a real browser, each step by the office that takes it."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from forum.models import Body
from leksono_portal.kit import dates
from projects.models import FundingRequest, Project
from projects.tests.make import make_allotment, make_source

pytestmark = pytest.mark.browser
NAME = 'Wakil #*_$<& "Besani"'


@pytest.fixture
def body(cast):
    body = Body.objects.create(
        district=cast.district, name="BKAD Leksono", code="MAD-LKS"
    )
    body.villages.set([cast.besani, cast.timbang, cast.leksono])
    return body


@pytest.mark.parametrize("width", [360, 1280])
def test_from_a_meeting_to_money_that_everyone_can_see(
    width, transactional_db, cast, body, visit, pictures
):
    make_allotment(cast.district, source=make_source())
    wrong = []

    def come(username, **options):
        visitor = visit(username, width=width, **options)
        visitor.wrong = wrong
        return visitor

    operator = come("operator.besani")
    log_the_meeting(operator, pictures)
    finalise(operator, pictures)
    call_command("tick")
    call_command("db_worker", batch=True, verbosity=0)
    make_the_project(operator, pictures)
    ask_for_money(operator, pictures)
    send_it(come("kades.besani"), pictures)
    verify_it(come("verifikator"), pictures)
    approve_a_part(come("camat"), pictures)
    pay_it(come("bendahara"), pictures)
    report_progress(operator, pictures)
    look_at_it_all(come(None), pictures)
    assert wrong == []


def log_the_meeting(operator, pictures):
    operator.open("/rapat/baru/")
    operator.fill(
        title="Air bersih bersama",
        date=dates.today().isoformat(),
        starts="00:01",
        ends="00:02",
        place="Pendopo Kecamatan",
    )
    for post in ("chair", "secretary"):
        operator.choose(post, "Operator Besani")
    operator.send("Buat rapat")
    operator.go("Catat rapat")
    for title in ("Pembukaan", "Sumber air Besani"):
        operator.fill_in("acara-baru", title=title)
        operator.send("Tambah acara")
    operator.fill_in("acara-2", note="Debit cukup untuk tiga desa.\nPipa lama bocor.")
    operator.send("Simpan catatan 2")
