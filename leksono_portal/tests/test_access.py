"""Who may open and who may do: every address of the portal against every role.

A line: the address' name, then nine letters for those of ROLES.
Opening: `.` shown, `s` led to sign-in, `f` refused with a sentence (403), `n` not there
for them (404), `r` led elsewhere, `-` only posted to. Doing (after `do`): `+` done, `s` held until they sign
in, `e` shown again with a sentence, `f` and `n` as above; only `+` changes a row.
"""

from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import URLPattern, get_resolver, reverse
from psycopg import Cursor

from conftest import QUICK_HASHERS, make_cast
from forum.checkin.actions import check_in, make_code
from forum.tests import make as meetings
from leksono_portal.kit import dates, files, form_keys, notify, papers
from leksono_portal.kit.models import Notification
from leksono_portal.kit.tests.pictures import jpeg, pdf
from leksono_portal.tests.typed import Picked
from projects.accounts import actions as accounts
from projects.funding.checklist import POINTS
from projects.funding.forms import PasteForm
from projects.tests import make as projects
from villages.models import User
from villages.tests.make import (
    PASSWORD,
    make_contact,
    make_partner,
    make_resource,
)

pytestmark = pytest.mark.django_db
ROLES = (
    "stranger resident operator other_operator head verifier camat treasurer admin"
).split()
TOMORROW = "2099-12-31"

