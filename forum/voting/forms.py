from django import forms
from django.utils.translation import gettext_lazy as _

from forum.voting.actions import check_counts
from forum.voting.models import COUNTS, Ballot

INCOMPLETE = _("Halaman ini tidak lengkap. Buka lagi formulirnya.")


class BallotForm(forms.ModelForm):
    class Meta:
        model = Ballot
        fields = ["question", "agenda_item", "rule"]
        widgets = {
            "question": forms.Textarea({"rows": 3}),
            "rule": forms.RadioSelect,
        }
        help_texts = {
            "question": _(
                "Tulis sebagai kalimat keputusan; bila disetujui, ini yang dicatat."
            )
        }

    def __init__(self, *args, meeting, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agenda_item"].queryset = meeting.agenda.all()
        self.fields["agenda_item"].empty_label = _("Tidak menurut satu acara")


class VersionForm(forms.Form):
    """The version of the ballot that was read."""

    version = forms.IntegerField(
        widget=forms.HiddenInput,
        error_messages={"required": INCOMPLETE, "invalid": INCOMPLETE},
    )


class CountForm(VersionForm):
    """The counts of `ballot`. Not a ModelForm: a wrong count must not show as counted."""

    def __init__(self, *args, ballot, **kwargs):
        super().__init__(*args, **kwargs)
        self.ballot = ballot
        for name in COUNTS:
            self.fields[name] = forms.IntegerField(
                label=Ballot._meta.get_field(name).verbose_name.capitalize(),
                initial=getattr(ballot, name),
                min_value=0,
                widget=forms.NumberInput({"inputmode": "numeric"}),
            )
        self.fields["version"].initial = ballot.version

    @property
    def counts(self):
        return [self[name] for name in COUNTS]

    def clean(self):
        data = super().clean()
        if not self.errors:
            check_counts(data, self.ballot.entitled)
        return data


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Alasan"), max_length=300, help_text=_("Dicatat di berita acara.")
    )
