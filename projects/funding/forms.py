import csv
import hashlib
from decimal import ROUND_HALF_UP, Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.money import (
    MAX_RUPIAH,
    RupiahFormField,
    VolumeFormField,
    format_number,
    format_rupiah,
)
from projects.funding import display, grant, paste
from projects.funding.checklist import (
    NOTE_LENGTH,
    POINTS,
    REASON_LENGTH,
    notes_of,
    points,
)
from projects.funding.models import BudgetLine, FundingRequest
from projects.sources.models import Allotment

TRANCHES = range(1, 5)


def reason_field(**kwargs):
    return forms.CharField(
        max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 4}), **kwargs
    )


class Seen(forms.Form):
    """Carries what the page was made with, so that a stale page is told so."""

    seen = "step"
    stale = ""

    def __init__(self, *args, request, **kwargs):
        self.request = request
        super().__init__(*args, **kwargs)
        self.fields[self.seen] = forms.IntegerField(
            widget=forms.HiddenInput, initial=getattr(request, self.seen)
        )

    def renew(self, sentence, request):
        """After a stale send: say so, and let a second, knowing send go through."""
        self.stale = sentence
        self.stored = request
        self.data = self.data.copy()
        self.data[self.seen] = getattr(request, self.seen)


class RequestForm(forms.ModelForm):
    class Meta:
        model = FundingRequest
        fields = ["title", "year", "background"]
        help_texts = {
            "title": _("Misalnya: Talud dan drainase Dusun Krajan, tahap 2."),
            "background": _("Masalahnya apa, dibangun apa, dan siapa yang terbantu."),
        }


class RequestEditForm(Seen, RequestForm):
    seen = "version"


class LineForm(Seen, forms.ModelForm):
    seen = "version"
    quantity = VolumeFormField(label=_("Volume"))

    class Meta:
        model = BudgetLine
        fields = [
            "group",
            "description",
            "quantity",
            "unit",
            "unit_price",
            "allotment",
        ]
        widgets = {
            "group": forms.RadioSelect,
            "unit": forms.TextInput(attrs={"placeholder": _("m³, zak, HOK")}),
        }

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, request=request, **kwargs)
        self.fields["group"].choices = BudgetLine.Group.choices
        source = self.fields["allotment"]
        source.queryset = Allotment.objects.drawable_for(
            request.project, request.year
        ).select_related("source", "village", "district")
        source.empty_label = _("Swadaya atau dana desa sendiri (tidak diminta)")
        source.label_from_instance = _with_free

    def clean(self):
        fields = super().clean()
        _multiply(self, fields)
        return fields


def _multiply(form, fields):
    """What a line of the RAB comes to, as the database rounds it; None if not yet."""
    quantity, price = fields.get("quantity"), fields.get("unit_price")
    if quantity is None or price is None:
        return None
    amount = int((quantity * price).quantize(Decimal(1), ROUND_HALF_UP))
    if not 0 < amount <= MAX_RUPIAH:
        form.add_error(
            "unit_price",
            _("Volume kali harga harus antara Rp1 dan %(most)s.")
            % {"most": format_rupiah(MAX_RUPIAH)},
        )
    return amount


class RowForm(forms.Form):
    """One row of a spreadsheet. The amount it tells is that of its line, or wrong."""

    description = LineForm.base_fields["description"]
    quantity = LineForm.base_fields["quantity"]
    unit = LineForm.base_fields["unit"]
    unit_price = LineForm.base_fields["unit_price"]
    amount = RupiahFormField(label=_("Jumlah"), required=False)

    def clean(self):
        fields = super().clean()
        told, amount = fields.pop("amount", None), _multiply(self, fields)
        if told is not None and amount is not None and told != amount:
            self.add_error(
                None,
                _("Jumlah di lembar %(told)s, volume kali harga %(amount)s.")
                % {"told": format_rupiah(told), "amount": format_rupiah(amount)},
            )
        self.amount = amount
        return fields

    @property
    def sentences(self):
        """What is wrong, each named by its column."""
        for name, errors in self.errors.items():
            words = " ".join(errors)
            yield (
                f"{self.fields[name].label}: {words}" if name in self.fields else words
            )


