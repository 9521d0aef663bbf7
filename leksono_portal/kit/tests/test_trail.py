from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import Error, IntegrityError, connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from leksono_portal.kit import audit, demo, papers
from leksono_portal.kit.management.commands.grant_web_role import grant
from leksono_portal.kit.models import AuditEvent, DemoMark, FormKey
from leksono_portal.kit.tests.test_papers import SAMPLE


def refused(sql):
    with pytest.raises(Error) as error, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql)
    return str(error.value)


ATTACKS = [
    "UPDATE kit_auditevent SET by = 'x'",
    "DELETE FROM kit_auditevent",
    "TRUNCATE kit_auditevent",
    "TRUNCATE kit_auditevent CASCADE",
    "ALTER TABLE kit_auditevent DISABLE TRIGGER ALL",
    "DROP TRIGGER kit_auditevent_append_only ON kit_auditevent",
    "SET session_replication_role = replica",
]


def test_the_trail_keeps_text_of_who_did_what(operator):
    audit.record(
        "beri jabatan", target="Besani", by=operator, new={"at": timezone.now()}
    )
    event = AuditEvent.objects.get()
    assert (event.verb, event.target, event.by) == (
        "beri jabatan",
        "Besani",
        str(operator),
    )
    assert event.old is None
    assert event.new["at"].startswith("20")


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_web_role_can_only_add_to_the_trail(as_web_role, attack):
    with as_web_role():
        audit.record("unduh", target="Daftar hadir", by="Operator Besani")
        reason = refused(attack)
    assert "permission denied" in reason or "must be owner" in reason
    assert AuditEvent.objects.get().by == "Operator Besani"


@pytest.mark.parametrize("attack", ATTACKS[:4])
def test_even_the_owner_is_refused_by_the_triggers(db, attack):
    audit.record("unduh", target="Daftar hadir", by="Operator Besani")
    assert "tidak boleh" in refused(attack)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE kit_storedpaper SET content = '[]'",
        "UPDATE kit_storedpaper SET content_sha256 = 'x'",
        "UPDATE kit_storedpaper SET created_at = now()",
        "UPDATE kit_storedpaper SET code = '0000000000000000'",
        "UPDATE kit_storedpaper SET pdf = 'palsu', pdf_sha256 = 'x'",
        "UPDATE kit_storedpaper SET pdf = NULL, pdf_sha256 = NULL, rendered_at = NULL",
        "DELETE FROM kit_storedpaper",
        "TRUNCATE kit_storedpaper",
    ],
)
def test_a_stored_paper_never_changes(as_web_role, attack):
    with as_web_role():
        paper = papers.store("contoh", {}, timezone.now(), template=SAMPLE)
        papers.render(paper.pk)
        refused(attack)


def test_a_paper_is_rendered_whole_or_not_at_all(db):
    papers.store("contoh", {}, timezone.now(), template=SAMPLE)
    assert "paper_rendered_whole_or_not" in refused(
        "UPDATE kit_storedpaper SET pdf = 'x'"
    )


def test_granting_twice_changes_nothing(db):
    def rights():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name, privilege_type "
                "FROM information_schema.role_table_grants "
                "WHERE grantee = 'portal_web' ORDER BY 1, 2"
            )
            return cursor.fetchall()

    grant(connection)
    first = rights()
    grant(connection)
    assert rights() == first
    assert ("kit_auditevent", "INSERT") in first
    assert ("kit_auditevent", "UPDATE") not in first
    assert ("kit_formkey", "DELETE") in first
    assert not [table for table, right in first if right == "TRUNCATE"]


def test_the_web_role_cannot_grant_itself_anything(as_web_role):
    with as_web_role(), pytest.raises(CommandError, match="Hanya pemilik"):
        call_command("grant_web_role")


def test_the_demo_mark_is_one_row(db):
    assert not demo.is_demo()
    demo.mark()
    demo.mark()
    assert demo.is_demo()
    with pytest.raises(IntegrityError), transaction.atomic():
        DemoMark.objects.create(id=2)


def test_the_demo_mark_is_remembered_some_seconds_but_can_be_asked_afresh(
    db, django_assert_num_queries
):
    demo.is_demo()
    with django_assert_num_queries(0):
        demo.is_demo()
    DemoMark.objects.create()
    assert not demo.is_demo()
    assert demo.is_demo(fresh=True)


def test_tick_enqueues_each_unmade_paper_once(db):
    paper = papers.store("contoh", {}, timezone.now(), template=SAMPLE)
    call_command("tick")
    call_command("tick")
    [task] = DBTaskResult.objects.all()
    assert task.args_kwargs["args"] == [paper.pk]


def test_a_paper_that_cannot_be_made_is_tried_again_until_it_is(
    db, monkeypatch, tmp_path
):
    paper = papers.store("contoh", {}, timezone.now(), template=SAMPLE)
    whole = papers.TEMPLATES
    monkeypatch.setattr(papers, "TEMPLATES", tmp_path)
    for _round in range(2):
        call_command("tick")
        [task] = DBTaskResult.objects.all()
        papers.render_paper.call(*task.args_kwargs["args"])
        DBTaskResult.objects.all().delete()
    assert papers.pending().contains(paper)
    monkeypatch.setattr(papers, "TEMPLATES", whole)
    call_command("tick")
    papers.render_paper.call(*DBTaskResult.objects.get().args_kwargs["args"])
    assert not papers.pending().exists()


def test_tick_drops_old_form_keys_and_keeps_new_ones(db):
    old = timezone.now() - timedelta(days=8)
    for number, at in ((1, old), (2, timezone.now())):
        FormKey.objects.create(
            key=f"00000000-0000-4000-8000-00000000000{number}",
            user_id="1",
            path="/",
            content_sha256="",
            at=at,
        )
    call_command("tick")
    assert [key.key.int % 16 for key in FormKey.objects.all()] == [2]


def test_tick_drops_sessions_that_have_run_out(db):
    for key, days in (("lama", -1), ("baru", 1)):
        Session.objects.create(
            session_key=key,
            session_data="",
            expire_date=timezone.now() + timedelta(days=days),
        )
    call_command("tick")
    assert [session.pk for session in Session.objects.all()] == ["baru"]
