"""What the rooms' forms share."""

import re
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates

# A NIK has 16 digits; a mobile number begins with 08 or +62 8.
PRIVATE = re.compile(
    r"(?<!\d)(?:\d[ .-]?){15}\d(?!\d)|(?<!\d)(?:\+?62[ -]?|0)8(?:[ .-]?\d){7,11}(?!\d)"
)


def refuse_private(text):
    """A validator of text that everyone will read: no numbers of persons in it."""
    if PRIVATE.search(text):
        raise forms.ValidationError(
            _(
                "Ada NIK atau nomor HP di dalamnya. Hapus dahulu: "
                "tulisan ini dibaca semua orang."
            )
        )


class DateInput(forms.DateInput):
    """The calendar of the reader's own device."""

    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class Versioned(forms.Form):
    """Joins a ModelForm; carries the version of the row the form was made from."""

    version = forms.IntegerField(
        widget=forms.HiddenInput,
        error_messages={"required": _("Buka lagi formulir ini dari halamannya.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version

    def show_stale(self, error):
        """Let the typed text stand beside the row as it is stored now.

        The new version goes into the hidden field: a second, knowing send goes
        through.
        """
        row = self._meta.model.objects.get(pk=self.instance.pk)
        self.stale = _("Halaman ini sudah diubah oleh %(by)s pada %(at)s.") % {
            "by": error.by,
            "at": dates.format_when(error.at),
        }
        self.stored = [
            (field.label, self.as_read(row, field.name))
            for field in self.visible_fields()
        ]
        self.data = self.data.copy()
        self.data["version"] = row.version

    def as_read(self, row, name):
        """The stored value of a field, as a person would read it."""
        display = getattr(row, f"get_{name}_display", None)
        if display:
            return display()
        value = getattr(row, name)
        return dates.format_date(value) if isinstance(value, date) else value
