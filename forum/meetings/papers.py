"""The papers of a meeting: what the berita acara lacks, and what each of them says."""

from django.db.models import Exists, Q
from django.utils.translation import gettext as _

from forum.meetings.models import ActionItem, Decision, Meeting, Postponement
from leksono_portal.kit import dates
from leksono_portal.kit.language import in_indonesian
from leksono_portal.kit.tables import STRANGER
from villages.people.models import Office, Post

KIND = "berita_acara"
TEMPLATE = "forum/meetings/berita_acara.typ"
ATTENDANCE_KIND = "daftar_hadir"
ATTENDANCE_TEMPLATE = "forum/meetings/daftar_hadir.typ"
SHEET_TEMPLATE = "forum/meetings/lembar_hadir.typ"


def missing(meeting):
    """What the meeting lacks before it can be final: sentences, none if it is ready."""
    decisions = list(meeting.decisions.all())
    here = _standing(meeting)
    lacks = [
        (not meeting.chair_id, _("Pimpinan rapat belum diisi.")),
        (not meeting.secretary_id, _("Notulis belum diisi.")),
        (not meeting.ends_at, _("Jam selesai belum diisi.")),
        (meeting.starts_at > dates.now(), _("Rapat ini belum dimulai.")),
        (not here.has_agenda, _("Acara rapat masih kosong.")),
        (
            here.was_held and not here.has_present,
            _("Belum ada peserta yang tercatat hadir."),
        ),
        (
            decisions and not here.was_held,
            _("Rapat yang tidak kuorum tidak mengambil keputusan; hapus dahulu."),
        ),
        (
            here.has_conflicts,
            _("Ada tulisan yang bertentangan; pilih dahulu di ruang rapat."),
        ),
    ]
    lacks += [
        (
            not decision.text.strip(),
            _("Keputusan %(n)s belum ada isinya.") % {"n": decision.number},
        )
        for decision in decisions
    ]
    ballots = [b for b in meeting.ballots.with_absent() if not b.cancelled_at]
    confirmed = {ballot.key for ballot in ballots if not ballot.is_open}
    lacks += [
        (
            decision.method == Decision.Method.VOTE and decision.key not in confirmed,
            _("Keputusan %(n)s memakai suara terbanyak tanpa hitungan yang disahkan.")
            % {"n": decision.number},
        )
        for decision in decisions
    ]
    lacks += [
        (
            ballot.is_open,
            _("Pemungutan suara ini belum disahkan: %(what)s") % {"what": ballot},
        )
        for ballot in ballots
    ]
    lacks += [
        (
            ballot.has_absent,
            _(
                "Ada yang ikut memilih tetapi tidak tercatat hadir, betulkan daftar "
                "hadir: %(what)s"
            )
            % {"what": ballot},
        )
        for ballot in ballots
    ]
    return [sentence for is_lacking, sentence in lacks if is_lacking]


def notes(meeting):
    """What should be known before the meeting is final, and does not hinder it."""
    substitutes = meeting.participants.filter(present=True).exclude(proxy_for="")
    return [
        _("Surat kuasa belum dipindai: %(name)s, mewakili %(other)s.")
        % {"name": person.name, "other": person.proxy_for}
        for person in substitutes.with_letters()
        if not person.letter
    ]


def _standing(meeting):
    """What `missing` asks of the meeting, in one query."""
    second = meeting.postponements.filter(kind=Postponement.Kind.SECOND)
    return Meeting.objects.annotate(
        has_agenda=Exists(meeting.agenda.all()),
        has_present=Exists(meeting.participants.filter(present=True)),
        has_conflicts=Exists(meeting.changes.open_conflicts()),
        was_held=~Exists(second),
    ).get(pk=meeting.pk)


