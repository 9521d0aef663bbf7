from django import forms
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from projects.sources.models import Allotment
from villages.areas.models import Village


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
        if self.cleaned_data["ceiling"] < 1:
            raise forms.ValidationError(_("Pagu harus lebih dari nol."))
        return self.cleaned_data["ceiling"]

    def validate_unique(self):
        """Left to the action, which lets the same person correct a proposal."""


class ConfirmForm(forms.Form):
    ceiling = forms.IntegerField(widget=forms.HiddenInput)
