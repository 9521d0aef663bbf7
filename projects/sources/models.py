from datetime import datetime

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.validators import (
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
)
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.money import RupiahField, format_rupiah
from villages.areas.models import District, Village
from villages.people.models import DISTRICT_POSTS, Office, Post, districts_of

USER = settings.AUTH_USER_MODEL


class FundSource(models.Model):
    """Where money comes from, e.g. Dana Desa or Bantuan Keuangan Kabupaten."""

    code = models.SlugField(_("kode"), max_length=20, unique=True)
    name = models.CharField(_("nama"), max_length=80)
    needs_decision = models.BooleanField(
        _("perlu keputusan rapat"),
        default=True,
        help_text=_(
            "Permohonan dari sumber ini hanya dapat diajukan untuk proyek yang berasal "
            "dari keputusan rapat."
        ),
    )

    class Meta:
        verbose_name = _("sumber dana")
        verbose_name_plural = _("sumber dana")
        ordering = ["name"]

    def __str__(self):
        return self.name


def proposed_at(user):
    """Ids of the districts for which `user`, as their treasurer, proposes ceilings."""
    return Office.objects.held_by(user, Post.DISTRICT_TREASURER).values("district")


class AllotmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Confirmed ceilings are public; proposals are for the district's staff."""
        return self.filter(
            Q(confirmed_by__isnull=False) | self._of(user, *DISTRICT_POSTS)
        )

    def confirmable_by(self, user):
        """Proposed ceilings that `user`, as camat, may confirm; never their own."""
        return self.filter(self._of(user, Post.CAMAT), confirmed_by=None).exclude(
            proposed_by_id=user.pk
        )

    def changeable_by(self, user):
        """Confirmed ceilings for which `user`, as treasurer, proposes another amount."""
        return self.filter(
            self._of(user, Post.DISTRICT_TREASURER), confirmed_by__isnull=False
        )

    def with_verbs(self, user):
        """Annotate can_confirm, can_change, can_decide: of a change that is open; and
        can_propose: any ceiling at all."""
        this = {"pk": OuterRef("pk")}
        decidable = CeilingChange.objects.decidable_by(user)
        return self.annotate(
            can_confirm=Exists(Allotment.objects.confirmable_by(user).filter(**this)),
            can_change=Exists(Allotment.objects.changeable_by(user).filter(**this)),
            can_decide=Exists(decidable.filter(allotment=OuterRef("pk"))),
            can_propose=Exists(proposed_at(user)),
        )

    def with_changes(self, user):
        """Annotate told: what `user` may see of its changes, the newest first."""
        seen = CeilingChange.objects.visible_to(user).filter(allotment=OuterRef("pk"))
        names = "pk amount before reason note is_accepted decided_at".split()
        facts = JSONObject(**{name: name for name in names})
        return self.annotate(
            told=ArraySubquery(seen.order_by("-pk").values(facts=facts))
        )

    def drawable_for(self, project, year):
        """Confirmed ceilings of `year` that a request of `project` may draw from."""
        return self.filter(
            Q(village=project.lead_village_id)
            | Q(village__in=project.partner_villages.order_by().values("pk"))
            | Q(district=project.lead_village.district_id),
            year=year,
            confirmed_by__isnull=False,
        )

    @staticmethod
    def _of(user, *posts):
        mine = districts_of(user, *posts)
        return Q(district__in=mine) | Q(village__district__in=mine)