class PasteForm(Seen):
    """Many lines at once, copied out of a spreadsheet: all of them or none.

    rows: what was read, each with its own errors. It is added by a second press, which
    carries what the first has shown.
    """

    seen = "version"
    MOST_ROWS = 200

    group = forms.ChoiceField(
        label=_("Kelompok baris teratas"),
        choices=BudgetLine.Group.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "Baris yang hanya berisi nama kelompok, misalnya “II. Alat”, menggantinya "
            "untuk baris di bawahnya."
        ),
    )
    sheet = forms.CharField(
        label=_("Baris RAB"),
        max_length=40_000,
        widget=forms.Textarea({"rows": 12}),
        help_text=_(
            "Salin dari Excel atau LibreOffice, lalu tempel di sini. Kolom: uraian, "
            "volume, satuan, harga satuan; boleh dengan nomor, judul kolom dan jumlah."
        ),
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        line = LineForm(request=self.request)
        self.fields["allotment"] = line.fields["allotment"]
        self.rows = []

    def clean(self):
        data = super().clean()
        if not {"group", "sheet", "allotment"} <= data.keys():
            return data
        try:
            self.rows = paste.read_rows(data["sheet"], data["group"])
        except csv.Error:
            raise ValidationError(
                _("Tulisan ini tidak terbaca sebagai baris.")
            ) from None
        if not self.rows:
            self.add_error("sheet", _("Belum ada baris RAB di dalamnya."))
        elif len(self.rows) > self.MOST_ROWS:
            self.add_error(
                "sheet",
                _("Paling banyak %(most)s baris sekali tempel; ini %(n)s.")
                % {"most": self.MOST_ROWS, "n": len(self.rows)},
            )
        else:
            self._clean_rows(data["allotment"])
        return data

    def _clean_rows(self, allotment):
        for row in self.rows:
            line = RowForm(row.cells)
            row.errors = list(line.sentences)
            row.amount = line.amount
            row.line = {"group": row.group, "allotment": allotment, **line.cleaned_data}
        wrong = sum(bool(row.errors) for row in self.rows)
        if wrong:
            self.add_error(
                "sheet",
                _(
                    "%(n)s dari %(all)s baris perlu dibetulkan; belum ada yang masuk RAB."
                )
                % {"n": wrong, "all": len(self.rows)},
            )

    @property
    def sum(self):
        return sum(row.amount for row in self.rows)

    @staticmethod
    def seal(group, allotment, sheet):
        """What the second press carries: of the same sheet, group and source."""
        source = str(allotment.pk) if allotment else ""
        return hashlib.sha256("\0".join([group, source, sheet]).encode()).hexdigest()

    @property
    def content(self):
        return self.seal(
            *(self.cleaned_data[n] for n in ("group", "allotment", "sheet"))
        )

    @property
    def is_confirmed(self):
        return self.cleaned_data["shown"] == self.content


class CopyForm(Seen):
    """The lines of another request of the same desa, with the source for this year."""

    seen = "version"
    origin = forms.ModelChoiceField(
        label=_("Permohonan yang RAB-nya disalin"),
        queryset=None,
        help_text=_("Volume dan harganya ikut; periksa lagi harga tahun ini."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        origin = self.fields["origin"]
        origin.queryset = FundingRequest.objects.with_budget_of(self.request)
        origin.label_from_instance = _with_lines
        source = LineForm(request=self.request).fields["allotment"]
        source.help_text = _("Bagi baris yang dahulu diminta; swadaya tetap swadaya.")
        source.required = True
        source.empty_label = None
        self.fields["allotment"] = source


def _with_lines(found):
    return _("%(number)s %(title)s – %(n)s baris, %(amount)s") % {
        "number": found.number,
        "title": found.title,
        "n": found.line_count,
        "amount": format_rupiah(found.requested),
    }


def _with_free(allotment):
    return _("%(allotment)s – sisa %(free)s") % {
        "allotment": allotment,
        "free": format_rupiah(allotment.free),
    }


class RemoveForm(Seen):
    seen = "version"


class SubmitForm(Seen):
    seen = "version"
    letter_number = forms.CharField(
        label=_("Nomor surat pengantar"),
        max_length=60,
        help_text=_("Surat Kepala Desa kepada Camat, misalnya 410/37/XI/2026."),
    )
    message = reason_field(
        label=_("Pesan untuk kecamatan"),
        required=False,
        help_text=_("Terbuka untuk umum."),
    )


class WithdrawForm(Seen):
    reason = reason_field(
        label=_("Alasan"), required=False, help_text=_("Terbuka untuk umum.")
    )


def decision_number_field():
    return forms.CharField(label=_("Nomor surat keputusan"), max_length=60)


class RejectForm(Seen):
    letter_number = decision_number_field()
    reason = reason_field(
        label=_("Alasan penolakan"), help_text=_("Terbuka untuk umum.")
    )


class ReturnForm(Seen):
    reason = reason_field(
        label=_("Catatan perbaikan"),
        help_text=_("Hanya dibaca desa dan kecamatan."),
    )


class VerifyForm(Seen):
    """A yes or no and a note for each of POINTS.

    returning: it is sent to the address that returns the request, where the notes of
    the points that fall short are reason enough.
    """

    reason = reason_field(
        label=_("Catatan untuk desa bila dikembalikan"),
        required=False,
        help_text=_(
            "Hanya dibaca desa dan kecamatan. Keterangan butir yang belum terpenuhi "
            "ikut terkirim."
        ),
    )

    def __init__(self, *args, returning=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.returning = returning
        for number, point in enumerate(POINTS, 1):
            self.fields[f"ok_{number}"] = forms.ChoiceField(
                label=point,
                choices=[("ya", _("Ya")), ("belum", _("Belum"))],
                widget=forms.RadioSelect,
                required=not returning,
                error_messages={"required": _("Pilih Ya atau Belum.")},
            )
            self.fields[f"note_{number}"] = forms.CharField(
                label=_("Keterangan"), max_length=NOTE_LENGTH, required=False
            )

    @property
    def points(self):
        return [
            (number, self[f"ok_{number}"], self[f"note_{number}"])
            for number, _point in enumerate(POINTS, 1)
        ]

    @property
    def checklist(self):
        """For the action; a point left open counts as met when it is sent back."""
        return [
            {
                "point": point,
                "ok": self.cleaned_data[f"ok_{number}"] != "belum",
                "note": self.cleaned_data[f"note_{number}"],
            }
            for number, point in enumerate(points(), 1)
        ]

    def clean(self):
        fields = super().clean()
        if self.returning and not self.errors:
            fields["reason"] = self._told_to_the_village()
        return fields

    def _told_to_the_village(self):
        words = [self.cleaned_data["reason"], notes_of(self.checklist)]
        reason = "\n".join(part for part in words if part)
        if len(reason) > REASON_LENGTH:
            self.add_error(
                "reason",
                _(
                    "Catatan dan keterangan butir bersama-sama paling banyak %(most)s huruf."
                )
                % {"most": format_number(REASON_LENGTH)},
            )
        return reason


class ApproveForm(Seen):
    """An amount for each line that asks, and what the decision says.

    `total` is the sum that the button named: another sum is shown once more before
    it counts. needs: the fields asked by the address that returns or rejects, when it
    is sent there.
    """

    total = RupiahFormField(widget=forms.HiddenInput)
    letter_number = decision_number_field()
    reason = reason_field(
        label=_("Alasan atau pesan"),
        required=False,
        help_text=_(
            "Terbuka untuk umum; catatan pengembalian hanya dibaca desa dan kecamatan. "
            "Wajib bila ditolak atau dikembalikan."
        ),
    )

    def __init__(self, *args, request, lines, needs=(), **kwargs):
        super().__init__(*args, request=request, **kwargs)
        self.lines = lines
        self.needs = needs
        self.fields["total"].initial = sum(line.amount for line in self.asking)
        for line in self.asking:
            self.fields[f"line_{line.pk}"] = RupiahFormField(
                label=_("Disetujui untuk %(line)s") % {"line": line},
                initial=line.amount,
            )
            self.fields[f"reason_{line.pk}"] = forms.CharField(
                label=_("Alasan perubahan %(line)s") % {"line": line},
                max_length=200,
                required=False,
            )
        for number in TRANCHES:
            self.fields[f"tranche_{number}"] = RupiahFormField(
                label=_("Termin %(number)s") % {"number": number}, required=False
            )
        if needs:
            for name in self.fields.keys() - {self.seen}:
                self.fields[name].required = name in needs

    @property
    def asking(self):
        return [line for line in self.lines if line.allotment_id]

    @property
    def amounts(self):
        """{line id: rupiah} as far as they can be read; what a line asks otherwise."""
        typed = getattr(self, "cleaned_data", {})
        amounts = {}
        for line in self.asking:
            amount = typed.get(f"line_{line.pk}")
            amounts[line.pk] = line.amount if amount is None else amount
        return amounts

    @property
    def reasons(self):
        return {
            line.pk: self.cleaned_data.get(f"reason_{line.pk}", "")
            for line in self.asking
        }

    @property
    def tranches(self):
        amounts = [self.cleaned_data.get(f"tranche_{number}") for number in TRANCHES]
        return [amount for amount in amounts if amount is not None]

    @property
    def sum(self):
        return sum(self.amounts.values())

    @property
    def groups(self):
        """[(label, [(line, amount field, reason field)], asked, granted)]."""
        amounts = self.amounts
        for line in self.asking:
            reason = self[f"reason_{line.pk}"]
            line.is_changed = amounts[line.pk] != line.amount
            line.asks_reason = line.is_changed or reason.value() or reason.errors
        return [
            (
                label,
                [
                    (line, self[f"line_{line.pk}"], self[f"reason_{line.pk}"])
                    for line in lines
                ],
                asked,
                sum(amounts[line.pk] for line in lines),
            )
            for label, lines, asked in display.groups(self.lines)
        ]

    @property
    def tranche_fields(self):
        return [self[f"tranche_{number}"] for number in TRANCHES]

    @property
    def has_tranches(self):
        return any(field.value() or field.errors for field in self.tranche_fields)

    def clean(self):
        fields = super().clean()
        if self.needs:
            return fields
        if not self.errors:
            self._check_grant()
        if fields.get("total") != self.sum:
            self.data = self.data.copy()
            self.data["total"] = self.sum
            if not self.errors:
                raise ValidationError(
                    _(
                        "Jumlahnya sekarang %(sum)s. Periksa, lalu tekan Setujui "
                        "sekali lagi."
                    )
                    % {"sum": format_rupiah(self.sum)}
                )
        return fields

    def _check_grant(self):
        try:
            grant.check(self.asking, self.amounts, self.reasons, self.tranches)
        except ValidationError as error:
            self.add_error(None, error)
