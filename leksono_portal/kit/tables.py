"""Open data: lists as CSV files, each described once, by its columns.

A room declares its tables beside its filters; `/data/` lists them from there. What
is not declared is not even read, so that nothing personal can slip in.
"""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from leksono_portal.kit import dates
from leksono_portal.kit.errors import BadForm
from leksono_portal.kit.language import in_indonesian

STRANGER = AnonymousUser()  # the tables hold what everyone may see, whoever asks
BATCH = 500  # rows held at a time
KEPT_SECONDS = 60
# What a spreadsheet would run: at the start of a cell, or after the `;` at which one
# set to Indonesian splits a line.
LIVE = re.compile(r'(^|;)(?=[\s"]*[=+\-@\uff1d\uff0b\uff0d\uff20])')


@dataclass(frozen=True)
class Column:
    heading: str  # the file's own word, the same in every language
    source: str  # field or annotation that the query reads
    meaning: str
    show: Callable = lambda value: value


@dataclass(frozen=True)
class Table:
    name: str  # of the file
    title: str
    about: str
    address: str  # name of the view that sends it
    columns: tuple[Column, ...]
    rows: Callable[[], QuerySet]  # everything public, with all the columns read

    def send(self, rows):
        """Answer with `rows`, a part of `self.rows()`, as CSV; memory stays flat."""
        lines = self._lines(rows)
        first = next(lines)  # what the database refuses is met before we answer
        name = f"{self.name}-{dates.today().isoformat()}.csv"
        return StreamingHttpResponse(
            chain([first], lines),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": f"public, max-age={KEPT_SECONDS}",
            },
        )

    def _lines(self, rows):
        sources = list(dict.fromkeys(column.source for column in self.columns))
        columns = [(sources.index(c.source), c.show) for c in self.columns]
        found = rows.values_list(*sources).iterator(chunk_size=BATCH)
        # Excel takes a file for UTF-8 only when it starts with this mark.
        text = "\ufeff" + _csv([[column.heading for column in self.columns]])
        while batch := list(islice(found, BATCH)):
            with in_indonesian():
                text += _csv(
                    [cell(show(row[position])) for position, show in columns]
                    for row in batch
                )
            yield text.encode()
            text = ""
        if text:
            yield text.encode()


def check(found):
    """Refuse, on a 400 page, filters in the address that `found` does not know.

    A list shows all its rows then and says so; a file could not say it.
    """
    if found.errors:
        raise BadForm(
            _("Saringan di alamat ini tidak dikenal: %(names)s.")
            % {"names": ", ".join(found.errors)}
        )


def cell(value):
    """`value` as a CSV cell: numbers stay numbers, text never is a live formula.

    Text is one line. Times are WIB, lists are joined with `; `.
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return f"{value.astimezone(dates.WIB):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        value = "; ".join(value)
    return LIVE.sub(r"\1'", " ".join(str(value).split()))


def label(choices):
    """For `show`: the words of a TextChoices value."""
    return lambda value: choices(value).label


def page(name):
    """For `show`: the full address of the page called `name`, from its key."""
    return lambda key: settings.SITE_URL + reverse(name, args=[key])


def percent(value):
    """For `show`: a percentage with at most two decimals."""
    return None if value is None else Decimal(f"{value:.2f}")


def _csv(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
