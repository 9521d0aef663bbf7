import time
from datetime import timedelta
from secrets import randbelow

from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from leksono_portal.kit import files, notify, papers
from leksono_portal.kit.models import FormKey, Mail

FORM_KEYS_KEPT = timedelta(days=7)
TASK_RESULTS_KEPT = timedelta(days=7)


class Command(BaseCommand):
    help = "Menemukan pekerjaan yang tertinggal dan membuang sisa yang kedaluwarsa."

    def add_arguments(self, parser):
        parser.add_argument(
            "--every", type=float, metavar="DETIK", help="ulangi terus, setiap DETIK"
        )

    def handle(self, *, every, **options):
        if every is None:
            tick()
        while every is not None:
            self._tick_or_say()
            time.sleep(every)

    def _tick_or_say(self):
        close_old_connections()
        try:
            tick()
        except (InterfaceError, OperationalError) as error:
            self.stderr.write(f"Basis data belum menjawab; dicoba lagi nanti. {error}")


def tick():
    """One round: nudge what is unfinished, drop what is past its time."""
    enqueue_pending(papers.render_paper, papers.pending())
    enqueue_pending(files.make_sizes, files.pending())
    files.sweep(f"{randbelow(256):02x}")  # each about every four hours
    for duty in notify.DUTIES:
        duty()
    enqueue_due_mails()
    now = timezone.now()
    FormKey.objects.filter(at__lt=now - FORM_KEYS_KEPT).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    DBTaskResult.objects.filter(
        status__in=[TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED],
        finished_at__lt=now - TASK_RESULTS_KEPT,
    ).delete()


def enqueue_pending(task, rows):
    """Enqueue `task` for each of `rows` that no waiting task is about already."""
    waiting = DBTaskResult.objects.filter(
        task_path=task.module_path, status=TaskResultStatus.READY
    ).values_list("args_kwargs", flat=True)
    queued = {call["args"][0] for call in waiting}
    for pk in rows.values_list("pk", flat=True):
        if pk not in queued:
            task.enqueue(pk)


def enqueue_due_mails():
    """Enqueue the sending of mails, if any is due and no waiting task is about it."""
    task = notify.send_mails
    waiting = DBTaskResult.objects.filter(
        task_path=task.module_path, status=TaskResultStatus.READY
    )
    if Mail.objects.due().exists() and not waiting.exists():
        task.enqueue()
