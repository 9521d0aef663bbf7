from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Round
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from leksono_portal.kit.models import StoredPaper
from leksono_portal.kit.money import RupiahField
from projects.portfolio.models import Project
from projects.sources.models import Allotment
from villages.areas.models import Village
from villages.people.models import (
    DISTRICT_POSTS,
    Office,
    Post,
    VerbsQuerySet,
    districts_of,
    villages_of,
)

USER = settings.AUTH_USER_MODEL
# Who prepares a request for the lead village.
PROPOSERS = (Post.OPERATOR, Post.VILLAGE_SECRETARY, Post.VILLAGE_HEAD)
# States in which money has been paid out, and in which it has been granted.
PAID = ("running", "held", "completed")
GRANTED = ("approved", *PAID, "cancelled")


def askable_projects(user):
    """Projects for which `user` may write a request: staff of the lead *desa*.

    A kelurahan has no village head and no account of its own, so it cannot ask.
    """
    return Project.objects.filter(
        lead_village__in=villages_of(user, *PROPOSERS),
        lead_village__kind=Village.Kind.DESA,
        stage__in=Project.OPEN_STAGES,
    )


class FundingRequestQuerySet(VerbsQuerySet):
    """Which requests `user` may see or move; its rows are those of MOVES."""

    VERBS = {
        "edit": "editable_by",
        "submit": "submittable_by",
        "withdraw": "withdrawable_by",
        "verify": "verifiable_by",
        "return": "returnable_by",
        "approve": "approvable_by",
        "reject": "rejectable_by",
        "release": "releasable_by",
        "hold": "holdable_by",
        "resume": "resumable_by",
        "complete": "completable_by",
        "cancel": "cancellable_by",
        "read_notes": "notes_readable_by",
    }

    def visible_to(self, user):
        """Never submitted: the lead village's staff only. All else is public."""
        return self.filter(
            # A subquery, which is not asked for what was submitted.
            Q(revision__gte=1)
            | Q(
                project__in=Project.objects.filter(
                    lead_village__in=villages_of(user, *PROPOSERS)
                ).values("pk")
            )
        )

    def with_budget_of(self, request):
        """Other requests of the desa of `request` that have a RAB; annotates line_count."""
        found = self.filter(project__lead_village=request.project.lead_village_id)
        found = found.exclude(pk=request.pk).annotate(line_count=Count("lines"))
        return found.filter(line_count__gt=0)

    def notes_readable_by(self, user):
        """What a return says: staff of the lead village and of its district."""
        return self.filter(
            Q(project__lead_village__in=villages_of(user, *PROPOSERS))
            | Q(project__lead_village__district__in=districts_of(user, *DISTRICT_POSTS))
        )

    def _of_village_of(self, user, *posts):
        return self.filter(project__lead_village__in=villages_of(user, *posts))

    def _of_district_of(self, user, *posts):
        return self.filter(
            project__lead_village__district__in=districts_of(user, *posts)
        )

    def editable_by(self, user):
        """Draft or returned: operator, secretary or head of the lead village."""
        return self._of_village_of(user, *PROPOSERS).filter(
            status__in=FundingRequest.OPEN_TO_VILLAGE
        )

    def submittable_by(self, user):
        """Draft or returned: the head of the lead *desa* (rows 2 and 5).

        Not what they wrote themselves, unless nobody else there could have.
        """
        others = Office.objects.today().filter(
            village=OuterRef("project__lead_village"), post__in=PROPOSERS
        )
        return self._of_village_of(user, Post.VILLAGE_HEAD).filter(
            ~Q(author_id=user.pk) | ~Exists(others.exclude(user_id=user.pk)),
            status__in=FundingRequest.OPEN_TO_VILLAGE,
            project__lead_village__kind=Village.Kind.DESA,
            project__stage__in=Project.OPEN_STAGES,
        )

    def withdrawable_by(self, user):
        """Not yet verified or decided: the head of the lead village (row 8)."""
        return self._of_village_of(user, Post.VILLAGE_HEAD).filter(
            status__in=[
                *FundingRequest.OPEN_TO_VILLAGE,
                FundingRequest.Status.SUBMITTED,
            ]
        )

    def verifiable_by(self, user):
        """Submitted: a verifier who had no part in it and is not of that village."""
        return (
            self._of_district_of(user, Post.VERIFIER)
            .filter(status=FundingRequest.Status.SUBMITTED)
            .exclude(Q(author_id=user.pk) | Q(submitted_by_id=user.pk))
            .exclude(project__lead_village__in=villages_of(user, *Post))
        )

    def returnable_by(self, user):
        """Submitted or verified: verifier or camat, with the same distance (row 4)."""
        return (
            self._of_district_of(user, Post.VERIFIER, Post.CAMAT)
            .filter(status__in=FundingRequest.IN_REVIEW)
            .exclude(Q(author_id=user.pk) | Q(submitted_by_id=user.pk))
            .exclude(project__lead_village__in=villages_of(user, *Post))
        )

    def approvable_by(self, user):
        """Verified: the camat, who neither wrote, submitted nor verified it (row 6)."""
        return self.rejectable_by(user).filter(
            status=FundingRequest.Status.VERIFIED,
            project__stage__in=Project.OPEN_STAGES,
        )

    def rejectable_by(self, user):
        """Submitted or verified: the camat, with the same distance (row 7)."""
        return (
            self._of_district_of(user, Post.CAMAT)
            .filter(status__in=FundingRequest.IN_REVIEW)
            .exclude(
                Q(author_id=user.pk)
                | Q(submitted_by_id=user.pk)
                | Q(verified_by__isnull=False, verified_by_id=user.pk)
            )
        )

    def releasable_by(self, user):
        """Approved, or running with the account of each tranche before accepted: the
        district treasurer, who had no earlier part in it (rows 9 and 10).
        """
        status = FundingRequest.Status
        return (
            self._of_district_of(user, Post.DISTRICT_TREASURER)
            ._without_part_of(
                user, "author", "submitted_by", "verified_by", "decided_by"
            )
            .filter(
                Q(status=status.APPROVED, project__stage__in=Project.OPEN_STAGES)
                # The last tranche is often paid when the work is done.
                | Q(status=status.RUNNING) & ~Q(project__stage=Project.Stage.CANCELLED),
                self._unpaid(),
                ~self._unaccounted(),
            )
        )

    def holdable_by(self, user):
        """Running: the camat (row 11)."""
        return self._of_district_of(user, Post.CAMAT).filter(
            status=FundingRequest.Status.RUNNING
        )

    def resumable_by(self, user):
        """Held: the camat (row 11)."""
        return self._of_district_of(user, Post.CAMAT).filter(
            status=FundingRequest.Status.HELD
        )

    def completable_by(self, user):
        """Running, every tranche paid out and accounted for: a verifier who neither
        asked for it, decided on it nor paid it out, and is not of that village (row 12).
        """
        return (
            self._of_district_of(user, Post.VERIFIER)
            ._without_part_of(user, "author", "submitted_by", "decided_by", "paid_by")
            .filter(
                ~self._unpaid(),
                ~self._unaccounted(),
                status=FundingRequest.Status.RUNNING,
            )
            .exclude(project__lead_village__in=villages_of(user, *Post))
        )

    def cancellable_by(self, user):
        """Granted, what was paid out accounted for, nobody asked for it yet: the camat,
        whom the district's secretary must follow (row 13).
        """
        status = FundingRequest.Status
        asked = FundingRequest.objects.filter(
            cancellations__isnull=False, cancellations__decided_at=None
        )
        return self._of_district_of(user, Post.CAMAT).filter(
            ~self._unaccounted(),
            ~Exists(asked.filter(pk=OuterRef("pk"))),
            status__in=[status.APPROVED, status.RUNNING, status.HELD],
        )

    def _without_part_of(self, user, *parts):
        """`parts`: who may not be `user`, e.g. "author"."""
        for part in parts:
            self = self.exclude(**{part: user.pk})
        return self

    @staticmethod
    def _unpaid():
        return Exists(Tranche.objects.filter(request=OuterRef("pk"), release=None))

    @staticmethod
    def _unaccounted():
        paid = Tranche.objects.filter(request=OuterRef("pk"), release__isnull=False)
        return Exists(paid.exclude(release__account__status="accepted"))


