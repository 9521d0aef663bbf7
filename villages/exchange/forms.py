from django import forms
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from leksono_portal.kit.forms import DateInput, Versioned, refuse_private
from villages.areas.forms import VillageChoice
from villages.areas.models import Village
from villages.exchange.models import Resource


class ResourceForm(forms.ModelForm):
    """What is told; read by everyone, so no numbers of persons in it."""

    class Meta:
        model = Resource
        fields = [
            "what",
            "title",
            "description",
            "how_many",
            "place",
            "available_from",
            "available_until",
        ]
        widgets = {
            "what": forms.RadioSelect,
            "description": forms.Textarea({"rows": 4}),
            "available_from": DateInput,
            "available_until": DateInput,
        }
        help_texts = {
            "title": _("Apa tepatnya, misalnya: Molen beton 350 liter."),
            "description": _(
                "Keadaannya, syaratnya, untuk apa. Jangan tulis nama atau nomor HP "
                "orang: yang berminat menghubungi kantor desa."
            ),
            "how_many": _("Misalnya 2 unit, 10 orang, 500 m²."),
            "place": _("Di mana adanya, atau di mana dipakai."),
            "available_from": _("Kosongkan bila sudah sekarang."),
            "available_until": _("Kosongkan bila tanpa batas."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = Resource.What.choices
        for name in ("title", "description", "how_many", "place"):
            self.fields[name].validators.append(refuse_private)

    def clean_available_until(self):
        until = self.cleaned_data["available_until"]
        if until and "available_until" in self.changed_data and until < dates.today():
            raise forms.ValidationError(_("Tanggal ini sudah lewat."))
        return until

    def clean(self):
        cleaned = super().clean()
        starts, ends = cleaned.get("available_from"), cleaned.get("available_until")
        if starts and ends and ends < starts:
            self.add_error("available_until", _("Tanggal ini sebelum tanggal mulai."))
        return cleaned


class NewResourceForm(ResourceForm):
    """`villages`: those in whose name the writer may speak."""

    village = VillageChoice(Village.objects.none(), label=_("Desa"))
    field_order = ["kind", "village"]

    class Meta(ResourceForm.Meta):
        fields = ["kind", "village", *ResourceForm.Meta.fields]
        widgets = ResourceForm.Meta.widgets | {"kind": forms.RadioSelect}

    def __init__(self, *args, villages, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Resource.Kind.choices
        self.fields["village"].queryset = villages


class ResourceEditForm(Versioned, ResourceForm):
    pass


class CloseForm(forms.Form):
    status = forms.ChoiceField(
        label=_("Mengapa ditutup"),
        choices=[
            (Resource.Status.AGREED, _("Sudah terpenuhi atau sudah dipinjam")),
            (Resource.Status.WITHDRAWN, _("Tidak jadi")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Penjelasan"),
        max_length=300,
        validators=[refuse_private],
        widget=forms.Textarea({"rows": 3}),
        help_text=_(
            "Dibaca semua orang, misalnya: dipinjam Desa Timbang sampai Maret."
        ),
    )
