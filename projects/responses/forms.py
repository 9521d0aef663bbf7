from django import forms
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.forms import refuse_private
from projects.responses.models import Answer, Hiding, Response


class PublicTextForm(forms.ModelForm):
    """Text that everyone will read: no numbers of persons in it."""

    def clean_text(self):
        text = self.cleaned_data["text"]
        refuse_private(text)
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