class FundingRequest(models.Model):
    """A village's request for money on a joint project. All amounts whole rupiah.

    requested: sum of the lines that ask for money; own contribution is apart.
    approved: what the camat granted, bound on the ceilings. released: paid out.
    accounted: spent, by the accounts that were accepted. paid_by: who paid the newest.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draf")
        SUBMITTED = "submitted", _("Diajukan")
        RETURNED = "returned", _("Dikembalikan")
        VERIFIED = "verified", _("Diverifikasi")
        APPROVED = "approved", _("Disetujui")
        REJECTED = "rejected", _("Tidak disetujui")
        WITHDRAWN = "withdrawn", _("Ditarik")
        RUNNING = "running", _("Berjalan")
        HELD = "held", _("Ditahan")
        COMPLETED = "completed", _("Selesai")
        CANCELLED = "cancelled", _("Dibatalkan")

    # The numbers are what the rules above call rows.
    MOVES = (
        ("", Status.DRAFT),  # 1
        (Status.DRAFT, Status.SUBMITTED),  # 2
        (Status.SUBMITTED, Status.VERIFIED),  # 3
        (Status.SUBMITTED, Status.RETURNED),  # 4
        (Status.VERIFIED, Status.RETURNED),  # 4
        (Status.RETURNED, Status.SUBMITTED),  # 5
        (Status.VERIFIED, Status.APPROVED),  # 6
        (Status.SUBMITTED, Status.REJECTED),  # 7
        (Status.VERIFIED, Status.REJECTED),  # 7
        (Status.DRAFT, Status.WITHDRAWN),  # 8
        (Status.SUBMITTED, Status.WITHDRAWN),  # 8
        (Status.RETURNED, Status.WITHDRAWN),  # 8
        (Status.APPROVED, Status.RUNNING),  # 9
        (Status.RUNNING, Status.RUNNING),  # 10, another tranche is paid out
        (Status.RUNNING, Status.HELD),  # 11
        (Status.HELD, Status.RUNNING),  # 11
        (Status.RUNNING, Status.COMPLETED),  # 12
        (Status.APPROVED, Status.CANCELLED),  # 13
        (Status.RUNNING, Status.CANCELLED),  # 13
        (Status.HELD, Status.CANCELLED),  # 13
    )
    OPEN_TO_VILLAGE = (Status.DRAFT, Status.RETURNED)
    IN_REVIEW = (Status.SUBMITTED, Status.VERIFIED)

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="requests", verbose_name=_("proyek")
    )
    title = models.CharField(_("judul permohonan"), max_length=160)
    year = models.PositiveSmallIntegerField(
        _("tahun anggaran"),
        validators=[MinValueValidator(2015), MaxValueValidator(2100)],
    )
    background = models.TextField(_("latar belakang dan tujuan"), max_length=4000)
    letter_number = models.CharField(
        _("nomor surat pengantar"), max_length=60, blank=True, editable=False
    )
    status = models.CharField(
        _("keadaan"), max_length=10, choices=Status, default=Status.DRAFT
    )
    status_since = models.DateTimeField(_("sejak"), editable=False)
    step = models.PositiveIntegerField(default=1, editable=False)
    revision = models.PositiveIntegerField(_("revisi"), default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    requested = RupiahField(_("diminta"), default=0, editable=False)
    approved = RupiahField(_("disetujui"), default=0, editable=False)
    released = RupiahField(_("cair"), default=0, editable=False)
    accounted = RupiahField(_("dipertanggungjawabkan"), default=0, editable=False)
    decision_letter = models.CharField(
        _("nomor surat keputusan"), max_length=60, blank=True, editable=False
    )

    author = models.ForeignKey(USER, models.PROTECT, related_name="+", editable=False)
    submitted_by = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="+", editable=False
    )
    verified_by = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="+", editable=False
    )
    decided_by = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="+", editable=False
    )
    paid_by = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = FundingRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("permohonan dana")
        verbose_name_plural = _("permohonan dana")
        ordering = ["-pk"]
        # What is counted and added up of all requests is read from the index alone.
        indexes = [
            models.Index(
                fields=["status", "status_since"],
                include=[
                    "id",
                    "project",
                    "revision",
                    "requested",
                    "approved",
                    "released",
                    "accounted",
                ],
                name="request_counted",
            ),
            models.Index(
                fields=["year"],
                include=["id", "requested", "approved", "released", "accounted"],
                condition=~Q(status__in=["draft", "withdrawn"]),
                name="request_asked",
            ),
            models.Index(
                fields=["project"],
                include=["approved"],
                condition=Q(approved__gt=0),
                name="request_granted",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(released__lte=F("approved"), approved__lte=F("requested")),
                name="request_released_within_approved_within_requested",
            ),
            models.CheckConstraint(
                condition=Q(accounted__lte=F("released")),
                name="request_accounted_within_released",
            ),
            models.CheckConstraint(
                condition=~Q(verified_by=F("author"))
                & ~Q(verified_by=F("submitted_by")),
                name="request_verifier_is_no_party",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("author"))
                & ~Q(decided_by=F("submitted_by"))
                & ~Q(decided_by=F("verified_by")),
                name="request_decider_is_no_party",
            ),
            models.CheckConstraint(
                condition=~Q(paid_by=F("author"))
                & ~Q(paid_by=F("submitted_by"))
                & ~Q(paid_by=F("verified_by"))
                & ~Q(paid_by=F("decided_by")),
                name="request_payer_is_no_party",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "withdrawn"])
                | Q(submitted_by__isnull=False, revision__gte=1),
                name="request_submitted_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["verified", *GRANTED])
                | Q(verified_by__isnull=False),
                name="request_verified_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=GRANTED, decided_by__isnull=False, approved__gt=0
                )
                | Q(status="rejected", decided_by__isnull=False, approved=0)
                | ~Q(status__in=[*GRANTED, "rejected"])
                & Q(decided_by=None, approved=0),
                name="request_decision_recorded_iff_decided",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[*PAID, "cancelled"],
                    paid_by__isnull=False,
                    released__gt=0,
                )
                | ~Q(status__in=PAID) & Q(paid_by=None, released=0),
                name="request_payment_recorded_iff_paid",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("projects:request", args=[self.pk])

    @property
    def number(self):
        """How people name it: "Permohonan 23/2026"."""
        return f"{self.pk}/{self.year}"

    @property
    def public_status(self):
        """What a stranger reads: work inside the office is one word, "Diperiksa"."""
        return public_status(self.status)

    @property
    def waits_for(self):
        """Whose turn it is, in words; "" where nobody need act."""
        status = self.Status
        if self.status in self.OPEN_TO_VILLAGE:
            return self.project.lead_village.full_name
        return {
            status.SUBMITTED: _("Verifikator Kecamatan"),
            status.VERIFIED: _("Camat"),
            status.APPROVED: _("Bendahara Kecamatan"),
        }.get(self.status, "")

    @property
    def turn(self):
        """Whose turn it is and for how long, "menunggu Camat, 6 hari"; or ""."""
        days = dates.days_since(self.status_since)
        if not self.waits_for:
            return ""
        if days < 1:
            return _("menunggu %(who)s sejak hari ini") % {"who": self.waits_for}
        return _("menunggu %(who)s, %(days)s hari") % {
            "who": self.waits_for,
            "days": days,
        }

    @property
    def kind(self):
        """The kind of badge: what waits, what goes on, what has stopped."""
        status = self.Status
        return {
            status.DRAFT: "draft",
            status.WITHDRAWN: "draft",
            status.REJECTED: "stop",
            status.APPROVED: "good",
            status.RUNNING: "run",
            status.COMPLETED: "done",
            status.CANCELLED: "stop",
        }.get(self.status, "wait")


def public_status(status):
    words = {
        FundingRequest.Status.SUBMITTED: _("Diusulkan"),
        FundingRequest.Status.RETURNED: _("Diperiksa"),
        FundingRequest.Status.VERIFIED: _("Diperiksa"),
    }
    return words.get(status) or FundingRequest.Status(status).label


class BudgetLine(models.Model):
    """One line of the RAB. Without an allotment it is the villages' own share."""

    class Group(models.TextChoices):
        MATERIAL = "1material", _("Bahan")
        EQUIPMENT = "2equipment", _("Alat")
        LABOUR = "3labour", _("Upah")
        OPERATIONS = "4operations", _("Operasional")

    request = models.ForeignKey(FundingRequest, models.PROTECT, related_name="lines")
    group = models.CharField(_("kelompok"), max_length=12, choices=Group)
    description = models.CharField(_("uraian"), max_length=160)
    quantity = models.DecimalField(_("volume"), max_digits=12, decimal_places=3)
    unit = models.CharField(_("satuan"), max_length=20)
    unit_price = RupiahField(_("harga satuan"))
    amount = models.GeneratedField(
        expression=Round(F("quantity") * F("unit_price")),
        output_field=RupiahField(_("jumlah")),
        db_persist=True,
    )
    allotment = models.ForeignKey(
        Allotment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lines",
        verbose_name=_("sumber dana"),
    )
    approved = RupiahField(_("disetujui"), null=True, editable=False)
    cut_reason = models.CharField(
        _("alasan perubahan"), max_length=200, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("baris RAB")
        verbose_name_plural = _("baris RAB")
        ordering = ["group", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="line_quantity_positive"
            ),
            models.CheckConstraint(
                condition=Q(approved=None)
                | Q(approved__lte=F("amount"), allotment__isnull=False),
                name="line_approved_within_requested",
            ),
            models.CheckConstraint(
                condition=Q(approved=None)
                | Q(approved=F("amount"))
                | ~Q(cut_reason=""),
                name="line_cut_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="line_amounts_to_something"
            ),
        ]

    def __str__(self):
        return self.description


