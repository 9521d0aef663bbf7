"""The forms of the meeting room: one section, one form, one save."""

from datetime import datetime, timedelta

from django import forms
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from forum.meetings import cells, rows
from forum.meetings.models import (
    ActionItem,
    AgendaItem,
    Body,
    Decision,
    Meeting,
    Participant,
)
from leksono_portal.kit import dates, files
from leksono_portal.kit.errors import BadForm
from projects.portfolio.models import Project
from villages.people.models import Office, User

DATE = {"type": "date"}
TIME = {"type": "time"}
USUAL_POSTS = (
    "Kepala Desa",
    "Sekretaris Desa",
    "Perangkat desa",
    "BPD",
    "LPMD",
    "PKK",
    "Karang Taruna",
    "Tokoh masyarakat",
)
VISITOR = "Tamu"


class ScanForm(forms.Form):
    upload = files.UploadField(
        label=_("Pindaian berita acara"),
        takes_pdf=True,
        help_text=format_lazy(
            _("PDF, atau foto yang terbaca; paling besar {mb} MB."),
            mb=files.MOST_BYTES // files.MB,
        ),
    )


class LetterForm(forms.Form):
    page = "form"

    upload = files.UploadField(
        label=_("Pindaian surat kuasa"),
        takes_pdf=True,
        help_text=format_lazy(
            _("PDF, atau foto yang terbaca; paling besar {mb} MB."),
            mb=files.MOST_BYTES // files.MB,
        ),
    )


class RowsForm(forms.Form):
    """The numbers, on the list that was signed, of those who came."""

    page = "form"

    numbers = forms.CharField(
        label=_("Nomor yang hadir"),
        max_length=500,
        help_text=_("Nomor di lembar hadir, misalnya 1-14, 17, 20."),
    )

    def clean_numbers(self):
        return rows.read_rows(self.cleaned_data["numbers"])


