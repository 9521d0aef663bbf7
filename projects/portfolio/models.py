from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from leksono_portal.kit.money import RupiahField
from projects.portfolio import curve
from villages.areas import maps
from villages.areas.models import Village
from villages.people.models import (
    VILLAGE_STAFF,
    Post,
    districts_of,
    villages_of,
    villages_spoken_for,
)


def villages_leadable_by(user):
    """Villages in whose name `user` may put a project on the portal."""
    return villages_spoken_for(user)


class ProjectQuerySet(models.QuerySet):
    VERBS = {
        "edit": "editable_by",
        "plan": "plannable_by",
        "start": "startable_by",
        "report": "reportable_by",
        "complete": "completable_by",
        "cancel": "cancellable_by",
        "respond": "respondable_by",
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

    def with_verbs(self, user):
        """Annotate can_<verb> for every verb, within the one query."""
        if not user.is_authenticated:
            return self.annotate(**{f"can_{verb}": Value(False) for verb in self.VERBS})
        return self.annotate(
            **{
                f"can_{verb}": Exists(
                    getattr(Project.objects, rule)(user).filter(pk=OuterRef("pk"))
                )
                for verb, rule in self.VERBS.items()
            }
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