@in_indonesian()
def content(meeting, number):
    """All that the berita acara prints, as JSON of text, numbers and lists.

    Frozen at finalising: names and posts are those of the meeting's day. The form is
    that of a musyawarah antar desa: opening with the date in words, matters, what was
    agreed and how, follow-up, closing formula, signatures, attendance list. Phone
    numbers stay out (UU 27/2022).
    """
    day = dates.to_date(meeting.starts_at)
    meeting = (
        Meeting.objects.with_attendance()
        .select_related("body__district", "chair", "secretary", "second_of")
        .get(pk=meeting.pk)
    )
    first = meeting.second_of
    body, district = meeting.body, meeting.body.district
    people = list(meeting.participants.select_related("village"))
    return {
        "number": number,
        "body": body.name,
        "district": str(district),
        "regency": district.regency,
        "province": district.province,
        "kind": meeting.get_kind_display(),
        "title": meeting.title,
        "date_in_words": dates.date_in_words(day),
        "date": dates.format_date(day).partition(", ")[2],
        "time": f"{dates.format_time(meeting.starts_at).removesuffix(' WIB')} s.d. "
        f"{dates.format_time(meeting.ends_at)}",
        "place": meeting.place,
        "attendance": meeting.attendance,
        "held": _standing(meeting).was_held,
        "postponed": [_postponement(row) for row in meeting.postponements.all()],
        "second_of": dates.format_date(first.starts_at) if first else "",
        "logged_from_paper": dates.format_date(meeting.created_at)
        if meeting.logged_from_paper
        else "",
        "quorum_rule": f"{body.quorum_numerator}/{body.quorum_denominator}",
        "agenda": [
            _agenda_item(item)
            for item in meeting.agenda.shown_to(STRANGER).select_related(
                "carried_from__meeting"
            )
        ],
        "decisions": [_decision(d) for d in meeting.decisions.shown_to(STRANGER)],
        "ballots": meeting.ballots.shown_to(STRANGER).as_records(),
        "earlier": [
            {
                "task": item.task,
                "responsible": item.responsible,
                "due": dates.format_date_short(item.due_on),
                "state": item.state,
            }
            for item in ActionItem.objects.open_at(meeting)
        ],
        "action_items": [
            {
                "task": item.task,
                "responsible": item.responsible,
                "due": dates.format_date(item.due_on),
            }
            for item in meeting.action_items.select_related("village")
        ],
        "signatures": signatures(meeting, day, people),
        "participants": [
            {
                "name": person.name,
                "post": person.post,
                "from": str(person.from_where),
                "sex": person.sex,
                "proxy_for": person.proxy_for,
            }
            for person in people
            if person.present
        ],
    }


def attendance_content(record):
    """All that the public attendance list prints, from what the berita acara froze.

    Names and posts only (UU 27/2022): no phone, no signature, no sex of anyone.
    """
    kept = "body district regency kind title date time place attendance".split()
    return {name: record[name] for name in ["number", *kept]} | {
        "participants": [
            {name: person[name] for name in ("name", "post", "from", "proxy_for")}
            for person in record["participants"]
        ]
    }


@in_indonesian()
def sheet_content(meeting, at):
    """All that the list to be signed prints: everyone invited, and room for visitors.

    In the order of their numbers, which stay. Visitors sign on lines with letters: a
    number could be another's by then. No phone numbers, since the list goes from hand
    to hand.
    """
    meeting = Meeting.objects.select_related(
        "body__district", "chair", "secretary"
    ).get(pk=meeting.pk)
    district = meeting.body.district
    people = list(meeting.participants.select_related("village").order_by("row"))
    return {
        "body": meeting.body.name,
        "district": str(district),
        "regency": district.regency,
        "province": district.province,
        "kind": meeting.get_kind_display(),
        "title": meeting.title,
        "date": dates.format_date(meeting.starts_at),
        "time": f"{dates.format_time(meeting.starts_at).removesuffix(' WIB')} s.d. "
        + (dates.format_time(meeting.ends_at) if meeting.ends_at else "selesai"),
        "place": meeting.place,
        "invited": len(people),
        "people": [
            {
                "row": person.row,
                "name": person.name,
                "post": person.post,
                "from": str(person.from_where),
                "sex": person.sex,
                "proxy_for": person.proxy_for,
            }
            for person in people
        ],
        "chair": meeting.chair.name if meeting.chair else "",
        "secretary": meeting.secretary.name if meeting.secretary else "",
        "printed": dates.format_when(at),
    }


