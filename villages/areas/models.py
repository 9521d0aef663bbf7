from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count
from django.db.models.functions import Cast, JSONArray
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.language import in_indonesian


class District(models.Model):
    """A kecamatan. Everything on the portal belongs to one, through its villages."""

    code = models.CharField(
        _("kode Kemendagri"),
        max_length=8,
        unique=True,
        validators=[RegexValidator(r"^\d{2}\.\d{2}\.\d{2}$")],
    )
    name = models.CharField(_("nama"), max_length=80)
    regency = models.CharField(_("kabupaten/kota"), max_length=80)
    province = models.CharField(_("provinsi"), max_length=80)

    class Meta:
        verbose_name = _("kecamatan")
        verbose_name_plural = _("kecamatan")
        ordering = ["code"]

    def __str__(self):
        return f"Kecamatan {self.name}"


class VillageQuerySet(models.QuerySet):
    def running(self):
        """[id, how many] of running projects that villages lead, and again of those
        they take part in.

        In one go for all, as asking for each village would look at every project.
        """
        led, joined = (
            self.filter(**{f"{relation}__stage": "running"})
            .order_by()
            .values_list(JSONArray("pk", Count(relation)), flat=True)
            for relation in ("led_projects", "joined_projects")
        )
        return led.union(joined, all=True)

    def with_border(self):
        """Annotate rings (as text, as the drawing reads it) and source, or None."""
        return self.annotate(
            rings=Cast("border__rings", models.TextField()),
            source=models.F("border__source"),
        )


class Village(models.Model):
    """A desa or kelurahan. Its name is no key: a district may hold one twice."""

    class Kind(models.TextChoices):
        DESA = "desa", _("Desa")
        KELURAHAN = "kelurahan", _("Kelurahan")

    district = models.ForeignKey(
        District,
        models.PROTECT,
        related_name="villages",
        verbose_name=_("kecamatan"),
    )
    code = models.CharField(
        _("kode Kemendagri"),
        max_length=13,
        unique=True,
        validators=[RegexValidator(r"^\d{2}\.\d{2}\.\d{2}\.\d{4}$")],
    )
    slug = models.SlugField(_("alamat halaman"), max_length=60, unique=True)
    name = models.CharField(_("nama"), max_length=80)
    kind = models.CharField(_("jenis"), max_length=10, choices=Kind)
    postal_code = models.CharField(_("kode pos"), max_length=5, blank=True)
    population = models.PositiveIntegerField(_("penduduk"), null=True, blank=True)
    population_year = models.PositiveSmallIntegerField(
        _("tahun angka penduduk"), null=True, blank=True
    )
    population_source = models.CharField(
        _("sumber angka penduduk"), max_length=200, blank=True
    )
    area_km2 = models.DecimalField(
        _("luas (km²)"), max_digits=8, decimal_places=3, null=True, blank=True
    )
    latitude = models.DecimalField(
        _("lintang"), max_digits=9, decimal_places=6, null=True, blank=True
    )
    longitude = models.DecimalField(
        _("bujur"), max_digits=9, decimal_places=6, null=True, blank=True
    )

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("desa/kelurahan")
        verbose_name_plural = _("desa dan kelurahan")
        ordering = ["name", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["desa", "kelurahan"]),
                name="village_kind_known",
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("villages:village", args=[self.slug])

    @property
    @in_indonesian()
    def full_name(self):
        """A name, and so the same in every language."""
        return f"{self.get_kind_display()} {self.name}"

    @property
    def is_desa(self):
        """Only a desa has a village head, a budget and an account of its own."""
        return self.kind == self.Kind.DESA


class Border(models.Model):
    """The indicative border of a village, simplified for a small map.

    A table of its own, so that lists which only name a village do not read it.
    """

    village = models.OneToOneField(
        Village, models.CASCADE, primary_key=True, verbose_name=_("desa/kelurahan")
    )
    rings = models.JSONField(_("garis batas"))
    source = models.CharField(_("asal data"), max_length=200, blank=True)
    loaded_at = models.DateTimeField(_("dimuat"), auto_now=True)

    class Meta:
        verbose_name = _("batas")
        verbose_name_plural = _("batas")

    def __str__(self):
        return str(self.village)
