"""Who hears of a ceiling: whoever proposed the change that was decided."""

from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.money import format_rupiah
from leksono_portal.kit.notify import Kind, News, tell
from villages.people.models import User

CEILING = Kind(
    "ceiling", _("Perubahan pagu yang Anda usulkan: diputuskan"), by_mail=False
)


def decided(change, by):
    sentence = (
        _("Pagu %(allotment)s berubah dari %(before)s menjadi %(amount)s")
        if change.is_accepted
        else _("Perubahan pagu %(allotment)s menjadi %(amount)s tidak ditetapkan")
    )
    values = {
        "allotment": lambda: str(change.allotment),
        "before": format_rupiah(change.before or 0),
        "amount": format_rupiah(change.amount),
    }
    tell(
        User.objects.filter(pk=change.proposed_by_id),
        News(
            f"ceiling:{change.pk}:decided", change.get_absolute_url(), sentence, values
        ),
        kind=CEILING,
        by=by,
    )
