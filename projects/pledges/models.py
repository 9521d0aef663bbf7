from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from leksono_portal.kit.models import StoredPaper
from leksono_portal.kit.money import RupiahField, format_decimal, format_rupiah
from projects.portfolio.models import Photo, ProgressReport, Project
from villages.partners.models import Partner
from villages.people.models import (
    VILLAGE_STAFF,
    Office,
    Post,
    VerbsQuerySet,
    districts_of,
    villages_of,
)

USER = settings.AUTH_USER_MODEL
HEADS = (Post.VILLAGE_HEAD, Post.LURAH)
TELLERS = (Post.OPERATOR, *HEADS)
DISTRICT = (Post.CAMAT, Post.DISTRICT_SECRETARY)


class PledgeQuerySet(VerbsQuerySet):
    VERBS = {
        "decide": "decidable_by",
        "withdraw": "withdrawable_by",
        "receive": "receivable_by",
        "close": "closable_by",
        "use": "usable_by",
        "thank": "thankable_by",
    }

    def visible_to(self, user):
        """Everyone: what was promised, and what became of it, is public."""
        return self

    def _of_village_of(self, user, *posts):
        return self.filter(project__lead_village__in=villages_of(user, *posts))

    def decidable_by(self, user):
        """Offered: the head of the lead village agrees or declines, on a project that is
        open; not what they recorded themselves while others there could have."""
        others = Office.objects.today().filter(
            village=OuterRef("project__lead_village"), post__in=VILLAGE_STAFF
        )
        return self._of_village_of(user, *HEADS).filter(
            ~Q(recorded_by_id=user.pk) | ~Exists(others.exclude(user_id=user.pk)),
            status=Pledge.Status.OFFERED,
            project__stage__in=Project.OPEN_STAGES,
        )

    def withdrawable_by(self, user):
        """Nothing of it came yet: those who may record what a partner says."""
        return self.filter(
            Q(project__lead_village__in=villages_of(user, *VILLAGE_STAFF))
            | Q(project__lead_village__district__in=districts_of(user, *DISTRICT)),
            Q(status=Pledge.Status.OFFERED)
            | Q(status=Pledge.Status.AGREED, receipt_count=0),
        )

    def receivable_by(self, user):
        """Agreed and not all there: operator, secretary or head of the lead village."""
        return self._of_village_of(user, *VILLAGE_STAFF).filter(
            status=Pledge.Status.AGREED
        )

    def closable_by(self, user):
        """A part has come: the same people give up waiting for the rest."""
        return self.receivable_by(user).filter(receipt_count__gt=0)

    def usable_by(self, user):
        """Received: operator or head of the lead village tells what became of it."""
        return self._of_village_of(user, *TELLERS).filter(status=Pledge.Status.RECEIVED)

    def thankable_by(self, user):
        """Received or used, and not thanked for: the camat, or the village's head."""
        return self.filter(
            Q(project__lead_village__in=villages_of(user, *HEADS))
            | Q(project__lead_village__district__in=districts_of(user, Post.CAMAT)),
            status__in=Pledge.DONE,
            letter=None,
        )

    def for_partner(self):
        """With all that the partner's page tells of each."""
        photos = Photo.objects.shown().select_related("file")
        receipts = PledgeReceipt.objects.prefetch_related(
            Prefetch("photo", queryset=photos)
        )
        return self.select_related("project__lead_village", "letter").prefetch_related(
            Prefetch("receipts", queryset=receipts),
            Prefetch("outcome_photo", queryset=photos),
            "moves",
        )

    def sums(self):
        """Rupiah of funds promised (and agreed), received, used; and how many pledges.

        An estimate of goods or training is no money and stays apart.
        """
        agreed = Q(status__in=Pledge.IN_FORCE)
        money, other = Q(kind=Pledge.Kind.FUNDS), ~Q(kind=Pledge.Kind.FUNDS)
        used = Q(status=Pledge.Status.USED)
        return self.aggregate(
            n=models.Count("pk"),
            promised=Sum("amount", filter=agreed & money, default=0),
            arrived=Sum("received", filter=money, default=0),
            used=Sum("received", filter=money & used, default=0),
            estimated=Sum("estimate", filter=agreed & other, default=0),
        )