# name                              opening    doing
TABLE = """
home:front                          .........
home:work                           s........
home:data                           .........
home:health                         .........
home:verification-ask               .........
home:verification                   .........
notification                        snrnnnnnn
villages:villages                   .........
villages:villages-csv               .........
villages:village                    .........
villages:contact-edit               sf.f.fff.  do sf+f+fff+
villages:resources                  .........
villages:resources-csv              .........
villages:resource                   .........
villages:resource-new               sf...ffff  do sf+e+ffff
villages:resource-edit              sf.f.ffff  do sf+f+ffff
villages:resource-close             sf.f.ffff  do sf+f+ffff
villages:partners                   .........
villages:partners-csv               .........
villages:partner                    .........
villages:partner-new                sfffff.f.  do sfffff+f+
villages:partner-edit               sfffff.f.  do sfffff+f+
villages:partner-close              sfffff.f.  do sfffff+f+
forum:forum                         .........
forum:meetings                      .........
forum:meetings-csv                  .........
forum:decisions-csv                 .........
forum:follow-ups                    .........
forum:follow-ups-csv                .........
forum:meeting                       .........
forum:room-shell                    .........
forum:service-worker                .........
forum:manifest                      .........
forum:meeting-new                   sf..fffff  do sf++fffff
forum:meeting-edit                  sf..fffff  do sf++fffff
forum:meeting-log                   sf..fffff
forum:conflict-settle               sf..fffff  do sf++fffff
forum:meeting-finalise              sf.ffffff  do sf+ffffff
forum:record-pdf                    .........
forum:attendance-pdf                .........
forum:attendance-sheet              sf..fffff
forum:scan-add                      sf.ffffff  do sf+ffffff
forum:scan-file                     sn.......
forum:amend                         sf.ffffff  do sf+ffffff
forum:amendment-pdf                 .........
forum:notes-save                    sfrrfffff  do sf++fffff
forum:attendance-save               sfrrfffff  do sf++fffff
forum:attendance-rows               sf..fffff  do sf++fffff
forum:visitor-add                   sf..fffff  do sf++fffff
forum:letter-add                    sf..fffff  do sf++fffff
forum:letter-file                   sn.......
forum:check-in-code                 sf..fffff
forum:check-in                      sf...ffff  do sf+++ffff
forum:agenda-add                    sf..fffff  do sf++fffff
forum:agenda-save                   sf..fffff  do sf++fffff
forum:agenda-remove                 sf..fffff  do sf++fffff
forum:agenda-up                     sfrrfffff  do sf++fffff
forum:agenda-down                   sfrrfffff  do sf++fffff
forum:agenda-start                  sfrrfffff  do sf++fffff
forum:agenda-end                    sfrrfffff  do sf++fffff
forum:meeting-postpone              sf..fffff  do sf++fffff
forum:meeting-second                sf..fffff  do sf++fffff
forum:agenda-carry                  sf..fffff  do sf++fffff
forum:agenda-defer                  sf..fffff  do sf++fffff
forum:agenda-resume                 sf..fffff  do sf++fffff
forum:agenda-transfer               sf..fffff  do sf++fffff
forum:agenda-copy                   sf..fffff  do sf++fffff
forum:participant-add               sf..fffff  do sf++fffff
forum:participant-save              sf..fffff  do sf++fffff
forum:participant-remove            sf..fffff  do sf++fffff
forum:decision-add                  sf..fffff  do sf++fffff
forum:decision-save                 sf..fffff  do sf++fffff
forum:decision-remove               sf..fffff  do sf++fffff
forum:ballot                        sn.......
forum:ballot-electorate             sf..fffff  do sf++fffff
forum:ballot-open                   sf..fffff  do sf++fffff
forum:ballot-count                  sn..fffff  do sn++fffff
forum:ballot-confirm                snf.f....  do snf+f++++
forum:ballot-cancel                 sn..fffff  do sn++fffff
forum:ballot-decide                 sn..fffff  do sn++fffff
forum:action-add                    sf..fffff  do sf++fffff
forum:action-save                   sf..fffff  do sf++fffff
forum:action-remove                 sf..fffff  do sf++fffff
forum:action-done                   sf.f.ffff  do sf+f+ffff
forum:decision-project              sf...ffff  do sf+e+ffff
forum:decision-link                 sf...ffff  do sf+++ffff
projects:projects                   .........
projects:projects-csv               .........
projects:project                    .........
projects:project-edit               sf.f.ffff  do sf+f+ffff
projects:project-start              sf.f.ffff  do sf+f+ffff
projects:project-complete           sf.f.ffff  do sf+f+ffff
projects:project-cancel             sfff.f.ff  do sfff+f+ff
projects:report-new                 sf.f.ffff  do sf+f+ffff
projects:work-item-add              sf.f.ffff  do sf+f+ffff
projects:work-item-save             sf.f.ffff  do sf+f+ffff
projects:work-item-remove           sf.f.ffff  do sf+f+ffff
projects:photos                     .........
projects:photo                      .........
projects:photo-file                 .........
projects:photo-add                  sf.f.ffff  do sf+f+ffff
projects:photo-withdraw             sf.f.fff.  do sf+f+fff+
projects:response-new               s.f.f....  do s+f+f++++
projects:response-answer            sf.f.ffff  do sf+f+ffff
projects:response-hide              sf.f.ffff  do sf+f+ffff
projects:pledges-csv                .........
projects:pledge                     .........
projects:pledge-letter              .........
projects:pledge-new                 sf.f.f.ff  do sf+f+f+ff
projects:pledge-agree               sfff.ffff  do sfff+ffff
projects:pledge-decline             sfff.ffff  do sfff+ffff
projects:pledge-withdraw            sf.f.f.ff  do sf+f+f+ff
projects:pledge-receive             sf.f.ffff  do sf+f+ffff
projects:pledge-close               sf.f.ffff  do sf+f+ffff
projects:pledge-use                 sf.f.ffff  do sf+f+ffff
projects:pledge-thank               sfff.f.ff  do sfff+f+ff
projects:money                      .........
projects:money-csv                  .........
projects:allotments-csv             .........
projects:lines-csv                  .........
projects:request                    .........
projects:request-letter             .........
projects:request-new                sf.f.ffff  do sf+f+ffff
projects:request-edit               sn.n.nnnn  do sn+n+nnnn
projects:line-add                   sn.n.nnnn  do sn+n+nnnn
projects:lines-paste                sn.n.nnnn  do sn+n+nnnn
projects:lines-copy                 sn.n.nnnn  do sn+n+nnnn
projects:line-save                  sn.n.nnnn  do sn+n+nnnn
projects:line-remove                sn.n.nnnn  do sn+n+nnnn
projects:request-submit             snfn.nnnn  do snfn+nnnn
projects:request-withdraw           sfff.ffff  do sfff+ffff
projects:request-verify             sffff.fff  do sffff+fff
projects:request-return             sffff..ff  do sffff++ff
projects:request-approve            sfffff.ff  do sfffff+ff
projects:request-reject             sfffff.ff  do sfffff+ff
projects:request-release            sffffff.f  do sffffff+f
projects:request-hold               sfffff.ff  do sfffff+ff
projects:request-resume             sfffff.ff  do sfffff+ff
projects:request-complete           sffff.fff  do sffff+fff
projects:request-cancel             sfffff.ff  do sfffff+ff
projects:cancellation               nnnnn....
projects:cancellation-sign          snnnnffff  do snnnnffff
projects:cancellation-decline       snnnnffff  do snnnnffff
projects:cash-book                  .........
projects:receipts-csv               .........
projects:final-account              .........
projects:account                    .........
projects:receipt-add                sf.f.ffff  do sf+f+ffff
projects:receipt-save               sf.f.ffff  do sf+f+ffff
projects:receipt-remove             sf.f.ffff  do sf+f+ffff
projects:receipt-file               sf.f.....
projects:account-send               sfff.ffff  do sfff+ffff
projects:account-return             sffff.fff  do sffff+fff
projects:account-accept             sffff.fff  do sffff+fff
projects:allotment-new              sffffff.f  do sffffff+f
projects:allotment-confirm          snnnnf.ff  do snnnnf+ff
projects:allotment-change           sffffff.f  do sffffff+f
projects:ceiling-change             nnnnn....
projects:ceiling-change-accept      snnnnf.ff  do snnnnf+ff
projects:ceiling-change-decline     snnnnf.ff  do snnnnf+ff
"""

ACCOUNT = """
resend                              s........
account_login                       .rrrrrrrr
account_logout                      r........
account_inactive                    .........
account_signup                      .rrrrrrrr
account_reauthenticate              s........
account_email                       s........
account_email_verification_sent     .........
account_change_password             s........
account_set_password                srrrrrrrr
account_reset_password              .........
account_reset_password_done         .........
notifications                       s........
notifications-read                  s--------
notification-wishes                 s........
mfa_index                           s........
mfa_authenticate                    srrrrrrrr
mfa_reauthenticate                  srrrrrrrr
mfa_activate_totp                   srrrrrrrr
mfa_deactivate_totp                 snnnnnnnn
mfa_list_webauthn                   snnnnnnnn
mfa_add_webauthn                    snnnnnnnn
mfa_edit_webauthn                   snnnnnnnn
mfa_remove_webauthn                 snnnnnnnn
mfa_reauthenticate_webauthn         snnnnnnnn
mfa_view_recovery_codes             snnnnnnnn
mfa_generate_recovery_codes         srrrrrrrr
mfa_download_recovery_codes         snnnnnnnn
usersessions_list                   s........
"""

