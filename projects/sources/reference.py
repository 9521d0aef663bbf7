"""The sources of village and joint money, in the order village budgets list them.

PADes to bantuan keuangan: Permendagri 20/2018. The rest are how outside and own means
come in; money given to a village enters through its village account.
"""

from projects.sources.models import FundSource

# Public money that several villages ask for together is decided on in a meeting first.
DECIDED = {"dd", "add", "pbh", "bkk", "bkp"}

SOURCES = (
    ("pades", "Pendapatan Asli Desa (PADes)"),
    ("dd", "Dana Desa (DD)"),
    ("add", "Alokasi Dana Desa (ADD)"),
    ("pbh", "Bagi Hasil Pajak dan Retribusi (PBH)"),
    ("bkk", "Bantuan Keuangan Kabupaten"),
    ("bkp", "Bantuan Keuangan Provinsi"),
    ("swadaya", "Swadaya masyarakat"),
    ("csr", "CSR/TJSL perusahaan"),
    ("hibah", "Hibah atau donor"),
    ("bumdes", "BUM Desa"),
    ("silpa", "SiLPA tahun lalu"),
    ("lain", "Pendapatan lain yang sah"),
)


def load():
    """Add the sources that are missing; names the district admin changed stay."""
    FundSource.objects.bulk_create(
        [
            FundSource(code=code, name=name, needs_decision=code in DECIDED)
            for code, name in SOURCES
        ],
        ignore_conflicts=True,
    )
