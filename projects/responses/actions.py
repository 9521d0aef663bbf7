"""Sending a response, answering it, hiding it."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from leksono_portal.kit import audit, dates
from leksono_portal.kit.errors import Stale
from projects.portfolio.models import Project
from projects.responses import notify
from projects.responses.models import Answer, Hiding, Response
from villages.people.models import User


@transaction.atomic
def send(project, *, by, text):
    """Say something about a project, for everyone to read; returns the response.

    For any account but the staff of the lead village, who answer. Raises
    ValidationError after `Response.PER_DAY` of one day (WIB).
    """
    # Of one person one after the other, so that the count below holds.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if not Project.objects.respondable_by(by).filter(pk=project.pk).exists():
        raise PermissionDenied(_("Perangkat desa utama menjawab tanggapan warga."))
    sent = Response.objects.filter(author=by, at__date=dates.today()).count()
    if sent >= Response.PER_DAY:
        raise ValidationError(
            _(
                "Anda sudah mengirim %(n)d tanggapan hari ini, batasnya sehari. "
                "Simpan tulisan ini dan kirim besok."
            )
            % {"n": sent}
        )
    office = by.offices.today().select_related("village", "district").first()
    response = Response.objects.create(
        project=project,
        author=by,
        author_title=office.title if office else "",
        text=text,
        due_on=dates.today() + timedelta(days=Response.DAYS),
    )
    notify.came(response, by)
    return response


@transaction.atomic
def answer(response, *, by, text):
    """Answer in the name of the lead village; once. Raises Stale when it has been."""
    response = _locked(response, by)
    if response.is_answered or response.is_hidden:
        raise _handled(response)
    notify.answered(response, by)
    return Answer.objects.create(response=response, by=by, text=text)


@transaction.atomic
def hide(response, *, by, reason):
    """Put a public reason in the place of a response and its answer; for good.

    For staff of the lead village. Raises Stale when it is hidden already.
    """
    response = _locked(response, by)
    if response.is_hidden:
        raise _handled(response)
    audit.record(
        "response.hide",
        target=f"Tanggapan {response.pk}",
        by=by,
        new={"reason": reason},
        address=response.get_absolute_url(),
    )
    return Hiding.objects.create(response=response, by=by, reason=reason)


def _locked(response, by):
    """The response as it stands, the row of its project locked.

    That row, because the web role may not update responses, nor so lock them.
    """
    Project.objects.select_for_update(no_key=True).get(pk=response.project_id)
    found = (
        Response.objects.handled_by(by)
        .select_related("answer__by", "hiding__by")
        .filter(pk=response.pk)
        .first()
    )
    if found is None:
        raise PermissionDenied(_("Tanggapan ditangani perangkat desa utama proyek."))
    return found


def _handled(response):
    done = response.hiding if response.is_hidden else response.answer
    words = (
        _("%(by)s sudah menyembunyikan tanggapan ini pada %(at)s.")
        if response.is_hidden
        else _("%(by)s sudah menjawab tanggapan ini pada %(at)s.")
    )
    message = words % {"by": done.by.name, "at": dates.format_when(done.at)}
    return Stale(by=done.by.name, at=done.at, message=message)
