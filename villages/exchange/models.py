from django.conf import settings
from django.db import models
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from villages.areas.models import Village
from villages.people.models import villages_spoken_for


class ResourceQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Everyone: a neighbour who does not know of it cannot ask for it."""
        return self

    def handled_by(self, user):
        """Those of villages in whose name `user` may write."""
        return self.filter(village__in=villages_spoken_for(user))

    def editable_by(self, user):
        """To be changed or closed: the same, until closed; one whose day has passed
        may be renewed."""
        return self.handled_by(user).filter(status=Resource.Status.OPEN)

    def villages_publishable_by(self, user):
        """Villages in whose name `user` may offer or ask."""
        return villages_spoken_for(user)

    def open(self):
        """Still to be had, or still needed: not closed, its last day not passed."""
        return self.filter(self._is_open())

    def over(self):
        """Closed, or its last day has passed (WIB)."""
        return self.exclude(self._is_open())

    def _is_open(self):
        not_past = Q(available_until=None) | Q(available_until__gte=dates.today())
        return Q(status=Resource.Status.OPEN) & not_past

    def first_of_each_kind(self, n):
        """At most `n` offers and `n` needs, the newest, in one query."""
        place = Window(
            RowNumber(),
            partition_by="kind",
            order_by=[F("created_at").desc(), F("pk").desc()],
        )
        return self.annotate(place_in_kind=place).filter(place_in_kind__lte=n)

    def counterparts_of(self, resource):
        """Of the same sort, open, of another village: who needs what this one has."""
        return (
            self.open()
            .filter(what=resource.what)
            .exclude(kind=resource.kind)
            .exclude(village=resource.village_id)
        )


class Resource(models.Model):
    """What a village has for others, or needs of them. Closed once, and told why."""

    class Kind(models.TextChoices):
        OFFER = "offer", _("Kami punya")
        NEED = "need", _("Kami butuh")

    class What(models.TextChoices):
        TEACHER = "teacher", _("Tenaga pengajar")
        EXPERTISE = "expertise", _("Keahlian")
        LABOUR = "labour", _("Tenaga kerja")
        EQUIPMENT = "equipment", _("Alat")
        LAND = "land", _("Lahan")
        MATERIAL = "material", _("Material")
        WATER = "water", _("Air")
        TRAINING = "training", _("Pelatihan")
        OTHER = "other", _("Lainnya")

    class Status(models.TextChoices):
        OPEN = "open", _("Terbuka")
        AGREED = "agreed", _("Sudah terpenuhi")
        WITHDRAWN = "withdrawn", _("Tidak jadi")

    ICONS = {
        What.TEACHER: "sekolah",
        What.EXPERTISE: "buku",
        What.LABOUR: "orang",
        What.EQUIPMENT: "proyek",
        What.LAND: "lokasi",
        What.MATERIAL: "pohon",
        What.WATER: "air",
        What.TRAINING: "forum",
        What.OTHER: "jabat",
    }

    village = models.ForeignKey(
        Village,
        models.PROTECT,
        related_name="resources",
        verbose_name=_("desa/kelurahan"),
    )
    kind = models.CharField(_("punya atau butuh"), max_length=5, choices=Kind)
    what = models.CharField(_("jenis"), max_length=10, choices=What)
    title = models.CharField(_("nama"), max_length=120)
    description = models.TextField(_("keterangan"), max_length=2000, blank=True)
    how_many = models.CharField(_("jumlah"), max_length=60, blank=True)
    place = models.CharField(_("tempat"), max_length=160, blank=True)
    available_from = models.DateField(_("mulai tanggal"), null=True, blank=True)
    available_until = models.DateField(_("sampai tanggal"), null=True, blank=True)
    status = models.CharField(
        _("keadaan"),
        max_length=9,
        choices=Status,
        default=Status.OPEN,
        editable=False,
    )
    closed_because = models.CharField(
        _("alasan ditutup"), max_length=300, blank=True, editable=False
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("ditutup oleh"),
    )
    closed_at = models.DateTimeField(_("ditutup pada"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("ditulis oleh"),
    )
    created_at = models.DateTimeField(_("ditulis pada"), auto_now_add=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("diubah oleh"),
    )
    updated_at = models.DateTimeField(_("diubah pada"), auto_now=True)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("sumber daya")
        verbose_name_plural = _("sumber daya")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["-created_at", "-id"]),
            models.Index(fields=["village", "kind", "-created_at"]),
            models.Index(fields=["what", "kind", "-created_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["offer", "need"]), name="resource_kind_known"
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(what=""), name="resource_says_what"
            ),
            models.CheckConstraint(
                condition=Q(available_from=None)
                | Q(available_until=None)
                | Q(available_until__gte=F("available_from")),
                name="resource_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(
                    status="open", closed_because="", closed_by=None, closed_at=None
                )
                | Q(
                    ~Q(closed_because=""),
                    status__in=["agreed", "withdrawn"],
                    closed_by__isnull=False,
                    closed_at__isnull=False,
                ),
                name="resource_closed_is_explained",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("villages:resource", args=[self.pk])

    @property
    def icon(self):
        return self.ICONS[self.what]

    @property
    def is_offer(self):
        return self.kind == self.Kind.OFFER

    @property
    def is_closed(self):
        return self.status != self.Status.OPEN

    @property
    def is_dated(self):
        """Whether there is anything to say about when: its days, or that it is over."""
        return self.is_closed or bool(self.available_from or self.available_until)

    @property
    def is_past(self):
        """Open, but its last day (WIB) has passed."""
        last = self.available_until
        return not self.is_closed and last is not None and last < dates.today()
