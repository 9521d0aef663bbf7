from django import forms
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates, files
from leksono_portal.kit.forms import DateInput, refuse_private
from leksono_portal.kit.money import RupiahFormField, VolumeFormField
from projects.pledges.models import Pledge, PledgeReceipt
from projects.portfolio.models import Photo, ProgressReport

Kind = Pledge.Kind
ONLY_FOR = {
    "amount": (Kind.FUNDS,),
    "estimate": (Kind.GOODS, Kind.TRAINING),
    "quantity": (Kind.GOODS,),
    "unit": (Kind.GOODS,),
}


class PledgeForm(forms.ModelForm):
    """What a partner promises; `partners`: those one may turn to."""

    quantity = VolumeFormField(label=_("Banyaknya"), required=False)
    field_order = [
        "partner",
        "kind",
        "what",
        "amount",
        "estimate",
        "quantity",
        "unit",
        "letter_number",
        "letter_date",
    ]

    class Meta:
        model = Pledge
        fields = [
            "partner",
            "kind",
            "what",
            "amount",
            "estimate",
            "quantity",
            "unit",
            "letter_number",
            "letter_date",
        ]
        widgets = {
            "kind": forms.RadioSelect,
            "what": forms.Textarea({"rows": 3}),
            "letter_date": DateInput,
        }
        help_texts = {
            "what": _(
                "Dibaca semua orang, misalnya: pipa PVC 4 inci untuk jalur RT 2."
            ),
            "amount": _("Untuk dana: rupiah yang dijanjikan, di luar pagu."),
            "estimate": _(
                "Untuk barang dan pelatihan, bila ada: kira-kira senilai berapa rupiah."
            ),
            "unit": _("Untuk barang yang dihitung, misalnya batang, sak, unit."),
            "letter_number": _("Bila janjinya tertulis."),
        }

    def __init__(self, *args, partners, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = partners
        self.fields["partner"].empty_label = _("Pilih mitra")
        self.fields["kind"].choices = Kind.choices
        self.fields["quantity"].help_text = _("Untuk barang yang dihitung.")
        for name in ("what", "unit", "letter_number"):
            self.fields[name].validators.append(refuse_private)

    def clean_letter_date(self):
        return not_yet_to_come(self.cleaned_data["letter_date"])

    def clean(self):
        cleaned = super().clean()
        kind = cleaned.get("kind")
        if kind is None:
            return cleaned
        for name, kinds in ONLY_FOR.items():
            if cleaned.get(name) and kind not in kinds:
                words = " / ".join(str(Kind(one).label) for one in kinds)
                self.add_error(
                    name, _("Hanya diisi untuk: %(kinds)s.") % {"kinds": words}
                )
        if kind == Kind.FUNDS and "amount" not in self.errors:
            if not cleaned.get("amount"):
                self.add_error("amount", _("Tulis berapa rupiah yang dijanjikan."))
        if cleaned.get("estimate") == 0:
            self.add_error("estimate", _("Kosongkan bila tidak ditaksir."))
        self._check_pair("quantity", "unit", _("Isi keduanya: banyaknya dan satuan."))
        self._check_pair(
            "letter_number", "letter_date", _("Isi keduanya: nomor dan tanggal surat.")
        )
        return cleaned

    def _check_pair(self, first, second, sentence):
        if {first, second} & self.errors.keys():
            return
        if bool(self.cleaned_data[first]) != bool(self.cleaned_data[second]):
            self.add_error(second if self.cleaned_data[first] else first, sentence)


def not_yet_to_come(day):
    """`day`, unless it lies after today (WIB)."""
    if day and day > dates.today():
        raise forms.ValidationError(_("Tanggal ini belum tiba."))
    return day


class StepForm(forms.Form):
    """Carries the version its page was made with, so that a stale page is told so."""

    stale = ""
    version = forms.IntegerField(
        widget=forms.HiddenInput,
        error_messages={"required": _("Buka lagi formulir ini dari halamannya.")},
    )

    def __init__(self, *args, pledge, **kwargs):
        self.pledge = pledge
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = pledge.version

    def renew(self, error):
        """After a stale send: say so, and let a second, knowing send go through."""
        self.stale = str(error)
        self.data = self.data.copy()
        self.data["version"] = Pledge.objects.get(pk=self.pledge.pk).version


class ReasonForm(StepForm):
    reason = forms.CharField(
        label=_("Alasan"),
        max_length=500,
        validators=[refuse_private],
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Dibaca semua orang, juga mitra."),
    )


class ReceiveForm(StepForm):
    """A receipt, in the measure of the pledge. The photo comes first, so that a body
    cut off within it lacks what must follow."""

    upload = files.UploadField(label=_("Foto"), required=False)
    alt = forms.CharField(
        label=_("Keterangan foto"),
        required=False,
        max_length=Photo._meta.get_field("alt").max_length,
        validators=[refuse_private],
        help_text=_("Apa yang terlihat, untuk yang tidak dapat melihatnya."),
    )
    received_on = forms.DateField(label=_("Tanggal diterima"), widget=DateInput)
    amount = RupiahFormField(label=_("Dana yang diterima"))
    quantity = VolumeFormField(label=_("Banyaknya yang diterima"))
    reference = forms.CharField(
        label=_("Nomor BAST atau kuitansi"),
        max_length=PledgeReceipt._meta.get_field("reference").max_length,
        validators=[refuse_private],
    )
    field_order = ["version", "received_on", "amount", "quantity", "reference"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.pledge.is_funds:
            del self.fields["amount"]
        if self.pledge.quantity is None:
            del self.fields["quantity"]
        else:
            self.fields["quantity"].help_text = self.pledge.unit

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("upload") and not cleaned.get("alt"):
            self.add_error("alt", _("Tulis apa yang terlihat di foto."))
        if cleaned.get("alt") and not cleaned.get("upload") and not self.errors:
            self.add_error("upload", _("Pilih fotonya, atau kosongkan keterangannya."))
        return cleaned


class UseForm(StepForm):
    outcome = forms.CharField(
        label=_("Menjadi apa"),
        min_length=20,
        max_length=2000,
        validators=[refuse_private],
        widget=forms.Textarea({"rows": 5}),
        help_text=_(
            "Untuk mitra dan warga, dengan kata sehari-hari: dipakai untuk apa, siapa "
            "yang terbantu, apa yang berubah."
        ),
    )
    report = forms.ModelChoiceField(
        ProgressReport.objects.none(), label=_("Laporan kemajuan"), required=False
    )
    photo = forms.ModelChoiceField(
        Photo.objects.none(), label=_("Foto yang menunjukkannya"), required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reports, photos = self.fields["report"], self.fields["photo"]
        reports.queryset = self.pledge.project.reports.all()
        photos.queryset = self.pledge.project.photos.shown()
        reports.empty_label = photos.empty_label = _("Tidak ada")
        reports.label_from_instance = _as_report
        photos.label_from_instance = _as_photo


def _as_report(report):
    return f"{dates.format_date_short(report.reported_on)}, {report.physical:.0f}%"


def _as_photo(photo):
    return f"{dates.format_date_short(photo.taken_on)}: {photo}"


class ThankForm(StepForm):
    number = forms.CharField(
        label=_("Nomor surat"),
        max_length=60,
        help_text=_("Menurut buku agenda kantor yang menandatanganinya."),
    )
