"""Telling people: once, of what happened and of nothing else, by list and by letter."""

import os
import subprocess
import sys
from datetime import timedelta
from threading import Barrier, Thread
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import get_language, override
from django_tasks_db.models import DBTaskResult

from leksono_portal.kit import kept, notify
from leksono_portal.kit.management.commands.tick import tick
from leksono_portal.kit.models import Mail, MailWish, Notification
from leksono_portal.kit.notify import KINDS, News, send_due, tell
from leksono_portal.kit.tests.conftest import filled_by, make_user
from leksono_portal.kit.tests.mail_server import MailServer

User = get_user_model()
DUTY, TALK = KINDS["request-turn"], KINDS["project"]  # one mailed by default, one not
EVERYONE = User.objects.all()


def news(event="contoh:1", sentence="Rapat %(what)s", url="/rapat/1/", **values):
    return News(event, url, sentence, {"what": "baru"} | values)


def people(*names):
    found = [make_user(name) for name in names]
    for user in found:
        user.email = f"{user.username}@desa.example"
        user.save()
    return found


def later():
    """Let the mails that wait be due."""
    Mail.objects.waiting().update(next_try_at=timezone.now())


@pytest.fixture
def server(settings):
    started = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", started.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    settings.SITE_URL = "https://portal.example"
    yield started
    started.stop()


# Who hears --------------------------------------------------------------------


def test_those_told_hear_once_and_never_who_did_it_nor_a_closed_account(db):
    doer, reader, closed = people("a", "b", "c")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    for _time in range(2):
        tell(EVERYONE, news(), kind=DUTY, by=doer)
    heard = Notification.objects.get()
    assert (heard.user_id, heard.title, heard.read_at) == (
        reader.pk,
        "Rapat baru",
        None,
    )
    assert Mail.objects.get().notification == heard


def test_telling_takes_three_queries_however_many_hear(db):
    people(*"abcdefgh")
    with CaptureQueriesContext(connection) as found:
        tell(EVERYONE, news(), news("contoh:2"), kind=DUTY)
    assert len(found) == 3
    assert Notification.objects.count() == Mail.objects.count() == 16


def test_what_is_rolled_back_is_told_to_nobody(db):
    people("a")
    with transaction.atomic():
        tell(EVERYONE, news(), kind=DUTY)
        transaction.set_rollback(True)
    assert not Notification.objects.exists() and not Mail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_who_tell_of_one_event_at_once_are_heard_once():
    people(*"abcdef")
    barrier, faults = Barrier(6), []

    def run():
        try:
            connection.ensure_connection()
            barrier.wait()
            with transaction.atomic():
                tell(EVERYONE, news(), news("contoh:2"), kind=DUTY)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert Notification.objects.count() == Mail.objects.count() == 12


def test_a_sentence_is_stored_in_indonesian_whatever_the_doer_reads(db):
    people("a")
    with override("en"):
        words = lazy(lambda: f"{get_language()} %(what)s", str)()
        tell(EVERYONE, news(sentence=words, what=get_language), kind=DUTY)
    assert Notification.objects.get().title == "id id"


def test_a_sentence_is_one_line_of_a_certain_length(db):
    people("a")
    nasty = "Talud\r\nBcc: semua@x.example\u202e\x00" + "x" * 400
    tell(EVERYONE, news(what=nasty), kind=DUTY)
    title = Notification.objects.get().title
    assert title.startswith("Rapat Talud Bcc: semua@x.example x")
    assert len(title) == 240 and title.endswith("…")


# Who gets letters -------------------------------------------------------------


def test_letters_go_to_those_with_an_address_who_want_that_kind(db):
    default, wanting, refusing, without = people("a", "b", "c", "d")
    User.objects.filter(pk=without.pk).update(email="")
    for kind in (DUTY, TALK):
        MailWish.objects.create(user_id=wanting.pk, kind=kind.key, is_wanted=True)
        MailWish.objects.create(user_id=refusing.pk, kind=kind.key, is_wanted=False)
    tell(EVERYONE, news("a"), kind=DUTY)
    tell(EVERYONE, news("b"), kind=TALK)
    mailed = Mail.objects.values_list("notification__event", "notification__user_id")
    assert set(mailed) == {("a", default.pk), ("a", wanting.pk), ("b", wanting.pk)}
    assert Notification.objects.count() == 8


