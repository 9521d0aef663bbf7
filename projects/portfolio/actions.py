"""What can be done with a project. Every verb locks the project's row first."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leksono_portal.kit import audit, dates, files
from leksono_portal.kit.errors import Stale
from projects.portfolio import curve, notify
from projects.portfolio.models import (
    Photo,
    ProgressReport,
    Project,
    ReportedItem,
    StageChange,
    WorkItem,
    villages_leadable_by,
)
from villages.areas.models import Village

Stage = Project.Stage
TOLD = ["title", "sector", "place", "purpose", "year"]
TOLD += ["beneficiary_families", "beneficiary_people"]


@transaction.atomic
def create_project(*, by, lead_village, partner_villages=(), **fields):
    """Write down an agreed project; returns it.

    For staff of the lead village, and the secretary of its district. fields: title,
    sector, place, purpose, year, beneficiary_families, beneficiary_people.
    """
    if not villages_leadable_by(by).filter(pk=lead_village.pk).exists():
        raise PermissionDenied(
            _("Anda tidak berwenang membuat proyek atas nama desa utama ini.")
        )
    project = Project.objects.create(
        lead_village=lead_village, created_by=by, updated_by=by, **fields
    )
    project.partner_villages.set(
        village for village in partner_villages if village != lead_village
    )
    _write_stage_change(project, from_stage="", by=by)
    return project


@transaction.atomic
def edit_project(project, *, by, version, partner_villages, **fields):
    """Change what is told about a project and who takes part; returns it.

    For staff of the lead village, until the project is closed. The lead village
    stays: requests for money hang on it. Raises Stale, and ValidationError for a
    village that leaves while a request draws on its money.
    """
    project = _locked(project, Project.objects.editable_by(by))
    _check_version(project, version)
    old = _told(project)
    for name, value in fields.items():
        setattr(project, name, value)
    project.version += 1
    project.updated_by = by
    project.save(update_fields=[*fields, "version", "updated_by", "updated_at"])
    _set_partners(project, partner_villages)
    audit.record(
        "project.edit",
        target=f"Proyek {project.pk}",
        by=by,
        old=old,
        new=_told(project),
        address=project.get_absolute_url(),
    )
    return project


@transaction.atomic
def add_work_item(project, *, by, title, cost, starts_on, ends_on):
    """Plan a piece of work; cost in whole rupiah. For staff of the lead village,
    before the work begins."""
    project = _locked(project, Project.objects.plannable_by(by))
    return WorkItem.objects.create(
        project=project,
        title=title,
        cost=cost,
        starts_on=starts_on,
        ends_on=ends_on,
        updated_by=by,
    )


@transaction.atomic
def save_work_item(item, *, by, version, **fields):
    """Change a planned piece of work. As `add_work_item`; raises Stale."""
    item = _locked_item(item, by, version)
    for name, value in fields.items():
        setattr(item, name, value)
    item.version += 1
    item.updated_by = by
    item.save(update_fields=[*fields, "version", "updated_by", "updated_at"])
    return item


@transaction.atomic
def remove_work_item(item, *, by, version):
    """Take a piece of work out of the plan. As `add_work_item`; raises Stale."""
    item = _locked_item(item, by, version)
    audit.record(
        "project.work-item.remove",
        target=f"Proyek {item.project_id}",
        by=by,
        old={"title": item.title, "cost": item.cost},
        address=item.project.get_absolute_url(),
    )
    item.delete()


@transaction.atomic
def report_progress(project, *, by, reported_on, text, spent, percents, seen=None):
    """Tell how far the work stood on a day; returns the report, never to be changed.

    For staff of the lead and the taking-part villages, while the project runs.
    spent: whole rupiah since the beginning. percents: {work item id: 0..100}, each
    item of the project once. seen: how many reports the writer knew of, if it
    matters; raises Stale when there are more. Raises ValidationError for a day to
    come, a day before the last report, and items not exactly those of the project.
    """
    project = _locked(project, Project.objects.reportable_by(by))
    _check_seen(project, seen)
    _check_day(project, reported_on)
    items = list(project.work_items.all())
    if {item.pk for item in items} != set(percents):
        raise ValidationError(_("Isi kemajuan setiap pekerjaan proyek ini."))
    report = ProgressReport.objects.create(
        project=project,
        reported_on=reported_on,
        text=text,
        spent=spent,
        physical=curve.physical([(item.cost, percents[item.pk]) for item in items]),
        created_by=by,
    )
    ReportedItem.objects.bulk_create(
        ReportedItem(report=report, work_item=item, percent=percents[item.pk])
        for item in items
    )
    notify.reported(report, by)
    return report


@transaction.atomic
def add_photo(
    project,
    *,
    by,
    upload,
    alt,
    moment=Photo.Moment.OTHER,
    taken_on=None,
    keep_position=False,
    report=None,
):
    """Add a photo, of a progress report or by itself; returns (photo, whether new).

    For staff of the lead and the taking-part villages. upload: bytes, an open file or
    what `files.inspect` returned. alt: what is to be seen. taken_on: the day the
    camera noted unless told, else that of the report, else today. keep_position: the
    place the camera noted goes into the record. The same file a second time is the
    first photo again. Raises ValidationError for what is no photo or a day to come.
    """
    upload = files.inspect(upload)
    project = _locked(project, Project.objects.photographable_by(by))
    first = project.photos.shown().filter(sha256=upload.sha256).first()
    if first:
        return first, False
    if taken_on and taken_on > dates.today():
        raise ValidationError({"taken_on": _("Tanggal ini belum tiba.")})
    latitude, longitude = keep_position and upload.position or (None, None)
    photo = Photo.objects.create(
        project=project,
        report=report and project.reports.get(pk=report.pk),
        file=files.store(upload),
        sha256=upload.sha256,
        alt=alt,
        moment=moment,
        taken_on=taken_on
        or upload.taken_on
        or (report.reported_on if report else dates.today()),
        latitude=latitude,
        longitude=longitude,
        created_by=by,
    )
    return photo, True


@transaction.atomic
def withdraw_photo(photo, *, by, reason):
    """Take a photo off all pages, for good; its reason stands there instead.

    For staff of the lead village and the admin of its district. Raises Stale when it
    is withdrawn already.
    """
    Project.objects.select_for_update().get(pk=photo.project_id)
    photo.refresh_from_db()
    if not Photo.objects.handled_by(by).contains(photo):
        raise PermissionDenied(
            _("Foto ditarik perangkat desa utama proyek, atau admin kecamatan.")
        )
    if photo.withdrawn_at:
        raise Stale(
            by=photo.withdrawn_by.name,
            at=photo.withdrawn_at,
            message=_("%(by)s sudah menarik foto ini pada %(at)s.")
            % {
                "by": photo.withdrawn_by.name,
                "at": dates.format_when(photo.withdrawn_at),
            },
        )
    photo.withdrawn_at, photo.withdrawn_by = timezone.now(), by
    photo.withdrawn_reason = reason
    photo.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    audit.record(
        "photo.withdraw",
        target=f"Foto {photo.pk}",
        by=by,
        new={"reason": reason},
        address=photo.get_absolute_url(),
    )
    return photo


@transaction.atomic
def start(project, *, by, note=""):
    """Begin the work without money from the district: own means, gotong royong.

    For staff of the lead village, once there is a plan.
    """
    return _move(
        _locked(project, Project.objects.startable_by(by)), "running", by, note
    )


@transaction.atomic
def complete(project, *, by, note=""):
    """Hand the work over. For staff of the lead village, at 100% in the last report."""
    project = _locked(project, Project.objects.completable_by(by))
    project = _move(project, Stage.COMPLETED, by, note)
    notify.completed(project, by)
    return project


@transaction.atomic
def cancel(project, *, by, reason):
    """Give a project up. For the lead village's head or lurah and the camat.

    The reason is public and may not be empty.
    """
    project = _locked(project, Project.objects.cancellable_by(by))
    if not reason.strip():
        raise ValidationError({"reason": _("Alasan pembatalan harus ditulis.")})
    project = _move(project, Stage.CANCELLED, by, reason)
    notify.cancelled(project, by)
    return project


def move_stage(project, stage, *, by, note=""):
    """Move a project along with its money, inside the caller's transaction.

    The caller has checked its own rule; this takes the project's row lock and reads
    the row again. Nothing happens where there is no such move (the project is
    already further, or closed), nor to RUNNING before any work is planned: the
    project then waits for its plan and for `start`. Returns the project.
    """
    project.refresh_from_db(from_queryset=Project.objects.select_for_update())
    unplanned = stage == Stage.RUNNING and not project.work_items.exists()
    if (project.stage, stage) not in Project.MOVES or unplanned:
        return project
    return _move(project, stage, by, note)


def _move(project, stage, by, note):
    before, project.stage = project.stage, Stage(stage)
    project.step += 1
    project.save(update_fields=["stage", "step"])
    _write_stage_change(project, from_stage=before, by=by, note=note)
    return project


def _write_stage_change(project, *, from_stage, by, note=""):
    StageChange.objects.create(
        project=project,
        number=project.step,
        from_stage=from_stage,
        to_stage=project.stage,
        by=by,
        note=note,
    )


def _locked(project, allowed):
    """The project with its row locked, if it is among `allowed`.

    Two statements: the rules also read offices, work items and reports, and only a
    statement begun after the lock was had sees what its last holder wrote there.
    """
    Project.objects.select_for_update().filter(pk=project.pk).first()
    found = allowed.filter(pk=project.pk).first()
    if found is None:
        raise PermissionDenied(
            _("Tahap proyek sudah berubah, atau ini bukan wewenang Anda.")
        )
    return found


def _locked_item(item, by, version):
    """The work item as it stands, its project's row locked."""
    _locked(item.project, Project.objects.plannable_by(by))
    found = WorkItem.objects.select_related("project").filter(pk=item.pk).first()
    if found is None:
        raise PermissionDenied(_("Pekerjaan ini sudah dihapus dari rencana."))
    _check_version(found, version)
    return found


