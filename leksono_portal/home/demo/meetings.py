"""Ten meetings: eight closed by a berita acara, one today, one to come."""

from dataclasses import dataclass
from datetime import timedelta

from forum.amendments.actions import amend
from forum.meetings import actions
from forum.meetings.models import Body, Meeting
from forum.voting import actions as voting
from forum.voting.models import Ballot
from leksono_portal.home.demo import tales
from leksono_portal.home.demo.clock import at, day, moment
from leksono_portal.home.demo.people import person

PLACE = "Pendopo Kecamatan Leksono"
BODY_MADE = -740
WOMEN_HEADS = ("Durensawit", "Manggis", "Selokromo")
OPENING = (
    "Pembukaan dan pengesahan acara",
    "Pimpinan rapat membuka rapat. Acara disahkan tanpa perubahan.",
)


@dataclass(frozen=True)
class Held:
    """A meeting that is over. agenda: title and note; each tale adds an item of its
    own, its decision and its follow-up.
    """

    day: int
    kind: Meeting.Kind
    title: str
    absent: tuple
    agenda: tuple = ()
    tales: tuple = ()
    amended: dict | None = None  # where, was, now
    visitors: tuple = ()
    substitute: tuple = ()  # name, post, in whose place

    @property
    def is_mad(self):
        return self.kind == Meeting.Kind.MAD


HELD = (
    Held(
        -700,
        Meeting.Kind.MAD,
        "Kegiatan bersama yang pertama",
        ("Jlamprang", "Timbang", "Wonokerto"),
        tales=(tales.BRIDGE, tales.SALAK),
    ),
    Held(
        -520,
        Meeting.Kind.COORDINATION,
        "Kemajuan jembatan dan usul bengkel",
        ("Pacarmulyo",),
        agenda=(
            (
                "Kemajuan jembatan gantung",
                "Pondasi selesai. Kabel dikirim pekan depan; jalan desa Sawangan "
                "ditutup untuk truk dua hari.",
            ),
        ),
        tales=(tales.WORKSHOP,),
    ),
    Held(
        -380,
        Meeting.Kind.MAD,
        "Kegiatan bersama tahun kedua",
        ("Besani",),
        tales=(tales.LIBRARY, tales.WASTE),
    ),
    Held(
        -210,
        Meeting.Kind.COORDINATION,
        "Perpustakaan keliling dan bank sampah",
        ("Jonggolsari", "Sojokerto"),
        agenda=(
            (
                "Perpustakaan keliling",
                "Kepala sekolah meminta hari kunjungan tetap. Disanggupi mulai bulan "
                "depan.",
            ),
            (
                "Bank sampah",
                "Pengepul terlambat menjemput dua kali. Pengelola mencari pengepul "
                "kedua.",
            ),
        ),
        amended={
            "where": "Materi nomor 2, Perpustakaan keliling",
            "was": "Disanggupi mulai bulan depan.",
            "now": "Disanggupi mulai triwulan depan.",
        },
    ),
    Held(
        -84,
        Meeting.Kind.MAD,
        "Prioritas kegiatan bersama desa",
        ("Pacarmulyo", "Wonokerto"),
        tales=(tales.PIPE, tales.TEACHERS, tales.MARKET, tales.SLOPE),
        visitors=tales.VISITORS,
        substitute=tales.SUBSTITUTE,
    ),
    Held(
        -28,
        Meeting.Kind.COORDINATION,
        "Jalan usaha tani dan persiapan musim hujan",
        ("Durensawit",),
        agenda=(
            (
                "Persiapan musim hujan",
                "Saluran di enam titik dibersihkan serentak. Nomor piket longsor "
                "dipasang di setiap balai desa.",
            ),
        ),
        tales=(tales.FARM_ROAD,),
    ),
)


def make_body(district):
    """The villages' joint body, with the quorum its own rules would set."""
    with at(BODY_MADE):
        body = Body.objects.create(
            district=district,
            name=f"Badan Kerja Sama Antar Desa (BKAD) {district.name}",
            code="BKAD-LKS",
        )
        body.villages.set(district.villages.all())
    return body


def hold(body, held):
    """Hold a meeting up to its berita acara; returns its decisions, a tale each."""
    sekcam = person("sekcam")
    with at(held.day - 10):
        meeting = _call(
            body,
            held.kind,
            held.title,
            moment(held.day),
            hours=4 if held.is_mad else 2,
        )
        _invite(meeting, body, only_heads=not held.is_mad)
    with at(held.day, 13, 30):
        decisions = _log(meeting, held, sekcam)
        _close(meeting, sekcam)
    if held.amended:
        with at(held.day + 3):
            corrections, reason = [held.amended], "Salah dengar saat mencatat."
            amend(meeting, by=sekcam, reason=reason, corrections=corrections, seen=0)
    for tale in held.tales:
        _follow_up(meeting, *tale.follow_up)
    return decisions


def postpone(body):
    """A meeting too few came to, closed as not held, and the second, which was."""
    by = person("sekcam")
    with at(-24):
        first = _call(
            body,
            Meeting.Kind.COORDINATION,
            "Pembagian air irigasi musim kemarau",
            moment(-16),
            hours=2,
        )
        _invite(first, body, only_heads=True)
        for title, minutes in (("Giliran air", 45), ("Iuran perawatan saluran", 30)):
            actions.add_agenda_item(first, by=by, title=title, planned_minutes=minutes)
    with at(-16, 9, 40):
        _come(first, first.participants.all()[:5], by)
        actions.postpone(first, by=by, until=moment(-16, 10, 40))
    with at(-16, 11):
        second = actions.call_second(
            first, by=by, starts_at=moment(-14, 13), place=PLACE
        )
        _close(first, by)
    with at(-14, 14, 45):
        _come(second, second.participants.all()[:8], by)
        item = second.agenda.first()
        actions.save_agenda_item(
            item,
            by=by,
            version=item.version,
            note="Giliran disepakati tiap tiga hari, mulai dari saluran paling hilir.",
        )
        _close(second, by)


