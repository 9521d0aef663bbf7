from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from forum.meetings.models import Meeting


class CheckIn(models.Model):
    """Who said at the venue, with the code on the screen, that they are there.

    It names the participant by key, since who is removed from the list may come back.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="check_ins")
    participant_key = models.UUIDField(editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("akun"),
    )
    at = models.DateTimeField(_("pukul"), auto_now_add=True)

    class Meta:
        verbose_name = _("tanda hadir")
        verbose_name_plural = _("tanda hadir")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "user"], name="check_in_once_a_person"
            ),
            models.UniqueConstraint(
                fields=["meeting", "participant_key"],
                name="check_in_once_a_participant",
            ),
        ]

    def __str__(self):
        return f"{self.meeting_id} {self.user_id}"
