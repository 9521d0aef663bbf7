"""What residents wrote waits for the staff of the lead village."""

from datetime import timedelta

from django.urls import reverse

from leksono_portal.home import queue
from leksono_portal.kit import dates
from projects.responses import actions
from projects.responses.models import Response
from projects.tests.make import make_project, make_response


def test_it_waits_for_the_lead_villages_staff_until_it_is_handled(cast):
    project = make_project()
    first, second = (make_response(project, cast.resident) for _ in range(2))
    for user, n in ((cast.operator, 2), (cast.head, 2), (cast.other_operator, 0)):
        assert queue.count(user) == n
    work = queue.items(cast.operator)[0]
    assert work.due == dates.today() + timedelta(days=7) and work.days_over == 0
    assert work.url == reverse("projects:response-answer", args=[first.pk])
    actions.answer(first, by=cast.operator, text="Ya.")
    actions.hide(second, by=cast.operator, reason="Ganda.")
    assert queue.count(cast.operator) == queue.count(cast.head) == 0


def test_a_late_answer_is_marked_in_the_queue(cast):
    project = make_project()
    Response.objects.create(
        project=project,
        author=cast.resident,
        text="Kapan?",
        due_on=dates.today() - timedelta(days=2),
    )
    assert queue.items(cast.operator)[0].kind == "stop"
