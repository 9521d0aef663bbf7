import re

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.responses.models import Answer, Hiding, Response

# A NIK has 16 digits; a mobile number begins with 08 or +62 8.
PRIVATE = re.compile(
    r"(?<!\d)(?:\d[ .-]?){15}\d(?!\d)|(?<!\d)(?:\+?62[ -]?|0)8(?:[ .-]?\d){7,11}(?!\d)"
)


class PublicTextForm(forms.ModelForm):
    """Text that everyone will read: no numbers of persons in it."""

    def clean_text(self):
        text = self.cleaned_data["text"]
        if PRIVATE.search(text):
            raise forms.ValidationError(
                _(
                    "Ada NIK atau nomor HP di dalamnya. Hapus dahulu: "
                    "tulisan ini dibaca semua orang."
                )
            )
        return text


class ResponseForm(PublicTextForm):
    class Meta:
        model = Response
        fields = ["text"]
        labels = {"text": _("Tanggapan Anda")}
        widgets = {"text": forms.Textarea({"rows": 6})}
        help_texts = {
            "text": _(
                "Tampil tanpa nama Anda; nama dibaca perangkat desa utama saja. "
                "Jangan tulis NIK, nomor HP, atau alamat rumah."
            )
        }


class AnswerForm(PublicTextForm):
    class Meta:
        model = Answer
        fields = ["text"]
        widgets = {"text": forms.Textarea({"rows": 6})}
        help_texts = {
            "text": _("Dibaca semua orang, atas nama desa. Tidak dapat diubah lagi.")
        }


class HidingForm(forms.ModelForm):
    class Meta:
        model = Hiding
        fields = ["reason"]
        widgets = {"reason": forms.Textarea({"rows": 3})}
        help_texts = {
            "reason": _(
                "Menggantikan tanggapan di halaman proyek, misalnya: "
                "memuat data pribadi orang lain."
            )
        }
