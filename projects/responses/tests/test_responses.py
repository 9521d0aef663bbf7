"""What residents say about a project, what they are told, and what stays."""

import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from leksono_portal.kit import dates, form_keys, kept
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.models import AuditEvent
from projects.portfolio.models import Project
from projects.responses import actions
from projects.responses.models import Answer, Hiding, Response
from projects.tests.make import make_project, make_response
from villages.people.models import Post
from villages.tests.make import make_officer, make_user

WHO = "resident operator head other_operator lurah verifier camat admin".split()
TABLES = ("projects_response", "projects_answer", "projects_hiding")


def page_of(client, project, user=None):
    client.force_login(user) if user else client.logout()
    return client.get(project.get_absolute_url()).content.decode()


def post(user, name, pk, **sent):
    client = Client()
    client.force_login(user)
    key = {form_keys.FIELD: form_keys.new_key(user)}
    return client.post(reverse(f"projects:{name}", args=[pk]), sent | key)


# Who may ------------------------------------------------------------------------


@pytest.mark.parametrize("who", WHO)
def test_anyone_signed_in_but_the_lead_villages_staff_may_send(cast, who):
    user, project = getattr(cast, who), make_project()
    may = who not in ("operator", "head")
    assert Project.objects.respondable_by(user).contains(project) is may
    if may:
        assert make_response(project, user).author == user
    else:
        with pytest.raises(PermissionDenied):
            make_response(project, user)


def test_nobody_and_a_closed_account_may_not_send(cast):
    make_project()
    cast.resident.is_active = False
    for user in (AnonymousUser(), cast.resident):
        assert not Project.objects.respondable_by(user).exists()


@pytest.mark.parametrize("who", WHO)
def test_only_the_lead_villages_staff_answer_and_hide(cast, who):
    user, project = getattr(cast, who), make_project()
    first, second = (make_response(project, cast.resident) for _ in range(2))
    if who in ("operator", "head"):
        actions.answer(first, by=user, text="Bulan depan.")
        actions.hide(second, by=user, reason="Data pribadi.")
    else:
        for refused in (
            lambda: actions.answer(first, by=user, text="Bulan depan."),
            lambda: actions.hide(second, by=user, reason="Data pribadi."),
        ):
            with pytest.raises(PermissionDenied):
                refused()
    done = Answer.objects.count() + Hiding.objects.count()
    assert done == (2 if who in ("operator", "head") else 0)


def test_who_came_to_office_later_does_not_answer_their_own(cast):
    response = make_response(make_project(), cast.resident)
    cast.resident.offices.create(
        post=Post.OPERATOR, village=cast.besani, starts_on=dates.today()
    )
    with pytest.raises(PermissionDenied):
        actions.answer(response, by=cast.resident, text="Baik.")


def test_an_office_that_ended_yesterday_answers_no_more(cast):
    response = make_response(make_project(), cast.resident)
    yesterday = dates.today() - timedelta(days=1)
    cast.operator.offices.update(ends_on=yesterday)
    with pytest.raises(PermissionDenied):
        actions.answer(response, by=cast.operator, text="Baik.")


# What is shown ------------------------------------------------------------------


def test_the_public_reads_the_words_and_not_the_name(cast, client):
    project = make_project()
    writer = make_user("tini", full_name="Pengirim Uji")
    response = make_response(project, writer, text="Jalan <b>rusak</b>")
    actions.answer(response, by=cast.operator, text="Diperbaiki Senin.")
    stranger = page_of(client, project)
    assert "Jalan &lt;b&gt;rusak" in stranger and "Diperbaiki Senin." in stranger
    assert "Pengirim" not in stranger and "tini" not in stranger
    assert "<b>Warga</b>" in stranger and "Jawaban Desa Besani" in stranger
    assert "csrf" not in stranger and cast.operator.full_name not in stranger


def test_staff_read_the_name_others_do_not_and_the_writer_reads_you(cast, client):
    writer = make_user("tini", full_name="Pengirim Uji")
    project = make_project()
    make_response(project, writer)
    for user, is_told in (
        (cast.operator, True),
        (cast.head, True),
        (cast.other_operator, False),
        (cast.camat, False),
        (cast.resident, False),
    ):
        assert ("Pengirim Uji" in page_of(client, project, user)) is is_told, user
    assert "<b>Anda</b>" in page_of(client, project, writer)


def test_an_official_does_not_speak_as_a_resident(cast, client):
    project = make_project()
    make_response(project, cast.other_operator)
    assert "<b>Operator Timbang</b>" in page_of(client, project)


