"""Who helps from outside, and one pledge in each state."""

from decimal import Decimal

from leksono_portal.home.demo.clock import at, day
from leksono_portal.home.demo.people import person
from leksono_portal.home.demo.tales import FARM_ROAD, MARKET, PIPE, SLOPE, TEACHERS
from projects.pledges import actions
from projects.pledges.models import Pledge
from projects.portfolio.models import Project
from villages.partners import actions as partners
from villages.partners.models import Partner

Who, Offer, Form = Partner.Kind, Partner.Offer, Pledge.Kind
# Kind, name, what it offers, description. None of them exists.
LIST = (
    (Who.GOVERNMENT, "Dinas Pertanian (contoh)",
     [Offer.GOODS, Offer.TRAINING, Offer.ADVICE],
     "Bibit, penyuluhan, dan pendampingan kelompok tani serta pengelola air."),
    (Who.DONOR, "Yayasan Air untuk Desa (contoh)", [Offer.FUNDS, Offer.TRAINING],
     "Membantu air bersih dan sanitasi, dengan laporan sederhana dan foto."),
    (Who.COMPANY, "Perusahaan Kayu Lapis (contoh)", [Offer.FUNDS, Offer.GOODS],
     "Tanggung jawab sosial perusahaan bagi desa di sekitar jalur angkutnya."),
)  # fmt: skip


def make():
    """Three partners, what they promised, and what became of it."""
    office, donor, company = [_add(*told) for told in LIST]
    _used(office)
    _received(donor)
    training = _record(
        -14, PIPE, donor, kind=Form.TRAINING, estimate=3_500_000,
        what="Pelatihan dua hari merawat pompa dan mencatat meter air",
    )  # fmt: skip
    _agree(-11, training)
    _record(
        -2, FARM_ROAD, company, kind=Form.GOODS, quantity=Decimal(40),
        unit="lembar", estimate=4_800_000,
        what="Papan bekisting untuk rabat beton jalan usaha tani",
    )  # fmt: skip
    contest = _record(
        -16, TEACHERS, company, kind=Form.FUNDS, amount=2_000_000,
        what="Dana lomba cerdas cermat dengan spanduk perusahaan",
    )  # fmt: skip
    with at(-13, 10):
        actions.decline(
            by=_head(contest),
            pledge_id=contest.pk,
            version=contest.version,
            reason="Sekolah dasar tidak memasang iklan; terima kasih atas niatnya.",
        )
    roof = _agree(
        -36,
        _record(
            -39, MARKET, company, kind=Form.FUNDS, amount=12_000_000,
            what="Dana atap los pasar sayur bersama",
        ),
    )  # fmt: skip
    with at(-22, 14):
        actions.withdraw(
            by=person("sekcam"),
            pledge_id=roof.pk,
            version=roof.version,
            reason="Anggaran perusahaan tahun ini dialihkan; ditawarkan lagi tahun depan.",
        )


def _used(office):
    """Seedlings for the slope, in two loads; told with a photo, and thanked for."""
    seedlings = _agree(
        -45,
        _record(
            -47, SLOPE, office, kind=Form.GOODS, quantity=Decimal(4_000),
            unit="batang", estimate=14_000_000, letter_number="521/118/2026",
            letter_date=day(-48),
            what="Bibit suren, alpukat, dan bambu untuk lereng rawan longsor",
        ),
    )  # fmt: skip
    _receive(-41, seedlings, quantity=Decimal(2_500), reference="BAST/01/SLK")
    _receive(-34, seedlings, quantity=Decimal(1_500), reference="BAST/02/SLK")
    seedlings.refresh_from_db()
    report = seedlings.project.reports.first()
    with at(-1, 16):
        used = actions.use(
            by=_operator(seedlings),
            pledge_id=seedlings.pk,
            version=seedlings.version,
            outcome="Seluruh bibit ditanam warga tiga desa di lereng atas permukiman. "
            "Kelompok tani menyulam yang mati setiap dua pekan; bambu menahan tepi "
            "alur air.",
            report=report,
            photo=report.photos.first(),
        )
    with at(-1, 17):
        actions.thank(
            by=person("camat"),
            pledge_id=used.pk,
            version=used.version,
            number="005/210/2026",
        )


def _received(donor):
    """Money for the pipe, in two parts."""
    money = _agree(
        -52,
        _record(
            -55, PIPE, donor, kind=Form.FUNDS, amount=15_000_000,
            letter_number="017/YAD/2026", letter_date=day(-57),
            what="Dana sambungan rumah bagi keluarga yang belum terjangkau",
        ),
    )  # fmt: skip
    _receive(-44, money, amount=10_000_000, reference="KW/031/KLM")
    _receive(-18, money, amount=5_000_000, reference="KW/044/KLM")


def _add(kind, name, offers, description):
    with at(-300, 10):
        by = person("sekcam")
        return partners.add(
            by=by,
            district=by.offices.first().district,
            kind=kind,
            name=name,
            offers=offers,
            description=description,
            contact="mitra@example.id",
        )


def _record(ago, tale, partner, **fields):
    with at(ago, 9):
        return actions.record(
            by=person("sekcam"),
            project=Project.objects.get(title=tale.title),
            partner=partner,
            **fields,
        )


def _agree(ago, pledge):
    with at(ago, 11):
        return actions.agree(
            by=_head(pledge), pledge_id=pledge.pk, version=pledge.version
        )


def _receive(ago, pledge, **fields):
    pledge.refresh_from_db()
    with at(ago, 13):
        actions.receive(
            by=_operator(pledge),
            pledge_id=pledge.pk,
            version=pledge.version,
            received_on=day(ago),
            **fields,
        )


def _head(pledge):
    return person(f"kades.{pledge.project.lead_village.slug}")


def _operator(pledge):
    return person(f"operator.{pledge.project.lead_village.slug}")
