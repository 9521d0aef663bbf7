"""Money paid out and what became of it: releases, their accounts, what is left over.

All amounts are whole rupiah. A tranche is paid out only when the account of the one
before it was accepted; what is left at the end goes back to its ceilings.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.models import StoredFile, StoredPaper
from leksono_portal.kit.money import RupiahField
from projects.funding.models import (
    PROPOSERS,
    BudgetLine,
    FundingRequest,
    Reservation,
    Tranche,
)
from villages.people.models import (
    DISTRICT_POSTS,
    Post,
    VerbsQuerySet,
    districts_of,
    villages_of,
)

USER = settings.AUTH_USER_MODEL
# Who keeps the receipts of the lead village; its head sends the account.
ACCOUNTANTS = (*PROPOSERS, Post.VILLAGE_TREASURER)


class Release(models.Model):
    """A tranche paid out. That the row exists is the only "paid" there is."""

    tranche = models.OneToOneField(
        Tranche, models.PROTECT, related_name="release", verbose_name=_("termin")
    )
    reference = models.CharField(_("nomor bukti transfer"), max_length=60, unique=True)
    paid_on = models.DateField(_("tanggal cair"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("pencairan")
        verbose_name_plural = _("pencairan")
        ordering = ["pk"]

    def __str__(self):
        return self.reference


class AccountQuerySet(VerbsQuerySet):
    """Which accounts `user` may see or move."""

    VERBS = {
        "write": "writable_by",
        "send": "sendable_by",
        "return": "returnable_by",
        "accept": "acceptable_by",
        "read_proofs": "proofs_readable_by",
    }

    def visible_to(self, user):
        """All of them; their receipts are another matter."""
        return self

    def proofs_readable_by(self, user):
        """Payees and scans: staff of the lead village and of its district."""
        return self.filter(
            Q(_in_villages(villages_of(user, *ACCOUNTANTS)))
            | Q(_in_districts(districts_of(user, *DISTRICT_POSTS)))
        )

    def writable_by(self, user):
        """Draft or returned, the project not held: who keeps the village's receipts."""
        return self.filter(
            _in_villages(villages_of(user, *ACCOUNTANTS)),
            status__in=Account.OPEN_TO_VILLAGE,
            release__tranche__request__status=FundingRequest.Status.RUNNING,
        )

    def sendable_by(self, user):
        """As `writable_by`, with something to show: the head of the lead village."""
        return self.writable_by(user).filter(
            _in_villages(villages_of(user, Post.VILLAGE_HEAD)), spent__gt=0
        )

    def returnable_by(self, user):
        """Sent, the project not held: a verifier who is not of that village."""
        return self.filter(
            _in_districts(districts_of(user, Post.VERIFIER)),
            status=Account.Status.SENT,
            release__tranche__request__status=FundingRequest.Status.RUNNING,
        ).exclude(_in_villages(villages_of(user, *Post)))

    def acceptable_by(self, user):
        """As `returnable_by`; not who paid it out, nor who decided on the request."""
        return self.returnable_by(user).exclude(
            Q(release__by_id=user.pk)
            | Q(release__tranche__request__decided_by_id=user.pk)
        )


def _in_villages(villages):
    return Q(release__tranche__request__project__lead_village__in=villages)


def _in_districts(districts):
    return Q(release__tranche__request__project__lead_village__district__in=districts)


