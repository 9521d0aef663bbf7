"""Who hears of an office: the person who holds it."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from leksono_portal.kit.notify import Kind, News, tell
from villages.people.models import User

OFFICE = Kind("office", _("Jabatan Anda: mulai dan berakhir"), by_mail=True)


def granted(office, by):
    _tell(
        office,
        f"office:{office.pk}:granted",
        _("Anda memegang jabatan %(title)s mulai %(day)s"),
        office.starts_on,
        by,
    )


def ended(office, by):
    _tell(
        office,
        f"office:{office.pk}:ended:{office.ends_on}",
        _("Jabatan %(title)s Anda berakhir setelah %(day)s"),
        office.ends_on,
        by,
    )


def _tell(office, event, sentence, day, by):
    values = {"title": lambda: office.title, "day": dates.format_date(day)}
    tell(
        User.objects.filter(pk=office.user_id),
        News(event, reverse("home:work"), sentence, values),
        kind=OFFICE,
        by=by,
    )
