import re

from django import forms
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.forms import Versioned
from villages.contacts.models import PHONE, Contact


class PhoneField(forms.CharField):
    """An Indonesian number however it is written; cleaned to digits that start with 0."""

    widget = forms.TextInput({"type": "tel", "autocomplete": "off"})

    def __init__(self, **kwargs):
        super().__init__(max_length=30, required=False, **kwargs)

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return ""
        digits = re.sub(r"[\s().–-]", "", text)
        number = re.sub(r"^(\+62|62)0?", "0", digits)
        if not re.fullmatch(r"\d+", number):
            raise forms.ValidationError(
                _(
                    "Tulis satu nomor telepon saja, tanpa kata: angka, spasi, "
                    "dan tanda hubung."
                )
            )
        if not re.match(r"0[1-9]", number):
            raise forms.ValidationError(
                _(
                    "Nomor diawali 0 dan kode wilayah, misalnya 0286 321234, "
                    "atau +62, misalnya +62 286 321234."
                )
            )
        if not re.match(PHONE, number):
            raise forms.ValidationError(
                _("Nomor ini %(n)d angka; nomor Indonesia 8 sampai 13 angka.")
                % {"n": len(number)}
            )
        return number


class ContactForm(Versioned, forms.ModelForm):
    phone = PhoneField(
        label=_("Telepon kantor"),
        help_text=_("Nomor kantor, bukan nomor orang. Misalnya 0286 321234."),
    )
    whatsapp = PhoneField(
        label=_("WhatsApp kantor"),
        help_text=_(
            "Hanya nomor milik kantor. Jangan nomor pribadi perangkat: "
            "halaman ini dibaca semua orang."
        ),
    )

    class Meta:
        model = Contact
        fields = ["address", "hours", "phone", "whatsapp", "email"]
        widgets = {
            "address": forms.Textarea({"rows": 2}),
            "hours": forms.Textarea({"rows": 2}),
        }
        help_texts = {
            "address": _("Jalan, dusun, dan patokan yang dikenal orang luar."),
            "hours": _("Misalnya: Senin–Kamis 08.00–15.00, Jumat 08.00–11.00."),
            "email": _("Surel kantor, bukan surel pribadi."),
        }