class Revision(models.Model):
    """A request as it was submitted, frozen."""

    request = models.ForeignKey(
        FundingRequest, models.PROTECT, related_name="revisions"
    )
    number = models.PositiveIntegerField()
    content = models.JSONField()
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("revisi")
        verbose_name_plural = _("revisi")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "number"], name="revision_frozen_once"
            )
        ]

    def __str__(self):
        return f"{self.request_id} revisi {self.number}"


class Verification(models.Model):
    """A verifier's filled checklist on one revision: [{point, ok, note}, ...]."""

    request = models.ForeignKey(
        FundingRequest, models.PROTECT, related_name="verifications"
    )
    revision = models.PositiveIntegerField()
    checklist = models.JSONField()
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("hasil verifikasi")
        verbose_name_plural = _("hasil verifikasi")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "revision"], name="revision_verified_once"
            )
        ]

    def __str__(self):
        return f"{self.request_id} revisi {self.revision}"


class Transition(models.Model):
    """One move of a request: who, in which office, why. Written with the move."""

    request = models.ForeignKey(
        FundingRequest, models.PROTECT, related_name="transitions"
    )
    number = models.PositiveIntegerField()
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10, choices=FundingRequest.Status)
    revision = models.PositiveIntegerField()
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    office = models.CharField(_("sebagai"), max_length=120)
    reason = models.TextField(_("alasan atau pesan"), max_length=4000, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("riwayat permohonan")
        verbose_name_plural = _("riwayat permohonan")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "number"], name="transition_numbered_once"
            ),
            models.CheckConstraint(
                condition=~Q(to_status__in=["returned", "rejected"]) | ~Q(reason=""),
                name="transition_return_and_reject_have_reason",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="transition_numbered_from_one"
            ),
        ]

    def __str__(self):
        return f"{self.request_id} {self.number}: {self.to_status}"