def test_a_letter_says_what_happened_where_to_read_on_and_how_to_stop_it(db, server):
    (user,) = people("a")
    tell(EVERYONE, news(what="Jalan & <jembatan>"), kind=DUTY)
    assert send_due() == 1
    (letter,) = server.received
    assert letter["To"] == user.email
    assert letter["Subject"] == "Rapat Jalan & <jembatan>"
    assert letter["Auto-Submitted"] == "auto-generated"
    text = letter.get_content().replace("\r\n", "\n")
    assert text.startswith("Rapat Jalan & <jembatan>\n")
    assert "https://portal.example/rapat/1/\n" in text
    assert "https://portal.example/akun/kabar/\n" in text


def test_no_title_adds_a_header(db, server):
    people("a")
    tell(EVERYONE, news(what="x\nBcc: semua@x.example\n\nisi"), kind=DUTY)
    assert send_due() == 1
    (letter,) = server.received
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Rapat x Bcc: semua@x.example isi"


def test_whoever_closed_the_account_meanwhile_gets_no_letter(db, server):
    people("a")
    tell(EVERYONE, news(), kind=DUTY)
    User.objects.update(is_active=False)
    assert send_due() == 0
    assert server.received == []
    assert Mail.objects.get().failed_at


# A mail server that is not well -----------------------------------------------


def test_a_mail_server_that_is_dead_for_a_while_gets_every_letter_once(db, server):
    people("a", "b", "c")
    tell(EVERYONE, news(), kind=DUTY)
    server.answer = "451"
    assert send_due() == 0
    assert set(Mail.objects.values_list("tries", "last_error")) == {
        (1, "SMTPRecipientsRefused 451")
    }
    assert send_due() == 0 and not Mail.objects.due().exists()
    server.disappear()
    later()
    assert send_due() == 0
    # One finds out; the others do not wait for a server that is not there.
    assert sorted(Mail.objects.values_list("tries", flat=True)) == [1, 1, 2]
    server.start()
    server.answer = "250"
    later()
    assert send_due() == 3
    later()
    assert send_due() == 0
    assert sorted(letter["To"] for letter in server.received) == [
        f"{name}@desa.example" for name in "abc"
    ]
    assert len(set(server.ids)) == 3


def test_the_pauses_grow_and_the_end_is_told(db, server, caplog):
    people("a")
    tell(EVERYONE, news(), kind=DUTY)
    server.disappear()
    pauses = []
    for _time in range(10):
        before = timezone.now()
        later()
        send_due()
        pauses.append(round((Mail.objects.get().next_try_at - before).total_seconds()))
    assert pauses == [60, 120, 240, 480, 960, 1920, 3840, 7680, 14400, 14400]
    Notification.objects.update(at=timezone.now() - timedelta(days=4))
    later()
    send_due()
    mail = Mail.objects.get()
    assert mail.failed_at and mail.last_error == "ConnectionRefusedError 111"
    assert f"mail {mail.pk} failed" in caplog.text
    later()
    assert send_due() == 0
    server.start()


def test_an_address_that_does_not_exist_is_given_up_at_once_and_alone(db, server):
    wrong, odd, good = people("a", "b", "c")
    User.objects.filter(pk=odd.pk).update(email="tanpa-arti\n@x")
    tell(User.objects.filter(pk=wrong.pk), news(), kind=DUTY)
    server.answer = "550"
    assert send_due() == 0
    server.answer = "250"
    tell(EVERYONE, news(), kind=DUTY)
    assert send_due() == 1
    failed = Mail.objects.filter(failed_at__isnull=False)
    assert dict(failed.values_list("notification__user_id", "last_error")) == {
        wrong.pk: "SMTPRecipientsRefused 550",
        odd.pk: "ValueError",
    }