def _check_version(row, version):
    if row.version != version:
        raise Stale(by=row.updated_by.name, at=row.updated_at)


def _check_seen(project, seen):
    if seen is not None and project.reports.count() != seen:
        last = project.reports.latest("pk")
        raise Stale(
            by=last.created_by.name,
            at=last.created_at,
            message=_(
                "%(by)s sudah mengirim laporan lain pada %(at)s. Bandingkan dahulu."
            )
            % {"by": last.created_by.name, "at": dates.format_when(last.created_at)},
        )


def _check_day(project, day):
    last = project.reports.first()
    if day > dates.today():
        raise ValidationError({"reported_on": _("Tanggal ini belum tiba.")})
    if last and day < last.reported_on:
        raise ValidationError(
            {
                "reported_on": _(
                    "Laporan terakhir sudah per %(day)s; "
                    "tulis tanggal itu atau sesudahnya."
                )
                % {"day": dates.format_date(last.reported_on)}
            }
        )


def _set_partners(project, villages):
    wanted = {village.pk for village in villages} - {project.lead_village_id}
    paying = (
        Village.objects.filter(participations__project=project)
        .exclude(pk__in=wanted)
        .filter(
            allotments__lines__request__in=project.requests.exclude(
                status__in=["rejected", "withdrawn"]
            )
        )
        .first()
    )
    if paying:
        raise ValidationError(
            {
                "partner_villages": _(
                    "%(village)s ikut membiayai proyek ini, jadi tidak dapat dilepas."
                )
                % {"village": paying.full_name}
            }
        )
    project.partner_villages.set(wanted)


def _told(project):
    return {name: getattr(project, name) for name in TOLD} | {
        "partner_villages": [v.name for v in project.partner_villages.all()]
    }
