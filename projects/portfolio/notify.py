"""Who hears of a project: the staff of all its villages."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.money import format_decimal
from leksono_portal.kit.notify import Kind, News, tell
from villages.areas.models import Village
from villages.people.models import VILLAGE_STAFF, holders

PROJECT = Kind(
    "project",
    _("Proyek desa Anda: laporan kemajuan, serah terima, pembatalan"),
    by_mail=False,
)


def staff(project):
    """Who speaks for the lead and the taking-part villages today."""
    places = Village.objects.filter(
        Q(pk=project.lead_village_id) | Q(participations__project=project)
    )
    return holders(*VILLAGE_STAFF, villages=places)


def reported(report, by):
    _tell(
        report.project,
        f"project:{report.project_id}:report:{report.pk}",
        _("Laporan kemajuan %(project)s: fisik %(percent)s%%"),
        by,
        percent=format_decimal(report.physical),
    )


def completed(project, by):
    event = f"project:{project.pk}:completed:{project.step}"
    _tell(project, event, _("Serah terima, proyek selesai: %(project)s"), by)


def cancelled(project, by):
    event = f"project:{project.pk}:cancelled:{project.step}"
    _tell(project, event, _("Proyek dibatalkan: %(project)s"), by)


def _tell(project, event, sentence, by, **values):
    values["project"] = project.title
    tell(
        staff(project),
        News(event, project.get_absolute_url(), sentence, values),
        kind=PROJECT,
        by=by,
    )
