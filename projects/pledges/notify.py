"""Who hears of a partner's pledge: whose turn it is, and who wrote it down."""

from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.notify import Kind, News, tell
from projects.pledges.models import HEADS
from villages.people.models import User, holders

TURN = Kind("pledge-turn", _("Janji mitra yang menunggu Anda"), by_mail=True)
OUTCOME = Kind(
    "pledge-outcome", _("Janji mitra yang Anda catat: jawaban desa"), by_mail=False
)


def recorded(pledge, by):
    heads = holders(*HEADS, villages=[pledge.project.lead_village_id])
    _tell(heads, pledge, TURN, _("Janji mitra untuk %(project)s: %(partner)s"), by)


def agreed(pledge, by):
    sentence = _("Janji %(partner)s untuk %(project)s disepakati")
    _tell(_recorder(pledge), pledge, OUTCOME, sentence, by)


def declined(pledge, by):
    sentence = _("Janji %(partner)s untuk %(project)s tidak diterima desa")
    _tell(_recorder(pledge), pledge, OUTCOME, sentence, by)


def _recorder(pledge):
    return User.objects.filter(pk=pledge.recorded_by_id)


def _tell(users, pledge, kind, sentence, by):
    values = {"project": pledge.project.title, "partner": pledge.partner.name}
    event = f"pledge:{pledge.pk}:{pledge.status}:{pledge.step}"
    tell(
        users,
        News(event, pledge.get_absolute_url(), sentence, values),
        kind=kind,
        by=by,
    )