class DecisionLetter(models.Model):
    """The camat's letter about a request, granted or refused. Born with the decision.

    Decisions of the first release have none.
    """

    request = models.OneToOneField(
        FundingRequest, models.PROTECT, related_name="letter"
    )
    number = models.CharField(_("nomor surat"), max_length=60)
    paper = models.OneToOneField(StoredPaper, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("surat keputusan")
        verbose_name_plural = _("surat keputusan")

    def __str__(self):
        return self.number


class Reservation(models.Model):
    """What an approved request binds of one ceiling, in whole rupiah."""

    request = models.ForeignKey(
        FundingRequest, models.PROTECT, related_name="reservations"
    )
    allotment = models.ForeignKey(
        Allotment, models.PROTECT, related_name="reservations"
    )
    amount = RupiahField(_("terikat"))
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("ikatan pagu")
        verbose_name_plural = _("ikatan pagu")
        constraints = [
            models.UniqueConstraint(
                fields=["request", "allotment"], name="reserved_once_per_ceiling"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="reservation_binds_something"
            ),
        ]

    def __str__(self):
        return f"{self.request_id}: {self.amount}"


class Tranche(models.Model):
    """A planned part of the approved money."""

    request = models.ForeignKey(FundingRequest, models.PROTECT, related_name="tranches")
    number = models.PositiveSmallIntegerField(_("termin"))
    amount = RupiahField(_("jumlah"))

    class Meta:
        verbose_name = _("termin")
        verbose_name_plural = _("termin")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "number"], name="tranche_numbered_once"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, number__gte=1), name="tranche_is_something"
            ),
        ]

    def __str__(self):
        return f"{self.request_id} termin {self.number}"
