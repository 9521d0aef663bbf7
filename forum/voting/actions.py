"""What can be done with a ballot. Every verb locks the meeting's row first."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forum.meetings import cells, changes
from forum.meetings.changes import Write
from forum.meetings.models import FINAL, Decision, Meeting
from forum.voting.models import COUNTS, Ballot, Elector
from leksono_portal.kit import audit, dates
from leksono_portal.kit.errors import Stale

NOT_DECIDED = gettext_lazy(
    "Keputusan dibuat pencatat rapat, satu kali, dari pemungutan suara yang disetujui "
    "dan disahkan, sebelum rapat final."
)


def entitled(meeting):
    """Who may vote in `meeting` now: its designated delegates, as far as present."""
    return meeting.participants.filter(present=True, may_vote=True)


@transaction.atomic
def designate(meeting, *, by, was, now):
    """Say which participants of villages may vote; returns how many changed.

    For those who write the meeting. was, now: as `meetings.actions.save_attendance`.
    """
    meeting = _locked(meeting.pk)
    _check_writes(meeting, by)
    chosen, dropped = set(now) - set(was), set(was) - set(now)
    people = meeting.participants.filter(village__isnull=False)
    changed = [
        person
        for person in people.filter(pk__in=chosen | dropped)
        if person.may_vote != (person.pk in chosen)
    ]
    writes = [
        Write(cells.name_of(person, "may_vote"), person.pk in chosen)
        for person in changed
    ]
    changes.apply(meeting, by=by, device=None, changes=writes)
    return len(changed)


@transaction.atomic
def open_ballot(meeting, *, by, question, rule, agenda_item=None):
    """Put `question` to the vote; who may vote is fixed now. Returns the ballot.

    For those who write the meeting. Raises ValidationError where nobody present is
    entitled, or another ballot on the same item is open.
    """
    meeting = _locked(meeting.pk)
    _check_writes(meeting, by)
    if agenda_item and not meeting.agenda.contains(agenda_item):
        raise ValidationError({"agenda_item": _("Acara ini sudah dihapus.")})
    people = list(entitled(meeting))
    if not people:
        raise ValidationError(
            _(
                "Belum ada utusan dengan hak suara yang hadir. Tandai dahulu siapa yang "
                "berhak dan siapa yang hadir; yang tidak hadir tidak dapat memilih."
            )
        )
    if meeting.ballots.open().filter(agenda_item=agenda_item).exists():
        raise ValidationError(
            _("Masih ada pemungutan suara yang terbuka di sini. Selesaikan dahulu.")
        )
    ballot = Ballot.objects.create(
        meeting=meeting,
        agenda_item=agenda_item,
        question=question,
        rule=rule,
        entitled=len(people),
        opened_at=dates.now(),
        opened_by=by,
    )
    Elector.objects.bulk_create(_elector(ballot, person) for person in people)
    changes.touch(meeting, by)
    return ballot


@transaction.atomic
def count(ballot, *, by, version, **counts):
    """Write the counts down, or correct them until they are confirmed.

    For those who write the meeting. counts: votes_for, votes_against, votes_abstain,
    votes_invalid. `version` is the ballot's that was read: Stale if others counted since.
    Raises ValidationError for more votes than there are people entitled, and for none.
    """
    ballot = _fresh(ballot)
    if not Ballot.objects.countable_by(by).contains(ballot):
        raise PermissionDenied(why_not_counted(ballot))
    if ballot.version != version:
        who, at = ballot.counted_by or ballot.opened_by, ballot.counted_at
        raise Stale(by=who.name, at=at or ballot.opened_at)
    check_counts(counts, ballot.entitled)
    old = {name: getattr(ballot, name) for name in COUNTS}
    for name in COUNTS:
        setattr(ballot, name, counts[name])
    ballot.counted_at, ballot.counted_by = dates.now(), by
    ballot.version += 1
    _save(ballot, by, *COUNTS, "counted_at", "counted_by", "version")
    audit.record(
        "meeting.ballot.count",
        target=f"Rapat {ballot.meeting_id}",
        by=by,
        old=old,
        new=counts,
        address=ballot.get_absolute_url(),
    )
    return _fresh(ballot)


def check_counts(counts, entitled):
    """Raise ValidationError unless 1 to `entitled` votes were cast in all."""
    cast = sum(counts[name] for name in COUNTS)
    if cast == 0:
        raise ValidationError(_("Belum ada satu suara pun yang dihitung."))
    if cast > entitled:
        raise ValidationError(
            _(
                "Jumlahnya %(cast)s suara, padahal yang berhak dan hadir saat dibuka "
                "%(entitled)s orang. Yang tidak hadir tidak dapat memilih."
            ),
            params={"cast": cast, "entitled": entitled},
        )


@transaction.atomic
def confirm(ballot, *, by, version):
    """Say as the second person that the counts are true; nothing changes afterwards.

    For an officer of another member village than the one who counted comes from, or of
    the district. `version` is the ballot's that was read: Stale if counted anew since.
    """
    ballot = _fresh(ballot)
    if not Ballot.objects.confirmable_by(by).contains(ballot):
        raise PermissionDenied(why_not_confirmed(ballot, by))
    if ballot.version != version:
        raise Stale(by=ballot.counted_by.name, at=ballot.counted_at)
    ballot.confirmed_at, ballot.confirmed_by = dates.now(), by
    _save(ballot, by, "confirmed_at", "confirmed_by")
    return ballot


def why_not_counted(ballot):
    """The sentence for someone who may not count it, nor cancel it."""
    return _why_closed(ballot) or ballot.meeting.why_not_written


def why_not_confirmed(ballot, user):
    """The sentence for someone who may not confirm it."""
    if ballot.is_open and not ballot.meeting.is_final:
        if ballot.counted_at is None:
            return _("Suaranya belum dihitung.")
        if ballot.counted_by_id == user.pk:
            return _(
                "Anda yang menghitung, jadi pejabat dari desa lain yang mengesahkan "
                "(atau kecamatan, bila Anda dari desa), lewat halaman Kerja."
            )
    return _why_closed(ballot) or _(
        "Hitungan disahkan pejabat desa lain daripada yang menghitung, atau kecamatan."
    )


@transaction.atomic
def cancel(ballot, *, by, reason):
    """Break a ballot off before it is confirmed; it stays on record with the reason.

    For those who write the meeting.
    """
    ballot = _fresh(ballot)
    if not Ballot.objects.countable_by(by).contains(ballot):
        raise PermissionDenied(why_not_counted(ballot))
    ballot.cancelled_at, ballot.cancelled_by = dates.now(), by
    ballot.reason = reason
    _save(ballot, by, "cancelled_at", "cancelled_by", "reason")
    return ballot


@transaction.atomic
def decide(ballot, *, by):
    """Make the next decision of a ballot that passed; returns it.

    For those who write the meeting. One that was made and removed comes back.
    """
    ballot = _fresh(ballot)
    if not Ballot.objects.decidable_by(by).contains(ballot):
        raise PermissionDenied(NOT_DECIDED)
    meeting, item = ballot.meeting, ballot.agenda_item
    decision = Decision(meeting=meeting, key=ballot.key)
    removed = cells.name_of(decision, cells.REMOVED)
    values = {
        "text": ballot.question,
        "method": Decision.Method.VOTE.value,
        "for": ballot.votes_for,
        "against": ballot.votes_against,
        "abstain": ballot.votes_abstain,
        "agenda": item and str(item.key),
    }
    writes = [Write(cells.name_of(decision, name), v) for name, v in values.items()]
    if meeting.changes.written().filter(cell=removed).exists():
        writes = [Write(removed, False)]
    changes.apply(meeting, by=by, device=None, changes=writes)
    return meeting.decisions.get(key=ballot.key)


def _locked(pk):
    found = Meeting.objects.select_for_update(of=("self",)).select_related("body")
    return found.get(pk=pk)


def _fresh(ballot):
    """The ballot as it stands, the row of its meeting locked."""
    meeting = _locked(ballot.meeting_id)
    ballot = Ballot.objects.select_related("counted_by", "agenda_item").get(
        pk=ballot.pk
    )
    ballot.meeting = meeting
    return ballot


def _check_writes(meeting, by):
    if not Meeting.objects.writable_by(by).contains(meeting):
        raise PermissionDenied(meeting.why_not_written)


def _save(ballot, by, *columns):
    ballot.save(update_fields=columns)
    changes.touch(ballot.meeting, by)


def _why_closed(ballot):
    if ballot.meeting.is_final:
        return FINAL
    if ballot.cancelled_at:
        return _("Pemungutan suara ini sudah dibatalkan.")
    if ballot.confirmed_at:
        return _("Hitungan ini sudah disahkan dan tidak dapat diubah lagi.")
    return ""


def _elector(ballot, person):
    """The delegate; who holds their surat kuasa votes for them."""
    return Elector(
        ballot=ballot,
        participant=person.key,
        name=person.proxy_for or person.name,
        proxy=person.name if person.proxy_for else "",
        village_id=person.village_id,
    )