def _postponement(row):
    """What was done for want of a quorum, as a sentence."""
    words = (
        _(
            "Pukul %(at)s hadir %(people)s wakil dari %(villages)s desa, belum kuorum; "
            "rapat ditunda sampai pukul %(until)s."
        )
        if row.kind == Postponement.Kind.DELAY
        else _(
            "Pukul %(at)s hadir %(people)s wakil dari %(villages)s desa, belum kuorum; "
            "rapat kedua ditetapkan %(day)s pukul %(until)s."
        )
    )
    return words % {
        "at": dates.format_time(row.at),
        "people": row.present_delegates,
        "villages": row.present_villages,
        "day": dates.format_date(row.until),
        "until": dates.format_time(row.until),
    }


def _agenda_item(item):
    if item.is_hidden:
        return {"number": item.number, "title": _("Acara internal"), "note": ""}
    of = item.carried_from and item.carried_from.meeting.starts_at
    return {
        "number": item.number,
        "title": item.title,
        "note": item.note,
        "is_deferred": item.is_deferred,
        "continues": dates.format_date_short(of) if of else "",
    }


def _decision(decision):
    if decision.is_hidden:
        words = _("Keputusan acara internal.")
        return {"number": decision.number, "text": words, "how": "", "dissent": ""}
    return {
        "number": decision.number,
        "text": decision.text,
        "how": str(decision.how),
        "dissent": decision.dissent,
    }


def signatures(meeting, day, people):
    """Who signs: chair, minute-taker, a delegate of each village present, the head of
    each member desa, and the camat, with the posts they held on `day`.

    An office that nobody held that day has an empty name: a line to sign on.
    """
    villages = list(meeting.body.villages.all())
    offices = list(
        Office.objects.select_related("user", "village", "district")
        .filter(Q(village__in=villages) | Q(district=meeting.body.district))
        .filter(Q(starts_on__lte=day), Q(ends_on=None) | Q(ends_on__gte=day))
    )
    camat = _first(offices, post=Post.CAMAT)
    return {
        "chair": _account(_("Pimpinan rapat"), meeting.chair, offices),
        "secretary": _account(_("Notulis"), meeting.secretary, offices),
        "delegates": [
            {"role": person.village.full_name, "name": person.name, "post": person.post}
            for person in _delegates(people)
        ],
        "heads": [
            _office(
                _first(offices, post=Post.VILLAGE_HEAD, village_id=village.pk),
                f"{Post.VILLAGE_HEAD.label} {village.name}",
            )
            for village in villages
            if village.is_desa
        ],
        "camat": _office(camat, f"{Post.CAMAT.label} {meeting.body.district.name}"),
    }


def _delegates(people):
    """One of each village present: who was chosen to sign, else the first present.

    A head comes last, since all heads sign in a block of their own.
    """
    chosen = {}
    for person in sorted(people, key=_signing_order):
        if person.present and person.village_id:
            chosen.setdefault(person.village_id, person)
    return sorted(chosen.values(), key=lambda person: person.village.name)


def _signing_order(person):
    is_head = person.post.casefold() in ("kepala desa", "kades")
    return not person.signs, is_head, person.pk


def _account(role, user, offices):
    office = _first(offices, user_id=user.pk)
    return {
        "role": role,
        "name": user.name,
        "post": office.title if office else "",
    }


def _office(office, role):
    if office is None:
        return {"role": role, "name": "", "post": ""}
    return {"role": office.title, "name": office.user.name, "post": ""}


def _first(offices, **wanted):
    """The office last begun among `offices` that is as `wanted`; None if none is."""
    for office in offices:
        if all(getattr(office, name) == value for name, value in wanted.items()):
            return office
    return None
