"""What becomes of an item that a meeting does not get to."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from forum.meetings import actions
from forum.meetings.models import AgendaItem, Meeting


def defer(item, *, by):
    """Put an item off: the next meeting that is called has it on its agenda.

    For those who write the meeting. Raises Gone where the item was removed.
    """
    return _mark(item, by, is_deferred=True)


def resume(item, *, by):
    """Take `defer` back. As `defer`."""
    return _mark(item, by, is_deferred=False)


@transaction.atomic
def copy(item, *, by, target):
    """Put an item on the agenda of another open meeting of the body too; returns it.

    For those who write both meetings. Its notes stay where they were said. Raises Gone.
    """
    item = _locked(item, by, target)
    return actions.add_agenda_item(target, by=by, **actions.kept_fields(item))


@transaction.atomic
def move(item, *, by, target):
    """Take an item to another open meeting of the body; returns it there. As `copy`.

    Raises ValidationError once something was noted or decided on it. What it continues,
    it goes on continuing.
    """
    item = _locked(item, by, target)
    actions.remove_agenda_item(item, by=by)
    return actions.add_agenda_item(
        target,
        by=by,
        carried_from=item.carried_from,
        **actions.kept_fields(item),
    )


@transaction.atomic
def _mark(item, by, is_deferred):
    item = _locked(item, by)
    if item.is_deferred == is_deferred:
        return item
    return actions.save_agenda_item(
        item, by=by, version=item.version, is_deferred=is_deferred
    )


def _locked(item, by, *others):
    """The item as it stands, with its meeting and `others` locked, always in one order.

    Raises PermissionDenied unless `by` may write them all and they are of one body.
    """
    wanted = {item.meeting_id, *(other.pk for other in others)}
    found = list(
        Meeting.objects.writable_by(by)
        .filter(pk__in=wanted)
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    if len(found) < 1 + len(others) or len({meeting.body_id for meeting in found}) > 1:
        raise PermissionDenied(
            _(
                "Acara berpindah hanya antara rapat yang belum final dan yang Anda catat."
            )
        )
    item = AgendaItem.objects.shown_to(by).filter(pk=item.pk).first()
    if item is None:
        raise actions.Gone
    return item
