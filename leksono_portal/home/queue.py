"""What waits for whom. One kind of work, one rule of the room it belongs to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.db import connection
from django.db.models import Exists, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from forum.meetings.models import ActionItem, Meeting
from forum.voting.models import Ballot
from leksono_portal.kit import dates
from leksono_portal.kit.models import Notification
from leksono_portal.kit.money import format_rupiah
from projects.accounts.models import Account, Cancellation
from projects.funding.models import BudgetLine, FundingRequest
from projects.pledges.models import Pledge
from projects.responses.models import Response
from projects.sources.models import Allotment, CeilingChange
from villages.models import User, Village
from villages.people.models import (
    ANYONE,
    DISTRICT_POSTS,
    VILLAGE_POSTS,
    districts_of,
    villages_of,
)

Status = FundingRequest.Status
SHOWN = 50
UNREAD = "unread"
LONG_DAYS = 3  # no rule names a limit yet; from here on the wait is coloured


@dataclass(frozen=True)
class Work:
    """One thing that waits: since when, what, where to do it.

    meta: (icon, text) pairs. due: the last day it should have been done, if any.
    """

    since: date | datetime
    title: str
    meta: list
    url: str
    label: str
    due: date | None = None

    @property
    def days(self):
        return dates.days_since(self.since)

    @property
    def days_over(self):
        return max(dates.days_since(self.due), 0) if self.due else 0

    @property
    def kind(self):
        """How the page colours its age: stop, wait or nothing."""
        if self.days_over:
            return "stop"
        return "wait" if self.days >= LONG_DAYS else ""


@dataclass(frozen=True)
class Kind:
    rows: Callable[[User], QuerySet]
    work: Callable[[object], Work]


def items(user, waiting=None):
    """Everything that waits for `user`, oldest first; asks only for what there is.

    waiting: their `counts`, where the caller has them already.
    """
    waiting = waiting or counts(user)
    rows = {name: kind.rows(user) for name, kind in KINDS.items() if waiting[name]}
    found = [KINDS[name].work(row) for name, row in _fetched(rows)]
    return sorted(found, key=lambda work: dates.to_date(work.since))


def _fetched(rows):
    """(name, row) of all kinds: requests, of which there are most kinds, in one query."""
    requests = []
    for name, found in rows.items():
        if found.model is FundingRequest:
            requests.append(found.annotate(waits_as=Value(name))[:SHOWN])
        else:
            yield from ((name, row) for row in found[:SHOWN])
    if requests:
        first, *rest = requests
        for row in first.union(*rest, all=True) if rest else first:
            yield row.waits_as, row


def count(user):
    """How many things wait for `user`: one query, none for a stranger."""
    return work(counts(user))


def work(counted):
    """How many of those counted are work."""
    return sum(counted[name] for name in KINDS)


def counts(user):
    """The same by kind, and how much news is unread, which is no work."""
    names = [*KINDS, UNREAD]
    if not user.is_authenticated:
        return dict.fromkeys(names, 0)
    sql, params = _counting(dates.today())
    with connection.cursor() as cursor:
        cursor.execute(sql, [user.pk if value == ANYONE else value for value in params])
        return dict(zip(names, cursor.fetchone(), strict=True))


@lru_cache(maxsize=2)
def _counting(today):
    """The SQL that counts every kind for ANYONE, and its parameters.

    Building it takes ten times as long as running it, on every page of everybody who
    is signed in. It is the same for all but for the user's key and the date.
    """
    user = User(pk=ANYONE)
    numbers = {name: _number(kind.rows(user)) for name, kind in KINDS.items()}
    numbers[UNREAD] = _number(Notification.objects.of(user).unread())
    query = User.objects.filter(pk=ANYONE).values(**numbers).query
    return query.sql_with_params()


def _number(rows):
    one = rows.order_by().annotate(number=Func("pk", function="COUNT"))
    return Subquery(one.values("number"))


def waiting_for_others(user):
    """Requests of the user's village or district that wait for another office."""
    # A union, from which the search begins; an OR would be held against every row.
    of_district = Village.objects.filter(
        district__in=districts_of(user, *DISTRICT_POSTS)
    )
    own = Village.objects.filter(pk__in=villages_of(user, *VILLAGE_POSTS))
    places = own.values("pk").union(of_district.values("pk"))
    rows = FundingRequest.objects.filter(
        project__lead_village__in=places, status__in=OFFICE_OF_STATUS
    )
    for status in OFFICE_OF_STATUS:
        rows = rows.exclude(pk__in=KINDS[status].rows(user).values("pk"))
    return _requests(rows)[:SHOWN]


# Money ------------------------------------------------------------------------


