"""Four joint projects, one of each sector, born of the meeting's decisions."""

from forum.meetings import actions as forum
from leksono_portal.home.demo.clock import at, day
from leksono_portal.home.demo.people import person
from projects.portfolio import actions
from projects.portfolio.models import Project
from projects.responses import actions as responses
from villages.areas.models import Village

Sector = Project.Sector
# In the order of the decisions. Work items: title, cost in rupiah, first and last day.
PROJECTS = (
    {
        "title": "Pipa air bersih Kalimendong–Jonggolsari–Besani",
        "sector": Sector.INFRASTRUCTURE,
        "villages": ("kalimendong", "jonggolsari", "besani"),
        "place": "Dari mata air Kalimendong sampai batas Besani, 2,4 km",
        "purpose": "Air bersih mengalir setiap hari ke tiga desa, juga pada kemarau.",
        "beneficiary_families": 486,
        "beneficiary_people": 1720,
        "items": (
            ("Bak penangkap mata air", 62_000_000, -60, -38),
            ("Galian dan pipa induk", 168_565_000, -45, -8),
            ("Bak pembagi di batas desa", 45_000_000, -20, 8),
            ("Sambungan rumah", 40_000_000, -5, 20),
        ),
    },
    {
        "title": "Guru keliling matematika kelas 4–6",
        "sector": Sector.EDUCATION,
        "villages": ("timbang", "durensawit", "manggis"),
        "place": "Enam sekolah dasar di Timbang, Durensawit, dan Manggis",
        "purpose": "Setiap kelas tinggi mendapat guru matematika dua kali sepekan.",
        "beneficiary_families": 210,
        "beneficiary_people": 264,
        "items": (
            ("Penyusunan jadwal dan modul", 11_200_000, 5, 25),
            ("Mengajar keliling, 160 pertemuan", 49_600_000, 26, 150),
        ),
    },
    {
        "title": "Pasar sayur bersama Sojokerto",
        "sector": Sector.ECONOMY,
        "villages": ("sojokerto", "leksono", "besani"),
        "place": "Tanah desa di tepi jalan raya Sojokerto",
        "purpose": "Petani menjual langsung, dengan timbangan dan harga yang terbuka.",
        "beneficiary_families": 340,
        "beneficiary_people": None,
        "items": (
            ("Perataan tanah dan saluran", 28_000_000, 20, 45),
            ("Empat belas los beratap", 164_100_000, 40, 110),
            ("Timbangan dan papan harga", 11_100_000, 100, 120),
        ),
    },
    {
        "title": "Penghijauan lereng Selokromo–Sawangan–Lipursari",
        "sector": Sector.ENVIRONMENT,
        "villages": ("selokromo", "sawangan", "lipursari"),
        "place": "Lereng di atas permukiman Selokromo, 18 hektare",
        "purpose": "Lereng tertutup pohon buah dan aren, sehingga tanah tidak bergerak.",
        "beneficiary_families": 158,
        "beneficiary_people": 590,
        "items": (
            ("Pembibitan 4.000 batang", 24_000_000, -48, -20),
            ("Penanaman", 18_000_000, -18, 10),
            ("Teras dan bronjong", 41_500_000, -5, 40),
        ),
    },
)
# Project number, day, what was seen, rupiah spent so far, percent of each item.
REPORTS = (
    (0, -40, "Bak penangkap hampir jadi; galian dimulai dari hulu.", 61_400_000),
    (
        0,
        -18,
        "Pipa induk terpasang 1,3 km. Dua hari berhenti karena hujan.",
        118_900_000,
    ),
    (
        0,
        -3,
        "Pipa induk tinggal diuji tekan. Bak pembagi sampai pasangan dinding.",
        158_350_000,
    ),
    (3, -21, "Bibit alpukat dan aren siap tanam, 3.900 batang hidup.", 19_700_000),
    (
        3,
        -2,
        "Tiga perempat bibit tertanam bersama warga; teras baru dimulai.",
        27_100_000,
    ),
)
PERCENTS = (
    (95, 15, 0, 0),
    (100, 62, 10, 0),
    (100, 96, 45, 0),
    (95, 0, 0),
    (100, 75, 10),
)


def make_projects(decisions):
    """The four projects with their plans; the greening begins with own means."""
    projects = [
        _make(decision, **facts)
        for decision, facts in zip(decisions, PROJECTS, strict=True)
    ]
    with at(-49, 8):
        actions.start(
            projects[3],
            by=person("operator.selokromo"),
            note="Dimulai dengan gotong royong warga tiga desa.",
        )
    return projects


def report(projects):
    """What the lead villages wrote about the two that are under way."""
    for (number, offset, text, spent), percents in zip(REPORTS, PERCENTS, strict=True):
        project = projects[number]
        items = project.work_items.order_by("starts_on", "pk")
        with at(offset, 15):
            actions.report_progress(
                project,
                by=person(f"operator.{project.lead_village.slug}"),
                reported_on=day(offset),
                text=text,
                spent=spent,
                percents=dict(zip([i.pk for i in items], percents, strict=True)),
            )


def respond(projects):
    """Two residents' responses to the pipe: one answered, one that waits."""
    pipe, resident = projects[0], person("warga")
    with at(-9, 19):
        asked = responses.send(
            pipe,
            by=resident,
            text="Air di RT 02 baru mengalir malam hari. Kapan bak pembagi selesai?",
        )
    with at(-7, 9):
        responses.answer(
            asked,
            by=person("operator.kalimendong"),
            text="Bak pembagi selesai dua pekan lagi. Sampai saat itu air digilir: "
            "RT 01 dan RT 02 malam hari, yang lain siang.",
        )
    with at(-2, 20):
        responses.send(
            pipe,
            by=resident,
            text="Terima kasih, galiannya rapi. Apakah sambungan rumah dipungut biaya?",
        )


def _make(decision, *, villages, items, **facts):
    lead, *partners = [Village.objects.get(slug=slug) for slug in villages]
    by = person(f"operator.{lead.slug}")
    with at(-82, 9):
        project = forum.create_project(
            decision,
            by=by,
            lead_village=lead,
            partner_villages=partners,
            year=day(0).year,
            **facts,
        )
        for title, cost, first, last in items:
            actions.add_work_item(
                project,
                by=by,
                title=title,
                cost=cost,
                starts_on=day(first),
                ends_on=day(last),
            )
    return project
