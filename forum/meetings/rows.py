"""Numbers of a printed list, as a clerk types them: "1-14, 17, 20"."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

UNTIL = re.compile(r"(?<=\d)\s*(?:-|–|—|s/d|s\.?\s?d\.?|sampai)\s*(?=\d)", re.I)
BETWEEN = re.compile(r"(?:[\s,;.&]|\bdan\b)+", re.I)
PART = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?")


def read_rows(text):
    """The set of numbers in `text`. Raises ValidationError that names what is none."""
    numbers, unread = set(), []
    for word in filter(None, BETWEEN.split(UNTIL.sub("-", text))):
        found = PART.fullmatch(word)
        first = int(found[1]) if found else 1
        last = int(found[2] or first) if found else 0
        if last < first:
            unread.append(word)
        numbers.update(range(first, last + 1))
    if unread:
        sentence = _("Tidak terbaca: %(words)s. Tulis seperti 1-14, 17, 20.")
        if any(len(word) == 1 and word.isalpha() for word in unread):
            sentence = _(
                "Tidak terbaca: %(words)s. Tulis nomornya saja; baris berhuruf di "
                "lembar adalah tamu, catat dengan Tambah tamu."
            )
        raise ValidationError(sentence % {"words": ", ".join(unread)})
    return numbers


def in_words(numbers):
    """`1–14, 17, 20`, of whole numbers in any order."""
    spans = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{a}–{b}" if a < b else str(a) for a, b in spans)