def _drafts(user):
    """Drafts with something asked for in them: a head can only send those."""
    asked = BudgetLine.objects.filter(request=OuterRef("pk"), allotment__isnull=False)
    return _requests(FundingRequest.objects.submittable_by(user)).filter(
        Exists(asked), status=Status.DRAFT
    )


def _returned(user):
    rows = _requests(FundingRequest.objects.editable_by(user))
    return rows.filter(status=Status.RETURNED)


def _to_verify(user):
    return _requests(FundingRequest.objects.verifiable_by(user))


def _to_approve(user):
    return _requests(FundingRequest.objects.approvable_by(user))


def _to_release(user):
    return _requests(FundingRequest.objects.releasable_by(user))


def _to_complete(user):
    return _requests(FundingRequest.objects.completable_by(user))


def _requests(rows):
    return rows.select_related("project__lead_village").order_by("status_since")


def _request_work(title, label, page):
    def work(item):
        amount = item.approved or item.requested
        meta = [("desa", item.project.lead_village.full_name)]
        if amount:
            meta.append(("dana", format_rupiah(amount)))
        return Work(
            since=item.status_since,
            title=title % {"number": item.number, "title": item.title},
            meta=meta,
            url=reverse(page, args=[item.pk]),
            label=label,
        )

    return work


def _to_account(user):
    """Accounts to be written, by whoever keeps the receipts; the head also sends."""
    return _accounts(Account.objects.writable_by(user))


def _to_accept(user):
    return _accounts(Account.objects.acceptable_by(user))


def _accounts(rows):
    return rows.select_related(
        "release__tranche__request__project__lead_village"
    ).order_by("status_since")


def _account_work(title, label):
    def work(item):
        tranche = item.release.tranche
        return Work(
            since=item.status_since,
            title=title % {"number": tranche.number, "title": tranche.request.title},
            meta=[
                ("desa", tranche.request.project.lead_village.full_name),
                ("dana", format_rupiah(item.spent or tranche.amount)),
            ],
            url=item.get_absolute_url(),
            label=label,
        )

    return work


def _to_sign(user):
    rows = Cancellation.objects.decidable_by(user).order_by("proposed_at")
    return rows.select_related("request__project__lead_village")


def _cancellation_work(item):
    return Work(
        since=item.proposed_at,
        title=_("Tandatangani atau tolak: %(what)s") % {"what": item},
        meta=[
            ("desa", item.request.project.lead_village.full_name),
            ("dana", format_rupiah(item.request.approved)),
        ],
        url=item.get_absolute_url(),
        label=_("Periksa"),
    )


def _to_confirm(user):
    rows = Allotment.objects.confirmable_by(user).order_by("proposed_at")
    return rows.select_related("source", "village", "district", "proposed_by")


def _allotment_work(item):
    return Work(
        since=item.proposed_at,
        title=_("Tetapkan pagu %(source)s %(year)s")
        % {"source": item.source, "year": item.year},
        meta=[("desa", item.owner), ("dana", format_rupiah(item.ceiling))],
        url=reverse("projects:allotment-confirm", args=[item.pk]),
        label=_("Tetapkan"),
    )


def _to_change(user):
    rows = CeilingChange.objects.decidable_by(user).order_by("proposed_at")
    places = ["allotment__source", "allotment__village", "allotment__district"]
    return rows.select_related(*places)


def _change_work(item):
    ceiling = item.allotment
    amounts = f"{format_rupiah(item.old)} → {format_rupiah(item.amount)}"
    return Work(
        since=item.proposed_at,
        title=_("Putuskan perubahan pagu %(source)s %(year)s")
        % {"source": ceiling.source, "year": ceiling.year},
        meta=[("desa", ceiling.owner), ("dana", amounts)],
        url=item.get_absolute_url(),
        label=_("Periksa"),
    )


def _to_answer(user):
    rows = Response.objects.answerable_by(user).order_by("at")
    return rows.select_related("project")


def _response_work(item):
    return Work(
        since=item.at,
        due=item.due_on,
        title=_("Jawab tanggapan warga: %(text)s")
        % {"text": Truncator(item.text).chars(80)},
        meta=[("proyek", item.project.title)],
        url=reverse("projects:response-answer", args=[item.pk]),
        label=_("Jawab"),
    )


def _to_agree(user):
    rows = Pledge.objects.decidable_by(user).order_by("status_since")
    return rows.select_related("partner", "project")


def _pledge_work(item):
    return Work(
        since=item.status_since,
        title=_("Janji mitra menunggu disepakati: %(what)s")
        % {"what": Truncator(item.what).chars(80)},
        meta=[("jabat", item.partner.name), ("proyek", item.project.title)],
        url=item.get_absolute_url(),
        label=_("Periksa"),
    )