class Account(models.Model):
    """What became of one release: its receipts, in the village's words, examined.

    spent: sum of its receipts. Born with the release.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Disusun")
        SENT = "sent", _("Dikirim")
        RETURNED = "returned", _("Dikembalikan")
        ACCEPTED = "accepted", _("Diterima")

    MOVES = (
        ("", Status.DRAFT),
        (Status.DRAFT, Status.SENT),
        (Status.RETURNED, Status.SENT),
        (Status.SENT, Status.RETURNED),
        (Status.SENT, Status.ACCEPTED),
    )
    OPEN_TO_VILLAGE = (Status.DRAFT, Status.RETURNED)

    release = models.OneToOneField(Release, models.PROTECT, related_name="account")
    status = models.CharField(
        _("keadaan"), max_length=10, choices=Status, default=Status.DRAFT
    )
    status_since = models.DateTimeField(_("sejak"), editable=False)
    step = models.PositiveIntegerField(default=1, editable=False)
    story = models.TextField(_("apa yang dikerjakan"), max_length=4000, blank=True)
    spent = RupiahField(_("dibelanjakan"), default=0, editable=False)
    updated_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("laporan pertanggungjawaban")
        verbose_name_plural = _("laporan pertanggungjawaban")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["draft", "returned"])
                | Q(spent__gt=0) & ~Q(story=""),
                name="account_sent_says_something",
            )
        ]
        indexes = [models.Index(fields=["status"], name="account_status")]

    def __str__(self):
        return _("Laporan termin %(number)s") % {"number": self.release.tranche.number}

    def get_absolute_url(self):
        tranche = self.release.tranche
        return reverse("projects:account", args=[tranche.request_id, tranche.number])

    @property
    def is_sent(self):
        return self.status not in self.OPEN_TO_VILLAGE

    @property
    def kind(self):
        """The kind of badge."""
        status = self.Status
        return {status.DRAFT: "draft", status.ACCEPTED: "done"}.get(self.status, "wait")


class ReceiptQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What was sent is public; what is being written, or came back, is for those
        inside. To whom was paid, and the scan, is never public.
        """
        inside = Account.objects.proofs_readable_by(user)
        return self.exclude(
            ~Q(account__in=inside.values("pk")),
            account__status__in=Account.OPEN_TO_VILLAGE,
        )


class Receipt(models.Model):
    """One proof of spending (kwitansi, nota) on one line of the RAB.

    payee and file are read by the village and the district only. amount includes
    `tax`, which the village withheld and paid to the state.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="receipts")
    line = models.ForeignKey(
        BudgetLine,
        models.PROTECT,
        related_name="receipts",
        verbose_name=_("baris RAB"),
    )
    number = models.CharField(_("nomor bukti"), max_length=40)
    paid_on = models.DateField(_("tanggal bukti"))
    payee = models.CharField(_("dibayar kepada"), max_length=120)
    purpose = models.CharField(_("untuk pembayaran"), max_length=160)
    amount = RupiahField(_("jumlah"))
    tax = RupiahField(_("pajak yang dipungut"), default=0)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, related_name="+", verbose_name=_("bukti")
    )
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("bukti pengeluaran")
        verbose_name_plural = _("bukti pengeluaran")
        ordering = ["paid_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, tax__lte=F("amount")),
                name="receipt_is_something",
            ),
            models.CheckConstraint(
                condition=~Q(number="") & ~Q(payee="") & ~Q(purpose=""),
                name="receipt_says_what",
            ),
        ]
        indexes = [
            models.Index(
                fields=["sha256"], condition=~Q(sha256=""), name="receipt_same_file"
            ),
            models.Index(fields=["number"], name="receipt_same_number"),
        ]

    def __str__(self):
        return self.number


class AccountMove(models.Model):
    """One move of an account: who, in which office, why. Written with the move."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="moves")
    number = models.PositiveIntegerField()
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10, choices=Account.Status)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    office = models.CharField(_("sebagai"), max_length=120)
    reason = models.TextField(_("catatan"), max_length=4000, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("riwayat laporan")
        verbose_name_plural = _("riwayat laporan")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "number"], name="account_move_numbered_once"
            ),
            models.CheckConstraint(
                condition=~Q(to_status="returned") | ~Q(reason=""),
                name="account_return_has_reason",
            ),
        ]

    def __str__(self):
        return f"{self.account_id} {self.number}: {self.to_status}"


class CancellationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Open ones: the district's staff. Decided ones are public."""
        return self.filter(
            Q(decided_at__isnull=False)
            | Q(
                request__project__lead_village__district__in=districts_of(
                    user, *DISTRICT_POSTS
                )
            )
        )

    def decidable_by(self, user):
        """Open: the district's secretary, the second signer; never who asked for it."""
        return self.filter(
            request__project__lead_village__district__in=districts_of(
                user, Post.DISTRICT_SECRETARY
            ),
            decided_at=None,
        ).exclude(proposed_by_id=user.pk)


class Cancellation(models.Model):
    """A camat's wish to take back what was granted, which the secretary signs or not.

    reason, and note where it was not signed, are public once it is decided. step: where
    the request stood, and must still stand when it is signed. reference and paid_on:
    the transfer that brought back what was released and not spent.
    """

    request = models.ForeignKey(
        FundingRequest, models.PROTECT, related_name="cancellations"
    )
    step = models.PositiveIntegerField(editable=False)
    reason = models.TextField(_("alasan"), max_length=4000)
    reference = models.CharField(_("nomor bukti setor"), max_length=60, blank=True)
    paid_on = models.DateField(_("tanggal setor"), null=True)
    proposed_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    is_signed = models.BooleanField(null=True)
    note = models.TextField(  # noqa: DJ001
        _("alasan tidak menandatangani"), max_length=4000, null=True
    )

    objects = CancellationQuerySet.as_manager()

    class Meta:
        verbose_name = _("pembatalan")
        verbose_name_plural = _("pembatalan")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(decided_at=None),
                name="cancellation_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("proposed_by")),
                name="cancellation_signed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None, is_signed=None, note=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False)
                & (
                    Q(is_signed=True, note=None)
                    | Q(is_signed=False, note__isnull=False) & ~Q(note="")
                ),
                name="cancellation_decided_whole",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="cancellation_says_why"
            ),
        ]

    def __str__(self):
        return _("Pembatalan permohonan %(number)s") % {"number": self.request.number}

    def get_absolute_url(self):
        return reverse("projects:cancellation", args=[self.request_id, self.pk])


class Settlement(models.Model):
    """The end of a request's money: what was spent, what was paid back.

    spent: all its receipts. paid_back: what was released and not spent, with the
    number and day of the transfer that brought it back. paper: the account of it all
    (LPJ), where anything had been paid out.
    """

    request = models.OneToOneField(
        FundingRequest, models.PROTECT, related_name="settlement"
    )
    spent = RupiahField(_("dipertanggungjawabkan"))
    paid_back = RupiahField(_("disetor kembali"))
    reference = models.CharField(_("nomor bukti setor"), max_length=60, blank=True)
    paid_on = models.DateField(_("tanggal setor"), null=True)
    paper = models.OneToOneField(
        StoredPaper, models.PROTECT, null=True, related_name="+", verbose_name=_("LPJ")
    )
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("penutupan dana")
        verbose_name_plural = _("penutupan dana")
        constraints = [
            models.CheckConstraint(
                condition=Q(paid_back=0, reference="", paid_on=None)
                | Q(paid_back__gt=0, paid_on__isnull=False) & ~Q(reference=""),
                name="settlement_paid_back_with_proof",
            ),
            models.UniqueConstraint(
                fields=["reference"],
                condition=~Q(reference=""),
                name="settlement_reference_once",
            ),
        ]

    def __str__(self):
        return f"{self.request_id}: {self.spent}"


class Leftover(models.Model):
    """What a settled request gives back of one ceiling that it had bound."""

    reservation = models.OneToOneField(
        Reservation, models.PROTECT, related_name="leftover"
    )
    amount = RupiahField(_("kembali ke pagu"))
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("sisa kembali ke pagu")
        verbose_name_plural = _("sisa kembali ke pagu")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="leftover_is_something"
            )
        ]

    def __str__(self):
        return f"{self.reservation_id}: {self.amount}"