def test_a_hidden_response_leaves_its_reason_in_its_place(cast, client):
    project = make_project()
    response = make_response(project, cast.resident, text="Kata yang tak pantas")
    actions.answer(response, by=cast.operator, text="Jawaban lama")
    actions.hide(response, by=cast.head, reason="Membuka data pribadi.")
    for user in (None, cast.resident, cast.operator, cast.camat):
        page = page_of(client, project, user)
        assert "tak pantas" not in page and "Jawaban lama" not in page
        assert "Membuka data pribadi." in page
    assert AuditEvent.objects.filter(verb="response.hide").count() == 1


def test_a_late_answer_is_said_on_the_page(cast, client):
    project = make_project()
    Response.objects.create(
        project=project,
        author=cast.resident,
        text="Kapan?",
        due_on=dates.today() - timedelta(days=2),
    )
    assert "Belum dijawab" in page_of(client, project)


def test_the_way_to_send_is_shown_to_those_who_may(cast, client):
    project = make_project()
    link = f'href="{reverse("projects:response-new", args=[project.pk])}"'
    for _turn in range(2):
        for user, shown in (
            (None, True),
            (cast.resident, True),
            (cast.operator, False),
        ):
            assert (link in page_of(client, project, user)) is shown
        make_response(project, cast.resident)


# Sending ------------------------------------------------------------------------


def test_a_resident_sends_and_is_led_to_it(cast):
    project = make_project()
    answer = post(cast.resident, "response-new", project.pk, text="  Terima kasih. ")
    response = Response.objects.get()
    assert answer.url == f"{project.get_absolute_url()}#tanggapan-{response.pk}"
    assert (response.text, response.author) == ("Terima kasih.", cast.resident)
    assert response.due_on == dates.today() + timedelta(days=7)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Bidang ini"),
        (" \n ", "Bidang ini"),
        ("a" * 2001, "2000"),
        ("NIK saya 3307051234567890", "NIK atau nomor HP"),
        ("NIK 3307 0512 3456 7890", "NIK atau nomor HP"),
        ("Hubungi 0812-3456-7890 saja", "NIK atau nomor HP"),
        ("Hubungi +62 81234567890", "NIK atau nomor HP"),
    ],
)
def test_what_cannot_be_sent_is_said_and_kept_in_the_form(cast, text, words):
    project = make_project()
    answer = post(cast.resident, "response-new", project.pk, text=text)
    page = answer.content.decode()
    assert answer.status_code == 200 and words in page and text.strip()[:40] in page
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    "text", ["Rp1.250.000.000 untuk 412 keluarga", "2026-11-24 pukul 09.30", "08"]
)
def test_money_and_dates_are_no_private_numbers(cast, text):
    assert post(cast.resident, "response-new", make_project().pk, text=text).url


def test_the_sixth_of_a_day_is_refused_in_words_and_its_text_kept(cast):
    project = make_project()
    for _turn in range(5):
        make_response(project, cast.resident)
    answer = post(cast.resident, "response-new", project.pk, text="Yang keenam")
    page = answer.content.decode()
    assert "5 tanggapan hari ini" in page and "Yang keenam" in page
    assert Response.objects.count() == 5
    assert make_response(project, cast.camat)


def test_yesterdays_do_not_count(cast, monkeypatch):
    project = make_project()
    yesterday = dates.now() - timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: yesterday)
    for _turn in range(5):
        make_response(project, cast.resident)
    monkeypatch.undo()
    assert make_response(project, cast.resident).due_on > dates.today()
    assert Response.objects.filter(at__date=dates.today()).count() == 1


def test_a_double_click_sends_once(cast):
    project, client = make_project(), Client()
    client.force_login(cast.resident)
    sent = {"text": "Halo", form_keys.FIELD: form_keys.new_key(cast.resident)}
    address = reverse("projects:response-new", args=[project.pk])
    assert client.post(address, sent).url == client.post(address, sent).url
    assert Response.objects.count() == 1


def test_an_answer_too_late_keeps_its_text_and_shows_the_other(cast):
    response = make_response(make_project(), cast.resident)
    actions.answer(response, by=cast.head, text="Jawaban kepala desa")
    late = post(cast.operator, "response-answer", response.pk, text="Jawaban saya")
    page = late.content.decode()
    assert late.status_code == 409 and "sudah menjawab tanggapan ini" in page
    assert "Jawaban saya" in page and "Jawaban kepala desa" in page
    client = Client()
    client.force_login(cast.operator)
    again = client.get(reverse("projects:response-answer", args=[response.pk]))
    assert again.status_code == 403 and "sudah dijawab" in again.content.decode()


def test_an_answer_to_what_was_hidden_meanwhile_is_refused(cast):
    response = make_response(make_project(), cast.resident)
    actions.hide(response, by=cast.head, reason="Ganda.")
    late = post(cast.operator, "response-answer", response.pk, text="Jawaban saya")
    assert late.status_code == 409 and "menyembunyikan" in late.content.decode()
    late = post(cast.operator, "response-hide", response.pk, reason="Alasan lain")
    assert late.status_code == 409 and Hiding.objects.count() == 1