def process_that_sends(server):
    """A worker's process of its own, on the tests' database."""
    database = urlsplit(os.environ["DATABASE_URL"])
    database = database._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(server.port)}
    mail |= {"EMAIL_SECURITY": "none", "EMAIL_FROM": "portal@portal.example"}
    script = (
        "import django; django.setup();"
        "from leksono_portal.kit.notify import send_due; send_due()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=django_settings.BASE_DIR,
        env=os.environ
        | mail
        | {
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "leksono_portal.settings",
            "SITE_URL": django_settings.SITE_URL,
        },
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("moment", "letters"), [("greeting", 1), ("data", 2)])
def test_a_worker_that_is_killed_over_a_letter_loses_none(server, moment, letters):
    people("a")
    tell(EVERYONE, news(), kind=DUTY)
    DBTaskResult.objects.all().delete()  # the nudge is lost as well
    server.hangs_at = moment
    worker = process_that_sends(server)
    assert server.is_hanging.wait(timeout=30)
    assert not send_due(), "the letter in hand is left to the one who has it"
    worker.kill()
    worker.wait()
    server.hangs_at = None
    server.go_on.set()
    with transaction.atomic():  # wait until PostgreSQL has noticed
        assert Mail.objects.select_for_update().get().sent_at is None
    tick()
    tick()
    assert DBTaskResult.objects.count() == 1
    call_command("db_worker", batch=True, verbosity=0)
    assert Mail.objects.get().sent_at
    # Where the server had it already, both copies can be told for one letter.
    assert len(server.received) == letters and len(set(server.ids)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_letter_once(server):
    people(*"abcdefgh")
    tell(EVERYONE, news(), kind=DUTY)
    barrier, sent = Barrier(3), []

    def run():
        try:
            connection.ensure_connection()
            barrier.wait()
            sent.append(send_due())
        finally:
            connection.close()

    threads = [Thread(target=run) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == len(server.received) == len(set(server.ids)) == 8


def test_a_mail_is_nudged_after_commit_and_only_if_there_is_one(
    db, django_capture_on_commit_callbacks
):
    people("a")
    for kind, tasks in ((TALK, 0), (DUTY, 1), (DUTY, 1)):
        with django_capture_on_commit_callbacks(execute=True):
            tell(EVERYONE, news(kind.key), kind=kind)
        assert DBTaskResult.objects.count() == tasks


# The pages --------------------------------------------------------------------


@pytest.fixture
def reader(client, operator):
    client.force_login(operator)
    return client


def test_the_list_shows_what_is_new_with_a_word_and_leads_on(reader, operator):
    page = reader.get("/kabar/").content.decode()
    assert "Belum ada kabar untuk Anda." in page and "Tandai semua" not in page
    tell(EVERYONE, news(what="<b>lama</b>"), kind=TALK)
    tell(EVERYONE, news("contoh:2", url="/dana/7/"), kind=TALK)
    page = reader.get("/kabar/").content.decode()
    assert page.index("Rapat baru") < page.index("Rapat &lt;b&gt;lama&lt;/b&gt;")
    assert page.count('class="new">Belum dibaca') == 2
    newest = Notification.objects.of(operator).first()
    assert reader.head(f"/kabar/{newest.pk}/").status_code == 302
    assert Notification.objects.unread().count() == 2
    for _time in range(2):
        assert reader.get(f"/kabar/{newest.pk}/").url == "/dana/7/"
    assert Notification.objects.unread().count() == 1
    assert reader.get("/kabar/").content.decode().count("Belum dibaca") == 1


def test_everything_is_marked_as_read_at_once_and_nobody_elses(
    reader, operator, other_operator
):
    tell(EVERYONE, news(), news("contoh:2"), kind=TALK)
    reader.post(reverse("notifications-read"), filled_by(operator))
    assert not Notification.objects.of(operator).unread().exists()
    assert Notification.objects.of(other_operator).unread().count() == 2
    theirs = Notification.objects.of(other_operator).first()
    assert reader.get(f"/kabar/{theirs.pk}/").status_code == 404


def test_the_list_is_cut_into_pages_and_asks_as_often_for_many(reader, operator):
    def queries():
        kept.ask_all()
        with CaptureQueriesContext(connection) as found:
            assert reader.get("/kabar/?page=1").status_code == 200
        return len(found)

    tell(EVERYONE, news(), kind=TALK)
    reader.get("/kabar/")
    few = queries()
    tell(EVERYONE, *(news(f"contoh:{n}") for n in range(2, 40)), kind=TALK)
    assert queries() == few <= 8
    assert "1–30 dari 39" in reader.get("/kabar/?page=tiga").content.decode()
    assert "31–39 dari 39" in reader.get("/kabar/?page=99").content.decode()


def test_the_choice_is_shown_as_it_holds_and_kept(reader, operator):
    form = reader.get("/akun/kabar/").context["form"]
    assert {field.name: bool(field.value()) for field in form} == {
        kind.key: kind.by_mail for kind in KINDS.values()
    }
    for chosen in (TALK.key, DUTY.key):
        sent = filled_by(operator, **{chosen: "on"})
        assert reader.post("/akun/kabar/", sent).status_code == 302
        form = reader.get("/akun/kabar/").context["form"]
        assert [field.name for field in form if field.value()] == [chosen]
    assert MailWish.objects.count() == len(KINDS)


def test_whatever_is_sent_there_is_answered_in_words_and_changes_nothing(
    reader, operator, other_operator
):
    tell(EVERYONE, news(), kind=TALK)
    for address in ("/kabar/0/", f"/kabar/{10**30}/", "/kabar/-1/"):
        assert reader.get(address).status_code == 404
    assert reader.get("/kabar/", {"page": "\x00"}).status_code == 200
    assert reader.get("/kabar/dibaca/").status_code == 405
    for address in ("/kabar/dibaca/", "/akun/kabar/"):
        for sent in ({}, filled_by(other_operator), {"form_key": "\x00"}):
            assert reader.post(address, sent).status_code == 400
    assert Notification.objects.unread().count() == 2
    sent = filled_by(operator, **{TALK.key: "\x00" * 9, "lain": "on", DUTY.key: ""})
    assert reader.post("/akun/kabar/", sent).status_code == 302
    assert not MailWish.objects.exclude(kind__in=KINDS).exists()


def test_the_district_admin_sees_what_failed_and_no_more(client, cast):
    User.objects.filter(pk=cast.head.pk).update(email="rahasia@x.example")
    tell(User.objects.filter(pk=cast.head.pk), news(what="isi surat"), kind=DUTY)
    mail = Mail.objects.get()
    mail.failed_at, mail.last_error = timezone.now(), "SMTPRecipientsRefused 550"
    mail.save()
    pages = ["/admin/kit/mail/?keadaan=gagal", f"/admin/kit/mail/{mail.pk}/change/"]
    for user in (cast.camat, cast.operator):
        client.force_login(user)
        assert [client.get(page).status_code for page in pages] == [403, 403]
    client.force_login(cast.admin)
    for page in pages:
        shown = client.get(page).content.decode()
        assert "kades.besani" in shown and "SMTPRecipientsRefused 550" in shown
        assert "rahasia@x.example" not in shown and "isi surat" not in shown
    assert client.post(pages[1], {"tries": 0}).status_code == 403
    assert (
        "kades.besani"
        not in client.get("/admin/kit/mail/?keadaan=terkirim").content.decode()
    )


def test_the_count_of_unread_costs_no_query_of_its_own(client, cast):
    def queries():
        kept.ask_all()
        with CaptureQueriesContext(connection) as found:
            page = client.get("/proyek/").content.decode()
        return len(found), page.count('class="count unread"')

    client.force_login(cast.head)
    queries()
    none = queries()
    tell(EVERYONE, news(), kind=TALK)
    assert none[1] == 0 and queries() == (none[0], 1)
    with CaptureQueriesContext(connection) as found:
        client.get("/kerja/")
    assert sum("kit_notification" in query["sql"] for query in found) == 1


def test_no_row_leads_out_of_the_portal(db):
    people("a")
    for url in ("//x.example", "https://x.example", "javascript:alert(1)", ""):
        with pytest.raises(Exception, match="notification_leads_inside"):
            with transaction.atomic():
                tell(EVERYONE, news(url=url), kind=TALK)


def test_every_kind_has_words_and_keys_that_fit():
    assert {"meeting", "request-turn", "response", "office"} <= set(KINDS)
    assert all(len(key) <= 20 and kind.label for key, kind in KINDS.items())
    assert len(notify.DUTIES) == len(set(notify.DUTIES)) == 2
