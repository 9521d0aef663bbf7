"""Who is at the venue says so with the code on the screen there.

The code is a signed link that lives two minutes. Who shows it is one who writes the
meeting, and vouches for it: what the code brings about is written in their name, and
`CheckIn` keeps whose hand it was.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forum.checkin.models import CheckIn
from forum.meetings import changes
from forum.meetings.log import Outcome
from forum.meetings.models import FINAL, Body, Meeting, Participant
from leksono_portal.kit import dates
from leksono_portal.kit.language import in_indonesian
from villages.people.models import Office, Post, User

SHOWN_FOR = 60  # seconds
LIVES = 120
OPENS_BEFORE = timedelta(hours=1)
OLD = gettext_lazy("Kode ini sudah lewat; pindai lagi kode di layar.")
# How lists name a post beside its own name.
ALSO_CALLED = {
    Post.VILLAGE_HEAD: ("kades",),
    Post.VILLAGE_SECRETARY: ("sekretaris desa", "sekdes", "sekretaris kelurahan"),
    Post.DISTRICT_SECRETARY: ("sekcam",),
}


@dataclass(frozen=True)
class Place:
    """Where someone stands on the list, or by which office they are put there."""

    person: Participant | None
    office: Office | None = None


def make_code(meeting, *, by):
    """A code for this moment, shown by `by`, who writes the meeting."""
    return _signer().sign(f"{meeting.pk}.{by.pk}")


def check_code(meeting, code):
    """Who shows the code of this meeting. Raises PermissionDenied with a sentence.

    One whose shower no longer writes the meetings of the body is as good as old.
    """
    try:
        of, _dot, shower = _signer().unsign(code, max_age=LIVES).partition(".")
    except signing.SignatureExpired as error:
        raise PermissionDenied(OLD) from error
    except signing.BadSignature as error:
        raise PermissionDenied(
            _("Kode ini tidak terbaca; pindai lagi kode di layar.")
        ) from error
    if of != str(meeting.pk):
        raise PermissionDenied(_("Kode ini untuk rapat lain; pindai kode di layar."))
    by = User.objects.get(pk=shower)
    if not Body.objects.writable_by(by).contains(meeting.body):
        raise PermissionDenied(OLD)
    return by


def why_closed(meeting):
    """The sentence while nobody can check in; "" while they can.

    From an hour before the meeting begins to its end, on its day (WIB).
    """
    now = dates.now()
    opens = meeting.starts_at - OPENS_BEFORE
    if meeting.is_final:
        return FINAL
    if now < opens and not meeting.is_today:
        return _("Tanda hadir baru dibuka pada hari rapat, %(when)s.") % {
            "when": dates.format_when(opens)
        }
    if now < opens:
        return _("Tanda hadir baru dibuka pukul %(time)s.") % {
            "time": dates.format_time(opens)
        }
    if not meeting.is_today or (meeting.ends_at and now > meeting.ends_at):
        return _("Rapat ini sudah selesai; kehadiran dicatat notulis.")
    return ""


def check_open(meeting):
    """Raise PermissionDenied while nobody can check in."""
    if closed := why_closed(meeting):
        raise PermissionDenied(closed)


def place_of(meeting, user):
    """The `Place` of `user` at the meeting. Raises PermissionDenied for who has none.

    Theirs is the row they took before; else the one of their name, or the only one of
    their post, at the village or district where they hold an office today. Who is not
    on the list and holds an office of a member village comes onto it.
    """
    villages = meeting.body.villages.values("pk")
    held = Office.objects.today().filter(user=user)
    held = held.filter(Q(village__in=villages) | Q(district=meeting.body.district_id))
    offices = list(held.select_related("village", "district"))
    own = meeting.participants.filter(user=user).first()
    if own:
        return Place(own)
    taken = meeting.check_ins.values("participant_key")
    free = meeting.participants.filter(user=None).exclude(key__in=taken)
    free = list(free.select_related("village").order_by("row"))
    names = {user.name.casefold(), user.full_name.casefold()}
    for office in offices:
        there = [person for person in free if _is_there(person, office)]
        named = [person for person in there if person.name.casefold() in names]
        posted = [person for person in there if _has_post(person, office)]
        found = named or (posted if len(posted) == 1 else [])
        if found:
            return Place(found[0], office)
    of_villages = [office for office in offices if office.village_id]
    if of_villages:
        return Place(None, of_villages[0])
    raise PermissionDenied(
        _("Anda belum ada di daftar peserta rapat ini. Sampaikan kepada notulis.")
    )


@transaction.atomic
def check_in(meeting, *, by, code, sex=""):
    """Record that `by` is there; returns (CheckIn, whether new).

    For those with a `place_of`, each once. sex: for who is not on the list yet. Raises
    PermissionDenied for a code that does not hold or a time when none does.
    """
    shower = check_code(meeting, code)
    meeting = (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("body")
        .get(pk=meeting.pk)
    )
    check_open(meeting)
    done = meeting.check_ins.filter(user=by).first()
    if done:
        return done, False
    place = place_of(meeting, by)
    key = place.person.key if place.person else uuid4()
    new = {} if place.person else _as_written(by, place.office, sex)
    writes = [
        changes.Write(f"participant:{key}/{name}", value)
        for name, value in {"present": True, **new}.items()
    ]
    answers = changes.apply(meeting, by=shower, device=None, changes=writes)
    for answer in answers:
        if answer.change.outcome == Outcome.REFUSED:
            raise PermissionDenied(answer.change.reason)
    meeting.participants.filter(key=key).update(user=by)
    return CheckIn.objects.create(meeting=meeting, participant_key=key, user=by), True


@in_indonesian()
def _as_written(user, office, sex):
    return {
        "name": user.name[: Participant._meta.get_field("name").max_length],
        "post": str(office.get_post_display()),
        "sex": sex,
        "village": office.village.slug,
    }


def _is_there(person, office):
    if office.village_id:
        return person.village_id == office.village_id
    return person.institution.casefold() == str(office.district).casefold()


@in_indonesian()
def _has_post(person, office):
    called = {str(office.get_post_display()).casefold()}
    return person.post.casefold() in called.union(ALSO_CALLED.get(office.post, ()))


def _signer():
    return signing.TimestampSigner(salt="forum.checkin")