def test_hiding_asks_for_a_reason(cast):
    response = make_response(make_project(), cast.resident)
    for reason in ("", "x" * 301):
        answer = post(cast.operator, "response-hide", response.pk, reason=reason)
        assert answer.status_code == 200 and 'class="error"' in answer.content.decode()
    assert not Hiding.objects.exists()


# The database -------------------------------------------------------------------


@pytest.fixture
def handled(cast):
    response = make_response(make_project(), cast.resident)
    actions.answer(response, by=cast.operator, text="Ya.")
    actions.hide(response, by=cast.head, reason="Ganda.")
    return response


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE {} SET at = now()",
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "SET session_replication_role = replica; DELETE FROM {}",
    ],
)
def test_the_web_role_changes_no_history(handled, as_web_role, table, attack):
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(attack.format(table))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "attack", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_the_owner_is_stopped_by_the_triggers_too(handled, table, attack):
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(attack.format(table))


@pytest.mark.parametrize("make", [Answer.objects.create, Hiding.objects.create])
def test_the_database_takes_no_second_answer_or_hiding(handled, cast, make):
    words = {"text" if make.__self__.model is Answer else "reason": "Lagi."}
    with pytest.raises(DatabaseError), transaction.atomic():
        make(response=handled, by=cast.operator, **words)


def test_the_database_takes_no_empty_words(cast):
    project = make_project()
    with pytest.raises(DatabaseError), transaction.atomic():
        Response.objects.create(
            project=project, author=cast.resident, text="", due_on=dates.today()
        )
    response = make_response(project, cast.resident)
    for make, field in ((Answer, "text"), (Hiding, "reason")):
        with pytest.raises(DatabaseError), transaction.atomic():
            make.objects.create(response=response, by=cast.operator, **{field: ""})


def test_the_web_role_can_do_what_the_pages_do(cast, as_web_role):
    project = make_project()
    with as_web_role():
        response = make_response(project, cast.resident)
        actions.answer(response, by=cast.operator, text="Ya.")
        actions.hide(response, by=cast.operator, reason="Ganda.")
    assert Hiding.objects.exists()


# Races --------------------------------------------------------------------------


def together(*acts):
    """Do `acts` at the same moment; their results, or what each was refused with."""
    barrier, results = Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        connection.ensure_connection()
        barrier.wait()
        try:
            results[number] = act()
        except (PermissionDenied, ValidationError, Stale) as error:
            results[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_make_one_and_the_other_is_told(cast):
    for _attempt in range(5):
        response = make_response(
            make_project(), make_user(f"w{Response.objects.count()}")
        )
        results = together(
            lambda r=response: actions.answer(r, by=cast.operator, text="Satu."),
            lambda r=response: actions.answer(r, by=cast.head, text="Dua."),
        )
        assert sorted(type(result).__name__ for result in results) == [
            "Answer",
            "Stale",
        ]


@pytest.mark.django_db(transaction=True)
def test_the_limit_of_a_day_holds_when_many_are_sent_at_once(cast):
    project = make_project()
    for _turn in range(3):
        make_response(project, cast.resident)
    send = [lambda: make_response(project, cast.resident)] * 4
    results = together(*send)
    assert sum(isinstance(result, Response) for result in results) == 2
    assert Response.objects.count() == 5


# The page -----------------------------------------------------------------------


def test_queries_do_not_grow_with_responses(cast, client):
    few, many = make_project(), make_project(title="Banyak")
    make_response(few, cast.resident)
    for n in range(30):
        response = make_response(many, make_user(f"warga{n}"))
        if n % 3:
            actions.answer(response, by=cast.operator, text="Ya.")
        if n % 5 == 0:
            actions.hide(response, by=cast.head, reason="Ganda.")

    def queries(project, user):
        page_of(client, project, user)
        kept.ask_all()
        with CaptureQueriesContext(connection) as asked:
            client.get(project.get_absolute_url())
        return len(asked)

    for user in (None, cast.resident, cast.operator):
        assert queries(few, user) == queries(many, user) <= 12


def test_the_page_is_cut_and_tells_where_the_rest_is(cast, client):
    project = make_project()
    for n in range(14):
        make_response(project, make_user(f"warga{n}"))
    page = page_of(client, project)
    assert len(re.findall(r'<li id="tanggapan-', page)) == 12
    assert "?semua#tanggapan" in page
    whole = client.get(project.get_absolute_url() + "?semua").content.decode()
    assert len(re.findall(r'<li id="tanggapan-', whole)) == 14


def test_a_deputy_signs_as_such(cast, client):
    deputy = make_officer(
        "plt.timbang", Post.VILLAGE_HEAD, cast.timbang, standing="plt"
    )
    project = make_project()
    make_response(project, deputy)
    assert "<b>Plt. Kepala Desa Timbang</b>" in page_of(client, project)