# Meetings ---------------------------------------------------------------------


def _to_log(user):
    begin = dates.midnight()
    rows = Meeting.objects.writable_by(user).filter(
        starts_at__gte=begin, starts_at__lt=begin + timedelta(days=1)
    )
    return rows.order_by("starts_at")


def _to_finalise(user):
    """Meetings that are over: past their end, or of an earlier day."""
    over = Q(ends_at__lte=Now()) | Q(starts_at__lt=dates.midnight())
    return Meeting.objects.finalisable_by(user).filter(over).order_by("starts_at")


def _meeting_work(title, label, page):
    def work(meeting):
        return Work(
            since=meeting.starts_at,
            title=title % {"title": meeting},
            meta=[
                ("jam", dates.format_when(meeting.starts_at)),
                ("lokasi", meeting.place),
            ],
            url=reverse(page, args=[meeting.pk]),
            label=label,
        )

    return work


def _to_confirm_votes(user):
    rows = Ballot.objects.confirmable_by(user).order_by("counted_at")
    return rows.select_related("meeting")


def _ballot_work(item):
    return Work(
        since=item.counted_at,
        title=_("Sahkan hitungan suara: %(what)s")
        % {"what": Truncator(item.question).chars(80)},
        meta=[("rapat", str(item.meeting))],
        url=item.get_absolute_url(),
        label=_("Sahkan"),
    )


def _overdue(user):
    rows = ActionItem.objects.open().finishable_by(user)
    rows = rows.filter(due_on__lt=dates.today())
    return rows.select_related("meeting", "village").order_by("due_on")


def _overdue_work(item):
    return Work(
        since=item.due_on,
        due=item.due_on,
        title=item.task,
        meta=[("desa", item.responsible), ("rapat", str(item.meeting))],
        url=reverse("forum:action-done", args=[item.pk]),
        label=_("Tandai selesai"),
    )


KINDS = {
    Status.DRAFT: Kind(
        _drafts,
        _request_work(
            _("Ajukan permohonan %(number)s: %(title)s"),
            _("Ajukan"),
            "projects:request-submit",
        ),
    ),
    Status.RETURNED: Kind(
        _returned,
        _request_work(
            _("Perbaiki permohonan %(number)s: %(title)s"),
            _("Baca catatan"),
            "projects:request",
        ),
    ),
    Status.SUBMITTED: Kind(
        _to_verify,
        _request_work(
            _("Verifikasi permohonan %(number)s: %(title)s"),
            _("Verifikasi"),
            "projects:request-verify",
        ),
    ),
    Status.VERIFIED: Kind(
        _to_approve,
        _request_work(
            _("Putuskan permohonan %(number)s: %(title)s"),
            _("Putuskan"),
            "projects:request-approve",
        ),
    ),
    Status.APPROVED: Kind(
        _to_release,
        _request_work(
            _("Cairkan permohonan %(number)s: %(title)s"),
            _("Cairkan"),
            "projects:request-release",
        ),
    ),
    "account": Kind(
        _to_account,
        _account_work(_("Susun laporan termin %(number)s: %(title)s"), _("Susun")),
    ),
    "accept": Kind(
        _to_accept,
        _account_work(_("Periksa laporan termin %(number)s: %(title)s"), _("Periksa")),
    ),
    "complete": Kind(
        _to_complete,
        _request_work(
            _("Tutup permohonan %(number)s: %(title)s"),
            _("Tutup"),
            "projects:request-complete",
        ),
    ),
    "cancellation": Kind(_to_sign, _cancellation_work),
    "answer": Kind(_to_answer, _response_work),
    "ceiling": Kind(_to_confirm, _allotment_work),
    "ceiling_change": Kind(_to_change, _change_work),
    "pledge": Kind(_to_agree, _pledge_work),
    "log": Kind(
        _to_log,
        _meeting_work(
            _("Catat rapat hari ini: %(title)s"),
            _("Catat"),
            "forum:meeting-log",
        ),
    ),
    "finalise": Kind(
        _to_finalise,
        _meeting_work(
            _("Finalkan berita acara: %(title)s"),
            _("Finalkan"),
            "forum:meeting-finalise",
        ),
    ),
    "ballot": Kind(_to_confirm_votes, _ballot_work),
    "overdue": Kind(_overdue, _overdue_work),
}
OFFICE_OF_STATUS = {
    Status.RETURNED: _("Desa utama"),
    Status.SUBMITTED: _("Verifikator Kecamatan"),
    Status.VERIFIED: _("Camat"),
    Status.APPROVED: _("Bendahara Kecamatan"),
}
