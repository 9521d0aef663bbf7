"""What may be done with a request for money. All amounts are whole rupiah.

Every verb locks in one order: project, request, ceilings by id. A verb takes the
`step` (or, where the village writes, the `version`) that its page was made with and
raises Stale if the request has moved on since; PermissionDenied says that `by` may
not, ValidationError what is wrong with the content.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from leksono_portal.kit import dates
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.money import MAX_RUPIAH, format_rupiah
from projects.funding import grant, notify, papers
from projects.funding.checklist import points
from projects.funding.models import (
    PROPOSERS,
    BudgetLine,
    FundingRequest,
    Reservation,
    Revision,
    Tranche,
    Transition,
    Verification,
    askable_projects,
)
from projects.portfolio.actions import move_stage
from projects.portfolio.models import Project
from projects.sources.models import Allotment
from villages.people.models import Post, acting_office

Status = FundingRequest.Status
# The office in which each move is made.
MOVED_AS = {
    Status.DRAFT: PROPOSERS,
    Status.SUBMITTED: [Post.VILLAGE_HEAD],
    Status.WITHDRAWN: [Post.VILLAGE_HEAD],
    Status.VERIFIED: [Post.VERIFIER],
    Status.RETURNED: [Post.VERIFIER, Post.CAMAT],
    Status.APPROVED: [Post.CAMAT],
    Status.REJECTED: [Post.CAMAT],
    Status.RUNNING: [Post.DISTRICT_TREASURER],
    Status.HELD: [Post.CAMAT],
    Status.COMPLETED: [Post.VERIFIER],
    Status.CANCELLED: [Post.DISTRICT_SECRETARY],
}


# The village writes -----------------------------------------------------------


@transaction.atomic
def create_request(*, by, project, **fields):
    """Begin a draft on `project`; fields: title, year, background.

    For the operator, secretary or head of the lead desa; a kelurahan cannot ask.
    """
    found = (
        askable_projects(by)
        .select_for_update(of=("self",))
        .filter(pk=project.pk)
        .first()
    )
    if found is None:
        raise PermissionDenied(why_not_ask(project))
    request = FundingRequest.objects.create(
        project=found, author=by, updated_by=by, status_since=dates.now(), **fields
    )
    _record(request, "", by=by, at=request.status_since)
    return request


def why_not_ask(project):
    """The sentence for someone who may not ask money for `project`."""
    if not project.lead_village.is_desa:
        return _(
            "%(village)s tidak mempunyai Kepala Desa dan rekening kas desa, jadi tidak "
            "dapat meminta dana. Dana diminta oleh desa yang memimpin proyek."
        ) % {"village": project.lead_village.full_name}
    if project.stage not in Project.OPEN_STAGES:
        return _("Proyek ini sudah selesai atau dibatalkan.")
    return _(
        "Dana proyek ini diminta oleh operator, sekretaris, atau Kepala Desa %(village)s."
    ) % {"village": project.lead_village.name}


@transaction.atomic
def edit_request(*, by, request_id, version, **fields):
    """Change title, year or background while the request is with the village."""
    request = locked("editable_by", by, request_id, version=version)
    asking = request.lines.filter(allotment__isnull=False)
    if fields.get("year", request.year) != request.year and asking.exists():
        raise ValidationError(
            {
                "year": _(
                    "RAB sudah memakai pagu %(year)s. Ubah dahulu sumber dana "
                    "baris-barisnya."
                )
                % {"year": request.year}
            }
        )
    for name, value in fields.items():
        setattr(request, name, value)
    _touch(request, by, *fields)
    return request


@transaction.atomic
def add_line(*, by, request_id, **fields):
    """Add a line to the RAB while the request is with the village.

    fields: group, description, quantity, unit, unit_price, allotment (None: the
    villages' own share). No version: an added line undoes nobody's work.
    """
    request = locked("editable_by", by, request_id)
    return _write_line(BudgetLine(request=request), request, by, fields)


@transaction.atomic
def add_lines(*, by, request_id, lines):
    """Add many lines, all of them or none; lines: the fields of each, as `add_line`."""
    request = locked("editable_by", by, request_id)
    _check_drawable(
        request, {line["allotment"].pk for line in lines if line["allotment"]}
    )
    BudgetLine.objects.bulk_create(
        BudgetLine(request=request, **fields) for fields in lines
    )
    _add_up(request, by)
    return request


@transaction.atomic
def copy_lines(*, by, request_id, origin, allotment):
    """Add the lines of `origin`, another request of the same desa, all of them.

    allotment: what the lines that asked for money ask it from now.
    """
    request = locked("editable_by", by, request_id)
    if not FundingRequest.objects.with_budget_of(request).contains(origin):
        raise PermissionDenied(_("RAB yang disalin ialah dari desa yang sama."))
    lines = [
        {
            "group": line.group,
            "description": line.description,
            "quantity": line.quantity,
            "unit": line.unit,
            "unit_price": line.unit_price,
            "allotment": allotment if line.allotment_id else None,
        }
        for line in origin.lines.all()
    ]
    return add_lines(by=by, request_id=request_id, lines=lines)


@transaction.atomic
def save_line(*, by, request_id, line_id, version, **fields):
    """Change a line of the RAB; as `add_line`."""
    request = locked("editable_by", by, request_id, version=version)
    return _write_line(_line(request, line_id), request, by, fields)


@transaction.atomic
def remove_line(*, by, request_id, line_id, version):
    """Take a line out of the RAB; as `add_line`."""
    request = locked("editable_by", by, request_id, version=version)
    _line(request, line_id).delete()
    _add_up(request, by)


def _line(request, line_id):
    line = request.lines.filter(pk=line_id).first()
    if line is None:
        raise PermissionDenied(_("Baris ini sudah dihapus dari RAB."))
    return line


def _write_line(line, request, by, fields):
    for name, value in fields.items():
        setattr(line, name, value)
    if line.allotment:
        _check_drawable(request, {line.allotment_id})
    line.save()
    _add_up(request, by)
    return line


def _check_drawable(request, allotment_ids):
    drawable = Allotment.objects.drawable_for(request.project, request.year)
    if drawable.filter(pk__in=allotment_ids).count() != len(allotment_ids):
        raise ValidationError(
            _("RAB memakai pagu yang tidak tersedia bagi proyek ini pada %(year)s.")
            % {"year": request.year}
        )


def _add_up(request, by):
    asked = Sum("amount", filter=Q(allotment__isnull=False), default=0)
    totals = request.lines.aggregate(all=Sum("amount", default=0), asked=asked)
    if totals["all"] > MAX_RUPIAH:
        raise ValidationError(
            _("Jumlah RAB paling banyak %(most)s.")
            % {"most": format_rupiah(MAX_RUPIAH)}
        )
    request.requested = totals["asked"]
    _touch(request, by, "requested")


# The village head sends -------------------------------------------------------


@transaction.atomic
def submit(*, by, request_id, version, letter_number, message=""):
    """Send the request to the district, and freeze what it says. For the head of the
    lead desa; never what they wrote themselves while others there could have.

    A request that came back must have been changed, or say in `message` why not.
    """
    request = locked("submittable_by", by, request_id, version=version)
    asked = set(
        request.lines.filter(allotment__isnull=False).values_list(
            "allotment_id", flat=True
        )
    )
    if not asked:
        raise ValidationError(
            _("RAB belum memuat baris yang diminta dari pagu. Isi dahulu RAB.")
        )
    _check_drawable(request, asked)
    _check_decided(request, asked)
    content = _content(request)
    last = request.revisions.last()
    if last and last.content["request"] == content and not message:
        raise ValidationError(
            {
                "message": _(
                    "Belum ada yang diubah sejak dikembalikan. Ubah isinya, atau "
                    "tulis jawaban Anda di sini."
                )
            }
        )
    request.letter_number = letter_number
    request.submitted_by = by
    request.revision += 1
    Revision.objects.create(
        request=request,
        number=request.revision,
        content={"letter_number": letter_number, "request": content},
        by=by,
    )
    move(
        request,
        Status.SUBMITTED,
        "letter_number",
        "submitted_by",
        "revision",
        by=by,
        reason=message,
    )
    return request


def _check_decided(request, allotment_ids):
    """A meeting has decided on the project, where a source demands it."""
    demanding = Allotment.objects.filter(
        pk__in=allotment_ids, source__needs_decision=True
    ).select_related("source")
    found = demanding.first()
    if found and not request.project.decision_links.exists():
        raise ValidationError(
            _(
                "%(source)s hanya untuk proyek dari keputusan rapat. Kaitkan dahulu "
                "proyek ini pada halaman keputusannya."
            )
            % {"source": found.source}
        )


def _content(request):
    lines = request.lines.select_related("allotment__source")
    return {
        "title": request.title,
        "year": request.year,
        "background": request.background,
        "requested": request.requested,
        "lines": [
            {
                "group": line.group,
                "description": line.description,
                "quantity": f"{line.quantity.normalize():f}",
                "unit": line.unit,
                "unit_price": line.unit_price,
                "amount": line.amount,
                "source": str(line.allotment.source) if line.allotment else None,
                "allotment": line.allotment_id,
            }
            for line in lines
        ],
    }


@transaction.atomic
def withdraw(*, by, request_id, step, reason=""):
    """Take a request back before it is verified. For the head of the lead village."""
    request = locked("withdrawable_by", by, request_id, step=step)
    move(request, Status.WITHDRAWN, by=by, reason=reason)
    return request


# The district examines and decides --------------------------------------------


@transaction.atomic
def verify(*, by, request_id, step, checklist):
    """Find a request fit ("layak"): every point of the checklist is met.

    For a verifier without a part in it. checklist: [{"point", "ok", "note"}, ...], one
    for each of POINTS in their order. One "no" is enough to have it sent back instead.
    """
    request = locked("verifiable_by", by, request_id, step=step)
    if [entry["point"] for entry in checklist] != points():
        raise ValidationError(_("Isi setiap butir daftar periksa."))
    if not all(entry["ok"] for entry in checklist):
        raise ValidationError(
            _("Ada butir yang belum terpenuhi. Kembalikan permohonan ini ke desa.")
        )
    request.verified_by = by
    Verification.objects.create(
        request=request, revision=request.revision, checklist=checklist, by=by
    )
    move(request, Status.VERIFIED, "verified_by", by=by)
    return request


@transaction.atomic
def send_back(*, by, request_id, step, reason):
    """Return a request to the village with notes, which voids its verification.

    For the verifier and the camat.
    """
    request = locked("returnable_by", by, request_id, step=step)
    check_reason(reason, _("Tulis apa yang perlu diperbaiki desa."))
    request.verified_by = None
    move(request, Status.RETURNED, "verified_by", by=by, reason=reason)
    return request


@transaction.atomic
def approve(
    *,
    by,
    request_id,
    step,
    amounts,
    reasons,
    letter_number,
    tranches=(),
    message="",
):
    """Grant a verified request, whole or in part, and bind the money. For the camat,
    who neither wrote, submitted nor verified it. Its letter is frozen with it.

    amounts: {line id: rupiah} for every line that asks, from 0 to what it asks;
    reasons: {line id: text} for those granted less. tranches: their amounts, which
    add up to the whole; none means one. Raises what `grant.check` does, and
    ValidationError naming the ceiling that cannot bear it.
    """
    lock_project(request_id)
    request = locked("approvable_by", by, request_id, step=step)
    lines = list(request.lines.filter(allotment__isnull=False))
    approved = grant.check(lines, amounts, reasons, tranches)
    for line in lines:
        line.approved = amounts[line.pk]
        line.cut_reason = reasons.get(line.pk, "")
        line.save(update_fields=["approved", "cut_reason"])
    _bind(request, lines)
    Tranche.objects.bulk_create(
        Tranche(request=request, number=number, amount=amount)
        for number, amount in enumerate(tranches or [approved], 1)
    )
    request.decided_by = by
    request.approved = approved
    request.decision_letter = letter_number
    move(
        request,
        Status.APPROVED,
        "decided_by",
        "approved",
        "decision_letter",
        by=by,
        reason=message,
    )
    papers.write_letter(request, letter_number)
    move_stage(request.project, Project.Stage.FUNDED, by=by, note=request.title)
    return request


def _bind(request, lines):
    """Reserve on each ceiling what its lines were granted, all ceilings locked."""
    granted = {}
    for line in lines:
        if line.approved:
            granted[line.allotment_id] = (
                granted.get(line.allotment_id, 0) + line.approved
            )
    _check_drawable(request, set(granted))
    ceilings = (
        Allotment.objects.filter(pk__in=granted)
        .select_related("source", "village", "district")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    for ceiling in ceilings:
        amount = granted[ceiling.pk]
        if amount > ceiling.free:
            raise ValidationError(
                _(
                    "Pagu %(ceiling)s tinggal %(free)s, sedangkan yang disetujui "
                    "%(amount)s."
                )
                % {
                    "ceiling": ceiling,
                    "free": format_rupiah(ceiling.free),
                    "amount": format_rupiah(amount),
                }
            )
        Reservation.objects.create(request=request, allotment=ceiling, amount=amount)
        ceiling.reserved += amount
        ceiling.save(update_fields=["reserved"])


@transaction.atomic
def reject(*, by, request_id, step, reason, letter_number):
    """Refuse a request with a public reason, by letter. For the camat, as `approve`."""
    request = locked("rejectable_by", by, request_id, step=step)
    check_reason(reason, _("Tulis alasan penolakan; desa dan warga membacanya."))
    request.decided_by = by
    move(request, Status.REJECTED, "decided_by", by=by, reason=reason)
    papers.write_letter(request, letter_number)
    return request


def check_reason(reason, sentence, field="reason"):
    if not reason.strip():
        raise ValidationError({field: sentence})


# What all verbs do ------------------------------------------------------------


def lock_project(request_id):
    """The project's row goes first, for verbs that also move its stage."""
    Project.objects.select_for_update().filter(requests=request_id).first()


def locked(rule, by, request_id, *, step=None, version=None):
    """The request, locked in the statement that asks `rule`, as the page showed it."""
    allowed = getattr(FundingRequest.objects, rule)(by)
    request = allowed.select_for_update(of=("self",)).filter(pk=request_id).first()
    if request is None:
        _refuse(by, request_id, step, version)
    if step not in (None, request.step) or version not in (None, request.version):
        raise Stale(by=request.updated_by.name, at=request.updated_at)
    return request


def _refuse(by, request_id, step, version):
    now = FundingRequest.objects.visible_to(by).filter(pk=request_id).first()
    seen_before = (step or now.step, version or now.version) if now else None
    if now and seen_before != (now.step, now.version):
        raise Stale(by=now.updated_by.name, at=now.updated_at)
    raise PermissionDenied(
        _("Permohonan ini sudah diproses, atau bukan wewenang Anda.")
    )


def _touch(request, by, *fields):
    request.version += 1
    request.updated_by = by
    request.save(update_fields=[*fields, "version", "updated_by", "updated_at"])


def move(request, status, *fields, by, reason="", posts=None):
    """Move the request on, with its row of history. `fields`: what else was set.

    posts: in which offices `by` does it, where MOVED_AS does not say.
    """
    before, request.status = request.status, status
    at = dates.now()
    if before != status:
        request.status_since = at
    request.step += 1
    _touch(request, by, "status", "status_since", "step", *fields)
    _record(request, before, by=by, at=at, reason=reason, posts=posts)
    notify.moved(request, by, before)


def _record(request, before, *, by, at, reason="", posts=None):
    village = request.project.lead_village
    posts = posts or MOVED_AS[request.status]
    office = acting_office(by, village, posts)
    Transition.objects.create(
        request=request,
        number=request.step,
        from_status=before,
        to_status=request.status,
        revision=request.revision,
        by=by,
        office=office.title,
        reason=reason,
        at=at,
    )