class VersionedForm(forms.ModelForm):
    """A form that remembers which version of its row it was made from.

    `stored` holds, after `show_stale`, what the portal has now where it differs from
    what was typed: (label, value) pairs to be shown beside the form.
    """

    version_field = "version"
    page = "form"

    def __init__(self, *args, meeting=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        self.stored = []
        if self.instance.pk:
            self.fields["version"] = forms.IntegerField(
                widget=forms.HiddenInput,
                initial=getattr(self.instance, self.version_field),
                error_messages={
                    "required": _("Halaman ini tidak lengkap. Buka lagi formulirnya."),
                    "invalid": _("Halaman ini tidak lengkap. Buka lagi formulirnya."),
                },
            )

    def offer(self, **parts):
        """Offer in the lists so named `parts` that have been read already."""
        for name, found in parts.items():
            field = self.fields[name]
            offered = [(row.pk, field.label_from_instance(row)) for row in found]
            field.choices = [("", field.empty_label), *offered]

    def values_of(self, row):
        """The form's values as `row` has them."""
        return {name: getattr(row, name) for name in self._meta.fields}

    def show_stale(self, error):
        """Keep what was typed, show what is stored, and let a knowing save through."""
        row = type(self.instance).objects.get(pk=self.instance.pk)
        self.stored = [
            (self.fields[name].label, _shown(row, name, value))
            for name, value in self.values_of(row).items()
            if name in self.fields and value != self.cleaned_data.get(name)
        ]
        self.add_error(
            None,
            _(
                "Halaman ini sudah diubah %(who)s pukul %(time)s. Tulisan Anda masih "
                "ada di bawah. Bandingkan dengan yang tersimpan, lalu simpan lagi bila "
                "tulisan Anda yang berlaku."
            )
            % {"who": error.by, "time": dates.format_time(error.at)},
        )
        self.data = self.data.copy()
        self._show_merged(row, getattr(error, "columns", self.fields.keys()))
        self.data[self.add_prefix("version")] = getattr(row, self.version_field)

    def _show_merged(self, row, kept):
        """Show what is stored now in all boxes but those `kept` as they were typed."""
        for name, value in forms.models.model_to_dict(row, self._meta.fields).items():
            if name in self.fields and name not in kept:
                self.data[self.add_prefix(name)] = value
                if value is None or value is False:
                    del self.data[self.add_prefix(name)]


class MeetingForm(VersionedForm):
    """The invitation: what, when, where, who leads. `user` writes it."""

    date = forms.DateField(
        label=_("Tanggal"), widget=forms.DateInput(DATE, format="%Y-%m-%d")
    )
    starts = forms.TimeField(
        label=_("Mulai (WIB)"), widget=forms.TimeInput(TIME, format="%H:%M")
    )
    ends = forms.TimeField(
        label=_("Selesai (WIB)"),
        required=False,
        widget=forms.TimeInput(TIME, format="%H:%M"),
    )

    version_field = "heading_version"
    page = "meeting_form"

    class Meta:
        model = Meeting
        fields = ["body", "kind", "title", "place", "chair", "secretary"]
        help_texts = {
            "title": _("Misalnya: Prioritas kerja sama tahun 2027."),
        }

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        meeting = self.instance
        if meeting.pk:
            bodies = Body.objects.filter(pk=meeting.body_id)
            del self.fields["body"]
            self.initial |= self.values_of(meeting)
        else:
            bodies = Body.objects.writable_by(user)
            self.fields["body"].queryset = bodies
            self.fields["body"].empty_label = None
        people = _officials_of(bodies)
        for name in ("chair", "secretary"):
            self.fields[name].queryset = people
            self.fields[name].empty_label = _("Belum ditentukan")

    def values_of(self, row):
        start = row.starts_at.astimezone(dates.WIB)
        end = row.ends_at.astimezone(dates.WIB) if row.ends_at else None
        return super().values_of(row) | {
            "date": start.date(),
            "starts": start.time(),
            "ends": end.time() if end else None,
        }

    def clean(self):
        data = super().clean()
        day, starts, ends = (data.get(n) for n in ("date", "starts", "ends"))
        if day and not 2015 <= day.year <= 2100:
            self.add_error("date", _("Tahun rapat antara 2015 dan 2100."))
        if starts and ends and ends <= starts:
            self.add_error("ends", _("Jam selesai harus sesudah jam mulai."))
        body = data.get("body") or (self.instance.pk and self.instance.body)
        for name in ("chair", "secretary"):
            person = data.get(name)
            if body and person and not _officials_of([body]).contains(person):
                self.add_error(
                    name, _("Orang ini tidak memegang jabatan di lembaga itu.")
                )
        return data

    def as_fields(self):
        """The cleaned data as the fields of a meeting."""
        data = dict(self.cleaned_data)
        day, starts, ends = (data.pop(name) for name in ("date", "starts", "ends"))
        data["starts_at"] = datetime.combine(day, starts, tzinfo=dates.WIB)
        data["ends_at"] = (
            datetime.combine(day, ends, tzinfo=dates.WIB) if ends else None
        )
        return data


class DelayForm(forms.Form):
    """Until when a meeting without quorum is put off: a time of today (WIB)."""

    page = "form"
    until = forms.TimeField(
        label=_("Sampai pukul (WIB)"), widget=forms.TimeInput(TIME, format="%H:%M")
    )

    def __init__(self, *args, meeting, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = dates.now() + timedelta(hours=1)

    def clean_until(self):
        until = self.cleaned_data["until"]
        until = datetime.combine(dates.today(), until, tzinfo=dates.WIB)
        late = until < dates.now() - timedelta(hours=12)  # it is of the next day
        return until + timedelta(days=late)


class SecondForm(forms.Form):
    """When and where the second meeting is."""

    page = "form"
    date = MeetingForm.base_fields["date"]
    starts = MeetingForm.base_fields["starts"]
    place = forms.CharField(label=_("Tempat"), max_length=160)

    def __init__(self, *args, meeting, **kwargs):
        start = meeting.starts_at.astimezone(dates.WIB)
        next_day = dates.today() + timedelta(days=1)
        super().__init__(
            *args,
            initial={
                "date": min(next_day, meeting.last_second_day),
                "starts": start.time(),
                "place": meeting.place,
            },
            **kwargs,
        )

    def clean(self):
        data = super().clean()
        if "date" in data and "starts" in data:
            day, starts = data.pop("date"), data.pop("starts")
            data["starts_at"] = datetime.combine(day, starts, tzinfo=dates.WIB)
        return data


class VillageSelect(forms.Select):
    """A list of villages that says by what name the room's log knows each."""

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        if getattr(value, "instance", None):
            option["attrs"]["data-key"] = value.instance.slug
        return option


def name_cells(form):
    """Say at each box of a form for a new part which cell it stands for."""
    kind = cells.KINDS[cells.KIND_OF[form._meta.model]]
    for column, box in form.fields.items():
        name = kind.name_of(column)
        box.widget.attrs["data-field"] = name
        cell = kind.cells[name]
        if isinstance(cell, cells.OfPart):
            box.widget.attrs["data-lists"] = cell.kind
    return form


class AgendaItemForm(VersionedForm):
    class Meta:
        model = AgendaItem
        fields = ["title", "parent", "planned_minutes", "is_internal", "note"]
        widgets = {
            "note": forms.Textarea({"rows": 6}),
            "planned_minutes": forms.NumberInput({"inputmode": "numeric"}),
        }
        help_texts = {
            "is_internal": _(
                "Umum hanya membaca nomornya dan “Acara internal”, di halaman dan di "
                "berita acara. Tindak lanjutnya tetap terbaca."
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        parent.empty_label = _("Acara utama")
        parent.queryset = AgendaItem.objects.none()
        if self.meeting:
            tops = self.meeting.agenda.filter(parent=None)
            parent.queryset = tops.exclude(pk=self.instance.pk)


class NotesForm(forms.Form):
    """The notes of a meeting as one page shows them, each made from a version of its
    item: `seen` holds "item:version" of all. Raises BadForm where it does not.

    What was typed for an item that is gone comes back with the rest.
    """

    PREFIX = "note-"
    GONE = _(
        "Acara ini sudah dihapus orang lain. Salin tulisan Anda bila perlu, lalu "
        "kosongkan isian ini."
    )

    def __init__(self, data, *, agenda):
        super().__init__(data)
        self.agenda = agenda
        self.seen = read_seen(data.get("seen", ""))
        self.fields["seen"] = forms.CharField(widget=forms.HiddenInput)
        for pk in sorted(self.seen, key=lambda pk: (pk not in agenda, pk)):
            name = f"{self.PREFIX}{pk}"
            item = agenda.get(pk)
            if name in data and (item or data[name].strip()):
                self.fields[name] = forms.CharField(
                    label=str(item) if item else _("Acara yang sudah dihapus"),
                    max_length=AgendaItem._meta.get_field("note").max_length,
                    required=False,
                    strip=False,
                    widget=forms.Textarea({"rows": 6}),
                )

    def clean(self):
        for name in self._notes():
            if self._pk(name) not in self.agenda:
                self.add_error(name, self.GONE)
        return super().clean()

    def typed(self):
        """(item, version, note) of each that is still there."""
        for name in self._notes():
            item = self.agenda[self._pk(name)]
            yield item, self.seen[item.pk], self.cleaned_data[name]

    def show_stale(self, item, error):
        """Say who was quicker; a second, knowing save goes through."""
        item.refresh_from_db()
        self.seen[item.pk] = item.version
        self.data = self.data.copy()
        self.data["seen"] = " ".join(f"{pk}:{n}" for pk, n in self.seen.items())
        sentence = _(
            "%(who)s menulis di sini pukul %(time)s: “%(note)s”. Simpan lagi bila "
            "tulisan Anda yang berlaku."
        )
        values = {"who": error.by, "time": dates.format_time(error.at)}
        self.add_error(self.name_of(item), sentence % {**values, "note": item.note})

    def name_of(self, item):
        return f"{self.PREFIX}{item.pk}"

    def _notes(self):
        return [name for name in self.fields if name != "seen"]

    def _pk(self, name):
        return int(name.removeprefix(self.PREFIX))

    @staticmethod
    def refusal(why):
        return _("%(why)s Salin tulisan Anda bila perlu.") % {"why": why}


class PeopleForm(forms.Form):
    """Where the people of one list come from: a member village or an institution."""

    village = forms.ModelChoiceField(
        label=_("Desa/kelurahan"),
        queryset=None,
        required=False,
        empty_label=_("Bukan dari desa"),
    )
    institution = forms.CharField(
        label=_("Instansi"),
        max_length=120,
        required=False,
        help_text=_("Bila bukan dari desa, misalnya Dinas PUPR."),
    )

    def __init__(self, *args, meeting, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["village"].queryset = meeting.body.villages.all()

    def clean(self):
        data = super().clean()
        _add_errors(self, cells.check_origin(data))
        return data


class VisitorsForm(forms.Form):
    """In the place of a `PeopleForm`: visitors have no place in common."""


class PersonForm(forms.ModelForm):
    """One row of a list of people; a row left empty is no person."""

    class Meta:
        model = Participant
        fields = ["name", "post", "sex", "phone", "may_vote"]
        widgets = {
            "post": forms.TextInput({"list": "jabatan"}),
            "phone": forms.TextInput({"type": "tel"}),
        }


class VisitorForm(PersonForm):
    """One visitor, each from a place of their own; they do not count as delegates."""

    institution = forms.CharField(
        label=_("Dari"),
        max_length=120,
        help_text=_("Instansi atau warga mana, misalnya Dinas PUPR, Warga Besani."),
    )
    post = forms.CharField(
        label=_("Jabatan/unsur"),
        max_length=80,
        required=False,
        help_text=_("Bila kosong dicatat sebagai Tamu."),
        widget=PersonForm.Meta.widgets["post"],
    )

    class Meta(PersonForm.Meta):
        fields = ["name", "institution", "sex", "post"]

    def clean_post(self):
        return self.cleaned_data["post"] or VISITOR


PersonFormSet = forms.formset_factory(
    PersonForm, extra=3, max_num=20, validate_max=True
)
VisitorFormSet = forms.formset_factory(
    VisitorForm, extra=4, max_num=20, validate_max=True
)


class ParticipantForm(VersionedForm):
    posts = USUAL_POSTS

    class Meta:
        model = Participant
        fields = ["village", "institution", "name", "post", "sex", "phone", "signs"]
        fields += ["proxy_for", "may_vote"]
        widgets = PersonForm.Meta.widgets
        labels = {
            "signs": _("Menandatangani berita acara mewakili desanya"),
            "proxy_for": _("Datang mewakili (surat kuasa)"),
        }
        help_texts = {
            "phone": _("Untuk undangan; tidak ditampilkan kepada umum."),
            "proxy_for": _(
                "Bila wakil desa digantikan orang lain dari desanya: tulis di atas nama "
                "yang datang, di sini nama yang diwakili. Kosongkan bila datang sendiri."
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["village"].queryset = self.meeting.body.villages.all()
        self.fields["village"].empty_label = _("Bukan dari desa")

    def clean(self):
        data = super().clean()
        _add_errors(self, cells.check_origin(data))
        return data


class DecisionForm(VersionedForm):
    """What was agreed on; how, by mufakat or by a ballot, is not typed here."""

    class Meta:
        model = Decision
        fields = ["text", "agenda_item", "dissent"]
        widgets = {
            "text": forms.Textarea({"rows": 3}),
            "dissent": forms.Textarea({"rows": 2}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agenda_item"].queryset = self.meeting.agenda.all()
        self.fields["agenda_item"].empty_label = _("Tidak menurut satu acara")

    def clean(self):
        # A page kept from before there were ballots still takes counts.
        sent = self.data.get(self.add_prefix("method"), self.instance.method)
        if sent != self.instance.method:
            raise forms.ValidationError(cells.BY_BALLOT)
        return super().clean()


class ActionItemForm(VersionedForm):
    class Meta:
        model = ActionItem
        fields = ["task", "village", "due_on", "decision"]
        widgets = {
            "village": VillageSelect,
            "due_on": forms.DateInput(DATE, format="%Y-%m-%d"),
        }
        labels = {"village": _("Siapa")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["village"].queryset = self.meeting.body.villages.all()
        self.fields["village"].empty_label = _("Kecamatan")
        self.fields["decision"].queryset = self.meeting.decisions.all()
        self.fields["decision"].empty_label = _("Tidak dari satu keputusan")

    def clean_due_on(self):
        due = self.cleaned_data["due_on"]
        cells.check_due(due, self.meeting)
        return due


class ConflictForm(forms.Form):
    """Which of two texts holds, or a third in their place."""

    MINE = "third"
    choice = forms.ChoiceField(
        label=_("Yang berlaku"),
        widget=forms.RadioSelect,
        choices={
            "current": _("Yang tersimpan"),
            "other": _("Yang lain"),
            MINE: _("Tulisan ketiga"),
        },
    )
    text = forms.CharField(
        label=_("Tulisan ketiga"),
        required=False,
        max_length=20000,
        strip=False,
        widget=forms.Textarea({"rows": 6}),
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args, takes_text, **kwargs):
        super().__init__(*args, **kwargs)
        if not takes_text:
            del self.fields["text"]
            choices = self.fields["choice"].choices
            self.fields["choice"].choices = choices[:2]


class LinkForm(forms.Form):
    project = forms.ModelChoiceField(
        label=_("Proyek"),
        queryset=None,
        help_text=_("Proyek yang desa utamanya anggota lembaga rapat ini."),
    )

    def __init__(self, *args, decision, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = Project.objects.filter(
            lead_village__in=decision.meeting.body.villages.all()
        ).exclude(decision_links__decision=decision)


def read_attendance(data):
    """The ids (was, now) of a posted attendance list. Raises BadForm."""
    try:
        return (
            {int(pk) for pk in data.get("was", "").split()},
            {int(pk) for pk in data.getlist("present")},
        )
    except ValueError as error:
        raise BadForm(
            _("Daftar hadir ini tidak terbaca. Buka lagi ruang rapat.")
        ) from (error)


def read_seen(text):
    """{item: version} of "12:3 13:1". Raises BadForm."""
    pairs = [pair.partition(":")[::2] for pair in text.split()]
    try:
        found = {int(pk): int(version) for pk, version in pairs}
    except ValueError:
        found = {}
    if not found or not all(0 < n < 2**31 for pair in found.items() for n in pair):
        raise BadForm(_("Halaman ini tidak lengkap. Buka lagi, lalu kirim dari sana."))
    return found


def read_version(data):
    """The posted version of the meeting. Raises BadForm."""
    try:
        return int(data.get("version", ""))
    except ValueError as error:
        raise BadForm(
            _("Halaman ini tidak lengkap. Buka lagi, lalu kirim dari sana.")
        ) from error


def _officials_of(bodies):
    """Accounts that hold an office today in a village or the district of `bodies`."""
    offices = Office.objects.today().filter(
        Q(village__bodies__in=bodies) | Q(district__bodies__in=bodies)
    )
    return User.objects.filter(is_active=True, pk__in=offices.values("user")).order_by(
        "full_name", "pk"
    )


def _add_errors(form, errors):
    """Say what is wrong with the form as a whole, at boxes that are not wrong alone."""
    for name, sentence in errors:
        if name not in form.errors:
            form.add_error(name, sentence)


def _shown(row, name, value):
    if value is None or value == "":
        return _("(kosong)")
    if isinstance(value, bool):
        return _("ya") if value else _("tidak")
    if name in ("date", "due_on"):
        return dates.format_date(value)
    if name in ("starts", "ends"):
        return dates.format_time(value)
    display = getattr(row, f"get_{name}_display", None)
    return str(display() if display else value)
