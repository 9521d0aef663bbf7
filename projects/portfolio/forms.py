from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates, files
from leksono_portal.kit import forms as kit_forms
from leksono_portal.kit.forms import DateInput
from leksono_portal.kit.money import RupiahFormField, format_rupiah
from projects.portfolio.models import Photo, ProgressReport, Project, WorkItem
from villages.areas.forms import VillageChoice
from villages.areas.models import Village


class Versioned(kit_forms.Versioned):
    def as_read(self, row, name):
        if name == "partner_villages":
            return ", ".join(village.name for village in row.partner_villages.all())
        if name == "cost":
            return format_rupiah(row.cost)
        return super().as_read(row, name)


class VillageTiles(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, village):
        return village.name if village.is_desa else village.full_name


class DescriptionForm(forms.ModelForm):
    """What is told about a project, whoever leads it."""

    partner_villages = VillageTiles(
        Village.objects.none(), label=_("Desa lain yang ikut"), required=False
    )

    class Meta:
        model = Project
        fields = [
            "title",
            "sector",
            "partner_villages",
            "place",
            "purpose",
            "beneficiary_families",
            "beneficiary_people",
            "year",
        ]
        widgets = {"sector": forms.RadioSelect, "purpose": forms.Textarea({"rows": 4})}
        help_texts = {
            "place": _("Dusun, jalan, atau tempat yang dikenal warga."),
            "purpose": _("Masalah apa yang diselesaikan, dan untuk siapa."),
        }

    def __init__(self, *args, partners, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["sector"].choices = Project.Sector.choices
        self.fields["partner_villages"].queryset = partners


class ProjectForm(DescriptionForm):
    """A new project. `lead_villages`: those in whose name the writer may speak."""

    lead_village = VillageChoice(
        Village.objects.none(),
        label=_("Desa utama"),
        help_text=_(
            "Yang memimpin pekerjaan dan meminta dana. Kelurahan boleh memimpin, "
            "tetapi tidak dapat meminta dana: permohonan diajukan oleh kepala desa."
        ),
    )
    field_order = ["title", "sector", "lead_village"]

    class Meta(DescriptionForm.Meta):
        fields = [*DescriptionForm.Meta.fields, "lead_village"]

    def __init__(self, *args, lead_villages, **kwargs):
        districts = lead_villages.values("district")
        partners = Village.objects.filter(district__in=districts)
        super().__init__(*args, partners=partners, **kwargs)
        self.fields["lead_village"].queryset = lead_villages
        self.fields["year"].initial = dates.today().year


class ProjectEditForm(Versioned, DescriptionForm):
    """A project's description; its lead village stays."""

    def __init__(self, *args, instance, **kwargs):
        lead = instance.lead_village
        partners = Village.objects.filter(
            Q(district=lead.district_id) | Q(participations__project=instance)
        )
        super().__init__(
            *args,
            instance=instance,
            partners=partners.exclude(pk=lead.pk).distinct(),
            **kwargs,
        )


class WorkItemForm(forms.ModelForm):
    class Meta:
        model = WorkItem
        fields = ["title", "cost", "starts_on", "ends_on"]
        widgets = {"starts_on": DateInput, "ends_on": DateInput}
        help_texts = {
            "cost": _("Makin besar biayanya, makin besar bobotnya dalam kemajuan.")
        }

    def clean_cost(self):
        cost = self.cleaned_data["cost"]
        if cost == 0:
            raise forms.ValidationError(_("Biaya harus lebih dari nol."))
        return cost

    def clean(self):
        cleaned = super().clean()
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("Selesai tidak boleh sebelum mulai."))
        return cleaned


class WorkItemEditForm(Versioned, WorkItemForm):
    pass


class RemoveWorkItemForm(Versioned, forms.ModelForm):
    class Meta:
        model = WorkItem
        fields = []