# What one may do to one's own account, and to nothing else.
OWN_ACCOUNT = {
    "account_change_password": {
        "oldpassword": PASSWORD,
        "password1": "sandi-baru-portal",
        "password2": "sandi-baru-portal",
    },
    "account_email": {"action_add": "yes", "email": "kantor@example.id"},
    "notifications-read": {},
    "notification-wishes": {"meeting": "on"},
}

# The back office is for the district's officers; its admin keeps what is here.
STAFF, NOBODY, KEEPER = "sffff....", "sffffffff", "sfffffff."
KEPT = {"Village", "Body", "FundSource", "User", "Office"}
BACK_OFFICE = {
    "admin:index": "rffff....",
    "admin:password_change": "rffffrrrr",
    "admin:password_change_done": "rffff....",
    "admin:jsi18n": "rffff....",
    "admin:login": "srrrrrrrr",
    "admin:logout": "rffff----",
    "admin:autocomplete": "rffffffff",
    "admin:villages_user_sheet": "sfffffff.",
}
# They answer in JSON, also to a stranger, and take no form.
IN_JSON = {"forum:meeting-changes": "401 403 200 200 403 403 403 403 403"}
# Reached with a key from a letter or a code; shown to all, they say it is not valid.
BY_KEY = {
    "account_confirm_email",
    "account_confirm_login_code",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}
# Patterns that only lead on to one of the above, or to nothing.
LEADING = {
    "language",
    "admin:app_list",
    "admin:view_on_site",
    "<path:object_id>/",
    "(?P<url>.*)$",
}


@pytest.fixture(scope="module")
def scene(django_db_setup, django_db_blocker):
    """One of everything; made once, and never changed by what is tried on it."""
    quick = override_settings(PASSWORD_HASHERS=QUICK_HASHERS)
    with django_db_blocker.unblock(), transaction.atomic(), quick:
        scene = make_scene(make_cast())
        scene.browsers = {role: browser_of(scene.cast, role) for role in ROLES}
        yield scene
        transaction.set_rollback(True)


def browser_of(cast, role):
    """A browser of `role`, and the user in it (None for a stranger)."""
    client, user = Client(), getattr(cast, role, None)
    if user:
        client.force_login(user)
    return client, user


def make_scene(cast):
    """One of everything, in each state that an address asks for."""
    body = meetings.make_body(cast.district, cast.besani, cast.timbang, cast.leksono)
    open_meeting = meetings.make_ready_meeting(body, cast.operator)
    open_meeting.agenda.filter(position=3).update(is_deferred=True)
    open_meeting.agenda.filter(position=2).update(started_at=dates.now())
    task = meetings.make_action_item(open_meeting, cast.besani)
    final = meetings.make_ready_meeting(
        body,
        cast.operator,
        title="Yang lalu",
        starts_at=open_meeting.starts_at - timedelta(days=1),
    )
    final.agenda.filter(position=2).update(is_deferred=True)
    final_task = meetings.make_action_item(final, cast.besani)
    record = meetings.actions.finalise(final, by=cast.operator, version=final.version)
    scan = meetings.make_scan(final, cast.operator)
    amendment = meetings.make_amendment(final, cast.operator)
    today = meetings.make_meeting(
        body, cast.operator, title="Hari ini", starts_at=dates.now(), ends_at=None
    )
    code = make_code(today, by=cast.operator)
    check_in(today, by=cast.lurah, code=code, sex="L")
    midnight = dates.midnight()
    short, delayed = (
        meetings.make_meeting(body, cast.operator, starts_at=midnight, ends_at=None)
        for _number in range(2)
    )
    meetings.make_delay(delayed)
    disputed = meetings.make_ready_meeting(body, cast.operator, title="Berbeda")
    substitute = meetings.make_participant(
        disputed, cast.besani, present=False, proxy_for="Ketua BPD"
    )
    letter = meetings.make_letter(substitute, cast.operator)
    writers = cast.operator, cast.other_operator
    conflict = meetings.make_conflict(disputed.decisions.get(), "text", *writers)
    voted = meetings.make_ready_meeting(body, cast.operator, title="Suara")
    meetings.make_electors(voted, cast.besani, cast.timbang)
    counts = {"counts": (2, 0, 0, 0)}
    passed = {"agenda_item": voted.agenda.first(), "second": cast.other_operator}
    agreed = projects.make_project(title="Talud")
    work_item = projects.make_work_item(agreed)
    running = projects.running_project(title="Jalan")
    projects.make_report(running, 40, 10)
    finished = projects.running_project(title="Pipa")
    projects.make_report(finished, 100, 100)
    ceiling = projects.make_allotment(cast.district)
    draft = projects.make_request(agreed, ceiling)
    approved = projects.approved_request(agreed, ceiling)
    paid = projects.released_request(running, ceiling, reference="TRF-1")
    account = projects.last_account(paid)
    proof = jpeg(seed=9, size=(400, 300))
    receipt = projects.make_receipt(account, upload=proof)
    files.process(receipt.file_id)
    reported, held, spent, closed = (
        projects.released_request(running, ceiling, reference=f"TRF-{number}")
        for number in range(2, 6)
    )
    held = accounts.hold(
        by=cast.camat, request_id=held.pk, step=held.step, reason="Ada aduan."
    )
    projects.accepted_account(projects.last_account(spent), amount=30_000_000)
    projects.make_photo(running, moment="100")
    spent.refresh_from_db()
    projects.accepted_account(projects.last_account(closed), amount=29_000_000)
    closed.refresh_from_db()
    accounts.complete(
        by=cast.verifier,
        request_id=closed.pk,
        step=closed.step,
        reference="STS-1",
        paid_on=dates.today(),
    )
    partner = make_partner(cast.district, cast.sekcam)
    begun = projects.agreed_pledge(agreed, partner)
    projects.receive_pledge(begun, 1_000_000)
    begun.refresh_from_db()
    used = projects.used_pledge(agreed, partner)
    projects.make_thanks(used)
    for paper in papers.pending():
        papers.render(paper.pk)
    news = notify.News("contoh", "/proyek/", "Semua orang mendengar ini", {})
    notify.tell(User.objects.all(), news, kind=notify.KINDS["project"])
    return SimpleNamespace(
        cast=cast,
        contact=make_contact(cast.besani, cast.operator),
        resource=make_resource(cast.besani, cast.operator),
        partner=partner,
        offered=projects.make_pledge(agreed, partner),
        begun=begun,
        arrived=projects.received_pledge(agreed, partner),
        used=used,
        news=Notification.objects.of(cast.operator).first(),
        body=body,
        meeting=open_meeting,
        next_meeting=meetings.make_meeting(body, cast.operator, title="Berikutnya"),
        agenda=list(open_meeting.agenda.all()),
        participant=open_meeting.participants.get(),
        substitute=substitute,
        letter=letter,
        today=today,
        decision=open_meeting.decisions.get(),
        task=task,
        final=final,
        record=record,
        scan=scan,
        amendment=amendment,
        disputed=disputed,
        short=short,
        delayed=delayed,
        conflict=conflict,
        voted=voted,
        counted=meetings.make_ballot(voted, cast.operator, **counts),
        passed=meetings.make_ballot(voted, cast.operator, **counts, **passed),
        final_decision=final.decisions.get(),
        final_task=final_task,
        agreed=agreed,
        work_item=work_item,
        running=running,
        finished=finished,
        response=projects.make_response(running, cast.resident),
        photo=projects.make_photo(running),
        ceiling=ceiling,
        proposed=projects.make_allotment(
            cast.district,
            source=projects.make_source("dd", "Dana Desa"),
            is_confirmed=False,
        ),
        change=projects.make_change(
            projects.make_allotment(
                cast.district, source=projects.make_source("csr", "CSR")
            )
        ),
        draft=draft,
        line=draft.lines.get(),
        submitted=projects.submitted_request(agreed, ceiling),
        verified=projects.verified_request(agreed, ceiling),
        approved=approved,
        paid=paid,
        account=account,
        receipt=receipt,
        reported=projects.sent_account(projects.last_account(reported)),
        held=held,
        asked=projects.make_cancellation(projects.approved_request(agreed, ceiling)),
        spent=spent,
        closed=closed,
    )


