"""Who hears of meetings and of what they agreed, and who does not."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from forum.meetings import actions, notify
from forum.tests.make import at, make_action_item, make_body, make_ready_meeting
from leksono_portal.kit import dates
from leksono_portal.kit.models import Notification
from leksono_portal.kit.tests.conftest import give_address
from leksono_portal.kit.tests.threads import at_once
from villages.models import Office, User
from villages.people.models import Post
from villages.tests.make import make_officer

INVITED = {"head", "other_operator", "other_head", "lurah", "sekcam"}


@pytest.fixture
def body(cast):
    return make_body(cast.district, cast.besani, cast.timbang, cast.leksono)


def heard(cast, event):
    """Who of the cast was told of the one event that begins like `event`."""
    rows = Notification.objects.filter(event__startswith=event)
    names = {user.pk: name for name, user in vars(cast).items() if type(user) is User}
    assert len({row.event for row in rows}) <= 1
    return {names[row.user_id] for row in rows}


def call(cast, body, **overrides):
    tomorrow = dates.today() + timedelta(days=1)
    fields = {
        "kind": "mad",
        "title": "Air bersih",
        "starts_at": at(tomorrow, 9),
        "ends_at": None,
        "place": "Balai Desa Besani",
        "chair": None,
        "secretary": None,
    }
    return actions.call_meeting(by=cast.operator, body=body, **(fields | overrides))


def test_a_meeting_to_come_is_announced_to_the_villages_and_the_sekcam(cast, body):
    meeting = call(cast, body)
    assert heard(cast, f"meeting:{meeting.pk}:called") == INVITED
    title = Notification.objects.first().title
    assert title.startswith("Undangan rapat ") and title.endswith("Balai Desa Besani")
    assert "Air bersih" in title and "09.00 WIB" in title


def test_a_meeting_that_was_held_already_invites_nobody(cast, body):
    call(cast, body, starts_at=at(dates.today() - timedelta(days=1), 9))
    assert not Notification.objects.exists()


def test_only_another_time_or_place_is_told(cast, body):
    meeting = call(cast, body)
    meeting = actions.edit_meeting(
        meeting, by=cast.sekcam, version=1, title="Pipa air bersih"
    )
    assert heard(cast, f"meeting:{meeting.pk}:changed") == set()
    meeting = actions.edit_meeting(meeting, by=cast.sekcam, version=2, place="Pendopo")
    assert heard(cast, f"meeting:{meeting.pk}:changed") == INVITED - {"sekcam"} | {
        "operator"
    }
    title = Notification.objects.of(cast.head).first().title
    assert title.startswith("Rapat berubah") and title.endswith("di Pendopo")


def test_whose_office_has_ended_or_account_is_closed_hears_nothing(cast, body):
    Office.objects.filter(user=cast.other_head).update(
        ends_on=dates.today() - timedelta(days=1)
    )
    User.objects.filter(pk=cast.other_operator.pk).update(is_active=False)
    meeting = call(cast, body)
    assert heard(cast, f"meeting:{meeting.pk}:called") == {"head", "lurah", "sekcam"}


def test_a_final_meeting_tells_of_its_record_and_each_village_of_its_tasks(cast, body):
    meeting = make_ready_meeting(body, cast.operator)
    own = make_action_item(meeting, cast.besani)
    first, second = (make_action_item(meeting, cast.timbang) for _ in range(2))
    office = make_action_item(meeting, None)
    assert not Notification.objects.exists()
    actions.finalise(meeting, by=cast.operator, version=1)
    assert heard(cast, f"meeting:{meeting.pk}:final") == INVITED
    assert heard(cast, f"action:{own.pk}:") == {"head"}
    for item in (first, second):
        assert heard(cast, f"action:{item.pk}:") == {"other_operator", "other_head"}
    assert heard(cast, f"action:{office.pk}:") == {"sekcam"}


def test_who_is_refused_tells_nobody(cast, body):
    meeting = make_ready_meeting(body, cast.operator)
    with pytest.raises(PermissionDenied):
        actions.finalise(meeting, by=cast.head, version=1)
    assert not Notification.objects.exists()


@pytest.fixture
def overdue(cast, body):
    meeting = make_ready_meeting(body, cast.operator)
    yesterday = dates.today() - timedelta(days=1)
    item = make_action_item(meeting, cast.timbang, due_on=yesterday)
    actions.finalise(meeting, by=cast.operator, version=1)
    return item


def test_follow_up_past_its_day_is_told_once_to_those_who_must(cast, overdue):
    for _time in range(3):
        notify.remind()
    event = f"action:{overdue.pk}:overdue"
    assert heard(cast, event) == {"other_operator", "other_head"}
    assert Notification.objects.filter(event__startswith=event).count() == 2


def test_what_is_done_or_a_draft_is_not_overdue(cast, body, overdue):
    actions.finish_action_item(overdue, by=cast.other_operator)
    draft = make_ready_meeting(body, cast.operator)
    make_action_item(draft, cast.timbang, due_on=dates.today() - timedelta(days=9))
    notify.remind()
    assert not Notification.objects.filter(event__contains="overdue").exists()


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_remind_once(cast, overdue):
    for user in User.objects.all():
        give_address(user)
    assert at_once(notify.remind, notify.remind, notify.remind) == [None] * 3
    found = Notification.objects.filter(event__contains="overdue")
    assert found.count() == 2
    assert found.filter(mail__isnull=False).count() == 2


def shared(client, meeting):
    address = client.get(meeting.get_absolute_url()).context["whatsapp"]
    return parse_qs(urlsplit(address).query)["text"][0]


def test_whatsapp_gets_the_invitation_as_people_send_it(cast, body, client, settings):
    settings.SITE_URL = "https://portal.example"
    meeting = make_ready_meeting(body, cast.operator, title='Air & "pipa"')
    head = '*Musyawarah Antar Desa: Air & "pipa"*\n'
    head += f"Hari: {dates.format_date(meeting.starts_at)}\n"
    head += "Jam: 09.00 WIB sampai 12.00 WIB\nTempat: Pendopo Kecamatan\n"
    page = f"https://portal.example/rapat/{meeting.pk}/"
    agenda = "Acara:\n1. Pembukaan\n2. Pembahasan\n3. Penutup\n"
    assert shared(client, meeting) == f"{head}{agenda}{page}"
    record = actions.finalise(meeting, by=cast.operator, version=1)
    told = f"{head}Berita acara: {record.number}\n{page}"
    assert shared(client, meeting) == told


def test_every_notice_leads_to_a_page_its_reader_may_open(cast, body, client, overdue):
    call(cast, body)
    notify.remind()
    for row in Notification.objects.all():
        client.force_login(User.objects.get(pk=row.user_id))
        assert client.get(row.url).status_code == 200
        assert client.get(reverse("notification", args=[row.pk])).url == row.url


def test_the_delegates_of_a_village_are_invited_too(cast, body):
    delegate = make_officer("wakil.besani", Post.DELEGATE, cast.besani)
    call(cast, body)
    assert Notification.objects.of(delegate).count() == 1
