from uuid import uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import codes


class AuditEvent(models.Model):
    """One line of the audit trail: text only, append-only in the database."""

    verb = models.CharField(_("perbuatan"), max_length=64)
    target = models.TextField(_("mengenai"))
    by = models.TextField(_("oleh"))
    at = models.DateTimeField(_("pada"), default=timezone.now, db_index=True)
    old = models.JSONField(_("semula"), null=True, encoder=DjangoJSONEncoder)
    new = models.JSONField(_("menjadi"), null=True, encoder=DjangoJSONEncoder)
    address = models.TextField(_("alamat"), blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("catatan audit")
        verbose_name_plural = _("catatan audit")

    def __str__(self):
        return f"{self.verb}: {self.target} ({self.by})"


class DemoMark(models.Model):
    """Stands, as its only row, in a database that was filled with demo data."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="demo_mark_is_one_row")
        ]

    def __str__(self):
        return "data contoh"


class FormKey(models.Model):
    """A form that had its effect, and the address its sender was led to."""

    key = models.UUIDField(primary_key=True)
    user_id = models.TextField()
    path = models.TextField()
    content_sha256 = models.CharField(max_length=64)
    location = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self):
        return f"{self.key} {self.path}"


class StoredPaperQuerySet(models.QuerySet):
    def pending(self):
        """Papers whose PDF was not made yet, oldest first."""
        return self.filter(rendered_at=None).order_by("pk")


class StoredPaper(models.Model):
    """What a paper says, fixed once, and the PDF made from it, fixed once."""

    kind = models.CharField(max_length=64)
    code = models.CharField(max_length=16, default=codes.new_code, editable=False)
    template = models.CharField(max_length=200)
    content = models.JSONField()
    content_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    pdf = models.BinaryField(null=True)
    pdf_sha256 = models.CharField(max_length=64, null=True)  # noqa: DJ001
    rendered_at = models.DateTimeField(null=True)

    objects = StoredPaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pdf=None, pdf_sha256=None, rendered_at=None)
                | Q(
                    pdf__isnull=False,
                    pdf_sha256__isnull=False,
                    rendered_at__isnull=False,
                ),
                name="paper_rendered_whole_or_not",
            ),
            models.UniqueConstraint(fields=["code"], name="paper_code_unique"),
            models.CheckConstraint(
                condition=Q(code__regex="^[0-9A-HJKMNP-TV-Z]{16}$"),
                name="paper_code_is_a_code",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(rendered_at=None), name="paper_pending"
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"


class StoredFileQuerySet(models.QuerySet):
    def pending(self):
        """Photos whose sizes were not made yet, oldest first."""
        return self.filter(kind=StoredFile.Kind.PHOTO, made_at=None).order_by("pk")


class StoredFile(models.Model):
    """A file on the disk under a random name; never changed, only made into sizes."""

    class Kind(models.TextChoices):
        PHOTO = "photo", _("foto")
        PDF = "pdf", "PDF"

    SIZES = (320, 800, 1600)  # px of the longer side; nothing is ever enlarged

    kind = models.CharField(max_length=8, choices=Kind)
    name = models.UUIDField(default=uuid4, unique=True, editable=False)
    byte_size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    stored_at = models.DateTimeField(auto_now_add=True)
    made_at = models.DateTimeField(null=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind="photo",
                    width__isnull=False,
                    width__gt=0,
                    height__isnull=False,
                    height__gt=0,
                )
                | Q(kind="pdf", width=None, height=None, made_at=None),
                name="stored_photo_has_sides",
            ),
            models.CheckConstraint(
                condition=Q(byte_size__gt=0), name="stored_file_is_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"),
                name="stored_file_sha256_is_one",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(kind="photo", made_at=None),
                name="stored_file_pending",
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @staticmethod
    def fit(width, height, size):
        """(width, height) of a picture made to fit `size`, as it is written."""
        longer = max(width, height, size)
        return tuple(max(1, round(side * size / longer)) for side in (width, height))

    @property
    def is_ready(self):
        return self.kind == self.Kind.PDF or self.made_at is not None

    @property
    def sizes_kept(self):
        """What of it lies on the disk: sizes, None for the file as it was sent."""
        return self.SIZES if self.made_at else (None,)


class NotificationQuerySet(models.QuerySet):
    def of(self, user):
        """What `user` was told, newest first."""
        return self.filter(user_id=user.pk).order_by("-at", "-pk")

    def unread(self):
        return self.filter(read_at=None)


class Notification(models.Model):
    """What one person hears of one event; see `kit.notify`.

    People are named by number: the kit stands below the room that keeps them, and no
    account is ever deleted.
    """

    user_id = models.BigIntegerField(editable=False)
    kind = models.CharField(_("jenis"), max_length=20)
    event = models.CharField(_("peristiwa"), max_length=80)
    title = models.CharField(_("isi"), max_length=240)
    url = models.CharField(_("halaman"), max_length=200)
    at = models.DateTimeField(_("pada"))
    read_at = models.DateTimeField(_("dibaca"), null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("kabar")
        verbose_name_plural = _("kabar")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "user_id"], name="notification_once_per_event"
            ),
            models.CheckConstraint(
                condition=Q(url__regex="^/([^/]|$)"), name="notification_leads_inside"
            ),
        ]
        indexes = [
            models.Index(fields=["user_id", "-at", "-id"]),
            models.Index(
                fields=["user_id"],
                condition=Q(read_at=None),
                name="notification_unread",
            ),
        ]

    def __str__(self):
        return self.title


class MailWish(models.Model):
    """Whether a person wants news of a kind by e-mail too, once they have chosen."""

    user_id = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    is_wanted = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "kind"], name="mail_wish_once_per_kind"
            )
        ]

    def __str__(self):
        return f"{self.user_id} {self.kind}: {self.is_wanted}"


class MailQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(sent_at=None, failed_at=None)

    def due(self):
        """To be sent or tried again by now, the longest waiting first."""
        return self.waiting().filter(next_try_at__lte=timezone.now()).order_by("pk")


class Mail(models.Model):
    """The e-mail that carries a notification: one line of the outbox.

    Apart from the notification, whose row a reader must not wait for while the
    worker talks to a mail server.
    """

    notification = models.OneToOneField(Notification, models.CASCADE)
    tries = models.PositiveSmallIntegerField(_("gagal dicoba"), default=0)
    next_try_at = models.DateTimeField(_("dicoba lagi"), db_default=Now())
    last_error = models.CharField(_("sebab"), max_length=200, blank=True, default="")
    sent_at = models.DateTimeField(_("terkirim"), null=True)
    failed_at = models.DateTimeField(_("menyerah"), null=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("surel keluar")
        verbose_name_plural = _("surel keluar")
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(failed_at=None),
                name="mail_sent_or_failed",
            )
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(sent_at=None, failed_at=None),
                name="mail_waiting",
            )
        ]

    def __str__(self):
        return self.notification.event
