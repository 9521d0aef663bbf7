from django.db.models import Count, F, Min

from forum.meetings.models import ActionItem
from leksono_portal.kit import dates
from villages.people.models import DISTRICT_POSTS, districts_of


def overdue_by_village(user):
    """[{"slug", "name", "n", "since"}] of follow-up past its day, the longest first.

    For the district's officers, of bodies of their district. since: the oldest day.
    What the district itself must do has neither slug nor name.
    """
    return (
        ActionItem.objects.open()
        .filter(
            meeting__body__district__in=districts_of(user, *DISTRICT_POSTS),
            due_on__lt=dates.today(),
        )
        .order_by()
        .values(slug=F("village__slug"), name=F("village__name"))
        .annotate(n=Count("pk"), since=Min("due_on"))
        .order_by("since", "name")
    )
