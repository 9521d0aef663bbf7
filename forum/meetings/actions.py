"""What can be done with a meeting. Every verb locks the meeting's row first."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from forum.meetings import notify, papers
from forum.meetings.models import (
    ActionItem,
    AgendaItem,
    Body,
    Decision,
    DecisionLink,
    Meeting,
    OfficialRecord,
    Participant,
    RecordCounter,
    Scan,
)
from leksono_portal.kit import audit, dates, files
from leksono_portal.kit import papers as kit_papers
from leksono_portal.kit.errors import Stale
from projects.portfolio import actions as portfolio


class Gone(Exception):
    """What was to be changed has been removed meanwhile by someone else."""


@transaction.atomic
def call_meeting(*, by, body, **fields):
    """Announce a meeting of `body`; returns it. For those who log its meetings.

    fields: kind, title, starts_at, ends_at, place, chair, secretary.
    """
    if not Body.objects.writable_by(by).contains(body):
        raise PermissionDenied(_("Anda tidak mencatat rapat lembaga ini."))
    meeting = Meeting.objects.create(body=body, created_by=by, updated_by=by, **fields)
    if carry_over(meeting, by=by):
        meeting.refresh_from_db()
    notify.called(meeting, by)
    return meeting


@transaction.atomic
def carry_over(meeting, *, by):
    """Put on the agenda what earlier meetings of the body put off; returns those items.

    Each goes onto one agenda, however many meetings are called at the same time.
    """
    # FOR UPDATE would collide with the lock that a new meeting has on its body.
    Body.objects.select_for_update(no_key=True).get(pk=meeting.body_id)
    meeting = _locked(meeting, by)
    carried = []
    for put_off in AgendaItem.objects.waiting_for(meeting):
        item = add_agenda_item(meeting, by=by, title=put_off.title)
        carried.append(
            save_agenda_item(item, by=by, version=item.version, carried_from=put_off)
        )
    return carried


@transaction.atomic
def edit_meeting(meeting, *, by, version, **fields):
    """Change the invitation data; `version` is the `heading_version` that was read."""
    meeting = _locked(meeting, by)
    if meeting.heading_version != version:
        raise Stale(by=meeting.updated_by.name, at=meeting.updated_at)
    before = (meeting.starts_at, meeting.place)
    for name, value in fields.items():
        setattr(meeting, name, value)
    meeting.heading_version += 1
    meeting.save(update_fields=[*fields, "heading_version"])
    _touch(meeting, by)
    if (meeting.starts_at, meeting.place) != before:
        notify.changed(meeting, by)
    return meeting


@transaction.atomic
def add_agenda_item(meeting, *, by, title, note=""):
    """Put an item at the end of the agenda; returns it."""
    meeting = _locked(meeting, by)
    _touch(meeting, by)
    return AgendaItem.objects.create(
        meeting=meeting,
        position=_next(meeting.agenda, "position"),
        title=title,
        note=note,
        updated_by=by,
    )


def save_agenda_item(item, *, by, version, **fields):
    """Write fields of an agenda item. Raises Stale and Gone."""
    return _save(item, by, version, fields)


@transaction.atomic
def remove_agenda_item(item, *, by):
    """Take an item off the agenda, as long as nothing was noted or decided on it."""
    meeting, item = _locked_part(item, by)
    if item.note or item.decisions.exists():
        raise ValidationError(
            _("Acara ini sudah punya catatan atau keputusan, jadi tidak dapat dihapus.")
        )
    _remove(meeting, item, by, {"title": item.title})
    for position, left in enumerate(meeting.agenda.all(), 1):
        AgendaItem.objects.filter(pk=left.pk).update(position=position)


@transaction.atomic
def move_agenda_item_up(item, *, by):
    """Change places with the item above; nothing happens to the first."""
    meeting, item = _locked_part(item, by)
    above = meeting.agenda.filter(position__lt=item.position).last()
    if above:
        places = {item.pk: above.position, above.pk: item.position}
        for pk, position in places.items():
            AgendaItem.objects.filter(pk=pk).update(position=position)
        _touch(meeting, by)


@transaction.atomic
def add_participants(meeting, *, by, people, village=None, institution=""):
    """Write down several people of one village or of one institution.

    people: dicts with name, post, sex and, if given, phone, present, signs. Raises
    ValidationError where there are none.
    """
    meeting = _locked(meeting, by)
    if not people:
        raise ValidationError(_("Isi paling sedikit satu orang."))
    _touch(meeting, by)
    return [
        Participant.objects.create(
            meeting=meeting,
            village=village,
            institution=institution,
            updated_by=by,
            **person,
        )
        for person in people
    ]


def save_participant(participant, *, by, version, **fields):
    """Correct a participant. Raises Stale and Gone."""
    return _save(participant, by, version, fields)


@transaction.atomic
def remove_participant(participant, *, by):
    """Take a participant off the list."""
    meeting, participant = _locked_part(participant, by)
    old = {"name": participant.name, "post": participant.post}
    _remove(meeting, participant, by, old)


@transaction.atomic
def save_attendance(meeting, *, by, was, now):
    """Record who is present. Writes only whom the writer touched.

    was, now: ids of those shown as present when the page was made, and of those the
    writer left ticked. Others may have ticked meanwhile; theirs stays as it is.
    """
    meeting = _locked(meeting, by)
    came, left = set(now) - set(was), set(was) - set(now)
    changed = meeting.participants.filter(pk__in=came, present=False).update(
        present=True
    ) + meeting.participants.filter(pk__in=left, present=True).update(present=False)
    if changed:
        _touch(meeting, by)
    return changed


@transaction.atomic
def add_decision(meeting, *, by, **fields):
    """Record the next decision; its number counts up in the locked meeting.

    fields: text, agenda_item, method, votes_for, votes_against, votes_abstain,
    dissent. Raises ValidationError for more votes than people present.
    """
    meeting = _locked(meeting, by)
    _check_votes(meeting, fields)
    _touch(meeting, by)
    number = _next(meeting.decisions, "number")
    return Decision.objects.create(
        meeting=meeting, number=number, updated_by=by, **fields
    )


@transaction.atomic
def save_decision(decision, *, by, version, **fields):
    """Correct a decision. As `add_decision`; raises Stale and Gone."""
    _check_votes(_locked(decision.meeting, by), fields)
    return _save(decision, by, version, fields)


@transaction.atomic
def remove_decision(decision, *, by):
    """Take back the last decision; an earlier one would leave a gap in the numbers."""
    meeting, decision = _locked_part(decision, by)
    if meeting.decisions.last() != decision:
        raise ValidationError(_("Hanya keputusan terakhir yang dapat dihapus."))
    if decision.action_items.exists():
        raise ValidationError(
            _("Hapus atau ubah dahulu tindak lanjut dari keputusan ini.")
        )
    _remove(meeting, decision, by, {"number": decision.number, "text": decision.text})


@transaction.atomic
def add_action_item(meeting, *, by, **fields):
    """Note what is to be done. fields: task, village (None: the district), due_on,
    decision."""
    meeting = _locked(meeting, by)
    _touch(meeting, by)
    return ActionItem.objects.create(meeting=meeting, updated_by=by, **fields)


def save_action_item(item, *, by, version, **fields):
    """Correct a follow-up. Raises Stale and Gone."""
    return _save(item, by, version, fields)


@transaction.atomic
def remove_action_item(item, *, by):
    """Take a follow-up back."""
    meeting, item = _locked_part(item, by)
    _remove(meeting, item, by, {"task": item.task, "due_on": item.due_on})


@transaction.atomic
def finish_action_item(item, *, by):
    """Say that a follow-up is done, today (WIB). Also after the meeting is final.

    For staff of the village that answers for it, and the sekcam.
    """
    item = (
        ActionItem.objects.finishable_by(by)
        .select_for_update(of=("self",))
        .filter(pk=item.pk)
        .first()
    )
    if item is None:
        raise PermissionDenied(
            _("Tindak lanjut ini sudah selesai, atau bukan tanggung jawab Anda.")
        )
    item.done_on = dates.today()
    item.done_by = item.updated_by = by
    item.version += 1
    item.save()
    return item


@transaction.atomic
def finalise(meeting, *, by, version):
    """Close a meeting for good: number, frozen content, berita acara. Returns the record.

    For its chair or secretary. `version` is the meeting's version they read: Stale if
    anything was written since. Raises ValidationError with all that is missing. The
    number is the next of the body in the year of the meeting and is never reused; the
    PDF is made by the worker after commit.
    """
    meeting = (
        Meeting.objects.finalisable_by(by)
        .select_for_update(of=("self",))
        .filter(pk=meeting.pk)
        .first()
    )
    if meeting is None:
        raise PermissionDenied(
            _("Rapat sudah final, atau Anda bukan pimpinan atau notulisnya.")
        )
    if meeting.version != version:
        raise Stale(by=meeting.updated_by.name, at=meeting.updated_at)
    missing = papers.missing(meeting)
    if missing:
        raise ValidationError(missing)
    return _close(meeting, by)


@transaction.atomic
def add_scan(meeting, *, by, upload):
    """Put the signed berita acara on file; returns (scan, whether new).

    For the chair and the secretary of a final meeting, and the sekcam. upload: PDF or
    photo, as `files.inspect` takes it. The newest holds, the others stay; the same
    file again is the first one. Raises ValidationError for what is neither.
    """
    upload = files.inspect(upload, takes_pdf=True)
    Meeting.objects.select_for_update().filter(pk=meeting.pk).first()
    meeting = Meeting.objects.scannable_by(by).filter(pk=meeting.pk).first()
    if meeting is None:
        raise PermissionDenied(
            _("Pindaian disimpan pimpinan atau notulis rapat, atau sekcam.")
        )
    first = meeting.scans.filter(sha256=upload.sha256).first()
    if first:
        return first, False
    scan = Scan.objects.create(
        meeting=meeting, file=files.store(upload), sha256=upload.sha256, by=by
    )
    return scan, True


@transaction.atomic
def create_project(decision, *, by, lead_village, partner_villages, **fields):
    """Make a project of a decision of a final meeting, and tie the two. Returns it.

    For those who log the body's meetings and the heads of its villages. fields: as
    `projects.portfolio.actions.create_project`.
    """
    check_makes_projects(decision, by)
    members = set(decision.meeting.body.villages.all())
    if not members.issuperset({lead_village, *partner_villages}):
        raise PermissionDenied(_("Hanya desa anggota lembaga yang dapat ikut."))
    project = portfolio.create_project(
        by=by, lead_village=lead_village, partner_villages=partner_villages, **fields
    )
    DecisionLink.objects.create(decision=decision, project=project, by=by)
    return project


@transaction.atomic
def link_project(decision, *, by, project):
    """Tie a decision of a final meeting to a project that exists. As `create_project`.

    Raises ValidationError where the tie exists.
    """
    check_makes_projects(decision, by)
    link, is_new = DecisionLink.objects.get_or_create(
        decision=decision, project=project, defaults={"by": by}
    )
    if not is_new:
        raise ValidationError({"project": _("Proyek ini sudah terkait.")})
    return link


def _locked(meeting, by):
    locked = (
        Meeting.objects.writable_by(by)
        .select_for_update(of=("self",))
        .select_related("body")
        .filter(pk=meeting.pk)
        .first()
    )
    if locked is None:
        raise PermissionDenied(_("Rapat ini sudah final, atau bukan wewenang Anda."))
    return locked


def _locked_part(part, by):
    """The meeting, its row locked, and the part of it as it stands. Raises Gone."""
    meeting = _locked(part.meeting, by)
    found = type(part).objects.filter(meeting=meeting, pk=part.pk).first()
    if found is None:
        raise Gone
    return meeting, found


@transaction.atomic
def _save(part, by, version, fields):
    meeting, part = _locked_part(part, by)
    if part.version != version:
        raise Stale(by=part.updated_by.name, at=part.updated_at)
    for name, value in fields.items():
        setattr(part, name, value)
    part.version += 1
    part.updated_by = by
    part.save(update_fields=[*fields, "version", "updated_by", "updated_at"])
    _touch(meeting, by)
    return part


def _remove(meeting, part, by, old):
    audit.record(
        f"meeting.{part._meta.model_name}.remove",
        target=f"Rapat {meeting.pk}",
        by=by,
        old=old,
        address=meeting.get_absolute_url(),
    )
    part.delete()
    _touch(meeting, by)


def _touch(meeting, by):
    meeting.version += 1
    meeting.updated_by = by
    meeting.save(update_fields=["version", "updated_by", "updated_at"])


def _next(queryset, field):
    return (queryset.aggregate(last=Max(field))["last"] or 0) + 1


def _check_votes(meeting, fields):
    if fields.get("method") != Decision.Method.VOTE:
        return
    votes = sum(fields[f"votes_{side}"] for side in ("for", "against", "abstain"))
    present = meeting.participants.filter(present=True).count()
    if votes > present:
        raise ValidationError(
            {
                "votes_for": _(
                    "Jumlahnya %(votes)s suara, padahal yang tercatat hadir %(present)s."
                )
                % {"votes": votes, "present": present}
            }
        )


def check_makes_projects(decision, by):
    """Raise PermissionDenied unless `by` may make projects of this decision."""
    if not Decision.objects.projects_made_by(by).contains(decision):
        raise PermissionDenied(
            _(
                "Keputusan dijadikan proyek setelah rapatnya final, oleh kepala desa "
                "dan pencatat rapat lembaga ini."
            )
        )


def _close(meeting, by):
    at = dates.now()
    year = dates.to_date(meeting.starts_at).year
    sequence = _take_number(meeting.body, year)
    month = dates.roman_month(meeting.starts_at)
    number = f"{sequence:03}/{meeting.body.code}/{month}/{year}"
    content = papers.content(meeting, number)
    paper = kit_papers.store(papers.KIND, content, at, template=papers.TEMPLATE)
    attendance_paper = kit_papers.store(
        papers.ATTENDANCE_KIND,
        papers.attendance_content(content),
        at,
        template=papers.ATTENDANCE_TEMPLATE,
    )
    record = OfficialRecord.objects.create(
        meeting=meeting,
        body=meeting.body,
        year=year,
        sequence=sequence,
        number=number,
        paper=paper,
        attendance_paper=attendance_paper,
        by=by,
        at=at,
    )
    meeting.finalised_at = at
    meeting.save(update_fields=["finalised_at"])
    audit.record(
        "meeting.finalise",
        target=f"Rapat {meeting.pk}",
        by=by,
        new={"number": number, "sha256": paper.content_sha256},
        address=meeting.get_absolute_url(),
    )
    notify.finalised(record, by)
    return record


def _take_number(body, year):
    RecordCounter.objects.get_or_create(body=body, year=year)
    counter = RecordCounter.objects.select_for_update().get(body=body, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last
