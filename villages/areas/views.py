"""Pages of the villages. What upper floors know of them comes by reverse relations."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import Exists, OuterRef, Prefetch
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from villages.areas import maps
from villages.areas.models import Village

SHOWN = 12
LISTED = 5  # offers, and needs


@require_safe
@login_not_required
def villages(request):
    found = maps.with_running(Village.objects.select_related("district"))
    return render(request, "villages/areas/villages.html", {"villages": found})


@require_safe
@login_not_required
def village(request, slug):
    village = get_object_or_404(_with_verbs(request.user), slug=slug)
    resources = _resources(village, request.user)
    context = {
        "village": village,
        "contact": getattr(village, "contact", None),
        "offers": [resource for resource in resources if resource.is_offer],
        "needs": [resource for resource in resources if not resource.is_offer],
        "officials": _officials(village),
        "projects": _projects(village, request.user),
        "requests": _requests(village, request.user),
        "follow_ups": _follow_ups(village),
    }
    return render(request, "villages/areas/village.html", context)


def _with_verbs(user):
    """Villages with their contact, and what `user` may do on their page."""
    villages = Village.objects.select_related("district", "contact")
    if not user.is_authenticated:
        return villages
    contactable = _known_above(Village, "contact").villages_editable_by(user)
    return villages.annotate(
        can_edit_contact=Exists(contactable.filter(pk=OuterRef("pk"))),
        can_publish=Exists(
            _known_above(Village, "resources")
            .villages_publishable_by(user)
            .filter(pk=OuterRef("pk"))
        ),
    )


def _known_above(model, relation):
    """The rows an upper floor ties to `model`, as its own queryset."""
    return model._meta.get_field(relation).related_model.objects


def _officials(village):
    """Who holds a post here today; delegates are named on their meetings."""
    offices = village.offices.today().exclude(post="delegate").select_related("user")
    order = {
        post: n for n, (post, _label) in enumerate(offices.model.post.field.choices)
    }
    return sorted(offices, key=lambda office: (order[office.post], office.pk))


def _resources(village, user):
    """The newest it has and needs, `LISTED` of each."""
    return village.resources.visible_to(user).open().first_of_each_kind(LISTED)


def _projects(village, user):
    """The newest projects it leads or takes part in, with what decided them."""
    projects = _known_above(Village, "led_projects")
    links = _known_above(projects.model, "decision_links").filter(
        decision__meeting__finalised_at__isnull=False
    )
    return (
        projects.visible_to(user)
        .involving(village)
        .with_last_report()
        .with_plan()
        .select_related("lead_village")
        .prefetch_related(
            "partner_villages",
            Prefetch(
                "decision_links",
                links.select_related("decision__meeting").order_by("pk"),
            ),
        )[:SHOWN]
    )


def _requests(village, user):
    """The newest requests for money of projects it leads or takes part in."""
    projects = _known_above(Village, "led_projects")
    return (
        _known_above(projects.model, "requests")
        .visible_to(user)
        .filter(project__in=projects.involving(village).values("pk"))
        .select_related("project")[:SHOWN]
    )


def _follow_ups(village):
    """What final meetings gave this village to do, what is open first."""
    return (
        village.action_items.filter(meeting__finalised_at__isnull=False)
        .select_related("meeting", "decision")
        .order_by("-done_on", "due_on", "pk")[:SHOWN]
    )
