"""Plain functions that make projects and requests for tests, as people would."""

from datetime import timedelta

from leksono_portal.kit import dates, files
from leksono_portal.kit.tests.pictures import jpeg
from projects.accounts import actions as accounts
from projects.accounts.models import Account
from projects.funding import actions as funding
from projects.funding.checklist import POINTS
from projects.funding.models import FundingRequest
from projects.pledges import actions as pledges
from projects.portfolio import actions
from projects.portfolio.models import Project
from projects.responses import actions as responses
from projects.sources import actions as sources
from projects.sources.models import FundSource
from villages.models import Office, Partner, Village
from villages.tests.make import make_partner


def staff_of(village):
    """Someone who may speak for `village` in project matters today."""
    offices = Office.objects.today().filter(
        village=village, post__in=["operator", "village_head", "lurah"]
    )
    return offices.order_by("post", "pk").first().user


def make_project(*, lead_village=None, by=None, **overrides):
    """An agreed project of Besani, by its operator unless told otherwise."""
    lead_village = lead_village or Village.objects.get(slug="besani")
    fields = {
        "title": "Perbaikan jalan penghubung",
        "sector": Project.Sector.INFRASTRUCTURE,
        "place": "Dusun Krajan",
        "purpose": "Mempersingkat jalan hasil tani ke pasar.",
        "year": dates.today().year,
    }
    return actions.create_project(
        by=by or staff_of(lead_village),
        lead_village=lead_village,
        **(fields | overrides),
    )


def make_work_item(project, *, by=None, **overrides):
    """A piece of work of 100 million rupiah, from ten days ago until in ten days."""
    fields = {
        "title": "Pengerasan jalan",
        "cost": 100_000_000,
        "starts_on": dates.today() - timedelta(days=10),
        "ends_on": dates.today() + timedelta(days=10),
    }
    return actions.add_work_item(
        project, by=by or staff_of(project.lead_village), **(fields | overrides)
    )


def running_project(*, by=None, costs=(80_000_000, 20_000_000), **overrides):
    """A project under way, with one work item for each of `costs`."""
    project = make_project(by=by, **overrides)
    by = by or staff_of(project.lead_village)
    for number, cost in enumerate(costs, 1):
        make_work_item(project, by=by, title=f"Pekerjaan {number}", cost=cost)
    return actions.start(project, by=by)


def make_report(project, *percents, by=None, **overrides):
    """A report of today; `percents` in the order of the project's work items."""
    items = project.work_items.all()
    fields = {
        "reported_on": dates.today(),
        "text": "Pekerjaan berjalan baik.",
        "spent": 10_000_000,
        "percents": {
            item.pk: percent for item, percent in zip(items, percents, strict=True)
        },
    }
    return actions.report_progress(
        project, by=by or staff_of(project.lead_village), **(fields | overrides)
    )


def make_photo(project, *, by=None, upload=None, is_made=True, **fields):
    """A photo of its own picture, its sizes made; `upload` for another file."""
    photo, _is_new = actions.add_photo(
        project,
        by=by or staff_of(project.lead_village),
        upload=upload or jpeg(seed=project.photos.count(), size=(400, 300)),
        **{"alt": "Batu belah di tepi jalan"} | fields,
    )
    if is_made:
        files.process(photo.file_id)
        photo.refresh_from_db()
    return photo


def make_response(project, by, text="Kapan jalan di dusun kami diperbaiki?"):
    return responses.send(project, by=by, text=text)


def officer(post, place):
    """Who holds `post` at `place` (village or district) today."""
    where = "village" if isinstance(place, Village) else "district"
    offices = Office.objects.today().filter(post=post, **{where: place})
    return offices.order_by("pk").first().user


def make_source(code="bankeu", name="Bantuan Keuangan Kabupaten", **defaults):
    """A source that needs no decision of a meeting, unless told otherwise."""
    defaults = {"name": name, "needs_decision": False} | defaults
    return FundSource.objects.get_or_create(code=code, defaults=defaults)[0]


def make_allotment(district, *, village=None, is_confirmed=True, **overrides):
    """A ceiling of 900 million rupiah of the district, or of `village` in it."""
    fields = {
        "source": make_source(),
        "year": dates.today().year,
        "ceiling": 900_000_000,
    }
    owner = {"village": village} if village else {"district": district}
    allotment = sources.propose_allotment(
        by=officer("district_treasurer", district), **owner, **(fields | overrides)
    )
    if is_confirmed:
        allotment = sources.confirm_allotment(
            by=officer("camat", district),
            allotment_id=allotment.pk,
            ceiling=allotment.ceiling,
        )
    return allotment


