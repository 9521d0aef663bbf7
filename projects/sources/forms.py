from django import forms
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from projects.sources.models import Allotment, CeilingChange
from villages.areas.models import Village


def above_nothing(amount):
    if amount < 1:
        raise forms.ValidationError(_("Pagu harus lebih dari nol."))
    return amount


class AllotmentForm(forms.ModelForm):
    class Meta:
        model = Allotment
        fields = ["source", "year", "village", "ceiling"]

    def __init__(self, *args, district, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = dates.today().year
        owner = self.fields["village"]
        owner.label = _("Untuk siapa")
        owner.queryset = Village.objects.filter(
            district=district, kind=Village.Kind.DESA
        )
        owner.label_from_instance = lambda village: village.full_name
        owner.empty_label = _("Semua desa (%(district)s)") % {"district": district}
        self.fields["ceiling"].help_text = _("Rupiah utuh, misalnya 900.000.000.")

    def clean_ceiling(self):
        return above_nothing(self.cleaned_data["ceiling"])

    def validate_unique(self):
        """Left to the action, which lets the same person correct a proposal."""


class ConfirmForm(forms.Form):
    ceiling = forms.IntegerField(widget=forms.HiddenInput)


class ChangeForm(forms.ModelForm):
    """Carries the ceiling that the page was made with, so that a stale one is told so."""

    ceiling = forms.IntegerField(widget=forms.HiddenInput)
    stale = ""

    class Meta:
        model = CeilingChange
        fields = ["amount", "reason"]
        widgets = {"reason": forms.Textarea({"rows": 4})}
        help_texts = {
            "amount": _("Rupiah utuh, misalnya 900.000.000."),
            "reason": _("Dasar perubahannya. Dibaca semua orang setelah diputuskan."),
        }

    def clean_amount(self):
        return above_nothing(self.cleaned_data["amount"])

    def renew(self, sentence, ceiling):
        """After a stale send: say so, and let a second, knowing send go through."""
        self.stale = sentence
        self.data = self.data.copy()
        self.data["ceiling"] = ceiling


class AcceptForm(forms.Form):
    """The press of a button."""


class DeclineForm(forms.ModelForm):
    class Meta:
        model = CeilingChange
        fields = ["note"]
        widgets = {"note": forms.Textarea({"rows": 3})}
        help_texts = {"note": _("Dibaca semua orang.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["note"].required = True
