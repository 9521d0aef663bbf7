from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.money import RupiahField
from villages.areas.models import District, Village
from villages.people.models import DISTRICT_POSTS, Office, Post, districts_of

USER = settings.AUTH_USER_MODEL


class FundSource(models.Model):
    """Where money comes from, e.g. Dana Desa or Bantuan Keuangan Kabupaten."""

    code = models.SlugField(_("kode"), max_length=20, unique=True)
    name = models.CharField(_("nama"), max_length=80)

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

    def with_verbs(self, user):
        """Annotate can_confirm, and can_propose: any ceiling at all."""
        mine = Allotment.objects.confirmable_by(user).filter(pk=OuterRef("pk"))
        return self.annotate(
            can_confirm=Exists(mine), can_propose=Exists(proposed_at(user))
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

    Proposed by the district treasurer, confirmed by the camat. `reserved` is the
    running total of `Reservation` rows and never more than the ceiling.
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
