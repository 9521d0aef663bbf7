"""A final record is never changed; what is wrong in it is corrected by a new paper."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from forum.amendments import papers
from forum.meetings import notify
from forum.meetings.models import Amendment, Meeting
from leksono_portal.kit import dates
from leksono_portal.kit import papers as kit_papers
from leksono_portal.kit.errors import Stale


@transaction.atomic
def amend(meeting, *, by, reason, corrections, seen):
    """Correct the record of a final meeting; returns the Amendment.

    For its chair and secretary while they hold an office of the body, and the sekcam.
    corrections: dicts with `where` (part of the record), `was` and `now`; an empty
    `was` adds, an empty `now` strikes out. seen: how many amendments the writer knew;
    Stale if there are more by now. Raises ValidationError where nothing is corrected.
    """
    Meeting.objects.select_for_update().filter(pk=meeting.pk).first()
    meeting = (
        Meeting.objects.papers_kept_by(by)
        .select_related("record__paper", "body__district", "chair", "secretary")
        .filter(pk=meeting.pk)
        .first()
    )
    if meeting is None:
        raise PermissionDenied(
            _("Berita acara diperbaiki pimpinan atau notulis rapat, atau sekcam.")
        )
    record = meeting.record
    earlier = list(record.amendments.select_related("by"))
    if len(earlier) != seen:
        raise Stale(by=earlier[-1].by.name, at=earlier[-1].at)
    if not corrections:
        raise ValidationError(_("Isi paling sedikit satu perbaikan."))
    if any(row["was"] == row["now"] for row in corrections):
        raise ValidationError(_("Tertulis dan seharusnya tidak boleh sama."))
    at, nth = dates.now(), len(earlier) + 1
    number = f"{record.number}-P{nth}"
    content = papers.content(
        record, number, reason=reason, corrections=corrections, at=at
    )
    amendment = Amendment.objects.create(
        record=record,
        nth=nth,
        number=number,
        paper=kit_papers.store(papers.KIND, content, at, template=papers.TEMPLATE),
        by=by,
        at=at,
    )
    notify.amended(amendment, by)
    return amendment
