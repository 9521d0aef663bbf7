"""Whatever reaches an address that takes forms: a sentence, and nothing lost or doubled.

Each address is tried as the role that may post there, with the body that a person would
send, spoiled in one way at a time.
"""

from html import unescape
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.test.utils import override_settings
from django.urls import resolve, reverse

from conftest import QUICK_HASHERS, make_cast
from forum.meetings import actions as forum
from forum.meetings.changes import World
from forum.tests import make as meetings
from forum.voting import actions as voting
from forum.voting.models import COUNTS
from leksono_portal.kit import dates, form_keys
from leksono_portal.tests.test_access import (
    ROLES,
    TABLE,
    address_of,
    body_of,
    browser_of,
    lines,
    make_scene,
    rows_of_ours,
)
from leksono_portal.tests.typed import Picked, fields_of, forms_of
from projects.accounts import actions as accounts
from projects.funding import actions as funding
from projects.pledges import actions as pledges
from projects.portfolio import actions as portfolio
from projects.sources import actions as sources
from projects.tests import make as projects
from villages.exchange import actions as exchange
from villages.partners import actions as partners
from villages.people.models import Post
from villages.tests.make import PASSWORD, make_contact, make_officer, make_partner

pytestmark = pytest.mark.django_db
# {address: the first role that may post there}
SENDERS = {
    line[0]: ROLES[line[3].index("+")]
    for line in lines(TABLE)
    if len(line) == 4 and "+" in line[3]
}
# They carry a file, which no browser and no page of ours keeps.
FILES = {"projects:photo-add", "forum:scan-add", "forum:letter-add"}
# Lists to be ticked; one in which nobody is ticked is whole.
TICKED = {"forum:attendance-save", "forum:ballot-electorate"}
# These only ask for the press of a button.
BARE = set(
    """forum:agenda-remove forum:agenda-up forum:agenda-down forum:participant-remove
    forum:decision-remove forum:action-remove forum:action-done
    forum:agenda-start forum:agenda-end forum:agenda-carry forum:agenda-defer
    forum:agenda-resume forum:ballot-decide
    projects:project-start projects:project-complete
    projects:ceiling-change-accept""".split()
)
ASKING = [name for name in SENDERS if name not in BARE]
WORDLESS = set(
    """forum:meeting-finalise forum:meeting-postpone
    forum:scan-add forum:attendance-save forum:decision-link forum:notes-save
    forum:agenda-transfer forum:agenda-copy
    forum:attendance-rows forum:letter-add forum:check-in
    forum:ballot-electorate forum:ballot-count forum:ballot-confirm
    projects:work-item-remove projects:line-remove projects:request-withdraw
    projects:request-verify projects:allotment-new projects:allotment-confirm
    projects:lines-paste projects:lines-copy projects:receipt-remove
    projects:pledge-agree""".split()
)
# They write over nothing, whatever happened meanwhile.
NEW = set(
    """villages:resource-new villages:partner-new forum:meeting-new forum:decision-project projects:work-item-add
    projects:line-add projects:lines-paste projects:lines-copy""".split()
)
WORDS = set(
    """title place purpose text note reason background description unit name post task
    letter_number reference form-0-name form-0-post form-0-where form-0-now
    foto-1-alt address hours how_many form-0-institution question
    what contact outcome alt number purpose payee story""".split()
)
# Words elsewhere, here one of a few to choose from.
CHOSEN = {"villages:resource-new": {"what"}, "villages:resource-edit": {"what"}}
# They stand in a box of their own, to be mended there.
BOXES = set(
    """quantity unit_price amount cost spent year date starts ends starts_on ends_on due_on
    reported_on paid_on taken_on available_from available_until phone whatsapp
    email numbers tax received_on letter_date estimate""".split()
)
WRONG = ("bukan angka", "-1", "9" * 20, "9" * 5000, "2026-13-45", "\x00")
# Nothing hangs on these: how many forms were empty at first, a version that an added
# line does not need, and words that may say anything but what is to replace them.
NOT_ASKED = {
    "forum:participant-add": {"form-INITIAL_FORMS", "form-TOTAL_FORMS"},
    "forum:amend": {"form-INITIAL_FORMS", "form-TOTAL_FORMS", "form-0-was"},
    "forum:visitor-add": {"form-INITIAL_FORMS", "form-TOTAL_FORMS"},
    "projects:line-add": {"version"},
    "projects:lines-paste": {"version", "shown"},
    "projects:lines-copy": {"version"},
}
ODD = "ꦧꦼꦱ 😀\u202e<b>&amp;\"'%s#$"


