"""The log of a meeting: everything that was written into it, by whom and when."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

# A value as JSON, in bytes. A whole batch may not be larger.
MOST_BYTES = 256 * 1024


class Outcome(models.TextChoices):
    """What came of a change."""

    APPLIED = "applied", _("Tersimpan")
    SAME = "same", _("Sama dengan yang tersimpan")
    MERGED = "merged", _("Digabung")
    SUPERSEDED = "superseded", _("Sudah ada yang lebih baru")
    CONFLICT = "conflict", _("Bertentangan")
    REFUSED = "refused", _("Ditolak")


# Those that made a new version, and all whose text is in the value.
WRITTEN = (Outcome.APPLIED, Outcome.MERGED)
TAKEN = (*WRITTEN, Outcome.SAME)


def key_field():
    """The name of a part that a device can give before the portal knows the part."""
    return models.UUIDField(default=uuid4, db_default=RandomUUID(), editable=False)


class ChangeQuerySet(models.QuerySet):
    def written(self):
        """Those that made a new version of their cell."""
        return self.filter(outcome__in=WRITTEN)

    def open_conflicts(self):
        """Texts that stand beside the value of their cell until someone chooses.

        One is settled by a change that names it and was taken (a conflict of the same
        writer takes its place), and by a later one of the same device that was typed
        without knowing of it.
        """
        later = Change.objects.filter(meeting=OuterRef("meeting"))
        settled = later.filter(resolves=OuterRef("pk")).filter(
            Q(outcome__in=TAKEN)
            | Q(outcome=Outcome.CONFLICT, author=OuterRef("author"))
        )
        continued = later.filter(
            cell=OuterRef("cell"),
            device=OuterRef("device"),
            seq__gt=OuterRef("seq"),
            base__lt=OuterRef("version"),
            outcome__in=(*TAKEN, Outcome.CONFLICT),
        )
        return self.filter(~Exists(settled), ~Exists(continued), outcome="conflict")


class Change(models.Model):
    """One write to one cell of a meeting, kept for good with what came of it.

    `value` is what was typed; `result` what a merge made of it. `before` is what the
    log has not got: the value before a cell's first change, or all of a removed part.
    `version` is the cell's after the change, `row_version` that of the row it is in.
    """

    id = models.UUIDField(primary_key=True)
    meeting = models.ForeignKey("forum.Meeting", models.PROTECT, related_name="changes")
    number = models.PositiveIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    device = models.UUIDField()
    seq = models.PositiveBigIntegerField()
    cell = models.CharField(max_length=80)
    value = models.JSONField(null=True)
    base = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    version = models.PositiveIntegerField()
    row_version = models.PositiveIntegerField(null=True)
    before = models.JSONField(null=True)
    result = models.JSONField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    resolves = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    typed_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("perubahan")
        verbose_name_plural = _("perubahan")
        ordering = ["number"]
        indexes = [
            models.Index(fields=["meeting", "cell", "device", "-seq"]),
            models.Index(
                fields=["meeting", "cell"],
                condition=Q(outcome="conflict"),
                name="change_conflicts",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "number"], name="change_numbered_once"
            ),
            models.UniqueConstraint(
                fields=["meeting", "cell", "version"],
                condition=Q(outcome__in=["applied", "merged"]),
                name="change_makes_a_version_once",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="change_has_an_outcome"
            ),
            models.CheckConstraint(
                condition=Q(outcome="refused") ^ Q(reason=""),
                name="change_refused_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(outcome="merged") ^ Q(result__isnull=True),
                name="change_merged_has_a_result",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["applied", "merged"]) ^ Q(row_version=None),
                name="change_written_into_a_row",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["applied", "merged"], version__gte=1)
                | ~Q(outcome__in=["applied", "merged"]),
                name="change_written_has_a_version",
            ),
            models.CheckConstraint(
                condition=Q(resolves=None) | ~Q(resolves=F("id")),
                name="change_resolves_another",
            ),
        ]

    def __str__(self):
        return f"{self.meeting_id} {self.number} {self.cell}"

    @property
    def written(self):
        """What the cell held after this change, if it was written."""
        return self.result if self.outcome == Outcome.MERGED else self.value
