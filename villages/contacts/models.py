from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from villages.areas.models import Village
from villages.people.models import (
    VILLAGE_STAFF,
    Post,
    districts_of,
    villages_of,
)

# As stored: 0, then the area or the mobile network, then the number; digits only.
PHONE = r"^0[1-9]\d{6,11}$"


class ContactQuerySet(models.QuerySet):
    def villages_editable_by(self, user):
        """Villages whose office's contact `user` may write: staff, and the admin."""
        return Village.objects.filter(
            Q(pk__in=villages_of(user, *VILLAGE_STAFF))
            | Q(district__in=districts_of(user, Post.DISTRICT_ADMIN))
        )


class Contact(models.Model):
    """How to reach a village's office, for everyone to read; never a person's number.

    A table of its own, so that lists which only name a village do not read it.
    """

    village = models.OneToOneField(
        Village, models.PROTECT, primary_key=True, verbose_name=_("desa/kelurahan")
    )
    address = models.TextField(_("alamat kantor"), max_length=300, blank=True)
    hours = models.TextField(_("jam buka"), max_length=200, blank=True)
    phone = models.CharField(
        _("telepon kantor"),
        max_length=13,
        blank=True,
        validators=[RegexValidator(PHONE)],
    )
    whatsapp = models.CharField(
        _("WhatsApp kantor"),
        max_length=13,
        blank=True,
        validators=[RegexValidator(PHONE)],
    )
    email = models.EmailField(_("surel kantor"), max_length=120, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("diubah oleh"),
    )
    updated_at = models.DateTimeField(_("diubah pada"), auto_now=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("kontak kantor desa")
        verbose_name_plural = _("kontak kantor desa")
        ordering = ["village"]
        constraints = [
            models.CheckConstraint(
                condition=Q(**{name: ""}) | Q(**{f"{name}__regex": PHONE}),
                name=f"contact_{name}_is_a_number",
            )
            for name in ("phone", "whatsapp")
        ]

    def __str__(self):
        return str(self.village)

    @property
    def is_known(self):
        """Whether there is anything to show."""
        return any((self.address, self.hours, self.phone, self.whatsapp, self.email))

    @property
    def whatsapp_address(self):
        return f"https://wa.me/{_abroad(self.whatsapp)}"

    @property
    def phone_address(self):
        return f"tel:+{_abroad(self.phone)}"

    @property
    def phone_as_read(self):
        return _as_read(self.phone)

    @property
    def whatsapp_as_read(self):
        return _as_read(self.whatsapp)


def _abroad(number):
    return f"62{number[1:]}"


def _as_read(number):
    """In groups, as people write it: 0286 321234, 0812 3456 7890."""
    if number.startswith("08"):
        return " ".join(part for part in (number[:4], number[4:8], number[8:]) if part)
    return f"{number[:4]} {number[4:]}"
