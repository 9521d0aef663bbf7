"""Forms of the back office and of signing up: each shapes what an action is asked."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from leksono_portal.kit.forms import DateInput
from villages.areas.models import District, Village
from villages.people import names
from villages.people.models import Office, User

TAKEN = _("Nama pengguna ini sudah dipakai. Pilih yang lain.")


class NewAccountForm(forms.ModelForm):
    def _post_clean(self):
        super()._post_clean()
        if self.has_error("username"):
            # The constraint behind it says once more, in its own words, what is said.
            self.errors.pop(NON_FIELD_ERRORS, None)


class AccountForm(NewAccountForm):
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
        label=_("Lepas langkah kedua"),
        required=False,
        help_text=_(
            "Bila HP-nya hilang. Aplikasi kode, kunci sandi, dan kode cadangannya "
            "tidak berlaku lagi; pastikan dahulu bahwa yang meminta memang orangnya."
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
    # Typed, not chosen: residents are accounts too, and there may be thousands.
    user = forms.ModelChoiceField(
        User.objects.none(),
        to_field_name="username",
        label=_("Nama pengguna"),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Akun yang sudah ada, misalnya operator.besani."),
        error_messages={
            "invalid_choice": _(
                "Tidak ada akun terbuka dengan nama itu, atau itu akun Anda sendiri."
            )
        },
    )

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


class LowerCaseField(forms.CharField):
    """Phones begin a word with a capital; at the door the case does not matter."""

    def to_python(self, value):
        return super().to_python(value).lower()


class SignUpForm(NewAccountForm):
    """A resident's own account."""

    password1 = forms.CharField(
        label=_("Kata sandi"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Paling sedikit 10 tanda; beberapa kata yang Anda ingat sudah baik."
        ),
    )
    password2 = forms.CharField(
        label=_("Kata sandi sekali lagi"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = User
        fields = ["username", "full_name", "email"]
        field_classes = {"username": LowerCaseField}
        labels = {"full_name": _("Nama Anda")}
        help_texts = {
            "username": _("Untuk masuk: huruf, angka, titik; misalnya tini.besani."),
            "full_name": _(
                "Sebagaimana Anda dipanggil. Yang membaca: perangkat desa yang "
                "menjawab Anda."
            ),
            "email": _("Hanya untuk membuat kata sandi baru bila lupa."),
        }
        error_messages = {
            "username": {
                "unique": TAKEN,
                "invalid": _("Pakailah huruf biasa, angka, dan titik saja."),
            }
        }
        widgets = {
            "username": forms.TextInput(
                attrs={"autocomplete": "username", "autocapitalize": "none"}
            ),
            "full_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }

    def clean_username(self):
        username = self.cleaned_data["username"]
        if len(username) < 3 or not any(map(str.isalpha, username)):
            raise ValidationError(_("Paling sedikit tiga tanda, dan ada hurufnya."))
        names.refuse_username_of_a_post(username)
        return username

    def clean_full_name(self):
        name = names.tidy(self.cleaned_data["full_name"])
        names.refuse_odd_letters(name)
        names.refuse_name_of_a_post(name)
        return name

    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def clean(self):
        cleaned = super().clean()
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("Kedua kata sandi belum sama."))
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        password = self.cleaned_data.get("password1")
        if password:
            try:
                get_adapter().clean_password(password, self.instance)
            except ValidationError as error:
                self.add_error("password1", error)

    @property
    def account(self):
        """What `actions.sign_up` is asked to make."""
        fields = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return fields | {"password": self.cleaned_data["password1"]}

    def made_just_now(self):
        """The account this same form made a moment ago: its button pressed twice."""
        if self.errors.keys() != {"username"}:
            return None
        moment_ago = dates.now() - timedelta(minutes=2)
        user = User.objects.filter(
            username=self.instance.username, date_joined__gte=moment_ago
        ).first()
        same = user and user.check_password(self.cleaned_data["password1"])
        return user if same else None
