"""Ceilings, and four requests that stand at four different doors."""

from leksono_portal.home.demo.clock import at, day
from leksono_portal.home.demo.people import person
from projects.funding import actions
from projects.funding.checklist import POINTS
from projects.funding.models import BudgetLine
from projects.sources.actions import confirm_allotment, propose_allotment
from projects.sources.models import FundSource
from villages.areas.models import Village

Group = BudgetLine.Group
OWN = None  # the villages' own share: labour and materials they bring themselves

# Source code, desa that owns it (None: the district), rupiah.
CEILINGS = (
    ("bkk", None, 900_000_000),
    ("bkp", None, 450_000_000),
    ("dd", "kalimendong", 120_000_000),
    ("dd", "sojokerto", 95_000_000),
)
WAITING_CEILING = ("csr", None, 250_000_000)

# Lines of the RAB: group, what, volume, unit, unit price, source code.
PIPE = (
    (Group.MATERIAL, "Pipa HDPE 2 inci", 2400, "m", 62_000, "bkk"),
    (Group.MATERIAL, "Semen", 320, "zak", 68_000, "bkk"),
    (Group.MATERIAL, "Pasir dan batu", 85, "m³", 285_000, "dd"),
    (Group.MATERIAL, "Besi beton 10 mm", 260, "batang", 88_000, "bkk"),
    (Group.EQUIPMENT, "Sewa alat gali", 12, "hari", 1_850_000, "bkk"),
    (Group.LABOUR, "Tukang", 240, "HOK", 130_000, "dd"),
    (Group.LABOUR, "Gotong royong warga", 400, "HOK", 100_000, OWN),
    (Group.OPERATIONS, "Administrasi dan papan proyek", 1, "keg", 4_500_000, "bkk"),
)
PIPE_CUTS = {
    "Sewa alat gali": (18_500_000, "Sepuluh hari cukup menurut volume galian."),
    "Administrasi dan papan proyek": (3_500_000, "Papan proyek dibuat dari kayu."),
}
TEACHERS = (
    (Group.MATERIAL, "Modul dan alat peraga", 320, "buah", 35_000, "bkk"),
    (Group.LABOUR, "Honor guru keliling", 160, "kali", 250_000, "bkk"),
    (Group.OPERATIONS, "Pengganti ongkos jalan", 160, "kali", 60_000, "bkk"),
)
MARKET = (
    (Group.MATERIAL, "Rangka los baja ringan", 14, "unit", 6_750_000, "bkk"),
    (Group.MATERIAL, "Atap dan talang", 280, "m²", 165_000, "bkk"),
    (Group.EQUIPMENT, "Timbangan digital", 6, "buah", 1_850_000, "bkk"),
    (Group.LABOUR, "Tukang", 180, "HOK", 130_000, "dd"),
    (Group.LABOUR, "Perataan tanah bersama warga", 280, "HOK", 100_000, OWN),
)
SLOPE = (
    (Group.MATERIAL, "Bronjong kawat", 60, "buah", 385_000, "bkp"),
    (Group.MATERIAL, "Batu belah", 40, "m³", 265_000, "bkp"),
    (Group.LABOUR, "Tukang pasang bronjong", 60, "HOK", 130_000, "bkp"),
    (Group.LABOUR, "Gotong royong menanam", 300, "HOK", 100_000, OWN),
)


def ask_and_grant(district, projects):
    """Set the ceilings, then walk each request as far as it has come."""
    ceilings = _set_ceilings(district)
    pipe, teachers, market, slope = projects

    request = _ask(pipe, "Dana pipa air bersih tiga desa", PIPE, ceilings, -76)
    _submit(request, -74)
    _verify(request, -70)
    _approve(request, -66, cuts=PIPE_CUTS)
    _release(request, -62)

    request = _ask(teachers, "Guru keliling satu tahun ajaran", TEACHERS, ceilings, -14)
    _submit(request, -12)
    _verify(request, -8)
    _approve(request, -3)

    request = _ask(market, "Los pasar sayur bersama", MARKET, ceilings, -9)
    _submit(request, -6)

    request = _ask(slope, "Bronjong lereng Selokromo", SLOPE, ceilings, -11)
    _submit(request, -10)
    _verify(request, -4)


def _set_ceilings(district):
    found = {}
    for code, slug, ceiling in CEILINGS:
        allotment = _propose(district, code, slug, ceiling, -80)
        with at(-79):
            confirm_allotment(
                by=person("camat"), allotment_id=allotment.pk, ceiling=ceiling
            )
        found[code, slug] = allotment
    _propose(district, *WAITING_CEILING, -2)
    return found


def _propose(district, code, slug, ceiling, offset):
    owner = (
        {"village": Village.objects.get(slug=slug)} if slug else {"district": district}
    )
    with at(offset):
        return propose_allotment(
            by=person("bendahara"),
            source=FundSource.objects.get(code=code),
            year=day(0).year,
            ceiling=ceiling,
            **owner,
        )


def _ask(project, title, lines, ceilings, offset):
    lead = project.lead_village.slug
    by = person(f"operator.{lead}")
    with at(offset):
        request = actions.create_request(
            by=by,
            project=project,
            title=title,
            year=day(0).year,
            background=f"{project.purpose}\nDiputuskan dalam musyawarah antar desa.",
        )
        for group, description, quantity, unit, price, code in lines:
            source = ceilings.get((code, lead)) or ceilings.get((code, None))
            actions.add_line(
                by=by,
                request_id=request.pk,
                group=group,
                description=description,
                quantity=quantity,
                unit=unit,
                unit_price=price,
                allotment=source,
            )
    return request


def _submit(request, offset):
    request.refresh_from_db()
    village = request.project.lead_village
    with at(offset):
        actions.submit(
            by=person(f"kades.{village.slug}"),
            request_id=request.pk,
            version=request.version,
            letter_number=f"140/{request.pk:02}/{village.name}/{request.year}",
        )


def _verify(request, offset):
    request.refresh_from_db()
    with at(offset, 10):
        actions.verify(
            by=person("verifikator"),
            request_id=request.pk,
            step=request.step,
            checklist=[
                {"point": str(point), "ok": True, "note": ""} for point in POINTS
            ],
        )


def _approve(request, offset, cuts=None):
    """Grant all but what is cut, in two tranches of six and four tenths."""
    request.refresh_from_db()
    amounts, reasons = {}, {}
    for line in request.lines.filter(allotment__isnull=False):
        granted, reason = (cuts or {}).get(line.description, (line.amount, ""))
        amounts[line.pk] = granted
        if reason:
            reasons[line.pk] = reason
    total = sum(amounts.values())
    first = total * 6 // 10
    with at(offset, 14):
        actions.approve(
            by=person("camat"),
            request_id=request.pk,
            step=request.step,
            amounts=amounts,
            reasons=reasons,
            letter_number=f"412/{request.pk:02}/KEC/{request.year}",
            tranches=[first, total - first],
        )


def _release(request, offset):
    request.refresh_from_db()
    with at(offset, 11):
        actions.release(
            by=person("bendahara"),
            request_id=request.pk,
            step=request.step,
            reference=f"TRF-{request.year}-0001",
            paid_on=day(offset),
        )
