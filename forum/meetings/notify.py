"""Who hears of a meeting: the officers of the body's villages, and the sekcam."""

from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from forum.meetings.models import DISTRICT_WRITERS, ActionItem
from leksono_portal.kit import dates
from leksono_portal.kit.notify import Kind, News, daily, tell, told
from villages.people.models import VILLAGE_POSTS, VILLAGE_STAFF, holders

MEETING = Kind("meeting", _("Undangan rapat dan perubahannya"), by_mail=True)
RECORD = Kind("record", _("Berita acara rapat"), by_mail=False)
FOLLOW_UP = Kind("follow-up", _("Tindak lanjut yang ditugaskan"), by_mail=True)


def called(meeting, by):
    """Only of what is still to come: some write down a meeting that was held."""
    if not meeting.has_begun:
        _invite(
            meeting,
            f"meeting:{meeting.pk}:called",
            _("Undangan rapat %(when)s: %(title)s, di %(place)s"),
            by,
        )


def changed(meeting, by):
    """Another time or place of a meeting that is still to come."""
    if not meeting.has_begun:
        _invite(
            meeting,
            f"meeting:{meeting.pk}:changed:{meeting.heading_version}",
            _("Rapat berubah: %(title)s, sekarang %(when)s di %(place)s"),
            by,
        )


def finalised(record, by):
    """The record for all; to each village what it has to do, which stands from now."""
    meeting = record.meeting
    values = {"number": record.number, "title": meeting.title}
    tell(
        _officers(meeting.body),
        News(
            f"meeting:{meeting.pk}:final",
            meeting.get_absolute_url(),
            _("Berita acara %(number)s: %(title)s"),
            values,
        ),
        kind=RECORD,
        by=by,
    )
    items = meeting.action_items.filter(done_on=None).select_related("village")
    in_order = items.order_by("village_id", "pk")
    for _place, of_one in groupby(in_order, attrgetter("village_id")):
        of_one = list(of_one)
        sentence = _("Tindak lanjut %(who)s sampai %(day)s: %(task)s")
        news = [_news(item, f"action:{item.pk}:given", sentence) for item in of_one]
        tell(_responsible(of_one[0], meeting.body), *news, kind=FOLLOW_UP, by=by)


def amended(amendment, by):
    """Those who were told of the record are told of its correction."""
    meeting = amendment.record.meeting
    values = {"number": amendment.number, "title": meeting.title}
    sentence = _("Berita acara diperbaiki, %(number)s: %(title)s")
    event = f"amendment:{amendment.pk}"
    news = News(event, amendment.get_absolute_url(), sentence, values)
    tell(_officers(meeting.body), news, kind=RECORD, by=by)


@daily
def remind():
    """Follow-up past its day, once for each such day."""
    late = ActionItem.objects.open().filter(due_on__lt=dates.today())
    rows = late.select_related("meeting__body", "village")
    found = {f"action:{item.pk}:overdue:{item.due_on}": item for item in rows}
    already = told(found)
    sentence = _("Lewat batas %(day)s, tindak lanjut %(who)s: %(task)s")
    for event, item in found.items():
        if event not in already:
            with transaction.atomic():
                people = _responsible(item, item.meeting.body)
                tell(people, _news(item, event, sentence), kind=FOLLOW_UP)


def _officers(body):
    return holders(*VILLAGE_POSTS, villages=body.villages.all()) | _district(body)


def _district(body):
    return holders(*DISTRICT_WRITERS, districts=[body.district_id])


def _responsible(item, body):
    if item.village_id is None:
        return _district(body)
    return holders(*VILLAGE_STAFF, villages=[item.village_id])


def _invite(meeting, event, sentence, by):
    values = {
        "title": meeting,
        "when": dates.format_when(meeting.starts_at),
        "place": meeting.place,
    }
    news = News(event, meeting.get_absolute_url(), sentence, values)
    tell(_officers(meeting.body), news, kind=MEETING, by=by)


def _news(item, event, sentence):
    values = {
        "who": lambda: item.responsible,
        "day": dates.format_date(item.due_on),
        "task": item.task,
    }
    url = f"{item.meeting.get_absolute_url()}#tindak-lanjut"
    return News(event, url, sentence, values)
