"""A small, whole example: people, meetings, projects and money of one district.

It is made by the same actions that people use, each at its own day before today, so
that rules, triggers and history hold for it as for everything else.
"""

from datetime import timedelta

from django.apps import apps
from django.db import transaction
from django.db.models import F

from leksono_portal.home.demo import meetings, money, people, works
from leksono_portal.home.demo.clock import moment
from leksono_portal.kit import demo
from leksono_portal.kit.models import FormKey, Notification
from projects.sources import reference as sources
from projects.sources.models import FundSource
from villages.areas import reference as areas
from villages.areas.models import Border, District, Village

ROOMS = ("kit", "villages", "projects", "forum")
REFERENCE = (District, Village, Border, FundSource, FormKey)


def what_is_here():
    """The first kind of row of ours, reference data apart, or None in an empty portal."""
    for model in apps.get_models():
        is_ours = model._meta.app_label in ROOMS and model not in REFERENCE
        if is_ours and model.objects.exists():
            return model._meta.verbose_name_plural
    return None


@transaction.atomic
def fill():
    """Fill an empty portal with the example and mark it as such."""
    areas.load()
    sources.load()
    demo.mark()  # first: only under the mark is the example password accepted
    district = District.objects.get(code=areas.DISTRICT["code"])
    people.make(district)
    body = meetings.make_body(district)
    decisions = meetings.hold_first(body)
    projects = works.make_projects(decisions)
    money.ask_and_grant(district, projects)
    works.report(projects)
    works.respond(projects)
    meetings.call_next(body)
    # What is older than a week has been read by everyone, a day later.
    old = Notification.objects.filter(at__lt=moment(-7))
    old.update(read_at=F("at") + timedelta(days=1))