class Pledge(models.Model):
    """What a partner promises a project, and what came of it. Amounts in whole rupiah.

    Outside of all ceilings: no allotment stands behind it. `received` (funds) and
    `received_quantity` (goods that are counted) are running totals of the receipts,
    never more than what was promised.
    """

    class Kind(models.TextChoices):
        FUNDS = "funds", _("Dana")
        GOODS = "goods", _("Barang")
        TRAINING = "training", _("Pelatihan")
        ADVICE = "advice", _("Aturan dan pendampingan")

    class Status(models.TextChoices):
        OFFERED = "offered", _("Ditawarkan")
        AGREED = "agreed", _("Disepakati")
        RECEIVED = "received", _("Diterima")
        USED = "used", _("Dimanfaatkan")
        DECLINED = "declined", _("Tidak diterima desa")
        WITHDRAWN = "withdrawn", _("Ditarik mitra")

    MOVES = (
        ("", Status.OFFERED),
        (Status.OFFERED, Status.AGREED),
        (Status.OFFERED, Status.DECLINED),
        (Status.OFFERED, Status.WITHDRAWN),
        (Status.AGREED, Status.WITHDRAWN),
        (Status.AGREED, Status.RECEIVED),
        (Status.RECEIVED, Status.USED),
    )
    IN_FORCE = (Status.AGREED, Status.RECEIVED, Status.USED)
    DONE = (Status.RECEIVED, Status.USED)
    BADGES = {
        Status.OFFERED: "wait",
        Status.AGREED: "good",
        Status.RECEIVED: "run",
        Status.USED: "done",
        Status.DECLINED: "stop",
        Status.WITHDRAWN: "stop",
    }
    ICONS = {
        Kind.FUNDS: "dana",
        Kind.GOODS: "proyek",
        Kind.TRAINING: "sekolah",
        Kind.ADVICE: "buku",
    }

    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="pledges", verbose_name=_("mitra")
    )
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="pledges", verbose_name=_("proyek")
    )
    kind = models.CharField(_("bentuk"), max_length=8, choices=Kind)
    what = models.CharField(
        _("apa yang dijanjikan"),
        max_length=300,
        validators=[MinLengthValidator(10)],
    )
    amount = RupiahField(_("jumlah dana"), null=True, blank=True)
    estimate = RupiahField(_("taksiran nilai"), null=True, blank=True)
    quantity = models.DecimalField(
        _("banyaknya"), max_digits=12, decimal_places=3, null=True, blank=True
    )
    unit = models.CharField(_("satuan"), max_length=20, blank=True)
    letter_number = models.CharField(_("nomor surat mitra"), max_length=60, blank=True)
    letter_date = models.DateField(_("tanggal surat mitra"), null=True, blank=True)

    status = models.CharField(
        _("keadaan"), max_length=9, choices=Status, default=Status.OFFERED
    )
    status_since = models.DateTimeField(_("sejak"), editable=False)
    step = models.PositiveIntegerField(default=1, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    received = RupiahField(_("dana diterima"), default=0, editable=False)
    received_quantity = models.DecimalField(
        _("banyaknya diterima"),
        max_digits=12,
        decimal_places=3,
        default=0,
        editable=False,
    )
    receipt_count = models.PositiveIntegerField(default=0, editable=False)
    outcome = models.TextField(
        _("menjadi apa"),
        max_length=2000,
        blank=True,
        validators=[MinLengthValidator(20)],
    )
    outcome_report = models.ForeignKey(
        ProgressReport,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("laporan kemajuan"),
    )
    outcome_photo = models.ForeignKey(
        Photo,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("foto"),
    )
    recorded_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = PledgeQuerySet.as_manager()
    VERBS = tuple(PledgeQuerySet.VERBS)

    class Meta:
        verbose_name = _("janji mitra")
        verbose_name_plural = _("janji mitra")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["partner", "-id"]),
            models.Index(
                fields=["project"],
                condition=Q(status="offered"),
                name="pledge_waiting",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="funds", amount__gt=0, estimate=None)
                | Q(kind__in=["goods", "training"], amount=None)
                | Q(kind="advice", amount=None, estimate=None),
                name="pledge_of_funds_has_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(quantity=None, unit="")
                | Q(kind="goods", quantity__gt=0) & ~Q(unit=""),
                name="pledge_of_goods_is_counted_in_units",
            ),
            models.CheckConstraint(
                condition=Q(estimate=None) | Q(estimate__gt=0),
                name="pledge_estimate_is_something",
            ),
            models.CheckConstraint(
                condition=Q(letter_number="", letter_date=None)
                | ~Q(letter_number="") & Q(letter_date__isnull=False),
                name="pledge_letter_has_number_and_date",
            ),
            models.CheckConstraint(
                condition=Q(what__regex=r"^.{10,}"), name="pledge_says_what"
            ),
            models.CheckConstraint(
                condition=Q(amount=None, received=0) | Q(received__lte=F("amount")),
                name="pledge_received_within_promised",
            ),
            models.CheckConstraint(
                condition=Q(quantity=None, received_quantity=0)
                | Q(received_quantity__lte=F("quantity")),
                name="pledge_received_quantity_within_promised",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["agreed", "received", "used"])
                | Q(receipt_count=0, received=0, received_quantity=0),
                name="pledge_received_only_when_agreed",
            ),
            models.CheckConstraint(
                condition=Q(status="used", outcome__regex=r"^.{20,}")
                | ~Q(status="used")
                & Q(outcome="", outcome_report=None, outcome_photo=None),
                name="pledge_used_iff_told_what_became_of_it",
            ),
        ]

    def __str__(self):
        return self.what

    def get_absolute_url(self):
        return reverse("projects:pledge", args=[self.pk])

    @property
    def badge(self):
        return self.BADGES[self.status]

    @property
    def icon(self):
        return self.ICONS[self.kind]

    @property
    def is_funds(self):
        return self.kind == self.Kind.FUNDS

    @property
    def is_counted(self):
        """Whether what comes can be added up: rupiah, or goods in a unit."""
        return self.is_funds or self.quantity is not None

    @property
    def is_whole(self):
        """Everything promised is there; what is not counted comes at once."""
        if self.is_funds:
            return self.received == self.amount
        if self.quantity is not None:
            return self.received_quantity == self.quantity
        return self.receipt_count > 0

    @property
    def rest(self):
        """What has not come yet: rupiah, or a quantity; None if it is not counted."""
        if self.is_funds:
            return self.amount - self.received
        if self.quantity is not None:
            return self.quantity - self.received_quantity
        return None

    @property
    def promised_told(self):
        return self._told(self.amount, self.quantity)

    @property
    def received_told(self):
        return self._told(self.received, self.received_quantity)

    @property
    def rest_told(self):
        return self._told(self.rest, self.rest)

    def _told(self, amount, quantity):
        """`Rp5.000.000` or `20 sak`; "" for what is not counted."""
        if self.is_funds:
            return format_rupiah(amount)
        if self.quantity is not None:
            return f"{format_decimal(quantity)} {self.unit}"
        return ""

    @property
    def agreed_on(self):
        """The day (WIB) it was agreed; None before."""
        return self._day_of(self.Status.AGREED)

    @property
    def last_reason(self):
        """Why it was declined, withdrawn, or closed before all of it came."""
        told = [move.reason for move in self.moves.all() if move.reason]
        return told[-1] if told else ""

    @property
    def photos(self):
        """Of its receipts and of what became of it, as far as they are to be seen."""
        found = [one.photo for one in self.receipts.all()] + [self.outcome_photo]
        return list({photo.pk: photo for photo in found if _is_shown(photo)}.values())

    def _day_of(self, status):
        moved = [move for move in self.moves.all() if move.to_status == status]
        return dates.to_date(moved[0].at) if moved else None