def call_next(body):
    """Today's meeting, waiting to be logged, and one that is only announced."""
    with at(-7):
        today = _call(
            body,
            Meeting.Kind.COORDINATION,
            "Kemajuan pipa air bersih dan penghijauan lereng",
            moment(0, 13),
            hours=2,
        )
        _invite(today, body, only_heads=True)
        by = person("sekcam")
        pipe, *_others = (
            actions.add_agenda_item(today, by=by, title=title, **more)
            for title, more in (
                ("Laporan kemajuan pipa air bersih", {"planned_minutes": 40}),
                ("Rencana tanam sebelum puncak musim hujan", {"planned_minutes": 30}),
                ("Calon pengelola pipa", {"planned_minutes": 15, "is_internal": True}),
                ("Lain-lain", {}),
            )
        )
        for title in ("Jalur utara", "Jalur selatan"):
            actions.add_agenda_item(today, by=by, title=title, parent=pipe)
    with at(-2):
        coming = _call(
            body,
            Meeting.Kind.MAD,
            "Usulan kegiatan bersama tahun depan",
            moment(12),
            hours=4,
        )
        for title in ("Usulan setiap desa", "Kriteria prioritas", "Jadwal penetapan"):
            actions.add_agenda_item(coming, by=person("sekcam"), title=title)


def _call(body, kind, title, starts_at, *, hours):
    return actions.call_meeting(
        by=person("sekcam"),
        body=body,
        kind=kind,
        title=title,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=hours),
        place=PLACE,
        chair=person("kades.besani"),
        secretary=person("sekcam"),
    )


def _invite(meeting, body, *, only_heads=False):
    by = person("sekcam")
    for village in body.villages.all():
        people = _delegates(village)
        if only_heads:
            people = people[:1]
        actions.add_participants(meeting, by=by, people=people, village=village)
    actions.add_participants(
        meeting,
        by=by,
        institution=str(body.district),
        people=[{"name": "Camat Leksono", "post": "Camat", "sex": "L"}],
    )


def _delegates(village):
    """Who comes for a village, written by post: the example invents no persons."""
    head = "Kepala Desa" if village.is_desa else "Lurah"
    council = "Ketua BPD" if village.is_desa else "Ketua LPMK"
    sex = "P" if village.name in WOMEN_HEADS else "L"
    posts = ((head, sex), (council, "L"), ("Wakil perempuan", "P"))
    return [
        {
            "name": f"{post} {village}",
            "post": post,
            "sex": sex,
            "signs": post == council,
            "may_vote": True,
        }
        for post, sex in posts
    ]


def _log(meeting, held, by):
    if held.substitute:
        _send_another(meeting, *held.substitute, by=by)
    _come(meeting, meeting.participants.exclude(village__name__in=held.absent), by)
    for visitor in held.visitors:
        actions.add_participants(meeting, by=by, people=[visitor | {"present": True}])
    for title, note in (OPENING, *held.agenda):
        actions.add_agenda_item(meeting, by=by, title=title, note=note)
    return [_decide(meeting, tale, by) for tale in held.tales]


def _come(meeting, people, by):
    actions.save_attendance(meeting, by=by, was=[], now=[one.pk for one in people])


def _close(meeting, by):
    meeting.refresh_from_db()
    actions.finalise(meeting, by=by, version=meeting.version)


def _send_another(meeting, name, post, proxy_for, *, by):
    invited = meeting.participants.get(name=proxy_for)
    actions.save_participant(
        invited,
        by=by,
        version=invited.version,
        name=name,
        post=post,
        proxy_for=proxy_for,
    )


def _decide(meeting, tale, by):
    item = actions.add_agenda_item(meeting, by=by, title=tale.agenda, note=tale.note)
    decide = _by_vote if tale.dissent else actions.add_decision
    decision = decide(meeting, by=by, text=tale.decision, agenda_item=item)
    if tale.dissent:
        actions.save_decision(
            decision, by=by, version=decision.version, dissent=tale.dissent
        )
    task, slug, due, _done = tale.follow_up
    actions.add_action_item(
        meeting,
        by=by,
        task=task,
        village=meeting.body.villages.get(slug=slug),
        due_on=day(due),
        decision=decision,
    )
    return decision


def _by_vote(meeting, *, by, text, agenda_item):
    """Where someone wanted it otherwise: counted by the sekcam, confirmed by a head."""
    ballot = voting.open_ballot(
        meeting,
        by=by,
        question=text,
        agenda_item=agenda_item,
        rule=Ballot.Rule.CAST,
    )
    counts = {"votes_against": 3, "votes_abstain": 2, "votes_invalid": 0}
    counts["votes_for"] = ballot.entitled - 5
    ballot = voting.count(ballot, by=by, version=ballot.version, **counts)
    second = person("kades.besani")
    ballot = voting.confirm(ballot, by=second, version=ballot.version)
    return voting.decide(ballot, by=by)


def _follow_up(meeting, task, slug, _due, done):
    if done is not None:
        with at(done, 10):
            actions.finish_action_item(
                meeting.action_items.get(task=task), by=person(f"operator.{slug}")
            )