@pytest.fixture(scope="module")
def scene(django_db_setup, django_db_blocker):
    """One of everything, and once more what belongs to something else."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(PASSWORD_HASHERS=QUICK_HASHERS):
            cast = make_cast()
            cast.second_treasurer = make_officer(
                "bendahara.dua", Post.DISTRICT_TREASURER, cast.district
            )
        scene = make_scene(cast)
        scene.browsers = {
            role: browser_of(scene.cast, role) for role in set(SENDERS.values())
        }
        scene.other = make_other(scene)
        yield scene
        transaction.set_rollback(True)


def make_other(s):
    """Parts of another meeting, project and request than those tried."""
    meeting = meetings.make_ready_meeting(s.body, s.cast.operator, title="Lain")
    meeting.participants.update(may_vote=True)
    project = projects.make_project(title="Lain")
    request = projects.make_request(project, s.ceiling)
    return SimpleNamespace(
        agenda=meeting.agenda.first(),
        participant=meeting.participants.get(),
        decision=meeting.decisions.get(),
        ballot=meetings.make_ballot(meeting, s.cast.operator),
        tranche=SimpleNamespace(pk=9),  # by its number, which none of these has
        task=meetings.make_action_item(meeting, s.cast.besani),
        work_item=projects.make_work_item(project),
        line=request.lines.get(),
        photo=projects.make_photo(project),
        partner=make_partner(s.cast.elsewhere, s.cast.far_camat, name="Jauh"),
        of_timbang=projects.make_allotment(s.cast.district, village=s.cast.timbang),
    )


@pytest.fixture
def trial(scene):
    """`trial(name)`: a fresh try of the address; all it did is undone afterwards."""
    with transaction.atomic():
        yield lambda name: Trial(name, scene)
        transaction.set_rollback(True)


class Trial:
    """An address, who sends there, the valid body, and whether a row has changed."""

    def __init__(self, name, scene):
        self.address = address_of(name, scene)
        self.client, self.user = scene.browsers[SENDERS[name]]
        self.sent = {
            key: value if isinstance(value, Picked) else str(value)
            for key, value in body_of(name, scene).items()
        }
        self.words = self.sent.keys() & WORDS - CHOSEN.get(name, set())
        self.before = rows_of_ours()

    @property
    def typed(self):
        """What is no words and stands on the page: numbers, dates, choices, marks."""
        page = self.client.get(self.address, follow=True)
        named = {name for _to, fields in forms_of(page) for name in fields}
        return (self.sent.keys() & named) - self.words

    @property
    def key(self):
        return {form_keys.FIELD: form_keys.new_key(self.user)}

    def post(self, sent, **extra):
        return self.client.post(self.address, sent | self.key, **extra)

    def changed(self):
        return rows_of_ours() != self.before


def text_of(response):
    return unescape(response.content.decode())


def check_refused(response, what=""):
    """Refused with a sentence of ours, on a page of ours."""
    page = text_of(response)
    assert response.status_code in (200, 400, 403, 404, 409), what
    assert '<html lang="id">' in page
    if response.status_code == 200:
        assert 'role="alert"' in page, what
    for english in ("This field", "Enter a", "Select a valid", "Ensure this"):
        assert english not in page


def check_kept(response, sent, names):
    """Each field of `names` stands in a form on the page as it was sent."""
    for name in names:
        found = [fields.get(name, []) for _to, fields in forms_of(response)]
        kept = [
            value.replace("\r\n", "\n").strip() for values in found for value in values
        ]
        assert sent[name].strip() in kept, name


def test_each_address_is_tried_with_all_that_is_sent_there(scene):
    sent = {name: body_of(name, scene).keys() for name in SENDERS}
    assert {name for name in SENDERS if not sent[name]} == BARE
    assert {name for name in ASKING if not sent[name] & WORDS} == WORDLESS
    marked = {name for name in SENDERS if sent[name] & {"version", "step", "seen"}}
    assert marked - NEW <= QUICKER.keys()
    of_parts = {name for name in SENDERS if len(ids_in(address_of(name, scene))) > 1}
    assert of_parts == OTHERS.keys()


@pytest.mark.parametrize("name", ASKING)
def test_an_empty_form_is_answered_with_a_sentence(name, trial):
    tried = trial(name)
    response = tried.post({})
    if name not in TICKED:
        check_refused(response)
    assert not tried.changed()


@pytest.mark.parametrize("name", ASKING)
def test_wrong_types_are_answered_with_a_sentence_and_words_are_kept(name, trial):
    tried = trial(name)
    spoilt = tried.typed - NOT_ASKED.get(name, set())
    bodies = [
        (wrong, tried.sent | dict.fromkeys(spoilt, wrong)) for wrong in WRONG if spoilt
    ]
    if len(spoilt) > 1:
        bodies += [(field, tried.sent | {field: WRONG[0]}) for field in spoilt]
    for what, body in bodies:
        response = tried.post(body)
        if response.status_code == 302:  # ids of nobody
            assert name in TICKED, what
        else:
            check_refused(response, what)
            check_kept(response, body, tried.words | (spoilt & BOXES))
    assert not tried.changed()


@pytest.mark.parametrize("name", [name for name in ASKING if name not in WORDLESS])
def test_words_too_long_or_unreadable_are_refused_and_kept(name, trial):
    tried = trial(name)
    long = tried.sent | dict.fromkeys(tried.words, "panjang " * 1250 + "x")
    response = tried.post(long)
    check_refused(response)
    check_kept(response, long, tried.words)
    assert not tried.changed()
    nul = tried.sent | dict.fromkeys(tried.words, "a\x00b")
    check_refused(tried.post(nul))
    assert not tried.changed()


@pytest.mark.parametrize(
    "name", [name for name in ASKING if name not in WORDLESS | FILES]
)
def test_odd_signs_are_words_like_others(name, trial):
    tried = trial(name)
    odd = tried.sent | dict.fromkeys(tried.words, ODD)
    raw = urlencode(odd | tried.key) + "&" + "%ED%A0%80=%ED%A0%80&x=%FF%FE"
    response = tried.client.post(
        tried.address, raw, content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 302
    assert tried.changed()


@pytest.mark.parametrize("name", SENDERS)
def test_ten_megabytes_are_refused_before_they_are_read(name, trial):
    tried = trial(name)
    ten = 10 * 1024 * 1024
    for kind, most in (
        ("application/x-www-form-urlencoded", ten),
        (
            "multipart/form-data; boundary=b",
            getattr(resolve(tried.address).func, "upload_limit", ten),
        ),
    ):
        text = b"x=" + b"a" * most
        response = tried.client.post(tried.address, text, content_type=kind)
        assert response.status_code == 413
        assert "paling besar" in text_of(response) and "MB" in text_of(response)
    assert not tried.changed()


def test_three_megabytes_of_text_in_a_form_for_files_are_refused_too(trial):
    tried = trial("forum:agenda-add")
    response = tried.post({"title": "a" * 3_000_000})
    assert response.status_code == 413
    assert "2,5 MB" in text_of(response)
    assert not tried.changed()


@pytest.mark.parametrize("name", SENDERS)
def test_a_double_click_has_its_effect_once(name, trial):
    tried = trial(name)
    body = tried.sent | tried.key
    first = tried.client.post(tried.address, body)
    done = rows_of_ours()
    again = tried.client.post(tried.address, body)
    assert tried.changed()
    assert (first.status_code, again.status_code) == (302, 302)
    assert again.url == first.url
    assert rows_of_ours() == done


@pytest.mark.parametrize("name", [name for name in SENDERS if name not in FILES])
def test_an_expired_sign_in_loses_nothing_and_doubles_nothing(name, trial):
    tried, browser = trial(name), Client()
    words = dict.fromkeys(tried.words, 'Kata "kami" & <b>\r\nbaris dua')
    if "unit" in words:  # no room for so many
        words = {}
    page = browser.post(tried.address, tried.sent | words | tried.key)
    assert page.status_code == 403
    assert not tried.changed()
    for name_of_field in tried.words:
        assert (tried.sent | words)[name_of_field] in text_of(page)
    signed_in = browser.post(
        reverse("account_login"),
        fields_of(page, reverse("account_login"))
        | {"login": tried.user.username, "password": PASSWORD},
    )
    assert signed_in.url == reverse("resend")
    waiting = browser.get(signed_in.url)
    form = fields_of(waiting, tried.address)
    for name_of_field, typed in (tried.sent | words).items():
        assert form[name_of_field] == [typed]
    first = browser.post(tried.address, form)
    assert first.status_code == 302
    assert tried.changed()
    done = rows_of_ours()
    assert browser.post(tried.address, form).url == first.url
    assert rows_of_ours() == done


def test_an_expired_sign_in_says_that_a_photo_must_be_chosen_again(trial):
    tried, browser = trial("projects:photo-add"), Client()
    page = browser.post(tried.address, tried.sent | tried.key)
    assert page.status_code == 403
    assert "IMG_0001.jpg" in text_of(page)
    browser.post(
        reverse("account_login"),
        fields_of(page, reverse("account_login"))
        | {"login": tried.user.username, "password": PASSWORD},
    )
    form = fields_of(browser.get(reverse("resend")), tried.address)
    response = browser.post(tried.address, form)
    check_refused(response)
    check_kept(response, tried.sent, tried.words)
    assert not tried.changed()


def other_ceiling(s):
    sources.propose_allotment(
        by=s.cast.treasurer,
        source=s.proposed.source,
        year=s.proposed.year,
        district=s.cast.district,
        ceiling=5,
    )


def save(verb, row, **fields):
    """What the other operator does first with a part of the meeting."""
    return lambda s: getattr(forum, verb)(
        getattr(s, row), by=s.cast.other_operator, version=1, **fields
    )


def count_anew(who):
    """What `who` does first with the counted ballot."""
    return lambda s: voting.count(
        s.counted,
        by=getattr(s.cast, who),
        version=2,
        **dict.fromkeys(COUNTS, 0) | {"votes_for": 1},
    )


def ask(verb, request, who, seen="step", **fields):
    """What `who` does first with a request."""

    def act(s):
        found = getattr(s, request)
        getattr(funding, verb)(
            by=getattr(s.cast, who),
            request_id=found.pk,
            **{seen: getattr(found, seen)},
            **fields,
        )

    return act


def pledged(verb, pledge, who, **fields):
    """What `who` does first with a pledge."""
    return lambda s: getattr(pledges, verb)(
        by=getattr(s.cast, who),
        pledge_id=getattr(s, pledge).pk,
        version=getattr(s, pledge).version,
        **fields,
    )


def edit_work(s):
    portfolio.save_work_item(s.work_item, by=s.cast.head, version=1, title="Galian C")


def account(verb, row, **fields):
    """What someone of the same office does first with money that was granted."""
    who = {"send": "head", "accept": "verifier", "complete": "verifier"}

    def act(s):
        found = getattr(s, row)
        key = "account_id" if row in ("account", "reported") else "request_id"
        getattr(accounts, verb)(
            by=getattr(s.cast, who.get(verb, "camat")),
            step=found.step,
            **{key: found.pk},
            **fields,
        )

    return act


def edit_draft(who):
    return ask("edit_request", "draft", who, seen="version", title="Judul si cepat")


# {address: (who was quicker, what they did)}
QUICKER = {
    "villages:contact-edit": (
        "head",
        lambda s: make_contact(s.cast.besani, s.cast.head, version=1, address="Baru"),
    ),
    "villages:resource-edit": (
        "head",
        lambda s: exchange.edit(
            s.resource, by=s.cast.head, version=1, title="Molen si cepat"
        ),
    ),
    "villages:resource-close": (
        "head",
        lambda s: exchange.close(
            s.resource, by=s.cast.head, status="withdrawn", reason="Rusak."
        ),
    ),
    "villages:partner-edit": (
        "sekcam",
        lambda s: partners.edit(
            s.partner, by=s.cast.sekcam, version=1, name="Nama si cepat"
        ),
    ),
    "villages:partner-close": (
        "sekcam",
        lambda s: partners.close(
            s.partner, by=s.cast.sekcam, version=1, reason="Pindah."
        ),
    ),
    "forum:meeting-edit": (
        "other_operator",
        lambda s: forum.edit_meeting(
            s.meeting, by=s.cast.other_operator, version=1, place="Aula"
        ),
    ),
    "forum:meeting-finalise": (
        "other_operator",
        lambda s: forum.add_agenda_item(
            s.meeting, by=s.cast.other_operator, title="Lain-lain"
        ),
    ),
    "forum:conflict-settle": (
        "other_operator",
        lambda s: forum.save_decision(
            s.disputed.decisions.get(),
            by=s.cast.other_operator,
            version=2,
            text="Bunyi si cepat.",
        ),
    ),
    "forum:notes-save": (
        "other_operator",
        lambda s: forum.save_agenda_item(
            s.agenda[0], by=s.cast.other_operator, version=1, note="Dari si cepat."
        ),
    ),
    "forum:agenda-save": (
        "other_operator",
        lambda s: forum.save_agenda_item(
            s.agenda[0], by=s.cast.other_operator, version=1, title="Salam"
        ),
    ),
    "forum:participant-save": (
        "other_operator",
        save("save_participant", "participant", name="Wakil lain"),
    ),
    "forum:decision-save": (
        "other_operator",
        save("save_decision", "decision", text="Bunyi si cepat."),
    ),
    "forum:action-save": (
        "other_operator",
        save("save_action_item", "task", task="Tugas si cepat"),
    ),
    "forum:amend": (
        "sekcam",
        lambda s: meetings.make_amendment(s.final, s.cast.sekcam, seen=1),
    ),
    "forum:ballot-count": ("other_operator", count_anew("other_operator")),
    "forum:ballot-confirm": ("operator", count_anew("operator")),
    "projects:project-edit": (
        "head",
        lambda s: portfolio.edit_project(
            s.agreed, by=s.cast.head, version=1, partner_villages=[], title="Cepat"
        ),
    ),
    "projects:work-item-save": ("head", edit_work),
    "projects:work-item-remove": ("head", edit_work),
    "projects:report-new": (
        "head",
        lambda s: projects.make_report(s.running, 41, 11, by=s.cast.head),
    ),
    "projects:photo-withdraw": (
        "admin",
        lambda s: portfolio.withdraw_photo(s.photo, by=s.cast.admin, reason="Salah."),
    ),
    "projects:pledge-agree": (
        "sekcam",
        pledged("withdraw", "offered", "sekcam", reason="Dananya dipotong."),
    ),
    "projects:pledge-decline": (
        "sekcam",
        pledged("withdraw", "offered", "sekcam", reason="Dananya dipotong."),
    ),
    "projects:pledge-withdraw": ("head", pledged("agree", "offered", "head")),
    "projects:pledge-receive": (
        "head",
        pledged("close", "begun", "head", reason="Dananya dipotong."),
    ),
    "projects:pledge-close": (
        "head",
        pledged(
            "receive",
            "begun",
            "head",
            received_on=dates.today(),
            reference="BAST/8",
            amount=1_000,
        ),
    ),
    "projects:pledge-use": (
        "head",
        pledged("use", "arrived", "head", outcome="Dipakai untuk pipa jalur bawah."),
    ),
    "projects:pledge-thank": (
        "camat",
        pledged("thank", "arrived", "camat", number="900/8/2026"),
    ),
    "projects:request-edit": ("head", edit_draft("head")),
    "projects:line-save": ("head", edit_draft("head")),
    "projects:line-remove": ("head", edit_draft("head")),
    "projects:request-submit": ("operator", edit_draft("operator")),
    "projects:request-withdraw": (
        "verifier",
        ask("verify", "submitted", "verifier", checklist=projects.checklist()),
    ),
    "projects:request-verify": ("head", ask("withdraw", "submitted", "head")),
    "projects:request-return": (
        "camat",
        ask("send_back", "verified", "camat", reason="RAB lama."),
    ),
    "projects:request-approve": (
        "verifier",
        ask("send_back", "verified", "verifier", reason="RAB lama."),
    ),
    "projects:request-reject": (
        "verifier",
        ask("send_back", "verified", "verifier", reason="RAB lama."),
    ),
    "projects:request-release": (
        "second_treasurer",
        lambda s: projects.release(s.approved, by=s.cast.second_treasurer),
    ),
    "projects:request-hold": ("camat", account("hold", "paid", reason="Cepat.")),
    "projects:request-resume": ("camat", account("resume", "held", reason="Cepat.")),
    "projects:request-complete": ("verifier", account("complete", "spent")),
    "projects:request-cancel": (
        "second_treasurer",
        lambda s: projects.release(s.approved, by=s.cast.second_treasurer),
    ),
    "projects:receipt-add": ("head", account("send", "account", story="Cepat.")),
    "projects:receipt-save": ("head", account("send", "account", story="Cepat.")),
    "projects:receipt-remove": ("head", account("send", "account", story="Cepat.")),
    "projects:account-send": ("head", account("send", "account", story="Cepat.")),
    "projects:account-return": ("verifier", account("accept", "reported")),
    "projects:account-accept": ("verifier", account("accept", "reported")),
    "projects:allotment-confirm": ("treasurer", other_ceiling),
    "projects:allotment-change": (
        "camat",
        lambda s: projects.make_change(s.ceiling, accept=True),
    ),
}


KEPT_BESIDE = {
    "forum:notes-save",
    "forum:agenda-save",
    "forum:participant-save",
    "forum:decision-save",
    "forum:action-save",
}


@pytest.mark.parametrize("name", QUICKER)
def test_who_was_quicker_is_named_and_nothing_is_written_over(name, trial, scene):
    tried = trial(name)
    who, act = QUICKER[name]
    act(scene)
    quick = rows_of_ours()
    response = tried.post(tried.sent)
    assert response.status_code == 409
    assert getattr(scene.cast, who).name in text_of(response)
    check_kept(response, tried.sent, tried.words)
    if name in KEPT_BESIDE:
        # What does not touch is merged, the rest stands beside it; see forum/tests.
        changes = scene.meeting.changes
        assert changes.open_conflicts().filter(author=tried.user).exists()
        world = World(scene.meeting)
        for change in changes.filter(author=getattr(scene.cast, who)):
            assert world.value_of(change.cell) == change.value
    else:
        assert rows_of_ours() == quick


OTHERS = {
    "forum:agenda-save": "agenda",
    "forum:agenda-remove": "agenda",
    "forum:agenda-up": "agenda",
    "forum:agenda-down": "agenda",
    "forum:agenda-start": "agenda",
    "forum:agenda-end": "agenda",
    "forum:agenda-defer": "agenda",
    "forum:agenda-resume": "agenda",
    "forum:agenda-transfer": "agenda",
    "forum:agenda-copy": "agenda",
    "forum:participant-save": "participant",
    "forum:participant-remove": "participant",
    "forum:letter-add": "participant",
    "forum:decision-save": "decision",
    "forum:decision-remove": "decision",
    "forum:action-save": "task",
    "forum:action-remove": "task",
    "forum:ballot-count": "ballot",
    "forum:ballot-confirm": "ballot",
    "forum:ballot-cancel": "ballot",
    "forum:ballot-decide": "ballot",
    "forum:decision-project": "decision",
    "forum:decision-link": "decision",
    "projects:work-item-save": "work_item",
    "projects:work-item-remove": "work_item",
    "projects:photo-withdraw": "photo",
    "projects:line-save": "line",
    "projects:line-remove": "line",
    "projects:receipt-add": "tranche",
    "projects:receipt-save": "tranche",
    "projects:receipt-remove": "tranche",
    "projects:account-send": "tranche",
    "projects:account-return": "tranche",
    "projects:account-accept": "tranche",
}


def ids_in(address):
    return [part for part in address.split("/") if part.isdecimal()]


@pytest.mark.parametrize("name", OTHERS)
def test_a_part_of_something_else_is_not_reached_under_this_address(name, trial, scene):
    tried = trial(name)
    own = ids_in(tried.address)[1]
    before, after = tried.address.rsplit(f"/{own}/", 1)
    tried.address = f"{before}/{getattr(scene.other, OTHERS[name]).pk}/{after}"
    response = tried.post(tried.sent)
    if name.endswith("-remove") and response.status_code == 302:
        response = tried.client.get(response.url)
        assert "sudah dihapus" in text_of(response)
    else:
        check_refused(response)
        assert response.status_code in (404, 409)
    if response.status_code == 409:
        check_kept(response, tried.sent, tried.words)
    assert not tried.changed()


FOREIGN = [
    ("villages:resource-new", "village", lambda s: s.cast.timbang),
    ("forum:attendance-save", "present", lambda s: s.other.participant),
    ("forum:participant-add", "village", lambda s: s.cast.far),
    ("forum:participant-save", "village", lambda s: s.cast.far),
    ("forum:decision-add", "agenda_item", lambda s: s.other.agenda),
    ("forum:decision-save", "agenda_item", lambda s: s.other.agenda),
    ("forum:ballot-open", "agenda_item", lambda s: s.other.agenda),
    ("forum:action-add", "village", lambda s: s.cast.far),
    ("forum:action-save", "decision", lambda s: s.other.decision),
    ("forum:meeting-new", "chair", lambda s: s.cast.far_operator),
    ("forum:meeting-edit", "chair", lambda s: s.cast.far_camat),
    ("forum:decision-project", "lead_village", lambda s: s.cast.timbang),
    ("forum:decision-project", "partner_villages", lambda s: s.cast.far),
    ("projects:project-edit", "partner_villages", lambda s: s.cast.far),
    ("projects:pledge-new", "partner", lambda s: s.other.partner),
    ("projects:pledge-use", "photo", lambda s: s.other.photo),
    ("projects:line-add", "allotment", lambda s: s.other.of_timbang),
    ("projects:line-save", "allotment", lambda s: s.other.of_timbang),
    ("projects:lines-paste", "allotment", lambda s: s.other.of_timbang),
    ("projects:lines-copy", "allotment", lambda s: s.other.of_timbang),
    ("projects:allotment-new", "village", lambda s: s.cast.far),
    ("projects:allotment-new", "village", lambda s: s.cast.leksono),
]


@pytest.mark.parametrize(("name", "field", "thing"), FOREIGN)
def test_what_belongs_to_others_cannot_be_chosen(name, field, thing, trial, scene):
    tried = trial(name)
    body = {"was": ""} if name == "forum:attendance-save" else tried.sent
    response = tried.post(body | {field: str(thing(scene).pk)})
    if name != "forum:attendance-save":  # a name no longer on the list is passed over
        check_refused(response)
        check_kept(response, tried.sent, tried.words)
    assert not tried.changed()