def _is_shown(photo):
    return photo is not None and photo.withdrawn_at is None


class PledgeMove(models.Model):
    """One move of a pledge: who, in which office, why. Written with the move."""

    pledge = models.ForeignKey(Pledge, models.PROTECT, related_name="moves")
    number = models.PositiveIntegerField()
    from_status = models.CharField(max_length=9, blank=True)
    to_status = models.CharField(max_length=9, choices=Pledge.Status)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    office = models.CharField(_("sebagai"), max_length=120)
    reason = models.CharField(_("alasan"), max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("riwayat janji mitra")
        verbose_name_plural = _("riwayat janji mitra")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["pledge", "number"], name="pledge_move_numbered_once"
            ),
            models.CheckConstraint(
                condition=~Q(to_status__in=["declined", "withdrawn"]) | ~Q(reason=""),
                name="pledge_declined_or_withdrawn_says_why",
            ),
        ]

    def __str__(self):
        return f"{self.pledge_id} {self.number}: {self.to_status}"


class PledgeReceipt(models.Model):
    """What really came of a pledge on a day. Never changed; may be one of several."""

    pledge = models.ForeignKey(Pledge, models.PROTECT, related_name="receipts")
    number = models.PositiveIntegerField()
    received_on = models.DateField(_("tanggal diterima"))
    amount = RupiahField(_("dana yang diterima"), null=True, blank=True)
    quantity = models.DecimalField(
        _("banyaknya yang diterima"),
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
    )
    reference = models.CharField(_("nomor BAST atau kuitansi"), max_length=60)
    photo = models.ForeignKey(
        Photo, models.PROTECT, null=True, blank=True, related_name="+"
    )
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    office = models.CharField(_("sebagai"), max_length=120)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("penerimaan janji mitra")
        verbose_name_plural = _("penerimaan janji mitra")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["pledge", "number"], name="pledge_receipt_numbered_once"
            ),
            models.UniqueConstraint(
                fields=["pledge", "reference"], name="pledge_receipt_reference_once"
            ),
            models.CheckConstraint(
                condition=(Q(amount=None) | Q(amount__gt=0))
                & (Q(quantity=None) | Q(quantity__gt=0)),
                name="pledge_receipt_is_of_something",
            ),
            models.CheckConstraint(
                condition=~Q(reference=""), name="pledge_receipt_has_a_number"
            ),
        ]

    def __str__(self):
        return self.reference

    @property
    def told(self):
        """`Rp5.000.000` or `20 sak`, as it came; "" for what is not counted."""
        return self.pledge._told(self.amount, self.quantity)


class ThanksLetter(models.Model):
    """The letter that thanks a partner for what came. Made once."""

    pledge = models.OneToOneField(Pledge, models.PROTECT, related_name="letter")
    number = models.CharField(_("nomor surat"), max_length=60)
    paper = models.OneToOneField(StoredPaper, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("surat terima kasih")
        verbose_name_plural = _("surat terima kasih")

    def __str__(self):
        return self.number
