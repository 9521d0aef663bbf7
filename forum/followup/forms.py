from django import forms
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates


class _MeetingField(forms.ModelChoiceField):
    def label_from_instance(self, meeting):
        return f"{dates.format_date_short(meeting.starts_at)}, {meeting}"


class TargetForm(forms.Form):
    """To which other meeting an agenda item goes."""

    target = _MeetingField(
        label=_("Ke rapat"),
        queryset=None,
        empty_label=_("Pilih rapat"),
        help_text=_("Rapat lembaga yang sama, yang belum final."),
    )

    def __init__(self, *args, targets, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["target"].queryset = targets