def address_of(name, s):
    """The address called `name`, of the thing in the scene that it is about."""
    meeting, agreed, draft = s.meeting.pk, s.agreed.pk, s.draft.pk
    reported = s.reported.release.tranche.request_id
    things = {
        "villages:village": [s.cast.besani.slug],
        "villages:contact-edit": [s.cast.besani.slug],
        "villages:resource": [s.resource.pk],
        "villages:resource-edit": [s.resource.pk],
        "villages:resource-close": [s.resource.pk],
        "villages:partner": [s.partner.pk],
        "villages:partner-edit": [s.partner.pk],
        "villages:partner-close": [s.partner.pk],
        "admin:villages_user_sheet": [s.cast.resident.pk],
        "forum:meeting": [s.final.pk],
        "forum:record-pdf": [s.final.pk],
        "forum:attendance-pdf": [s.final.pk],
        "forum:meeting-postpone": [s.short.pk],
        "forum:meeting-second": [s.delayed.pk],
        "forum:scan-add": [s.final.pk],
        "forum:scan-file": [s.final.pk, s.scan.pk],
        "forum:amend": [s.final.pk],
        "forum:amendment-pdf": [s.amendment.pk],
        "forum:conflict-settle": [s.disputed.pk, s.conflict.pk],
        "forum:ballot": [s.voted.pk, s.counted.pk],
        "forum:ballot-electorate": [s.voted.pk],
        "forum:ballot-open": [s.voted.pk],
        "forum:ballot-count": [s.voted.pk, s.counted.pk],
        "forum:ballot-confirm": [s.voted.pk, s.counted.pk],
        "forum:ballot-cancel": [s.voted.pk, s.counted.pk],
        "forum:ballot-decide": [s.voted.pk, s.passed.pk],
        "home:verification": [s.record.paper.code],
        "notification": [s.news.pk],
        "mfa_edit_webauthn": [1],
        "mfa_remove_webauthn": [1],
        "forum:agenda-save": [meeting, s.agenda[0].pk],
        "forum:agenda-remove": [meeting, s.agenda[2].pk],
        "forum:agenda-up": [meeting, s.agenda[1].pk],
        "forum:agenda-down": [meeting, s.agenda[1].pk],
        "forum:agenda-start": [meeting, s.agenda[0].pk],
        "forum:agenda-end": [meeting, s.agenda[1].pk],
        "forum:agenda-defer": [meeting, s.agenda[1].pk],
        "forum:agenda-resume": [meeting, s.agenda[2].pk],
        "forum:agenda-transfer": [meeting, s.agenda[1].pk],
        "forum:agenda-copy": [meeting, s.agenda[1].pk],
        "forum:letter-add": [s.disputed.pk, s.substitute.pk],
        "forum:letter-file": [s.disputed.pk, s.letter.pk],
        "forum:attendance-rows": [s.disputed.pk],
        "forum:check-in-code": [s.today.pk],
        "forum:check-in": [s.today.pk, make_code(s.today, by=s.cast.operator)],
        "forum:participant-save": [meeting, s.participant.pk],
        "forum:participant-remove": [meeting, s.participant.pk],
        "forum:decision-save": [meeting, s.decision.pk],
        "forum:decision-remove": [meeting, s.decision.pk],
        "forum:action-save": [meeting, s.task.pk],
        "forum:action-remove": [meeting, s.task.pk],
        "forum:action-done": [s.final_task.pk],
        "forum:decision-project": [s.final.pk, s.final_decision.pk],
        "forum:decision-link": [s.final.pk, s.final_decision.pk],
        "projects:project-complete": [s.finished.pk],
        "projects:report-new": [s.running.pk],
        "projects:work-item-save": [agreed, s.work_item.pk],
        "projects:work-item-remove": [agreed, s.work_item.pk],
        "projects:photo": [s.running.pk, s.photo.pk],
        "projects:photo-file": [s.running.pk, s.photo.pk, 320],
        "projects:photo-withdraw": [s.running.pk, s.photo.pk],
        "projects:response-answer": [s.response.pk],
        "projects:response-hide": [s.response.pk],
        "projects:pledge": [s.begun.pk],
        "projects:pledge-letter": [s.used.pk],
        "projects:pledge-agree": [s.offered.pk],
        "projects:pledge-decline": [s.offered.pk],
        "projects:pledge-withdraw": [s.offered.pk],
        "projects:pledge-receive": [s.begun.pk],
        "projects:pledge-close": [s.begun.pk],
        "projects:pledge-use": [s.arrived.pk],
        "projects:pledge-thank": [s.arrived.pk],
        "projects:request": [s.submitted.pk],
        "projects:request-letter": [s.approved.pk],
        "projects:request-new": [agreed],
        "projects:request-edit": [draft],
        "projects:line-add": [draft],
        "projects:lines-paste": [draft],
        "projects:lines-copy": [draft],
        "projects:line-save": [draft, s.line.pk],
        "projects:line-remove": [draft, s.line.pk],
        "projects:request-submit": [draft],
        "projects:request-withdraw": [s.submitted.pk],
        "projects:request-verify": [s.submitted.pk],
        "projects:request-return": [s.verified.pk],
        "projects:request-approve": [s.verified.pk],
        "projects:request-reject": [s.verified.pk],
        "projects:request-release": [s.approved.pk],
        "projects:request-hold": [s.paid.pk],
        "projects:request-resume": [s.held.pk],
        "projects:request-complete": [s.spent.pk],
        "projects:request-cancel": [s.approved.pk],
        "projects:cancellation": [s.asked.request_id, s.asked.pk],
        "projects:cancellation-sign": [s.asked.request_id, s.asked.pk],
        "projects:cancellation-decline": [s.asked.request_id, s.asked.pk],
        "projects:cash-book": [s.spent.pk],
        "projects:final-account": [s.closed.pk],
        "projects:account": [s.paid.pk, 1],
        "projects:receipt-add": [s.paid.pk, 1],
        "projects:receipt-save": [s.paid.pk, 1, s.receipt.pk],
        "projects:receipt-remove": [s.paid.pk, 1, s.receipt.pk],
        "projects:receipt-file": [s.paid.pk, 1, s.receipt.pk],
        "projects:account-send": [s.paid.pk, 1],
        "projects:account-return": [reported, 1],
        "projects:account-accept": [reported, 1],
        "projects:allotment-confirm": [s.proposed.pk],
        "projects:allotment-change": [s.ceiling.pk],
        "projects:ceiling-change": [s.change.pk],
        "projects:ceiling-change-accept": [s.change.pk],
        "projects:ceiling-change-decline": [s.change.pk],
    }
    if name not in things and not name.endswith("-csv"):
        alone = {"forum:forum", "forum:meetings", "forum:meeting-new"}
        alone.add("forum:follow-ups")
        alone |= {"forum:room-shell", "forum:service-worker", "forum:manifest"}
        alone |= {"projects:projects", "projects:money", "projects:allotment-new"}
        if name.startswith("forum:") and name not in alone:
            things[name] = [meeting]
        elif name.startswith("projects:") and name not in alone:
            things[name] = [agreed]
    return reverse(name, args=things.get(name, []))


