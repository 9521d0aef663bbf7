"""Plain functions that make meetings for tests."""

from datetime import datetime, time, timedelta

from forum.amendments import actions as amendments
from forum.meetings import actions, cells, changes
from forum.meetings.changes import Write
from forum.models import (
    ActionItem,
    AgendaItem,
    Body,
    Decision,
    Meeting,
    Participant,
    Postponement,
)
from forum.voting import actions as voting
from forum.voting.models import COUNTS
from leksono_portal.kit import dates
from leksono_portal.kit.tests.pictures import pdf


def make_body(district, *villages, **overrides):
    fields = {"name": "BKAD Leksono", "code": "MAD-LKS"} | overrides
    body = Body.objects.create(district=district, **fields)
    body.villages.set(villages)
    return body


def at(day, hour, minute=0):
    """A moment of `day` in WIB."""
    return datetime.combine(day, time(hour, minute), tzinfo=dates.WIB)


def make_meeting(body, by, **overrides):
    """Yesterday from 09.00 to 12.00, chaired and written by `by`."""
    day = dates.today() - timedelta(days=1)
    fields = {
        "title": "Prioritas kerja sama",
        "starts_at": at(day, 9),
        "ends_at": at(day, 12),
        "place": "Pendopo Kecamatan",
        "chair": by,
        "secretary": by,
        "created_by": by,
        "updated_by": by,
    }
    return Meeting.objects.create(body=body, **(fields | overrides))


def make_agenda(meeting, *titles):
    titles = titles or ("Pembukaan", "Pembahasan", "Penutup")
    return [
        AgendaItem.objects.create(
            meeting=meeting,
            position=n,
            number=str(n),
            title=title,
            updated_by=meeting.created_by,
        )
        for n, title in enumerate(titles, meeting.agenda.count() + 1)
    ]


def make_delay(meeting):
    """That a meeting was put off, until an hour ago."""
    now = dates.now()
    return Postponement.objects.create(
        meeting=meeting,
        kind=Postponement.Kind.DELAY,
        at=now - timedelta(hours=2),
        until=now - timedelta(hours=1),
        present_delegates=0,
        present_villages=0,
        by=meeting.created_by,
    )


def make_participant(meeting, village=None, **overrides):
    fields = {
        "village": village,
        "institution": "" if village else "Dinas PUPR",
        "name": "Wakil desa",
        "post": "BPD",
        "sex": "L",
        "present": True,
        "updated_by": meeting.created_by,
    }
    return Participant.objects.create(meeting=meeting, **(fields | overrides))


def make_decision(meeting, **overrides):
    fields = {
        "number": meeting.decisions.count() + 1,
        "text": "Membangun pipa air bersih bersama.",
        "updated_by": meeting.created_by,
    }
    return Decision.objects.create(meeting=meeting, **(fields | overrides))


def make_action_item(meeting, village=None, **overrides):
    fields = {
        "task": "Mengukur jalur pipa",
        "village": village,
        "due_on": dates.today() + timedelta(days=14),
        "updated_by": meeting.created_by,
    }
    return ActionItem.objects.create(meeting=meeting, **(fields | overrides))


def make_ready_meeting(body, by, **overrides):
    """A meeting that lacks nothing for its berita acara."""
    meeting = make_meeting(body, by, **overrides)
    make_agenda(meeting)
    make_participant(meeting, body.villages.first())
    make_decision(meeting)
    return meeting


def finalised_meeting(body, by, **overrides):
    """A final meeting with one decision, and its record; the PDF is not made yet."""
    meeting = make_ready_meeting(body, by, **overrides)
    actions.finalise(meeting, by=by, version=meeting.version)
    meeting.refresh_from_db()
    return meeting


def make_conflict(part, within, *authors):
    """An open conflict of the cell `within` of `part`; the second author's stands open."""
    meeting = part.meeting
    for author in authors:
        write = Write(cells.name_of(part, within), f"Menurut {author.username}", base=0)
        [answer] = changes.apply(meeting, by=author, device=None, changes=[write])
    return answer.change


def make_letter(person, by, upload=None):
    """The surat kuasa of a substitute, as a PDF."""
    return actions.add_proxy_letter(person, by=by, upload=upload or pdf(b"/Kuasa 1"))


def make_electors(meeting, *villages):
    """A present delegate with a vote of each of `villages`."""
    return [
        make_participant(meeting, village, name=f"Utusan {village.name}", may_vote=True)
        for village in villages
    ]


def make_ballot(meeting, by, *, counts=None, second=None, **fields):
    """An open ballot; with `counts` (for, against, abstain, invalid) counted by `by`,
    with `second` confirmed by them.
    """
    fields = {"question": "Iuran dua ribu rupiah per KK.", "rule": "cast"} | fields
    ballot = voting.open_ballot(meeting, by=by, **fields)
    if counts:
        counts = dict(zip(COUNTS, counts, strict=True))
        ballot = voting.count(ballot, by=by, version=1, **counts)
    if second:
        ballot = voting.confirm(ballot, by=second, version=2)
    return ballot


def make_scan(meeting, by, upload=None):
    """A signed paper of a final meeting, as a PDF."""
    words = b"/Number " + str(meeting.scans.count()).encode()
    return actions.add_scan(meeting, by=by, upload=upload or pdf(words))[0]


def make_amendment(meeting, by, **overrides):
    """A correction of the first decision of a final meeting."""
    row = {"where": "Keputusan 1", "was": "Talud 90 meter", "now": "Talud 80 meter"}
    fields = {"reason": "Salah ketik", "corrections": [row], "seen": 0}
    return amendments.amend(meeting, by=by, **(fields | overrides))


def make_two_hours(meeting, *villages):
    """30 agenda items, 84 participants, 15 decisions, 20 follow-ups, with one item."""
    for n in range(29):
        make_agenda(meeting, f"Acara {n + 2}")
    for n in range(84):
        make_participant(meeting, villages[n % len(villages)], name=f"Wakil {n}")
    for n in range(15):
        make_decision(meeting, number=n + 1)
    for _n in range(20):
        make_action_item(meeting, villages[0])
