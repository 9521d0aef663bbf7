from django import forms
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from leksono_portal.kit.files import UploadField
from leksono_portal.kit.forms import DateInput, refuse_private
from leksono_portal.kit.money import RupiahFormField, format_rupiah
from projects.accounts.models import Receipt
from projects.funding.forms import Seen, reason_field


class ReleaseForm(Seen):
    reference = forms.CharField(label=_("Nomor bukti transfer"), max_length=60)
    paid_on = forms.DateField(
        label=_("Tanggal cair"), widget=DateInput, initial=dates.today
    )


class HoldForm(Seen):
    reason = reason_field(label=_("Alasan"), help_text=_("Terbuka untuk umum."))


class PaidBackForm(Seen):
    """What was not spent has come back: its transfer is asked only where there is any."""

    reference = forms.CharField(label=_("Nomor bukti setor"), max_length=60)
    paid_on = forms.DateField(
        label=_("Tanggal setor"), widget=DateInput, initial=dates.today
    )

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, request=request, **kwargs)
        self.paid_back = request.released - request.accounted
        is_stale = self.is_bound and self.data.get("step") != str(request.step)
        for name in ("reference", "paid_on"):
            if not self.paid_back:
                del self.fields[name]
            elif is_stale:  # it is first told who was quicker
                self.fields[name].required = False


class CompleteForm(PaidBackForm):
    reason = reason_field(
        label=_("Pesan"), required=False, help_text=_("Terbuka untuk umum.")
    )


class CancelForm(PaidBackForm):
    reason = reason_field(
        label=_("Alasan pembatalan"),
        help_text=_("Terbuka untuk umum setelah ditandatangani Sekretaris Kecamatan."),
    )


class SignForm(forms.Form):
    pass


class DeclineForm(forms.Form):
    note = reason_field(
        label=_("Alasan tidak menandatangani"), help_text=_("Terbuka untuk umum.")
    )


class LineField(forms.ModelChoiceField):
    def label_from_instance(self, line):
        return _("%(line)s – sisa %(left)s") % {
            "line": line,
            "left": format_rupiah(line.left),
        }


class ReceiptForm(Seen, forms.ModelForm):
    """request: the account. lines: those of the RAB that were granted, with what is
    `left` of each.
    """

    line = LineField(label=_("Baris RAB"), queryset=None, empty_label=_("Pilih baris"))
    amount = RupiahFormField(label=_("Jumlah"))
    tax = RupiahFormField(
        label=_("Pajak yang dipungut"),
        required=False,
        help_text=_("PPN dan PPh di dalam jumlah itu, bila ada."),
    )
    upload = UploadField(
        label=_("Foto atau PDF bukti"),
        takes_pdf=True,
        required=False,
        help_text=_("Hanya dibaca desa dan kecamatan."),
    )

    class Meta:
        model = Receipt
        fields = ["line", "purpose", "payee", "amount", "tax", "number", "paid_on"]
        widgets = {"paid_on": DateInput}
        help_texts = {
            "payee": _("Toko, penyedia, atau penerima upah. Tidak dibaca umum."),
            "number": _("Nomor kwitansi atau nota, misalnya 012/KW/2026."),
        }

    def __init__(self, *args, lines, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["line"].queryset = lines
        self.initial["tax"] = self.instance.tax or None
        self.fields["purpose"].validators.append(refuse_private)

    def clean_tax(self):
        return self.cleaned_data["tax"] or 0


class RemoveForm(Seen):
    pass


class SendForm(Seen):
    story = reason_field(
        label=_("Apa yang dikerjakan dengan dana ini"),
        help_text=_("Terbuka untuk umum; tanpa nama orang atau nomor HP."),
        validators=[refuse_private],
    )

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, request=request, **kwargs)
        self.fields["story"].initial = request.story  # as it was sent before


class ReturnForm(Seen):
    reason = reason_field(
        label=_("Catatan perbaikan"), help_text=_("Hanya dibaca desa dan kecamatan.")
    )


class AcceptForm(Seen):
    reason = reason_field(
        label=_("Catatan"), required=False, help_text=_("Terbuka untuk umum.")
    )