def body_of(name, s):
    """What a person would send there, all of it valid."""
    today = dates.today().isoformat()
    mark = {"ok_" + str(n): "ya" for n, _ in enumerate(POINTS, 1)}
    asked = s.verified.lines.get()
    invitation = {
        "body": s.body.pk,
        "kind": "mad",
        "title": "Rapat lain",
        "date": today,
        "starts": "09:00",
        "ends": "12:00",
        "place": "Balai Desa Besani",
        "version": s.meeting.heading_version,
    }
    line = {
        "group": "1material",
        "description": "Pasir",
        "quantity": "62,5",
        "unit": "m³",
        "unit_price": "310.000",
        "allotment": s.ceiling.pk,
        "version": s.draft.version,
    }
    receipt = {
        "line": s.receipt.line_id,
        "purpose": "Pasir dua rit",
        "payee": "Toko bangunan",
        "amount": "620.000",
        "tax": "0",
        "number": "017/KW",
        "paid_on": today,
        "step": s.account.step,
    }
    pasted = {"sheet": "Pasir;2;m³;310.000", "group": "1material"}
    shown = PasteForm.seal(pasted["group"], s.ceiling, pasted["sheet"])
    pasted |= {"allotment": s.ceiling.pk, "version": s.draft.version, "shown": shown}
    work = {
        "title": "Galian",
        "cost": "5.000.000",
        "starts_on": today,
        "ends_on": TOMORROW,
        "version": s.work_item.version,
    }
    project = {
        "title": "Pipa bersama",
        "sector": "infrastructure",
        "lead_village": s.cast.besani.pk,
        "place": "Krajan",
        "purpose": "Air bersih.",
        "year": dates.today().year,
        "version": s.agreed.version,
    }
    decision = {"text": "Bunyi lain.", "method": "consensus"}
    task = {"task": "Mengukur", "village": s.cast.besani.pk, "due_on": TOMORROW}
    person = {"name": "Wakil", "post": "BPD", "sex": "P"}
    resource = {
        "kind": "offer",
        "village": s.cast.besani.pk,
        "what": "equipment",
        "title": "Molen",
        "description": "Terawat.",
        "how_many": "1 unit",
        "place": "Balai desa",
        "available_from": today,
        "available_until": TOMORROW,
        "version": s.resource.version,
    }
    partner = {
        "kind": "company",
        "name": "Pabrik Kayu",
        "offers": "goods",
        "description": "Papan sisa.",
        "contact": "Jl. Raya 2",
        "website": "https://kayu.example.id/",
        "version": s.partner.version,
    }
    offered, begun, arrived = (
        {"version": pledge.version} for pledge in (s.offered, s.begun, s.arrived)
    )
    rows = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 0}
    rows |= {f"form-0-{key}": value for key, value in person.items()}
    version = {"version": 1}
    bodies = {
        "forum:meeting-postpone": {
            "until": f"{dates.now() + timedelta(hours=1):%H:%M}"
        },
        "forum:meeting-second": {
            "date": dates.today() + timedelta(days=1),
            "starts": "09:00",
            "place": "Balai desa",
        },
        "forum:agenda-transfer": {"target": s.next_meeting.pk},
        "forum:agenda-copy": {"target": s.next_meeting.pk},
        "villages:contact-edit": {
            "address": "Balai desa baru",
            "hours": "Senin–Jumat",
            "phone": "0286 321 235",
            "whatsapp": "",
            "email": "besani@example.id",
            "version": s.contact.version,
        },
        "villages:resource-new": resource,
        "villages:resource-edit": resource,
        "villages:resource-close": {"status": "agreed", "reason": "Dipinjam Timbang."},
        "villages:partner-new": partner,
        "villages:partner-edit": partner,
        "villages:partner-close": {"reason": "Programnya berakhir."} | version,
        "forum:meeting-new": invitation,
        "forum:meeting-edit": invitation,
        "forum:meeting-finalise": {"version": s.meeting.version},
        "forum:conflict-settle": {"choice": "third", "text": "Ketiga"} | version,
        "forum:notes-save": {
            "seen": f"{s.agenda[0].pk}:{s.agenda[0].version}",
            f"note-{s.agenda[0].pk}": "Catatan",
        },
        "forum:attendance-save": {"was": s.participant.pk},
        "forum:attendance-rows": {"numbers": "1-2"},
        "forum:visitor-add": rows | {"form-0-institution": "Dinas PUPR"},
        "forum:letter-add": {"upload": Picked(pdf(b"/Lain 1"))},
        "forum:check-in": {"sex": "L"},
        "forum:agenda-add": {"title": "Acara baru"},
        "forum:agenda-save": {"title": "Judul", "note": "Catatan"} | version,
        "forum:participant-add": {"village": s.cast.timbang.pk} | rows,
        "forum:participant-save": {"village": s.cast.timbang.pk} | person | version,
        "forum:scan-add": {"upload": Picked(pdf())},
        "forum:amend": {
            "reason": "Salah ketik",
            "seen": "1",
            "form-TOTAL_FORMS": "1",
            "form-INITIAL_FORMS": "0",
            "form-0-where": "Keputusan 1",
            "form-0-was": "Talud 90 meter",
            "form-0-now": "Talud 80 meter",
        },
        "forum:decision-add": decision,
        "forum:decision-save": decision | version,
        "forum:ballot-electorate": {"was": s.voted.participants.last().pk},
        "forum:ballot-open": {
            "question": "Iuran tetap.",
            "agenda_item": s.voted.agenda.last().pk,
            "rule": "present",
        },
        "forum:ballot-count": {
            "votes_for": 1,
            "votes_against": 1,
            "votes_abstain": 0,
            "votes_invalid": 0,
            "version": 2,
        },
        "forum:ballot-confirm": {"version": 2},
        "forum:ballot-cancel": {"reason": "Salah bunyi."},
        "forum:action-add": task,
        "forum:action-save": task | version,
        "forum:decision-project": project,
        "forum:decision-link": {"project": s.agreed.pk},
        "projects:project-edit": project | {"title": "Nama lain"},
        "projects:project-cancel": {"reason": "Lahan dijual."},
        "projects:report-new": {
            "reported_on": today,
            "spent": "12.000.000",
            "text": "Lancar.",
            "seen": 1,
        }
        | {f"item-{item.pk}": 50 for item in s.running.work_items.all()},
        "projects:work-item-add": work,
        "projects:work-item-save": work,
        "projects:work-item-remove": version,
        "projects:photo-add": {
            "foto-1-upload": Picked(jpeg()),
            "foto-1-alt": "Batu belah di tepi jalan.",
            "foto-1-moment": "50",
            "taken_on": today,
        },
        "projects:photo-withdraw": {"reason": "Wajah anak terlihat."},
        "projects:response-new": {"text": "Terima kasih."},
        "projects:response-answer": {"text": "Bulan depan."},
        "projects:response-hide": {"reason": "Data pribadi."},
        "projects:pledge-new": {
            "partner": s.partner.pk,
            "kind": "goods",
            "what": "Pipa PVC 4 inci",
            "amount": "",
            "estimate": "2.000.000",
            "quantity": "20",
            "unit": "batang",
            "letter_number": "12/LAL/2026",
            "letter_date": today,
        },
        "projects:pledge-agree": offered,
        "projects:pledge-decline": offered | {"reason": "Sudah ada."},
        "projects:pledge-withdraw": offered | {"reason": "Dananya dipotong."},
        "projects:pledge-receive": begun
        | {
            "received_on": today,
            "amount": "1.000.000",
            "reference": "BAST/77",
        },
        "projects:pledge-close": begun | {"reason": "Dananya dipotong."},
        "projects:pledge-use": arrived | {"outcome": "Pipa terpasang 300 meter."},
        "projects:pledge-thank": arrived | {"number": "900/77/2026"},
        "projects:request-new": {
            "title": "Talud tahap 2",
            "year": dates.today().year,
            "background": "Runtuh.",
        },
        "projects:request-edit": {
            "title": "Judul lain",
            "year": dates.today().year,
            "background": "Runtuh.",
            "version": s.draft.version,
        },
        "projects:line-add": line,
        "projects:lines-paste": pasted,
        "projects:lines-copy": {
            "origin": s.submitted.pk,
            "allotment": s.ceiling.pk,
            "version": s.draft.version,
        },
        "projects:line-save": line,
        "projects:line-remove": {"version": s.draft.version},
        "projects:request-submit": {
            "letter_number": "410/1/2026",
            "version": s.draft.version,
        },
        "projects:request-withdraw": {"step": s.submitted.step},
        "projects:request-verify": {"step": s.submitted.step} | mark,
        "projects:request-return": {"step": s.verified.step, "reason": "RAB lama."},
        "projects:request-approve": {
            "step": s.verified.step,
            "letter_number": "900/1/2026",
            f"line_{asked.pk}": asked.amount,
            "total": asked.amount,
        },
        "projects:request-reject": {
            "step": s.verified.step,
            "letter_number": "900/1/2026",
            "reason": "Ganda.",
        },
        "projects:request-release": {
            "step": s.approved.step,
            "reference": "TRF-001",
            "paid_on": today,
        },
        "projects:request-hold": {"step": s.paid.step, "reason": "Ada aduan."},
        "projects:request-resume": {"step": s.held.step, "reason": "Sudah selesai."},
        "projects:request-complete": {"step": s.spent.step, "reason": "Selesai."},
        "projects:request-cancel": {"step": s.approved.step, "reason": "Batal."},
        "projects:cancellation-sign": {},
        "projects:cancellation-decline": {"note": "Belum perlu."},
        "projects:receipt-add": receipt,
        "projects:receipt-save": receipt,
        "projects:receipt-remove": {"step": s.account.step},
        "projects:account-send": {"step": s.account.step, "story": "Batu dibeli."},
        "projects:account-return": {"step": s.reported.step, "reason": "Nota kurang."},
        "projects:account-accept": {"step": s.reported.step, "reason": "Lengkap."},
        "projects:allotment-new": {
            "source": projects.make_source("pbh", "Bagi hasil").pk,
            "year": dates.today().year,
            "ceiling": "100.000.000",
        },
        "projects:allotment-confirm": {"ceiling": s.proposed.ceiling},
        "projects:allotment-change": {
            "amount": "950.000.000",
            "reason": "Perubahan APBD.",
            "ceiling": s.ceiling.ceiling,
        },
        "projects:ceiling-change-decline": {"note": "Belum ada dasarnya."},
    }
    return bodies.get(name, {})