def make_change(allotment, amount=950_000_000, *, accept=None, note="", **overrides):
    """Another amount for a ceiling: proposed, or `accept`ed, or with False declined."""
    district = allotment.district or allotment.village.district
    fields = {
        "by": officer("district_treasurer", district),
        "allotment_id": allotment.pk,
        "amount": amount,
        "reason": "Menyesuaikan Perubahan APBD Kabupaten.",
        "ceiling": allotment.ceiling,
    }
    change = sources.propose_change(**(fields | overrides))
    if accept is None:
        return change
    return sources.decide_change(
        by=officer("camat", district), change_id=change.pk, accept=accept, note=note
    )


def make_line(request, allotment=None, *, by=None, **overrides):
    """A line of 30 million rupiah, the villages' own unless it has an allotment."""
    fields = {
        "group": "1material",
        "description": "Batu belah",
        "quantity": 100,
        "unit": "m³",
        "unit_price": 300_000,
    }
    return funding.add_line(
        by=by or request.author,
        request_id=request.pk,
        allotment=allotment,
        **(fields | overrides),
    )


def make_request(project, allotment, *, by=None, asked=(30_000_000,), **overrides):
    """A draft by the operator, with a line for each amount of `asked`."""
    fields = {
        "title": "Talud dan drainase",
        "year": dates.today().year,
        "background": "Saluran lama runtuh setiap musim hujan.",
    }
    request = funding.create_request(
        by=by or officer("operator", project.lead_village),
        project=project,
        **(fields | overrides),
    )
    for amount in asked:
        make_line(request, allotment, quantity=1, unit="keg", unit_price=amount)
    request.refresh_from_db()
    return request


def submitted_request(*args, **overrides):
    """Like the drafts of `make_request`, sent by the village head."""
    return submitted(make_request(*args, **overrides))


def submitted(request):
    return funding.submit(
        by=officer("village_head", request.project.lead_village),
        request_id=request.pk,
        version=request.version,
        letter_number="410/37/XI/2026",
    )


def checklist(**notes):
    """A filled list; `p3="RAB lama"` answers no to point 3 with that note."""
    return [
        {
            "point": str(point),
            "ok": f"p{number}" not in notes,
            "note": notes.get(f"p{number}", ""),
        }
        for number, point in enumerate(POINTS, 1)
    ]


def verified_request(*args, **overrides):
    return verified(submitted_request(*args, **overrides))


def verified(request):
    return funding.verify(
        by=officer("verifier", request.project.lead_village.district),
        request_id=request.pk,
        step=request.step,
        checklist=checklist(),
    )


def approved_request(*args, tranches=(), **overrides):
    """Granted whole."""
    return granted(make_request(*args, **overrides), tranches=tranches)


def granted(request, tranches=()):
    """A draft on its ordinary way, granted whole."""
    request = verified(submitted(FundingRequest.objects.get(pk=request.pk)))
    return funding.approve(
        by=officer("camat", request.project.lead_village.district),
        request_id=request.pk,
        step=request.step,
        amounts=asked_amounts(request),
        reasons={},
        letter_number="900/12/2026",
        tranches=tranches,
    )


def release(request, *, by=None, **overrides):
    """Pay out the next tranche today."""
    fields = {
        "request_id": request.pk,
        "step": request.step,
        "reference": f"TRF-{request.pk}-{request.step}",
        "paid_on": dates.today(),
    }
    district = request.project.lead_village.district
    by = by or officer("district_treasurer", district)
    return accounts.release(by=by, **(fields | overrides))


def released_request(*args, reference="TRF-1", **overrides):
    """Granted whole, and its first tranche paid out today."""
    return release(approved_request(*args, **overrides), reference=reference)


def last_account(request):
    return Account.objects.filter(release__tranche__request=request).last()


def make_receipt(account, *, by=None, **overrides):
    """A receipt of a million rupiah of today, on the first line that was granted."""
    request = account.release.tranche.request
    fields = {
        "step": account.step,
        "line": request.lines.filter(approved__gt=0).first(),
        "number": f"{account.receipts.count() + 1:03}/KW",
        "paid_on": dates.today(),
        "payee": "Toko bangunan",
        "purpose": "Batu belah 4 m³",
        "amount": 1_000_000,
        "tax": 0,
    }
    by = by or officer("operator", request.project.lead_village)
    return accounts.add_receipt(by=by, account_id=account.pk, **(fields | overrides))


def sent_account(account, **receipt):
    """With one receipt, sent by the village head."""
    make_receipt(account, **receipt)
    village = account.release.tranche.request.project.lead_village
    return accounts.send(
        by=officer("village_head", village),
        account_id=account.pk,
        step=account.step,
        story="Batu dibeli dan talud dipasang sepanjang sepuluh meter.",
    )


