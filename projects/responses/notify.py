"""Who hears of a response: the lead village's staff, who answer, and its writer."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from leksono_portal.kit.notify import Kind, News, daily, tell, told
from projects.responses.models import Response
from villages.people.models import VILLAGE_STAFF, User, holders

TO_ANSWER = Kind("response", _("Tanggapan warga yang perlu dijawab"), by_mail=True)
ANSWERED = Kind("answer", _("Jawaban atas tanggapan Anda"), by_mail=True)
NEAR = timedelta(days=2)


def came(response, by):
    _tell_village(
        response,
        f"response:{response.pk}:came",
        _("Tanggapan warga tentang %(project)s, jawab sampai %(day)s"),
        by,
    )


def answered(response, by):
    """The writer, whose words and answer everyone may read."""
    values = {
        "village": lambda: response.project.lead_village.full_name,
        "project": response.project.title,
    }
    tell(
        User.objects.filter(pk=response.author_id),
        News(
            f"response:{response.pk}:answered",
            response.get_absolute_url(),
            _("%(village)s menjawab tanggapan Anda tentang %(project)s"),
            values,
        ),
        kind=ANSWERED,
        by=by,
    )


@daily
def remind():
    """Those not answered: once when the last days begin, once when they are over."""
    today = dates.today()
    sentences = {
        "near": _("Jawab sampai %(day)s: tanggapan warga tentang %(project)s"),
        "over": _("Lewat batas %(day)s: jawab tanggapan warga tentang %(project)s"),
    }
    waiting = Response.objects.filter(
        answer=None, hiding=None, due_on__lte=today + NEAR
    ).select_related("project")
    found = {
        f"response:{one.pk}:{'over' if one.due_on < today else 'near'}": one
        for one in waiting
    }
    already = told(found)
    for event, response in found.items():
        if event not in already:
            _tell_village(response, event, sentences[event.rpartition(":")[2]])


@transaction.atomic
def _tell_village(response, event, sentence, by=None):
    village = response.project.lead_village_id
    values = {
        "project": response.project.title,
        "day": dates.format_date(response.due_on),
    }
    tell(
        # As `answerable_by`: never an answer to oneself.
        holders(*VILLAGE_STAFF, villages=[village]).exclude(pk=response.author_id),
        News(event, response.get_absolute_url(), sentence, values),
        kind=TO_ANSWER,
        by=by,
    )