def seen(response):
    """The letter for what a GET was answered with."""
    if response.status_code == 302:
        return "s" if response.url.startswith(reverse("account_login")) else "r"
    return {200: ".", 202: ".", 403: "f", 404: "n", 405: "-"}.get(
        response.status_code, str(response.status_code)
    )


@cache
def _fingerprints():
    """SQL for a fingerprint of each table of the rooms and the kit, form keys apart."""
    tables = sorted(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in ("villages", "projects", "forum", "kit", "account")
        and model.__name__ != "FormKey"
    )
    # Signing in stamps last_login, which is no effect of what is posted.
    text = {"villages_user": "(to_jsonb(x) - 'last_login')::text"}
    return " UNION ALL ".join(
        f"SELECT '{table}', sum(hashtextextended({text.get(table, 'x::text')}, 0))"
        f" FROM {table} x"
        for table in tables
    )


def rows_of_ours():
    """A fingerprint of every row of the rooms and the kit, form keys apart."""
    # Asked so often that planning it anew each time would take more than the answer.
    connection.ensure_connection()
    found = Cursor(connection.connection).execute(_fingerprints(), prepare=True)
    # Without an order the tables may come as parallel workers finish.
    return sorted(found.fetchall())


def did(response, changed):
    """The letter for what a POST was answered with, given whether a row changed."""
    if changed:
        return (
            "+" if response.status_code == 302 else f"changed, {response.status_code}"
        )
    if response.status_code == 403 and b'name="held"' in response.content:
        return "s"
    return {200: "e", 403: "f", 404: "n"}.get(
        response.status_code, str(response.status_code)
    )


