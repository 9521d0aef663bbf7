from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from villages.areas.models import District
from villages.people.models import Post, districts_of

USER = settings.AUTH_USER_MODEL
# Who keeps the list of the partners of a district.
KEEPERS = (Post.CAMAT, Post.DISTRICT_SECRETARY, Post.DISTRICT_ADMIN)


def districts_keepable_by(user):
    """Districts whose partners `user` may add."""
    return District.objects.filter(pk__in=districts_of(user, *KEEPERS))


class PartnerQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Everyone: who helps the villages is no secret."""
        return self

    def handled_by(self, user):
        """Those of districts whose camat, secretary or admin `user` is today."""
        return self.filter(district__in=districts_of(user, *KEEPERS))

    def editable_by(self, user):
        """To be changed or closed: the same, until closed."""
        return self.handled_by(user).open()

    def open(self):
        """Those one may still turn to."""
        return self.filter(closed_at=None)

    def closed(self):
        return self.filter(closed_at__isnull=False)


class Partner(models.Model):
    """An office, organisation or company that helps the villages of a district."""

    class Kind(models.TextChoices):
        GOVERNMENT = "government", _("Dinas atau instansi pemerintah")
        NGO = "ngo", _("Lembaga swadaya masyarakat")
        DONOR = "donor", _("Donatur atau yayasan")
        COMPANY = "company", _("Perusahaan")
        UNIVERSITY = "university", _("Perguruan tinggi")
        OTHER = "other", _("Lainnya")

    class Offer(models.TextChoices):
        FUNDS = "funds", _("Dana")
        GOODS = "goods", _("Barang")
        TRAINING = "training", _("Pelatihan")
        ADVICE = "advice", _("Aturan dan pendampingan")

    ICONS = {
        Kind.GOVERNMENT: "putusan",
        Kind.NGO: "lingkungan",
        Kind.DONOR: "dana",
        Kind.COMPANY: "ekonomi",
        Kind.UNIVERSITY: "sekolah",
        Kind.OTHER: "jabat",
    }

    district = models.ForeignKey(
        District, models.PROTECT, related_name="partners", verbose_name=_("kecamatan")
    )
    kind = models.CharField(_("jenis"), max_length=10, choices=Kind)
    name = models.CharField(_("nama"), max_length=120)
    description = models.TextField(_("keterangan"), max_length=2000, blank=True)
    offers = ArrayField(
        models.CharField(max_length=8, choices=Offer),
        verbose_name=_("bantuan yang ditawarkan"),
    )
    contact = models.TextField(_("kontak kantor"), max_length=300)
    website = models.CharField(
        _("situs web"),
        max_length=200,
        blank=True,
        validators=[
            URLValidator(
                schemes=["https"],
                message=_("Tulis alamat lengkap yang dimulai dengan https://."),
            )
        ],
    )
    closed_because = models.CharField(
        _("alasan ditutup"), max_length=300, blank=True, editable=False
    )
    closed_by = models.ForeignKey(
        USER,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("ditutup oleh"),
    )
    closed_at = models.DateTimeField(_("ditutup pada"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_by = models.ForeignKey(
        USER,
        models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("ditulis oleh"),
    )
    created_at = models.DateTimeField(_("ditulis pada"), auto_now_add=True)
    updated_by = models.ForeignKey(
        USER,
        models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("diubah oleh"),
    )
    updated_at = models.DateTimeField(_("diubah pada"), auto_now=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("mitra")
        verbose_name_plural = _("mitra")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "district", Lower("name"), name="partner_named_once_in_a_district"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "government",
                        "ngo",
                        "donor",
                        "company",
                        "university",
                        "other",
                    ]
                ),
                name="partner_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    offers__len__gt=0,
                    offers__contained_by=["funds", "goods", "training", "advice"],
                ),
                name="partner_offers_something_known",
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(contact=""),
                name="partner_says_who_and_how_to_reach",
            ),
            models.CheckConstraint(
                condition=Q(website="") | Q(website__startswith="https://"),
                name="partner_website_is_https",
            ),
            models.CheckConstraint(
                condition=Q(closed_because="", closed_by=None, closed_at=None)
                | Q(
                    ~Q(closed_because=""),
                    closed_by__isnull=False,
                    closed_at__isnull=False,
                ),
                name="partner_closed_is_explained",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("villages:partner", args=[self.pk])

    @property
    def icon(self):
        return self.ICONS[self.kind]

    @property
    def offered(self):
        """What it offers, in words, in the order of the choices."""
        return [offer.label for offer in self.Offer if offer in self.offers]

    @property
    def is_closed(self):
        return self.closed_at is not None
