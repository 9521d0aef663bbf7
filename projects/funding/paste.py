"""A RAB as it is copied out of a spreadsheet: cells between tabs, one line a row.

Takes what RABs of villages look like: a row of headings or none, numbers in front, a
line that only names the group ("II. Alat"), sums between and below.
"""

import csv
import re
from dataclasses import dataclass, field
from io import StringIO

from projects.funding.models import BudgetLine

# What the columns are called, without "(Rp)" and dots.
HEADS = {
    "description": {"uraian", "uraian kegiatan", "uraian pekerjaan", "nama barang"},
    "quantity": {"volume", "vol", "banyaknya", "kuantitas"},
    "unit": {"satuan", "sat"},
    "unit_price": {"harga satuan", "harga"},
    "amount": {"jumlah", "jumlah harga", "jumlah biaya", "total"},
}
NEEDED = ("description", "quantity", "unit", "unit_price")
IN_ORDER = (*NEEDED, "amount")
GROUPS = {
    "bahan": BudgetLine.Group.MATERIAL,
    "material": BudgetLine.Group.MATERIAL,
    "alat": BudgetLine.Group.EQUIPMENT,
    "peralatan": BudgetLine.Group.EQUIPMENT,
    "sewa alat": BudgetLine.Group.EQUIPMENT,
    "upah": BudgetLine.Group.LABOUR,
    "tenaga kerja": BudgetLine.Group.LABOUR,
    "upah tenaga kerja": BudgetLine.Group.LABOUR,
    "operasional": BudgetLine.Group.OPERATIONS,
    "biaya operasional": BudgetLine.Group.OPERATIONS,
}
NUMBERING = re.compile(r"(?:[0-9]+|[IVX]+|[a-z])[.)]?(?:\s+|$)", re.IGNORECASE)
SUM = re.compile(r"(?:sub\s*)?(?:jumlah|total)\b|subtotal\b|terbilang\b", re.IGNORECASE)


@dataclass
class Row:
    """One line to be: the text of its cells by column; number: its line in the text.

    line and amount (rupiah): the fields of a line and what it asks, if `errors` is empty.
    """

    number: int
    group: str
    cells: dict
    errors: list = field(default_factory=list)
    line: dict | None = None
    amount: int | None = None

    @property
    def label(self):
        return BudgetLine.Group(self.group).label


def read_rows(text, group):
    """The rows of `text`; `group` is that of rows before the first name of one.

    A row that has too few cells comes without them.
    """
    reader = csv.reader(StringIO(text), delimiter="\t" if "\t" in text else ";")
    columns, rows = None, []
    for cells in reader:
        cells = [" ".join(cell.split()) for cell in cells]
        written = [cell for cell in cells if cell]
        if not written:
            continue
        named = _group_of(written)
        if named:
            group = named
        elif columns is None and not rows and _columns_of(cells):
            columns = _columns_of(cells)
        elif not _is_sum(written):
            found = _by_head(cells, columns) if columns else _in_order(cells)
            rows.append(Row(reader.line_num, group, found))
    return rows


def _group_of(written):
    """The group that a line names and nothing else, or None."""
    if len(written) > 2:
        return None
    name = NUMBERING.sub("", " ".join(written), count=1).casefold().strip(" :.")
    return GROUPS.get(name)


def _columns_of(cells):
    """{column: place} of a row of headings; None if it is none."""
    heads = [re.sub(r"\(.*?\)|\.", "", cell).strip().casefold() for cell in cells]
    found = {
        column: place
        for place, head in enumerate(heads)
        for column, names in HEADS.items()
        if head in names
    }
    return found if found.keys() >= set(NEEDED) else None


def _is_sum(written):
    return len(written) <= 3 and any(SUM.match(cell) for cell in written)


def _by_head(cells, columns):
    return {
        column: cells[place] for column, place in columns.items() if place < len(cells)
    }


def _in_order(cells):
    if len(cells) > len(NEEDED) and (
        not cells[0] or NUMBERING.fullmatch(f"{cells[0]} ")
    ):
        cells = cells[1:]
    return dict(zip(IN_ORDER, cells, strict=False))