def lines(table):
    return [line.split() for line in table.strip().splitlines()]


@pytest.mark.parametrize("line", lines(TABLE), ids=lambda line: line[0])
def test_who_may_open_and_who_may_do(line, scene):
    name, opening, *doing = line
    address, sent = address_of(name, scene), body_of(name, scene)
    opened, done = "", ""
    for client, user in scene.browsers.values():
        opened += seen(client.get(address))
        if not doing:
            continue
        key = {form_keys.FIELD: form_keys.new_key(user)} if user else {}
        before = rows_of_ours()
        # Each role finds the scene untouched.
        with transaction.atomic():
            response = client.post(address, sent | key)
            done += did(response, rows_of_ours() != before)
            transaction.set_rollback(True)
    assert (opened, done) == (opening, "".join(doing[1:]))


@pytest.mark.parametrize("name", IN_JSON)
def test_who_may_ask_and_write_in_json(name, scene):
    address, before = address_of(name, scene), rows_of_ours()
    cell = f"agenda:{scene.agenda[0].key}/note"
    change = {"id": str(uuid4()), "cell": cell, "value": "Baru", "base": 0, "seq": 1}
    sent = {"device": str(uuid4()), "changes": [change]}
    asked, done = [], []
    for client, _user in scene.browsers.values():
        asked.append(client.get(address, {"sejak": "semua"}))
        with transaction.atomic():
            done.append(client.post(address, sent, content_type="application/json"))
            assert (rows_of_ours() != before) is (done[-1].status_code == 200)
            transaction.set_rollback(True)
    for answers in (asked, done):
        assert {answer["Content-Type"] for answer in answers} == {"application/json"}
        assert " ".join(str(answer.status_code) for answer in answers) == IN_JSON[name]


