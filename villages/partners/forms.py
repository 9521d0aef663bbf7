from django import forms
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.forms import Versioned, refuse_private
from villages.partners.models import Partner


class PartnerForm(forms.ModelForm):
    """What is told of a partner; read by everyone, so nothing of a person in it."""

    offers = forms.MultipleChoiceField(
        label=_("Bantuan yang ditawarkan"),
        choices=Partner.Offer.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ["kind", "name", "offers", "description", "contact", "website"]

    class Meta:
        model = Partner
        fields = ["kind", "name", "offers", "description", "contact", "website"]
        widgets = {
            "kind": forms.RadioSelect,
            "description": forms.Textarea({"rows": 4}),
            "contact": forms.Textarea({"rows": 3}),
            "website": forms.URLInput({"placeholder": "https://"}),
        }
        help_texts = {
            "name": _("Nama lembaganya, bukan nama orang."),
            "description": _("Apa yang dikerjakannya, dan bantuan seperti apa."),
            "contact": _(
                "Alamat kantor atau surel lembaga. Jangan tulis nama, nomor HP, atau "
                "alamat rumah orang: dibaca semua orang."
            ),
            "website": _("Alamat lengkap, dimulai dengan https://."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Partner.Kind.choices
        for name in ("name", "description", "contact"):
            self.fields[name].validators.append(refuse_private)


class PartnerEditForm(Versioned, PartnerForm):
    def as_read(self, row, name):
        if name == "offers":
            return ", ".join(str(word) for word in row.offered)
        return super().as_read(row, name)


class CloseForm(Versioned, forms.ModelForm):
    reason = forms.CharField(
        label=_("Alasan"),
        max_length=300,
        validators=[refuse_private],
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Dibaca semua orang, misalnya: programnya sudah berakhir."),
    )

    class Meta:
        model = Partner
        fields = []

    def as_read(self, row, name):
        return row.closed_because