class Allotment(models.Model):
    """A source's ceiling for one year, at a village or the district. Whole rupiah.

    Proposed by the district treasurer, confirmed by the camat; from then on only an
    accepted `CeilingChange` makes it another. `reserved` is the running total of
    `Reservation` rows and never more than the ceiling.
    """

    source = models.ForeignKey(
        FundSource, models.PROTECT, related_name="allotments", verbose_name=_("sumber")
    )
    year = models.PositiveSmallIntegerField(
        _("tahun anggaran"),
        validators=[MinValueValidator(2015), MaxValueValidator(2100)],
    )
    district = models.ForeignKey(
        District, models.PROTECT, null=True, blank=True, related_name="allotments"
    )
    village = models.ForeignKey(
        Village,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="allotments",
        verbose_name=_("desa pemilik"),
    )
    ceiling = RupiahField(_("pagu"))
    reserved = RupiahField(_("terikat"), default=0, editable=False)
    proposed_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", editable=False
    )
    proposed_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="+", editable=False
    )
    confirmed_at = models.DateTimeField(null=True, editable=False)

    objects = AllotmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("pagu")
        verbose_name_plural = _("pagu")
        ordering = ["-year", "source__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "year", "district", "village"],
                nulls_distinct=False,
                name="allotment_once_a_year",
            ),
            models.CheckConstraint(
                condition=Q(district=None, village__isnull=False)
                | Q(district__isnull=False, village=None),
                name="allotment_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, reserved__lte=F("ceiling")),
                name="allotment_reserved_within_ceiling",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None, reserved=0)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="allotment_reserved_only_when_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("proposed_by")),
                name="allotment_confirmed_by_another",
            ),
        ]

    def __str__(self):
        return f"{self.source} {self.year}, {self.owner}"

    def get_absolute_url(self):
        return f"{reverse('projects:money')}?tahun={self.year}#pagu"

    @property
    def owner(self):
        return self.village.full_name if self.village else str(self.district)

    @property
    def free(self):
        return self.ceiling - self.reserved

    @property
    def last_change(self):
        """The change that made the ceiling what it is; None if it is the first one."""
        return next((one for one in self._changes if one.is_accepted), None)

    @property
    def open_change(self):
        """The change that waits for the camat, for those who may see it."""
        return next((one for one in self._changes if one.is_open), None)

    @property
    def declined_change(self):
        """The last decision, where the camat said no."""
        decided = [one for one in self._changes if not one.is_open]
        return decided[0] if decided and not decided[0].is_accepted else None

    @cached_property
    def _changes(self):
        """Of a ceiling read `with_changes`."""
        return [
            CeilingChange(
                allotment=self, decided_at=at and datetime.fromisoformat(at), **facts
            )
            for at, facts in ((facts.pop("decided_at"), facts) for facts in self.told)
        ]


class CeilingChangeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Decided changes are public; an open one is for the district's staff."""
        return self.filter(
            Q(decided_at__isnull=False) | self._of(user, *DISTRICT_POSTS)
        )

    def decidable_by(self, user):
        """Open changes that `user`, as camat, may decide; never their own."""
        return self.filter(self._of(user, Post.CAMAT), decided_at=None).exclude(
            proposed_by_id=user.pk
        )

    @staticmethod
    def _of(user, *posts):
        mine = districts_of(user, *posts)
        return Q(allotment__district__in=mine) | Q(
            allotment__village__district__in=mine
        )


class CeilingChange(models.Model):
    """Another amount for a confirmed ceiling, up or down, with its reason.

    Proposed by the district treasurer, decided once by the camat. Whole rupiah;
    `before` is what the ceiling was when the change was accepted.
    """

    allotment = models.ForeignKey(Allotment, models.PROTECT, related_name="changes")
    amount = RupiahField(_("pagu baru"))
    before = RupiahField(_("pagu semula"), null=True, editable=False)
    reason = models.CharField(
        _("alasan"), max_length=500, validators=[MinLengthValidator(10)]
    )
    proposed_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", editable=False
    )
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, editable=False)
    is_accepted = models.BooleanField(null=True, editable=False)
    note = models.CharField(_("alasan penolakan"), max_length=500, blank=True)

    objects = CeilingChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("perubahan pagu")
        verbose_name_plural = _("perubahan pagu")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["allotment"],
                condition=Q(decided_at=None),
                name="ceiling_change_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("proposed_by")),
                name="ceiling_change_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(
                    decided_by=None,
                    decided_at=None,
                    is_accepted=None,
                    before=None,
                    note="",
                )
                | Q(
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    is_accepted__isnull=False,
                ),
                name="ceiling_change_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(is_accepted=None)
                | Q(is_accepted=True, before__isnull=False, note="")
                | Q(is_accepted=False, before=None) & ~Q(note=""),
                name="ceiling_change_refused_says_why",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & (Q(before=None) | ~Q(before=F("amount"))),
                name="ceiling_change_changes_it",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="ceiling_change_says_why"
            ),
        ]

    def __str__(self):
        return f"{self.allotment}: {format_rupiah(self.amount)}"

    def get_absolute_url(self):
        return reverse("projects:ceiling-change", args=[self.pk])

    @property
    def is_open(self):
        return self.decided_at is None

    @property
    def old(self):
        """What the ceiling was, or is as long as this is open; None if it was declined."""
        return self.allotment.ceiling if self.is_open else self.before

    @property
    def is_rise(self):
        return self.amount > self.old

    @property
    def difference(self):
        """Rupiah between the two, up or down."""
        return abs(self.amount - self.old)

    @property
    def free(self):
        """What the ceiling would still leave."""
        return self.amount - self.allotment.reserved

    @property
    def is_too_low(self):
        """More is bound by now than the change would leave."""
        return self.free < 0
