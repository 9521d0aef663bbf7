"""What can be done with a meeting. Every verb locks the meeting's row first."""

from dataclasses import replace
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from forum.meetings import cells, changes, notify, papers, rows
from forum.meetings.cells import KINDS
from forum.meetings.changes import Write
from forum.meetings.log import Outcome
from forum.meetings.models import (
    ActionItem,
    AgendaItem,
    Body,
    Decision,
    DecisionLink,
    Meeting,
    OfficialRecord,
    Participant,
    Postponement,
    ProxyLetter,
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

    fields: kind, title, starts_at, ends_at, place, chair, secretary. One of an earlier
    day (WIB) is logged from paper, and nobody is invited to it.
    """
    if not Body.objects.writable_by(by).contains(body):
        raise PermissionDenied(_("Anda tidak mencatat rapat lembaga ini."))
    meeting = Meeting(body=body, created_by=by, updated_by=by, **fields)
    meeting.logged_from_paper = meeting.is_past
    meeting.save()
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
    for put_off in AgendaItem.objects.waiting_for(meeting).shown_to(by):
        item = add_agenda_item(
            meeting, by=by, carried_from=put_off, **kept_fields(put_off)
        )
        carried.append(item)
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
    if meeting.starts_at != before[0]:
        _check_new_time(meeting)
    meeting.heading_version += 1
    meeting.save(update_fields=[*fields, "heading_version"])
    changes.touch(meeting, by)
    if (meeting.starts_at, meeting.place) != before:
        notify.changed(meeting, by)
    return meeting


@transaction.atomic
def add_agenda_item(meeting, *, by, carried_from=None, **fields):
    """Put an item at the end of the agenda, or of those below its parent; returns it.

    fields: title, note, parent, planned_minutes, is_internal. carried_from: the item that an earlier meeting put off, and that this one continues.
    """
    item = _add(meeting, by, AgendaItem, fields)
    if carried_from:
        item.carried_from = carried_from
        item.save(update_fields=["carried_from"])
    return item


def kept_fields(item):
    """What an agenda item, fetched `shown_to`, keeps on the agenda of another meeting."""
    return {
        "title": item.title,
        "planned_minutes": item.planned_minutes,
        "is_internal": item.is_secret,
    }


def save_agenda_item(item, *, by, version, **fields):
    """Write fields of an agenda item. Raises Stale and Gone."""
    return _save(item, by, version, fields)


def remove_agenda_item(item, *, by):
    """Take an item off the agenda, as long as nothing was noted or decided on it."""
    _remove(item, by)


@transaction.atomic
def move_agenda_item(item, *, by, down=False):
    """Change places with the one above, or below, of its level, if there is one."""
    meeting, item = _locked_part(item, by)
    level = list(meeting.agenda.filter(parent=item.parent_id))
    place = level.index(item) + (1 if down else -1)
    if 0 <= place < len(level):
        level.remove(item)
        below = str(level[place].key) if place < len(level) else None
        write = Write(cells.name_of(item, cells.ABOVE), below)
        _apply(meeting, by, [write], AgendaItem)


@transaction.atomic
def run_agenda_item(item, *, by, ends=False):
    """Say that an item begins now, which ends what was running; or that it ends."""
    meeting, item = _locked_part(item, by)
    ending = [item] if ends and item.is_running else []
    writes = []
    if not ends and not item.started_at:
        running = meeting.agenda.filter(started_at__isnull=False, ended_at=None)
        ending = running.exclude(pk=item.parent_id)
        writes.append(Write(cells.name_of(item, "started"), dates.now().isoformat()))
    for one in ending:
        writes.append(Write(cells.name_of(one, "ended"), dates.now().isoformat()))
    if writes:
        _apply(meeting, by, writes, AgendaItem)


@transaction.atomic
def add_participants(meeting, *, by, people, village=None, institution=""):
    """Write down several people of one village or of one institution.

    people: dicts with name, post, sex and, if given, phone, present, signs, may_vote,
    and an institution of their own. Raises ValidationError where there are none.
    """
    meeting = _locked(meeting, by)
    if not people:
        raise ValidationError(_("Isi paling sedikit satu orang."))
    origin = {"village": village, "institution": institution}
    new = [Participant(meeting=meeting) for _person in people]
    writes = [
        write
        for row, person in zip(new, people, strict=True)
        for write in _writes(row, origin | person)
    ]
    _apply(meeting, by, writes, Participant)
    keys = [row.key for row in new]
    return list(meeting.participants.filter(key__in=keys).order_by("row"))


def save_participant(participant, *, by, version, **fields):
    """Correct a participant. Raises Stale and Gone."""
    return _save(participant, by, version, fields)


def remove_participant(participant, *, by):
    """Take a participant off the list."""
    _remove(participant, by)


@transaction.atomic
def save_attendance(meeting, *, by, was, now):
    """Record who is present. Writes only whom the writer touched.

    was, now: ids of those shown as present when the page was made, and of those the
    writer left ticked. Others may have ticked meanwhile; theirs stays as it is.
    """
    meeting = _locked(meeting, by)
    came, left = set(now) - set(was), set(was) - set(now)
    changed = meeting.participants.filter(
        Q(pk__in=came, present=False) | Q(pk__in=left, present=True)
    )
    writes = [
        Write(cells.name_of(person, "present"), person.pk in came) for person in changed
    ]
    _apply(meeting, by, writes, Participant)
    return len(writes)


@transaction.atomic
def mark_present(meeting, *, by, numbers):
    """Record those who have `numbers` on the list to sign as present.

    Returns (came, were): the numbers now recorded, and those that already were. Raises
    ValidationError naming the numbers that nobody has; then nobody is recorded.
    """
    meeting = _locked(meeting, by)
    found = list(meeting.participants.filter(row__in=numbers))
    unknown = set(numbers) - {person.row for person in found}
    if unknown:
        raise ValidationError(
            _("Tidak ada di daftar: nomor %(numbers)s. Belum ada yang dicatat.")
            % {"numbers": rows.in_words(unknown)}
        )
    came = [person for person in found if not person.present]
    save_attendance(meeting, by=by, was=(), now=[person.pk for person in came])
    came = {person.row for person in came}
    return came, set(numbers) - came


@transaction.atomic
def add_proxy_letter(person, *, by, upload):
    """Put the scanned surat kuasa of a substitute on file; returns it.

    For those who write the meeting. upload: as `add_scan` takes it; the same file again
    is the first one. Raises Gone, and ValidationError for who stands in for nobody.
    """
    upload = files.inspect(upload, takes_pdf=True)
    meeting, person = _locked_part(person, by)
    if not person.proxy_for:
        raise ValidationError(
            _("%(name)s tidak tercatat mewakili siapa pun. Isi dahulu siapa diwakili.")
            % {"name": person.name}
        )
    letters = meeting.proxy_letters.filter(participant_key=person.key)
    first = letters.filter(sha256=upload.sha256).first()
    if first:
        return first
    changes.touch(meeting, by)
    return ProxyLetter.objects.create(
        meeting=meeting,
        participant_key=person.key,
        file=files.store(upload),
        sha256=upload.sha256,
        by=by,
    )


def add_decision(meeting, *, by, **fields):
    """Record the next decision; its number counts up in the locked meeting.

    fields: text, agenda_item, dissent. By mufakat; one that was put to the vote is made
    of its ballot (`forum.voting.actions.decide`), which says method and votes too.
    """
    return _add(meeting, by, Decision, fields)


def save_decision(decision, *, by, version, **fields):
    """Correct a decision. As `add_decision`; raises Stale and Gone."""
    return _save(decision, by, version, fields)


def remove_decision(decision, *, by):
    """Take back the last decision; an earlier one would leave a gap in the numbers."""
    _remove(decision, by)


def add_action_item(meeting, *, by, **fields):
    """Note what is to be done. fields: task, village (None: the district), due_on,
    decision."""
    return _add(meeting, by, ActionItem, fields)


def save_action_item(item, *, by, version, **fields):
    """Correct a follow-up. Raises Stale and Gone."""
    return _save(item, by, version, fields)


def remove_action_item(item, *, by):
    """Take a follow-up back."""
    _remove(item, by)


@transaction.atomic
def settle_conflict(conflict, *, by, text, version):
    """Choose what a cell holds, and close the conflict; returns the cell's value.

    conflict: an open one (Change). text: one of the two, or a third. version: the
    cell's version that the writer saw beside it; Stale if another was written since.
    Raises ValidationError for a text that the cell does not take, Gone if someone
    settled it first.
    """
    meeting = _locked(conflict.meeting, by)
    if not meeting.changes.open_conflicts().contains(conflict):
        raise Gone
    newest = meeting.changes.written().filter(cell=conflict.cell).last()
    if newest and newest.version != version:
        raise Stale(by=newest.author.name, at=newest.received_at)
    write = Write(conflict.cell, text, resolves=conflict.pk)
    [answer] = changes.apply(meeting, by=by, device=None, changes=[write])
    if answer.change.outcome == Outcome.REFUSED:
        raise ValidationError(answer.change.reason)
    return answer.value


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
def postpone(meeting, *, by, until):
    """Put off a meeting that has no quorum, by three hours at most. Once.

    For those who write it, on its day (WIB). Raises ValidationError.
    """
    meeting = _locked_to_postpone(meeting, by, Postponement.Kind.DELAY)
    at = dates.now()
    if until <= at:
        raise ValidationError({"until": _("Jam ini sudah lewat.")})
    if until > at + timedelta(hours=Postponement.MOST_HOURS):
        raise ValidationError(
            {
                "until": _("Paling lama 3 jam, jadi sampai pukul %(time)s.")
                % {"time": dates.format_time(at + timedelta(hours=3))}
            }
        )
    return _record_postponement(meeting, by, Postponement.Kind.DELAY, until, at)


@transaction.atomic
def call_second(meeting, *, by, starts_at, place):
    """Call the meeting that follows one without quorum, after its delay; returns it.

    It is within three days, has the same agenda and people, and goes ahead with whoever
    comes. For those who write the first. Raises ValidationError.
    """
    # In the order of `carry_over`.
    Body.objects.select_for_update(no_key=True).get(pk=meeting.body_id)
    meeting = _locked_to_postpone(meeting, by, Postponement.Kind.SECOND)
    at = dates.now()
    if starts_at <= at:
        raise ValidationError({"starts": _("Jam ini sudah lewat.")})
    check_second_day(meeting, starts_at)
    _record_postponement(meeting, by, Postponement.Kind.SECOND, starts_at, at)
    lasts = meeting.ends_at and meeting.ends_at - meeting.starts_at
    same = ("body", "kind", "title", "chair", "secretary")
    second = call_meeting(
        by=by,
        starts_at=starts_at,
        ends_at=lasts and starts_at + lasts,
        place=place,
        second_of=meeting,
        **{name: getattr(meeting, name) for name in same},
    )
    _copy_parts(meeting, second, by)
    second.refresh_from_db()
    return second


def check_second_day(first, starts_at):
    """Raise ValidationError for a second meeting more than three days after `first`."""
    if dates.to_date(starts_at) > first.last_second_day:
        raise ValidationError(
            {
                "date": _(
                    "Rapat kedua paling lambat %(day)s, 3 hari sesudah rapat ini."
                )
                % {"day": dates.format_date(first.last_second_day)}
            }
        )


@transaction.atomic
def finalise(meeting, *, by, version):
    """Close a meeting for good: number, frozen content, berita acara. Returns the record.

    For its chair or secretary. One followed by a second meeting was not held, and its
    record says so. `version` is the meeting's version they read: Stale if
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
    meeting = Meeting.objects.papers_kept_by(by).filter(pk=meeting.pk).first()
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


def _locked_to_postpone(meeting, by, kind):
    """The meeting, its row locked, with who is present. Raises ValidationError."""
    _locked(meeting, by)
    counted = Meeting.objects.counted().select_related("chair", "secretary")
    meeting = counted.get(pk=meeting.pk)
    why_not = meeting.why_not_postponed(kind)
    if why_not:
        raise ValidationError(why_not)
    return meeting


def _record_postponement(meeting, by, kind, until, at):
    changes.touch(meeting, by)
    return Postponement.objects.create(
        meeting=meeting,
        kind=kind,
        until=until,
        present_delegates=meeting.delegates_present,
        present_villages=meeting.villages_present,
        by=by,
        at=at,
    )


def _copy_parts(first, second, by):
    """The people and the agenda of the first, as they were invited and planned."""
    people = first.participants.select_related("village")
    names = "village institution name post sex phone signs".split()
    writes = [
        write
        for person in people
        for write in _writes(
            Participant(meeting=second), {n: getattr(person, n) for n in names}
        )
    ]
    _apply(second, by, writes, Participant)
    copies, writes = {}, []
    for item in first.agenda.shown_to(by):
        copies[item.pk] = AgendaItem(meeting=second)
        columns = kept_fields(item) | {"parent": copies.get(item.parent_id)}
        writes += _writes(copies[item.pk], columns)
    _apply(second, by, writes, AgendaItem)


def _check_new_time(meeting):
    """Of a meeting that is edited. Raises ValidationError."""
    if meeting.postponements.exists():
        raise ValidationError(
            {"date": _("Rapat ini sudah ditunda, jadi waktunya tetap.")}
        )
    if meeting.second_of:
        check_second_day(meeting.second_of, meeting.starts_at)
    if meeting.logged_from_paper and not meeting.is_past:
        raise ValidationError(
            {"date": _("Rapat yang dicatat dari kertas sudah berlangsung.")}
        )


def _writes(part, columns, **more):
    """The writes that give the cells of `part` the values of `columns`."""
    kind = KINDS[cells.KIND_OF[type(part)]]
    for column, value in columns.items():
        setattr(part, column, value)
    for column in columns:
        name = kind.name_of(column)
        yield Write(cells.name_of(part, name), kind.cells[name].read(part), **more)


def _apply(meeting, by, writes, model):
    """Write what has been validated. Raises ValidationError for what is refused."""
    answers = changes.apply(meeting, by=by, device=None, changes=writes)
    for answer in answers:
        if answer.change.outcome == Outcome.REFUSED:
            name = cells.parse(answer.change.cell)[2]
            kind = KINDS[cells.KIND_OF[model]]
            if name in kind.cells:
                column = kind.first_of(name)
                raise ValidationError({column: answer.change.reason})
            raise ValidationError(answer.change.reason)
    return answers


@transaction.atomic
def _add(meeting, by, model, columns):
    meeting = _locked(meeting, by)
    part = model(meeting=meeting)
    _apply(meeting, by, list(_writes(part, columns)), model)
    return model.objects.get(meeting=meeting, key=part.key)


def _save(part, by, version, columns):
    """Write what differs from what the writer saw: the part as it had `version`.

    What others wrote meanwhile is merged where lines allow. Where they do not, Stale
    is raised with the `columns` of it; what was typed is then in the log, as an open
    conflict.
    """
    with transaction.atomic():
        meeting, part = _locked_part(part, by)
        if not 1 <= version <= part.version:
            raise Stale(by=part.updated_by.name, at=part.updated_at)
        writes = list(_seen_writes(part, by, version, columns))
        answers = _apply(meeting, by, writes, type(part))
    part.refresh_from_db()
    open_cells = {
        answer.change.cell
        for answer in answers
        if answer.change.outcome == Outcome.CONFLICT
    }
    if open_cells:
        written = meeting.changes.written().filter(cell__in=open_cells)
        newest = written.select_related("author").last()
        stale = Stale(by=newest.author.name, at=newest.received_at)
        kind = KINDS[cells.KIND_OF[type(part)]]
        stale.columns = {kind.cells[cells.parse(name)[2]].column for name in open_cells}
        raise stale
    return part


def _seen_writes(part, by, version, columns):
    """The writes of what the writer changed, each based on what they saw.

    A text of theirs that stood beside the value, and that they saw, is settled by it.
    """
    stored = KINDS[cells.KIND_OF[type(part)]].values_of(part)
    writes = list(_writes(part, columns))
    log = part.meeting.changes.filter(cell__in=[write.cell for write in writes])
    seen, unseen = {}, {}
    for change in log.written().order_by("version"):
        if change.row_version <= version:
            seen[change.cell] = change
        else:
            unseen.setdefault(change.cell, change)
    mine = {c.cell: c for c in log.open_conflicts().filter(author=by)}
    for write in writes:
        name, base = write.cell, 0
        if name in seen:
            was, base = seen[name].written, seen[name].version
        elif name in unseen:
            was = unseen[name].before
        else:
            was = stored[cells.parse(name)[2]]
        conflict = mine.get(name)
        if conflict and base < conflict.version and write.value != conflict.value:
            conflict = None
        if conflict or write.value != was:
            yield replace(write, base=base, resolves=conflict and conflict.pk)


@transaction.atomic
def _remove(part, by):
    meeting, part = _locked_part(part, by)
    write = Write(cells.name_of(part, cells.REMOVED), True)
    _apply(meeting, by, [write], type(part))


def check_makes_projects(decision, by):
    """Raise PermissionDenied unless `by` may make projects of this decision."""
    if not Decision.objects.projects_made_by(by).contains(decision):
        if Decision.objects.shown_to(by).filter(pk=decision.pk, is_secret=True):
            raise PermissionDenied(
                _("Keputusan acara internal tidak menjadi proyek, yang dibaca umum.")
            )
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
