from django import forms
from django.utils.translation import gettext_lazy as _


class AmendForm(forms.Form):
    reason = forms.CharField(
        label=_("Mengapa diperbaiki"),
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Misalnya: salah ketik jumlah anggaran. Terbuka bagi umum."),
    )
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class CorrectionForm(forms.Form):
    where = forms.CharField(
        label=_("Bagian"),
        max_length=120,
        help_text=_("Misalnya Keputusan 2, atau daftar hadir nomor 7."),
    )
    was = forms.CharField(
        label=_("Tertulis"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Kosongkan bila belum tertulis sama sekali."),
    )
    now = forms.CharField(
        label=_("Seharusnya"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Kosongkan bila harus dihapus."),
    )


CorrectionFormSet = forms.formset_factory(
    CorrectionForm, extra=3, max_num=20, validate_max=True
)
