from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from leksono_portal.kit.models import StoredFile
from leksono_portal.kit.money import RupiahField
from projects.portfolio import curve
from villages.areas import maps
from villages.areas.models import Village
from villages.people.models import (
    VILLAGE_STAFF,
    Post,
    VerbsQuerySet,
    districts_of,
    villages_of,
    villages_spoken_for,
)


def villages_leadable_by(user):
    """Villages in whose name `user` may put a project on the portal."""
    return villages_spoken_for(user)


class ProjectQuerySet(VerbsQuerySet):
    VERBS = {
        "edit": "editable_by",
        "plan": "plannable_by",
        "start": "startable_by",
        "report": "reportable_by",
        "complete": "completable_by",
        "cancel": "cancellable_by",
        "respond": "respondable_by",
        "photograph": "photographable_by",
        "pledge": "pledgeable_by",
    }

    def visible_to(self, user):
        """Every project is public: this is what the portal is for (UU 14/2008)."""
        return self

    def involving(self, village):
        """Projects that `village` leads or takes part in."""
        return self.filter(
            Q(lead_village=village)
            | Q(pk__in=Participation.objects.filter(village=village).values("project"))
        )

    def editable_by(self, user):
        """Descriptions: staff of the lead village, until the project is closed."""
        return self.filter(
            lead_village__in=villages_of(user, *VILLAGE_STAFF),
            stage__in=Project.OPEN_STAGES,
        )

    def plannable_by(self, user):
        """Work items: the same people, until the work has begun."""
        return self.editable_by(user).filter(stage__in=Project.PLANNING_STAGES)

    def reportable_by(self, user):
        """Progress: staff of the lead or a taking-part village, while it runs."""
        mine = villages_of(user, *VILLAGE_STAFF)
        return self.filter(
            Q(lead_village__in=mine)
            | Q(
                pk__in=Participation.objects.filter(village__in=mine).values("project")
            ),
            stage=Project.Stage.RUNNING,
        )

    def photographable_by(self, user):
        """Add photos: staff of the lead or a taking-part village, from the agreement
        on (the 0% photo comes before the work); after handover the lead village's."""
        mine = villages_of(user, *VILLAGE_STAFF)
        leads = Q(lead_village__in=mine)
        takes_part = Q(
            pk__in=Participation.objects.filter(village__in=mine).values("project")
        )
        return self.filter(
            Q(leads | takes_part, stage__in=Project.OPEN_STAGES)
            | Q(leads, stage=Project.Stage.COMPLETED)
        )

    def startable_by(self, user):
        """Begin without money from the district, once any work is planned."""
        planned = WorkItem.objects.filter(project=OuterRef("pk"))
        return self.plannable_by(user).filter(Exists(planned))

    def completable_by(self, user):
        """Hand over: staff of the lead village, once the last report says 100%."""
        return (
            self.filter(
                lead_village__in=villages_of(user, *VILLAGE_STAFF),
                stage=Project.Stage.RUNNING,
            )
            .with_last_report()
            .filter(last_physical=100)
        )

    def cancellable_by(self, user):
        """Cancel with a public reason: the lead village's head or lurah, the camat."""
        return self.filter(
            Q(lead_village__in=villages_of(user, Post.VILLAGE_HEAD, Post.LURAH))
            | Q(lead_village__district__in=districts_of(user, Post.CAMAT)),
            stage__in=Project.OPEN_STAGES,
        )

    def respondable_by(self, user):
        """Send a response: any account but staff of the lead village, who answer."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.exclude(lead_village__in=villages_of(user, *VILLAGE_STAFF))

    def pledgeable_by(self, user):
        """Write down what a partner promises: staff of the lead village, and the camat
        and secretary of its district, until the project is closed."""
        return self.filter(
            Q(lead_village__in=villages_of(user, *VILLAGE_STAFF))
            | Q(
                lead_village__district__in=districts_of(
                    user, Post.CAMAT, Post.DISTRICT_SECRETARY
                )
            ),
            stage__in=Project.OPEN_STAGES,
        )

    def with_money(self):
        """Annotate approved and released: whole rupiah over all its requests."""
        of_project = Project.objects.filter(pk=OuterRef("pk")).order_by().values("pk")
        return self.annotate(
            **{
                name: Coalesce(
                    Subquery(
                        of_project.annotate(n=Sum(f"requests__{name}")).values("n"),
                        output_field=RupiahField(),
                    ),
                    0,
                    output_field=RupiahField(),
                )
                for name in ("approved", "released")
            }
        )

    def with_aid(self):
        """Annotate aid: what partners have promised it, the newest first, each with what
        a line tells of it. Read through the relation, within the one query."""
        names = "kind what status amount received quantity received_quantity unit"
        names += " receipt_count"
        facts = {name: f"pledges__{name}" for name in ["pk", *names.split()]}
        told = (
            Project.objects.filter(pk=OuterRef("pk"), pledges__isnull=False)
            .order_by("-pledges__pk")
            .values(
                told=JSONObject(
                    partner="pledges__partner__name",
                    partner_id="pledges__partner_id",
                    **facts,
                )
            )
        )
        return self.annotate(aid=ArraySubquery(told))

    def with_last_report(self):
        """Annotate last_physical (percent), last_spent (rupiah), last_reported_on."""
        last = ProgressReport.objects.filter(project=OuterRef("pk")).order_by(
            "-reported_on", "-pk"
        )
        return self.annotate(
            last_physical=Subquery(last.values("physical")[:1]),
            last_spent=Subquery(last.values("spent")[:1]),
            last_reported_on=Subquery(last.values("reported_on")[:1]),
        )

    def with_plan(self):
        """Annotate cost (rupiah) and planned (percent due by today, WIB) in SQL.

        The same straight line through each work item's window as `curve.planned`.
        """
        items = WorkItem.objects.filter(project=OuterRef("pk")).order_by()
        total = items.values("project").annotate(n=Sum("cost")).values("n")
        return self.annotate(
            cost=Coalesce(
                Subquery(total, output_field=RupiahField()),
                0,
                output_field=RupiahField(),
            ),
            planned=Subquery(
                items.values("project")
                .annotate(n=curve.planned_in_sql(dates.today()))
                .values("n")
            ),
        )

    def with_photo(self):
        """Annotate photo: what a card needs of the newest photo, within the one query.

        Read it as `newest_photo`.
        """
        newest = Photo.objects.shown().filter(
            project=OuterRef("pk"), file__made_at__isnull=False
        )
        facts = {"pk": "pk", "alt": "alt", "taken_on": "taken_on"}
        facts |= {"width": "file__width", "height": "file__height"}
        return self.annotate(photo=Subquery(newest.values(j=JSONObject(**facts))[:1]))

    def with_places(self):
        """Annotate places: what a map and a list need of the villages of the district
        and of those that take part, within the one query."""
        takes_part = Exists(
            Participation.objects.filter(
                project=OuterRef(OuterRef("pk")), village=OuterRef("pk")
            )
        )
        villages = Village.objects.filter(
            Q(district=OuterRef("lead_village__district")) | takes_part
        )
        return self.annotate(
            places=ArraySubquery(maps.as_json(villages, takes_part=takes_part))
        )

    def with_changes(self):
        """Annotate changes: {to_stage, at, note} of each step of its life, in order."""
        steps = StageChange.objects.filter(project=OuterRef("pk")).order_by("number")
        told = JSONObject(to_stage="to_stage", at="at", note="note")
        return self.annotate(changes=ArraySubquery(steps.values(told=told)))


class Project(models.Model):
    """A joint project of villages, born from a decision of their meeting."""

    class Sector(models.TextChoices):
        INFRASTRUCTURE = "infrastructure", _("Infrastruktur")
        EDUCATION = "education", _("Pendidikan")
        ECONOMY = "economy", _("Ekonomi")
        ENVIRONMENT = "environment", _("Lingkungan")

    class Stage(models.TextChoices):
        AGREED = "agreed", _("Disepakati")
        FUNDED = "funded", _("Didanai")
        RUNNING = "running", _("Berjalan")
        COMPLETED = "completed", _("Selesai")
        CANCELLED = "cancelled", _("Dibatalkan")

    MOVES = (
        ("", Stage.AGREED),
        (Stage.AGREED, Stage.FUNDED),
        (Stage.AGREED, Stage.RUNNING),
        (Stage.FUNDED, Stage.RUNNING),
        (Stage.RUNNING, Stage.COMPLETED),
        (Stage.AGREED, Stage.CANCELLED),
        (Stage.FUNDED, Stage.CANCELLED),
        (Stage.RUNNING, Stage.CANCELLED),
    )
    STAGE_BADGES = {
        Stage.AGREED: "draft",
        Stage.FUNDED: "good",
        Stage.RUNNING: "run",
        Stage.COMPLETED: "done",
        Stage.CANCELLED: "stop",
    }
    SECTOR_ICONS = {
        Sector.INFRASTRUCTURE: "jalan",
        Sector.EDUCATION: "sekolah",
        Sector.ECONOMY: "ekonomi",
        Sector.ENVIRONMENT: "lingkungan",
    }
    PLANNING_STAGES = (Stage.AGREED, Stage.FUNDED)
    OPEN_STAGES = (Stage.AGREED, Stage.FUNDED, Stage.RUNNING)

    title = models.CharField(_("nama proyek"), max_length=160)
    sector = models.CharField(_("bidang"), max_length=20, choices=Sector)
    lead_village = models.ForeignKey(
        Village,
        models.PROTECT,
        related_name="led_projects",
        verbose_name=_("desa utama"),
    )
    partner_villages = models.ManyToManyField(
        Village,
        through="Participation",
        related_name="joined_projects",
        verbose_name=_("desa lain yang ikut"),
    )
    place = models.CharField(_("lokasi"), max_length=200)
    purpose = models.TextField(_("tujuan"), max_length=2000)
    beneficiary_families = models.PositiveIntegerField(
        _("keluarga penerima manfaat"), null=True, blank=True
    )
    beneficiary_people = models.PositiveIntegerField(
        _("jiwa penerima manfaat"), null=True, blank=True
    )
    year = models.PositiveSmallIntegerField(
        _("tahun anggaran"),
        validators=[MinValueValidator(2015), MaxValueValidator(2100)],
    )
    stage = models.CharField(
        _("tahap"), max_length=12, choices=Stage, default=Stage.AGREED
    )
    step = models.PositiveIntegerField(default=1, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("proyek")
        verbose_name_plural = _("proyek")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(year__gte=2015, year__lte=2100), name="project_year_sane"
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(purpose="") & ~Q(place=""),
                name="project_says_what_why_where",
            ),
        ]
        indexes = [
            models.Index(fields=["stage", "-id"]),
            models.Index(fields=["sector", "-id"]),
            models.Index(fields=["year", "-id"]),
            models.Index(
                fields=["stage", "lead_village"],
                include=["id", "beneficiary_families"],
                name="project_counted",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("projects:project", args=[self.pk])

    @property
    def stage_badge(self):
        return self.STAGE_BADGES[self.stage]

    @property
    def stage_icon(self):
        """None where the icon of the badge's kind says it already."""
        return "putusan" if self.stage == self.Stage.AGREED else None

    @property
    def sector_icon(self):
        return self.SECTOR_ICONS[self.sector]

    @cached_property
    def villages(self):
        """Lead village first, then the others by name."""
        return [self.lead_village, *self.partner_villages.all()]

    @cached_property
    def newest_photo(self):
        """Of a project read `with_photo`; None without one."""
        if not self.photo:
            return None
        facts = dict(self.photo)
        file = StoredFile(width=facts.pop("width"), height=facts.pop("height"))
        return Photo(project_id=self.pk, file=file, **facts)


