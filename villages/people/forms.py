"""Forms of the back office. Each only shapes what an action is then asked to do."""

from django import forms
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from villages.areas.models import District, Village
from villages.people.models import Office, User


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class AccountForm(forms.ModelForm):
    """A new account."""

    class Meta:
        model = User
        fields = [
            "username",
            "title_before",
            "full_name",
            "title_after",
            "phone",
            "email",
        ]


class AccountChangeForm(forms.ModelForm):
    """What may change of an account: whether it is open, and its second step."""

    without_second_factor = forms.BooleanField(
        label=_("Lepas aplikasi kode"),
        required=False,
        help_text=_(
            "Bila HP-nya hilang. Aplikasi kode dan kode cadangannya tidak berlaku "
            "lagi; pastikan dahulu bahwa yang meminta memang orangnya."
        ),
    )

    class Meta:
        model = User
        fields = ["is_active"]
        help_texts = {
            "is_active": _("Akun yang ditutup tidak dapat masuk; namanya tetap ada.")
        }


class OfficeForm(forms.ModelForm):
    """An office to be granted by `by`, at the places they are the admin of."""

    by = None

    class Meta:
        model = Office
        fields = [
            "user",
            "post",
            "standing",
            "village",
            "district",
            "starts_on",
            "ends_on",
            "mandate",
        ]
        widgets = {"starts_on": DateInput(), "ends_on": DateInput()}
        help_texts = {
            "village": _("Untuk jabatan di desa atau kelurahan."),
            "district": _("Untuk jabatan di kecamatan; desanya dikosongkan."),
            "ends_on": _("Boleh kosong, kecuali untuk Plt. dan Plh."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        mine = self.by.administered_districts()
        accounts = User.objects.of_districts_of(self.by).filter(is_active=True)
        self.fields["user"].queryset = accounts.exclude(pk=self.by.pk)
        self.fields["user"].label_from_instance = lambda u: f"{u.username} ({u.name})"
        self.fields["village"].queryset = Village.objects.filter(district__in=mine)
        self.fields["district"].queryset = District.objects.filter(pk__in=mine)
        self.fields["starts_on"].initial = dates.today


class OfficeEndForm(forms.ModelForm):
    """The last day of an office."""

    class Meta:
        model = Office
        fields = ["ends_on"]
        widgets = {"ends_on": DateInput()}
        help_texts = {
            "ends_on": _(
                "Hari terakhir memegang jabatan. Agar berakhir sekarang juga, "
                "isi tanggal kemarin."
            )
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "ends_on" in self.fields:
            self.fields["ends_on"].required = True