def accepted_account(account, **receipt):
    account = sent_account(account, **receipt)
    village = account.release.tranche.request.project.lead_village
    return accounts.accept(
        by=officer("verifier", village.district),
        account_id=account.pk,
        step=account.step,
    )


def accounted_request(*args, **overrides):
    """Two tranches; the first paid out and accounted for."""
    request = released_request(*args, tranches=[20_000_000, 10_000_000], **overrides)
    accepted_account(last_account(request))
    request.refresh_from_db()
    return request


def all_accounted_request(*args, **overrides):
    """One tranche, spent whole; the project has its last photo."""
    request = released_request(*args, **overrides)
    accepted_account(last_account(request), amount=request.released)
    make_photo(request.project, moment="100", is_made=False)
    request.refresh_from_db()
    return request


def held_request(*args, **overrides):
    request = released_request(*args, **overrides)
    return accounts.hold(
        by=officer("camat", request.project.lead_village.district),
        request_id=request.pk,
        step=request.step,
        reason="Ada aduan warga.",
    )


def completed_request(*args, **overrides):
    request = all_accounted_request(*args, **overrides)
    return accounts.complete(
        by=officer("verifier", request.project.lead_village.district),
        request_id=request.pk,
        step=request.step,
    )


def make_cancellation(request, *, is_signed=None, note="", **overrides):
    """The camat's wish to take a grant back; signed, or with False declined."""
    district = request.project.lead_village.district
    fields = {"request_id": request.pk, "step": request.step}
    fields |= {"reason": "Lahan tidak jadi dihibahkan."}
    asked = accounts.ask_to_cancel(
        by=officer("camat", district), **(fields | overrides)
    )
    if is_signed is None:
        return asked
    return accounts.decide_cancellation(
        by=officer("district_secretary", district),
        cancellation_id=asked.pk,
        is_signed=is_signed,
        note=note,
    )


def asked_amounts(request):
    """{line id: what it asks}, in rupiah."""
    lines = request.lines.filter(allotment__isnull=False)
    return dict(lines.values_list("pk", "amount"))


def make_pledge(project, partner=None, *, by=None, **overrides):
    """Five million rupiah, offered; of the district's first partner unless told."""
    district = project.lead_village.district
    sekcam = officer("district_secretary", district)
    partner = partner or Partner.objects.filter(district=district).first()
    fields = {"kind": "funds", "what": "Dana untuk pipa jalur bawah"}
    if overrides.get("kind", "funds") == "funds":
        fields["amount"] = 5_000_000
    return pledges.record(
        by=by or sekcam,
        project=project,
        partner=partner or make_partner(district, sekcam),
        **(fields | overrides),
    )


def agreed_pledge(*args, **overrides):
    """Agreed by the head of the lead village."""
    pledge = make_pledge(*args, **overrides)
    return pledges.agree(by=head_of(pledge), pledge_id=pledge.pk, version=1)


def receive_pledge(pledge, amount=None, *, by=None, **overrides):
    """Some of an agreed pledge came today; returns the receipt."""
    pledge.refresh_from_db()
    fields = {
        "received_on": dates.today(),
        "reference": f"BAST/{pledge.receipt_count + 1}",
        "amount": amount,
    }
    return pledges.receive(
        by=by or staff_of(pledge.project.lead_village),
        pledge_id=pledge.pk,
        version=pledge.version,
        **(fields | overrides),
    )


def received_pledge(*args, **overrides):
    """All of it came, today."""
    pledge = agreed_pledge(*args, **overrides)
    receive_pledge(pledge, pledge.amount, quantity=pledge.quantity)
    pledge.refresh_from_db()
    return pledge


def used_pledge(*args, **overrides):
    """All of it came, and it was told what became of it."""
    pledge = received_pledge(*args, **overrides)
    return pledges.use(
        by=staff_of(pledge.project.lead_village),
        pledge_id=pledge.pk,
        version=pledge.version,
        outcome="Pipa terpasang 300 meter; air sampai ke RT 02.",
    )


def make_thanks(pledge, *, by=None, number="900/7/2026"):
    """The letter of thanks for what came, by the camat unless told."""
    return pledges.thank(
        by=by or officer("camat", pledge.project.lead_village.district),
        pledge_id=pledge.pk,
        version=pledge.version,
        number=number,
    )


def head_of(pledge):
    """The head, or the lurah, of the lead village of a pledge's project."""
    village = pledge.project.lead_village
    return officer("village_head" if village.is_desa else "lurah", village)