class Participation(models.Model):
    """A village taking part in a project that another village leads."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="participations")
    village = models.ForeignKey(Village, models.PROTECT, related_name="participations")

    class Meta:
        verbose_name = _("desa yang ikut")
        verbose_name_plural = _("desa yang ikut")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "village"], name="village_takes_part_once"
            )
        ]

    def __str__(self):
        return f"{self.village} – {self.project}"


class StageChange(models.Model):
    """One step of a project's life; the public timeline is read from here."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="stage_changes")
    number = models.PositiveIntegerField()
    from_stage = models.CharField(max_length=12, blank=True)
    to_stage = models.CharField(max_length=12, choices=Project.Stage)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    note = models.CharField(_("keterangan"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("perubahan tahap")
        verbose_name_plural = _("perubahan tahap")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"], name="stage_change_numbered_once"
            )
        ]

    def __str__(self):
        return f"{self.project_id} {self.number}: {self.to_stage}"


class WorkItemQuerySet(models.QuerySet):
    def with_last_percent(self):
        """Annotate last_percent: how far the last report says it is, or None."""
        told = ReportedItem.objects.filter(work_item=OuterRef("pk")).order_by(
            "-report__reported_on", "-report"
        )
        return self.annotate(last_percent=Subquery(told.values("percent")[:1]))


