"""Who was told what: a list inside the portal, and an e-mail for those who want it.

The outbox is written in the transaction of the event itself, so that nobody hears of
what was rolled back and nothing that happened is forgotten. One event reaches one
person once, whoever runs into whom: the database has the pair only once. The rooms say
who hears of what, in a `notify.py` each, called from their actions.

An e-mail leaves after commit. The worker holds its line locked while it talks to the
mail server and marks it in the same transaction, so no two workers send it; where the
server is silent it waits and tries again, ever more rarely, and after `TRIED_FOR` it is
marked as failed, for the back office to see. If the worker dies between the server's
"accepted" and our commit, the line stays unsent and goes out once more: at least once,
never lost. Both copies have the same Message-ID, by which mail servers and readers drop
the second.
"""

import logging
import smtplib
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import Truncator
from django_tasks import task

from leksono_portal.kit.language import in_indonesian
from leksono_portal.kit.models import Mail, MailWish, Notification

logger = logging.getLogger(__name__)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
TRIED_FOR = timedelta(days=3)
# What says nothing of the server: it refused one message, one address, or got neither.
OF_THIS_MAIL = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, ValueError)
KINDS = {}
DUTIES = []


class Kind:
    """A kind of news, for which each person chooses whether it also comes by e-mail.

    by_mail: what holds until they choose; True for what waits for their doing.
    """

    def __init__(self, key, label, *, by_mail):
        self.key, self.label, self.by_mail = key, label, by_mail
        KINDS[key] = self


class News(NamedTuple):
    """What happened, in a sentence, and the page inside the portal that tells more.

    event: the name of this one event, such as `funding:12:submitted:3`; told again, it
    is heard once. What is stored is Indonesian, whatever language the doer reads: the
    sentence is lazy, and a value that has words of ours in it comes as a function.
    """

    event: str
    url: str
    sentence: str
    values: dict

    def title(self):
        found = {k: v() if callable(v) else v for k, v in self.values.items()}
        return _one_line(self.sentence % found)


def daily(duty):
    """Have `duty()` called by tick, which finds what came due; it may run often."""
    DUTIES.append(duty)
    return duty


# Telling ----------------------------------------------------------------------


def tell(users, *news, kind, by=None):
    """Tell `users`, a queryset of accounts, of `news`, inside the event's transaction.

    Never `by`, who did it, nor closed accounts.
    """
    at = timezone.now()
    people = dict(_people(users, kind, by))
    with in_indonesian():
        rows = [
            Notification(
                user_id=user_id,
                kind=kind.key,
                event=one.event,
                title=one.title(),
                url=one.url,
                at=at,
            )
            # In one order for all, or two who tell the same people could deadlock.
            for user_id in sorted(people)
            for one in news
        ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    mailed = [row for row in rows if people[row.user_id]]
    if mailed:
        _queue_mails(mailed)


def told(events):
    """Which of `events` someone has been told of."""
    rows = Notification.objects.filter(event__in=events)
    return set(rows.values_list("event", flat=True))


def _people(users, kind, by):
    """(id, wants an e-mail) of those to tell, in one query."""
    chosen = MailWish.objects.filter(user_id=OuterRef("pk"), kind=kind.key)
    other = Exists(chosen.filter(is_wanted=not kind.by_mail))
    wants = ~other if kind.by_mail else other
    return (
        users.filter(is_active=True)
        .exclude(pk=by.pk if by else None)
        .annotate(wants_mail=Q(wants) & ~Q(email=""))
        .order_by()
        .values_list("pk", "wants_mail")
    )


def _one_line(text):
    """Without line ends, which would end a mail's subject, and as long as may be."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    most = Notification._meta.get_field("title").max_length
    return Truncator(" ".join(printable.split())).chars(most)


def _queue_mails(rows):
    """A line of the outbox for each of `rows` that is in the database and has none."""
    with connection.cursor() as cursor:
        # One statement: which rows were there before us only the database knows.
        cursor.execute(
            "INSERT INTO kit_mail (notification_id, tries, last_error)"
            " SELECT n.id, 0, '' FROM kit_notification n"
            " JOIN unnest(%s::text[], %s::bigint[]) AS r (event, user_id)"
            " ON n.event = r.event AND n.user_id = r.user_id"
            " ORDER BY n.id ON CONFLICT DO NOTHING",
            [[row.event for row in rows], [row.user_id for row in rows]],
        )
        is_new = cursor.rowcount
    if is_new:
        transaction.on_commit(partial(send_mails.enqueue))


# Sending ----------------------------------------------------------------------


@task()
def send_mails():
    send_due()


def send_due():
    """Send what is due, one after the other; returns how many left.

    Stops where the mail server itself does not answer: the rest would wait for it in
    vain and keep the worker from its other work.
    """
    sent = 0
    server = get_connection()
    try:
        while (outcome := _send_next(server)) not in (None, OSError):
            sent += outcome is True
    finally:
        with suppress(OSError):
            server.close()
    return sent


def _send_next(server):
    """Send one: True; False if not now, OSError if no server, None if none is due."""
    with transaction.atomic():
        mail = (
            Mail.objects.due()
            .select_related("notification")
            .select_for_update(skip_locked=True, of=("self",))
            .first()
        )
        if mail is None:
            return None
        try:
            outcome = _deliver(mail, server)
        except (OSError, ValueError) as error:  # smtplib's are OSError too
            _postpone(mail, error)
            outcome = False if isinstance(error, OF_THIS_MAIL) else OSError
        mail.save()
        return outcome


def _deliver(mail, server):
    news = mail.notification
    to = get_user_model().objects.filter(pk=news.user_id, is_active=True).first()
    if to is None or not to.email:
        mail.failed_at = timezone.now()
        mail.last_error = "akun ditutup atau tanpa surel"
        return False
    server.open()
    _message(news, to.email, server).send()
    mail.sent_at = timezone.now()
    mail.last_error = ""
    return True


def _message(news, address, server):
    """A short letter: the title, where to read on, how to be left in peace."""
    host = urlsplit(settings.SITE_URL).hostname
    body = render_to_string(
        "kit/kabar.txt",
        {"title": news.title, "url": news.url, "site": settings.SITE_URL},
    )
    return EmailMessage(
        subject=news.title,
        body=body,
        to=[address],
        connection=server,
        headers={
            "Message-ID": f"<kabar.{news.pk}.{int(news.at.timestamp())}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _postpone(mail, error):
    """Try again later, or give up; the server's words stay out of the table, for they
    often repeat the address."""
    now = timezone.now()
    mail.tries += 1
    codes = _codes(error)
    mail.last_error = f"{type(error).__name__} {' '.join(map(str, codes))}".strip()
    # 5xx to this mail is for good; 5xx to our sign-in is mended in the settings.
    is_for_good = isinstance(error, OF_THIS_MAIL) and all(c >= 500 for c in codes)
    if is_for_good or now > mail.notification.at + TRIED_FOR:
        mail.failed_at = now
        logger.error("mail %s failed: %s", mail.pk, mail.last_error)
    else:
        pause = FIRST_PAUSE * 2 ** min(mail.tries - 1, 10)
        mail.next_try_at = now + min(pause, LONGEST_PAUSE)


def _codes(error):
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _words in error.recipients.values()]
    if isinstance(error, smtplib.SMTPResponseException):
        return [error.smtp_code]
    number = getattr(error, "errno", None)
    return [] if number is None else [number]
