"""Ceilings, and eight requests that stand at different doors."""

from leksono_portal.home.demo.clock import at, day
from leksono_portal.home.demo.people import person
from projects.accounts import actions as accounts
from projects.accounts.models import Account
from projects.funding import actions
from projects.funding.checklist import POINTS
from projects.sources.actions import (
    confirm_allotment,
    decide_change,
    propose_allotment,
    propose_change,
)
from projects.sources.models import FundSource
from villages.areas.models import Village

# Source code, desa that owns it (None: the district), rupiah a year.
CEILINGS = (
    ("bkk", None, 900_000_000),
    ("bkp", None, 450_000_000),
    ("dd", "kalimendong", 120_000_000),
    ("dd", "sojokerto", 95_000_000),
    ("dd", "sawangan", 80_000_000),
)
WAITING_CEILING = ("csr", None, 250_000_000)
CHANGED_CEILING = ("bkk", None), 950_000_000
WHY_CHANGED = (
    "Perubahan APBD Kabupaten menambah bantuan keuangan bagi proyek antardesa "
    "Rp50.000.000."
)


def set_ceilings(district, requests):
    """Confirm the ceilings of each year that `requests` ask in, before the first asks.

    Returns {year: {(source code, slug or None): allotment}}. In the last year one was
    changed before that; one more ceiling waits to be confirmed.
    """
    found = {}
    for asked in sorted(request.asked for request in requests):
        year = day(asked).year
        if year not in found:
            found[year] = {
                (code, slug): _set_ceiling(district, year, code, slug, ceiling, asked)
                for code, slug, ceiling in CEILINGS
            }
            first_asked = asked
    _change(found[year], first_asked)
    _propose(district, day(0).year, *WAITING_CEILING, -2)
    return found


def ask(project, request, ceilings):
    """Write a request and walk it as far as it came."""
    asked = _ask(project, request, ceilings[day(request.asked).year])
    for verb, offset in request.path:
        asked.refresh_from_db()
        STEPS[verb](asked, request, offset)


def account(project, request):
    """Write what became of the first tranche, and walk it as far as it came."""
    asked = project.requests.get()
    if not request.spent:
        return
    account = Account.objects.get(release__tranche__request=asked)
    by = person(f"operator.{project.lead_village.slug}")
    for number, (what, purpose, payee, amount, offset) in enumerate(request.spent, 1):
        with at(offset, 13):
            accounts.add_receipt(
                by=by,
                account_id=account.pk,
                step=account.step,
                line=asked.lines.get(description=what),
                number=f"{number:03}/KW/{day(offset).year}",
                paid_on=day(offset),
                payee=payee,
                purpose=purpose,
                amount=amount,
                tax=0,
            )
    for verb, offset in request.accounted:
        account.refresh_from_db()
        asked.refresh_from_db()
        with at(offset, 9):
            ACCOUNTED[verb](asked, account, request, offset)


def _set_ceiling(district, year, code, slug, ceiling, first_asked):
    allotment = _propose(district, year, code, slug, ceiling, first_asked - 34)
    with at(first_asked - 33):
        confirm_allotment(
            by=person("camat"), allotment_id=allotment.pk, ceiling=ceiling
        )
    return allotment


def _change(ceilings, first_asked):
    owner, amount = CHANGED_CEILING
    allotment = ceilings[owner]
    with at(first_asked - 6):
        change = propose_change(
            by=person("bendahara"),
            allotment_id=allotment.pk,
            amount=amount,
            reason=WHY_CHANGED,
            ceiling=allotment.ceiling,
        )
    with at(first_asked - 4, 11):
        decide_change(by=person("camat"), change_id=change.pk, accept=True)


def _propose(district, year, code, slug, ceiling, offset):
    owner = (
        {"village": Village.objects.get(slug=slug)} if slug else {"district": district}
    )
    with at(offset):
        return propose_allotment(
            by=person("bendahara"),
            source=FundSource.objects.get(code=code),
            year=year,
            ceiling=ceiling,
            **owner,
        )


def _ask(project, request, ceilings):
    lead = project.lead_village.slug
    by = person(f"operator.{lead}")
    with at(request.asked):
        draft = actions.create_request(
            by=by,
            project=project,
            title=request.title,
            year=day(request.asked).year,
            background=f"{project.purpose}\nDiputuskan dalam rapat antardesa.",
        )
        for group, description, quantity, unit, price, code in request.lines:
            source = ceilings.get((code, lead)) or ceilings.get((code, None))
            actions.add_line(
                by=by,
                request_id=draft.pk,
                group=group,
                description=description,
                quantity=quantity,
                unit=unit,
                unit_price=price,
                allotment=source,
            )
    return draft


def _submit(asked, request, offset):
    village = asked.project.lead_village
    with at(offset):
        actions.submit(
            by=person(f"kades.{village.slug}"),
            request_id=asked.pk,
            version=asked.version,
            letter_number=f"140/{asked.pk:02}/{village.name}/{asked.year}",
        )


def _verify(asked, request, offset):
    with at(offset, 10):
        actions.verify(
            by=person("verifikator"),
            request_id=asked.pk,
            step=asked.step,
            checklist=[
                {"point": str(point), "ok": True, "note": ""} for point in POINTS
            ],
        )


def _send_back(asked, request, offset):
    with at(offset, 10):
        actions.send_back(
            by=person("verifikator"),
            request_id=asked.pk,
            step=asked.step,
            reason=request.reason,
        )


def _approve(asked, request, offset):
    """Grant all but what is cut."""
    cuts = {what: (granted, why) for what, granted, why in request.cuts}
    amounts, reasons = {}, {}
    for line in asked.lines.filter(allotment__isnull=False):
        granted, reason = cuts.get(line.description, (line.amount, ""))
        amounts[line.pk] = granted
        if reason:
            reasons[line.pk] = reason
    total = sum(amounts.values())
    first, *rest = [total * tenths // 10 for tenths in request.tranches]
    with at(offset, 14):
        actions.approve(
            by=person("camat"),
            request_id=asked.pk,
            step=asked.step,
            amounts=amounts,
            reasons=reasons,
            letter_number=_letter_number(asked),
            tranches=[total - sum(rest), *rest],
        )


def _reject(asked, request, offset):
    with at(offset, 14):
        actions.reject(
            by=person("camat"),
            request_id=asked.pk,
            step=asked.step,
            reason=request.reason,
            letter_number=_letter_number(asked),
        )


def _letter_number(asked):
    return f"412/{asked.pk:02}/KEC/{asked.year}"


def _release(asked, request, offset):
    with at(offset, 11):
        accounts.release(
            by=person("bendahara"),
            request_id=asked.pk,
            step=asked.step,
            reference=f"TRF-{asked.year}-{asked.pk:04}",
            paid_on=day(offset),
        )


def _send(asked, account, request, offset):
    accounts.send(
        by=person(f"kades.{asked.project.lead_village.slug}"),
        account_id=account.pk,
        step=account.step,
        story=request.story,
    )


def _accept(asked, account, request, offset):
    accounts.accept(by=person("verifikator"), account_id=account.pk, step=account.step)


def _complete(asked, account, request, offset):
    accounts.complete(
        by=person("verifikator"),
        request_id=asked.pk,
        step=asked.step,
        reference=f"STS-{day(offset).year}-{asked.pk:04}",
        paid_on=day(offset - 2),
    )


ACCOUNTED = {"send": _send, "accept": _accept, "complete": _complete}
STEPS = {
    "submit": _submit,
    "verify": _verify,
    "send_back": _send_back,
    "approve": _approve,
    "reject": _reject,
    "release": _release,
}