class WorkItem(models.Model):
    """A piece of work with a cost, which is its weight, and a planned window."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="work_items")
    title = models.CharField(_("pekerjaan"), max_length=160)
    cost = RupiahField(_("biaya"))
    starts_on = models.DateField(_("mulai"))
    ends_on = models.DateField(_("selesai"))
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("pekerjaan")
        verbose_name_plural = _("pekerjaan")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cost__gt=0), name="work_item_costs_something"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="work_item_ends_after_it_starts",
            ),
        ]

    def __str__(self):
        return self.title


class ProgressReport(models.Model):
    """How far the work stood on a day. Never changed; a later report corrects it."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="reports")
    reported_on = models.DateField(_("keadaan per tanggal"))
    text = models.TextField(_("uraian"), max_length=4000)
    spent = RupiahField(_("uang terpakai sampai tanggal itu"))
    physical = models.DecimalField(
        _("fisik (%)"),
        max_digits=5,
        decimal_places=2,
        editable=False,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("laporan kemajuan")
        verbose_name_plural = _("laporan kemajuan")
        ordering = ["-reported_on", "-pk"]
        indexes = [models.Index(fields=["project", "-reported_on", "-id"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(physical__gte=0, physical__lte=100),
                name="report_physical_is_percent",
            )
        ]

    def __str__(self):
        return f"{self.project_id} {self.reported_on}: {self.physical}%"


class ReportedItem(models.Model):
    """The percent done of one work item in one report."""

    report = models.ForeignKey(ProgressReport, models.PROTECT, related_name="items")
    work_item = models.ForeignKey(WorkItem, models.PROTECT, related_name="reported")
    percent = models.PositiveSmallIntegerField(_("selesai (%)"))

    class Meta:
        verbose_name = _("kemajuan pekerjaan")
        verbose_name_plural = _("kemajuan pekerjaan")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "work_item"], name="work_item_reported_once"
            ),
            models.CheckConstraint(
                condition=Q(percent__lte=100), name="reported_item_is_percent"
            ),
        ]

    def __str__(self):
        return f"{self.work_item_id}: {self.percent}%"


class PhotoQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Every photo can be opened; a withdrawn one shows its reason instead."""
        return self

    def shown(self):
        """Those that were not withdrawn."""
        return self.filter(withdrawn_at=None)

    def handled_by(self, user):
        """Staff of the project's lead village, and their district's admin."""
        return self.filter(
            Q(project__lead_village__in=villages_of(user, *VILLAGE_STAFF))
            | Q(
                project__lead_village__district__in=districts_of(
                    user, Post.DISTRICT_ADMIN
                )
            )
        )

    def withdrawable_by(self, user):
        return self.handled_by(user).shown()

    def with_withdraw(self, user):
        """Annotate can_withdraw, within the one query."""
        if not user.is_authenticated:
            return self.annotate(can_withdraw=Value(False))
        mine = Photo.objects.withdrawable_by(user).filter(pk=OuterRef("pk"))
        return self.annotate(can_withdraw=Exists(mine))


class Photo(models.Model):
    """A photo of the work. Never changed; withdrawn once, and then no longer served."""

    class Moment(models.TextChoices):
        BEFORE = "0", _("0%, sebelum dikerjakan")
        HALF = "50", _("50%, separuh jalan")
        DONE = "100", _("100%, setelah selesai")
        OTHER = "lain", _("Saat lain")

    project = models.ForeignKey(Project, models.PROTECT, related_name="photos")
    report = models.ForeignKey(
        ProgressReport, models.PROTECT, null=True, related_name="photos"
    )
    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, editable=False)
    alt = models.CharField(_("keterangan foto"), max_length=200)
    moment = models.CharField(
        _("diambil"), max_length=4, choices=Moment, default=Moment.OTHER
    )
    taken_on = models.DateField(_("tanggal foto"))
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    withdrawn_reason = models.CharField(  # noqa: DJ001
        _("alasan"), max_length=300, null=True
    )

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("foto")
        verbose_name_plural = _("foto")
        ordering = ["-taken_on", "-pk"]
        indexes = [models.Index(fields=["project", "-taken_on", "-id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "sha256"],
                condition=Q(withdrawn_at=None),
                name="photo_once_a_project",
            ),
            models.CheckConstraint(condition=~Q(alt=""), name="photo_says_what"),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__isnull=False,
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__isnull=False,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
                name="photo_position_is_a_place",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_reason=None)
                | Q(
                    withdrawn_at__isnull=False,
                    withdrawn_by__isnull=False,
                    withdrawn_reason__isnull=False,
                    withdrawn_reason__gt="",
                ),
                name="photo_withdrawn_says_who_and_why",
            ),
        ]

    def __str__(self):
        return self.alt

    def get_absolute_url(self):
        return reverse("projects:photo", args=[self.project_id, self.pk])

    def address(self, size):
        return reverse("projects:photo-file", args=[self.project_id, self.pk, size])

    @property
    def small(self):
        return self.address(min(StoredFile.SIZES))

    @property
    def large(self):
        return self.address(max(StoredFile.SIZES))

    @property
    def srcset(self):
        """Each size with the width it really has, for a browser to choose from."""
        widths = {self._fit(size)[0]: size for size in reversed(StoredFile.SIZES)}
        return ", ".join(f"{self.address(s)} {width}w" for width, s in widths.items())

    @property
    def sides(self):
        """(width, height) as shown, so that nothing jumps when the photo comes."""
        return self._fit(min(StoredFile.SIZES))

    def _fit(self, size):
        return StoredFile.fit(self.file.width, self.file.height, size)
