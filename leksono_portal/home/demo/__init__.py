"""A whole example: two years of one district's meetings, projects and money.

It is made by the same actions that people use, each at its own day before today, so
that rules, triggers and history hold for it as for everything else.
"""

from datetime import timedelta

from django.apps import apps
from django.db import transaction
from django.db.models import F

from leksono_portal.home.demo import (
    exchange,
    meetings,
    money,
    partners,
    people,
    works,
)
from leksono_portal.home.demo.clock import moment
from leksono_portal.home.demo.tales import PIPE
from leksono_portal.kit import demo
from leksono_portal.kit.models import FormKey, Notification
from projects.portfolio.models import Project
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
    tales = [tale for held in meetings.HELD for tale in held.tales]
    decisions = [made for held in meetings.HELD for made in meetings.hold(body, held)]
    ceilings = money.set_ceilings(district, [t.request for t in tales if t.request])
    for decision, tale in zip(decisions, tales, strict=True):
        project = works.make(decision, tale)
        if tale.request:
            money.ask(project, tale.request, ceilings)
        works.carry_out(project, tale)
        if tale.request:
            money.account(project, tale.request)
    works.respond(Project.objects.get(title=PIPE.title))
    meetings.postpone(body)
    meetings.call_next(body)
    exchange.make()
    partners.make()
    # What is older than a week has been read by everyone, a day later.
    old = Notification.objects.filter(at__lt=moment(-7))
    old.update(read_at=F("at") + timedelta(days=1))