class ProgressForm(forms.ModelForm):
    """How far each work item of `project` is, filled with what was last reported."""

    TOLD = ("reported_on", "spent", "text", "seen")
    seen = forms.IntegerField(widget=forms.HiddenInput)
    spent = RupiahFormField(
        label=_("Uang terpakai sejak awal"),
        help_text=_(
            "Seluruhnya sampai tanggal itu, bukan tambahan sejak laporan lalu."
        ),
    )

    class Meta:
        model = ProgressReport
        fields = ["reported_on", "spent", "text"]
        widgets = {"reported_on": DateInput, "text": forms.Textarea({"rows": 5})}
        help_texts = {
            "text": _("Apa yang sudah dikerjakan, apa hambatannya. Dibaca semua orang.")
        }

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.project = project
        self.last = project.reports.first()
        self.items = list(project.work_items.with_last_percent())
        self.fields["seen"].initial = project.reports.count()
        self.fields["reported_on"].initial = dates.today()
        self.fields["reported_on"].widget.attrs["max"] = dates.today().isoformat()
        self.fields["spent"].initial = self.last.spent if self.last else None
        for item in self.items:
            self.fields[f"item-{item.pk}"] = forms.IntegerField(
                label=item.title,
                min_value=0,
                max_value=100,
                initial=item.last_percent or 0,
                widget=forms.NumberInput({"inputmode": "numeric"}),
            )

    @property
    def percent_fields(self):
        """One for each work item, in the order of the plan."""
        return [self[f"item-{item.pk}"] for item in self.items]

    @property
    def percents(self):
        """{work item id: percent}, of a valid form."""
        return {item.pk: self.cleaned_data[f"item-{item.pk}"] for item in self.items}

    def show_stale(self, error):
        """Let the typed report stand beside the newer one of someone else."""
        newer = self.project.reports.first()
        self.stale = str(error)
        self.stored = [
            (self.fields["reported_on"].label, dates.format_date(newer.reported_on)),
            (self.fields["spent"].label, format_rupiah(newer.spent)),
            (self.fields["text"].label, newer.text),
            *(
                (item.title, f"{item.last_percent}%")
                for item in self.project.work_items.with_last_percent()
            ),
        ]
        self.data = self.data.copy()
        self.data["seen"] = self.project.reports.count()


class PhotoForm(forms.Form):
    """A photo; left empty, it is none. The file comes first, so that a body cut off
    within it lacks what must follow."""

    upload = files.UploadField(label=_("Foto"))
    alt = forms.CharField(
        label=_("Keterangan foto"),
        max_length=200,
        help_text=_("Apa yang terlihat, untuk yang tidak dapat melihatnya."),
    )
    moment = forms.ChoiceField(
        label=_("Diambil"), choices=Photo.Moment, initial=Photo.Moment.OTHER
    )
    keep_position = forms.BooleanField(
        label=_("Simpan lokasi foto"),
        required=False,
        help_text=_("Titik yang dicatat kamera; dibaca semua orang."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(
            *args, empty_permitted=True, use_required_attribute=False, **kwargs
        )

    def has_changed(self):
        return not {"upload", "alt"}.isdisjoint(self.changed_data)


class PhotoForms:
    """The photos that one form may carry."""

    def __init__(self, request):
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        self.were_chosen = bool(request.FILES)
        self.forms = [
            PhotoForm(*sent, prefix=f"foto-{number}")
            for number in range(1, files.MOST_AT_ONCE + 1)
        ]

    def __iter__(self):
        return iter(self.forms)

    def is_valid(self):
        return all([form.is_valid() for form in self.forms])

    @property
    def limits(self):
        """(how many photos, how many MB each) may be sent."""
        return files.MOST_AT_ONCE, files.MOST_BYTES // files.MB

    @property
    def filled(self):
        """What `actions.add_photo` needs of each photo, of valid forms."""
        return [form.cleaned_data for form in self.forms if form.has_changed()]


class TakenForm(forms.Form):
    taken_on = forms.DateField(
        label=_("Tanggal foto"),
        required=False,
        widget=DateInput,
        help_text=_("Kosong: tanggal yang dicatat kamera, atau hari ini."),
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Alasan"),
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Menggantikan foto ini, misalnya: wajah anak terlihat jelas."),
    )

    def show_stale(self, error):
        self.stale = str(error)


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Keterangan"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Tampil di perjalanan proyek."),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Alasan pembatalan"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Dibaca semua orang di halaman proyek."),
    )