@pytest.mark.parametrize("line", lines(ACCOUNT), ids=lambda line: line[0])
def test_who_may_open_the_account_pages(line, scene):
    name, expected = line
    opened = ""
    for client, _user in scene.browsers.values():
        opened += seen(client.get(address_of(name, scene)))
    assert opened == expected


@pytest.mark.parametrize("name", OWN_ACCOUNT)
def test_everyone_changes_their_own_account_and_nobody_elses(name, scene):
    done = ""
    for role in ROLES:
        # A browser of its own: a new password gives it a new session.
        client, user = browser_of(scene.cast, role)
        others = User.objects.exclude(pk=user.pk if user else None).order_by("pk")
        before, theirs = rows_of_ours(), list(others.values())
        key = {form_keys.FIELD: form_keys.new_key(user)} if user else {}
        response = client.post(reverse(name), OWN_ACCOUNT[name] | key)
        done += did(response, rows_of_ours() != before)
        assert list(others.values()) == theirs
    assert done == "s++++++++"


@pytest.mark.parametrize("name", BACK_OFFICE)
def test_who_may_open_the_back_office(name, scene):
    address = address_of(name, scene)
    opened = "".join(
        seen(client.get(address)) for client, _user in scene.browsers.values()
    )
    assert opened == BACK_OFFICE[name]


def admin_pages(model):
    """The names of the back office pages of `model`."""
    prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    return [
        f"{prefix}_{page}"
        for page in ("changelist", "add", "change", "history", "delete")
    ]


REGISTERED = sorted(admin.site._registry, key=lambda model: model.__name__)
OURS = [m for m in REGISTERED if m._meta.app_label in ("villages", "projects", "forum")]


def address_in_back_office(name, model, user):
    """Of the list or a new one; else of a row of `model` that is not `user` itself."""
    if name.endswith(("_changelist", "_add")):
        return reverse(name)
    rows = model.objects.order_by("pk")
    if model.__name__ == "User" and user:
        rows = rows.exclude(pk=user.pk)
    return reverse(name, args=[rows.first().pk])


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_officers_look_and_only_the_admin_adds_and_only_what_is_kept_there(
    model, scene
):
    opened = [
        "".join(
            seen(client.get(address_in_back_office(name, model, user)))
            for client, user in scene.browsers.values()
        )
        for name in admin_pages(model)
    ]
    adds = KEEPER if model.__name__ in KEPT else NOBODY
    assert opened == [STAFF, adds, STAFF, STAFF, NOBODY]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_no_post_to_the_back_office_changes_money_or_records(model, scene):
    before, refused = rows_of_ours(), ""
    for role, (client, user) in scene.browsers.items():
        for name in admin_pages(model):
            may = role == "admin" and model.__name__ in KEPT | {"District"}
            if name.endswith(("_changelist", "_history")) or (
                may and not name.endswith("_delete")
            ):
                continue
            address = address_in_back_office(name, model, user)
            refused += did(client.post(address, {"post": "yes"}), changed=False)
    assert set(refused) <= {"s", "f"}
    assert rows_of_ours() == before


def addresses(patterns=None, namespace=""):
    """The name of every address of the portal, or its pattern where it has none."""
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}" if pattern.name else str(pattern.pattern)
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern.url_patterns, inner)


def test_every_address_is_listed_here():
    listed = {line[0] for line in lines(TABLE) + lines(ACCOUNT)}
    listed |= {name for model in REGISTERED for name in admin_pages(model)}
    listed |= BACK_OFFICE.keys() | BY_KEY | LEADING | IN_JSON.keys()
    found = set(addresses())
    assert found - listed == set(), "new addresses: say here who may"
    assert listed - found == set(), "listed here, but no longer there"


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, opening, *_ in lines(TABLE)
        # A file that is sent while it is read has no ETag; see the tests of open data.
        if opening.startswith(".") and not name.endswith(("home:health", "-csv"))
    ],
)
def test_a_stranger_gets_no_cookie_and_the_second_time_304(name, scene):
    address, client = address_of(name, scene), Client()
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert not first.cookies and not again.cookies
    assert "public, max-age=" in first["Cache-Control"]
    assert (again.status_code, again.content) == (304, b"")
    content = first.getvalue()
    assert b"csrf" not in content.lower() and b"nonce" not in content
