"""Whole rupiah: the model field, the form fields and how amounts are written."""

import re
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_RUPIAH = 999_999_999_999_999
GROUPED = re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3})+")
MAX_WRITTEN = 40  # characters; Python refuses to read a number of thousands of digits
DIGITS = re.compile(r"[0-9]+")


def format_number(number):
    """`1.250.000`."""
    return f"{number:,}".replace(",", ".")


def format_rupiah(amount):
    """`Rp1.250.000`, of whole rupiah; a difference may be below zero (`-Rp500`)."""
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp{format_number(abs(amount))}"


def format_decimal(number: Decimal):
    """`1.250,75`: decimal comma, no needless zeros at the end."""
    whole, _dot, rest = f"{number:,f}".partition(".")
    rest = rest.rstrip("0")
    return whole.replace(",", ".") + (f",{rest}" if rest else "")


def _whole_number(text):
    """The int that `text` writes, with or without dots for thousands, or None."""
    if DIGITS.fullmatch(text):
        return int(text)
    if GROUPED.fullmatch(text):
        return int(text.replace(".", ""))
    return None


class AmountInput(forms.TextInput):
    """A text box that brings up the number keys of a phone."""

    def __init__(self, attrs=None, *, inputmode="numeric"):
        super().__init__(
            {"inputmode": inputmode, "autocomplete": "off", **(attrs or {})}
        )


class RupiahFormField(forms.IntegerField):
    """Whole rupiah as people type them: `1250000`, `1.250.000`, `Rp 1.250.000,00`."""

    widget = AmountInput
    default_error_messages = {
        "invalid": _("Tulis jumlahnya dengan angka saja, misalnya 1.250.000."),
        "negative": _("Jumlah rupiah tidak boleh kurang dari nol."),
        "cents": _("Tulis rupiah utuh tanpa sen, misalnya 1.250.000."),
        "grouping": _(
            "Titik atau koma tidak pada tempatnya. "
            "Tulis titik di setiap tiga angka, misalnya 1.250.000."
        ),
        "too_large": _("Jumlah terlalu besar; paling banyak 999.999.999.999.999."),
    }

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, int):
            return None if value in self.empty_values else value
        text = str(value).replace("\u00a0", " ").strip()
        if not text:
            return None
        return self._parse(re.sub(r"^rp\.?\s*", "", text, flags=re.IGNORECASE))

    def _parse(self, text):
        if re.search(r"[^0-9.,\-−\s]", text) or not re.search(r"[0-9]", text):
            self._refuse("invalid")
        if text[0] in "-−":
            self._refuse("negative")
        if len(text) > MAX_WRITTEN:
            self._refuse("too_large")
        whole, comma, cents = text.partition(",")
        amount = _whole_number(whole)
        if amount is None or (comma and not re.fullmatch(r"[0-9]{1,2}|-", cents)):
            self._refuse("grouping")
        if cents.strip("-0"):
            self._refuse("cents")
        if amount > MAX_RUPIAH:
            self._refuse("too_large")
        return amount

    def _refuse(self, code):
        raise ValidationError(self.error_messages[code], code=code)

    def prepare_value(self, value):
        return format_number(value) if isinstance(value, int) else value


class RupiahField(models.PositiveBigIntegerField):
    """Whole rupiah in a bigint, from 0 to 999 triliun."""

    default_validators = [
        MaxValueValidator(
            MAX_RUPIAH, RupiahFormField.default_error_messages["too_large"]
        )
    ]

    def formfield(self, **kwargs):
        return super().formfield(
            **{"form_class": RupiahFormField, "max_value": MAX_RUPIAH, **kwargs}
        )


class VolumeFormField(forms.DecimalField):
    """A quantity above zero as people type it: `62,5`, `62.5`, `1.250,75`.

    A dot before exactly three digits separates thousands (`1.250` is 1250), as
    everywhere in Indonesian; at most three decimals.
    """

    default_error_messages = {
        "invalid": _("Tulis volumenya dengan angka, misalnya 62,5 atau 1.250,75."),
        "not_positive": _("Volume harus lebih dari nol."),
        "decimals": _("Paling banyak tiga angka di belakang koma."),
        "too_large": _("Volume terlalu besar; paling banyak 999.999.999,999."),
    }

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", AmountInput(inputmode="decimal"))
        super().__init__(max_digits=12, decimal_places=3, **kwargs)

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, Decimal):
            return None if value in self.empty_values else value
        text = str(value).replace("\u00a0", " ").strip()
        return self._parse(text) if text else None

    def _parse(self, text):
        if text[0] in "-−":
            self._refuse("not_positive")
        if re.search(r"[^0-9.,]", text):
            self._refuse("invalid")
        if len(text) > MAX_WRITTEN:
            self._refuse("too_large")
        separator = "," if "," in text or GROUPED.fullmatch(text) else "."
        whole, separated, decimals = text.partition(separator)
        number = _whole_number(whole)
        if number is None or (separated and not DIGITS.fullmatch(decimals)):
            self._refuse("invalid")
        if len(decimals) > 3:
            self._refuse("decimals")
        if number > 999_999_999:
            self._refuse("too_large")
        return Decimal(f"{number}.{decimals or 0}")

    def validate(self, value):
        super().validate(value)
        if value is not None and value <= 0:
            self._refuse("not_positive")

    def _refuse(self, code):
        raise ValidationError(self.error_messages[code], code=code)

    def prepare_value(self, value):
        return format_decimal(value) if isinstance(value, Decimal) else value
