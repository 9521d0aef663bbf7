from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from forum.meetings.models import (
    AgendaItem,
    Body,
    Decision,
    Meeting,
    Participant,
    is_hidden_from,
)
from villages.areas.models import Village
from villages.people.models import Office

USER = settings.AUTH_USER_MODEL
COUNTS = ("votes_for", "votes_against", "votes_abstain", "votes_invalid")
CAST = F("votes_for") + F("votes_against") + F("votes_abstain") + F("votes_invalid")
# How many must be for it. Here alone; the database keeps what comes of it.
NEEDED = Case(
    When(rule="present", then=F("entitled") / 2 + 1),
    When(rule="two_thirds", then=(CAST * 2 + 2) / 3),
    default=CAST / 2 + 1,
    output_field=models.IntegerField(),
)


class BallotQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Of final meetings all; before, for everyone who holds an office of the body."""
        return self.shown_to(user).filter(
            Q(meeting__finalised_at__isnull=False)
            | Q(meeting__body__in=Body.objects.served_by(user).values("pk"))
        )

    def shown_to(self, user):
        """All but those on internal items that `user` may not read."""
        is_hidden = is_hidden_from(user, "agenda_item__")
        return self.alias(is_hidden=is_hidden).filter(is_hidden=False)

    def open(self):
        """Neither confirmed nor cancelled."""
        return self.filter(confirmed_at=None, cancelled_at=None)

    def confirmed(self):
        return self.filter(confirmed_at__isnull=False)

    def as_records(self):
        """What the berita acara prints of each, as JSON."""
        return [b.as_record for b in self.select_related("counted_by", "confirmed_by")]

    def countable_by(self, user):
        """Open ones of meetings that `user` writes: they count them, and cancel them."""
        return self.open().filter(
            meeting__in=Meeting.objects.writable_by(user).values("pk")
        )

    def confirmable_by(self, user):
        """Counted ones that `user` may confirm, as the second person.

        Who holds an office today at a member village or the district where the one who
        counted has never held any.
        """
        of_counter = Office.objects.filter(
            Q(village=OuterRef("village")) | Q(district=OuterRef("district")),
            user=OuterRef(OuterRef("counted_by")),
        )
        elsewhere = Office.objects.today().filter(
            Q(village__bodies=OuterRef("meeting__body"))
            | Q(district__bodies=OuterRef("meeting__body")),
            ~Exists(of_counter),
            user=user.pk,
        )
        return (
            self.open()
            .filter(Exists(elsewhere), counted_at__isnull=False)
            .filter(meeting__finalised_at=None)
            .exclude(counted_by=user.pk)
        )

    def decidable_by(self, user):
        """Passed ones of meetings that `user` writes, of which no decision was made."""
        made = Decision.objects.filter(meeting=OuterRef("meeting"), key=OuterRef("key"))
        return self.confirmed().filter(
            ~Exists(made),
            votes_for__gte=F("needed"),
            meeting__in=Meeting.objects.writable_by(user).values("pk"),
        )

    def with_verbs(self, user):
        """Annotate can_write, can_count (and cancel), can_confirm and can_decide."""
        meeting = Meeting.objects.filter(pk=OuterRef("meeting"))
        here = Ballot.objects.filter(pk=OuterRef("pk"))
        return self.annotate(
            can_write=Exists(meeting.writable_by(user)),
            can_count=Exists(here.countable_by(user)),
            can_confirm=Exists(here.confirmable_by(user)),
            can_decide=Exists(here.decidable_by(user)),
        )

    def with_absent(self):
        """Annotate has_absent: an elector is no longer on the list as present."""
        present = Participant.objects.filter(
            meeting=OuterRef(OuterRef("meeting")),
            key=OuterRef("participant"),
            present=True,
        )
        absent = Elector.objects.filter(~Exists(present), ballot=OuterRef("pk"))
        return self.annotate(has_absent=Exists(absent))


class Ballot(models.Model):
    """A vote that was counted, where mufakat failed. Who may vote is fixed at opening.

    The decision that is made of it bears the same key. Votes cast are all that were
    handed in, abstentions and invalid ones too, so that a pass is a pass by each way
    of counting (50% + 1 is the villages' habit; their own rules may ask for more).
    """

    class Rule(models.TextChoices):
        CAST = "cast", _("Lebih dari separuh suara yang masuk")
        PRESENT = "present", _("Lebih dari separuh utusan yang hadir")
        TWO_THIRDS = "two_thirds", _("Dua pertiga suara yang masuk")

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="ballots")
    key = models.UUIDField(default=uuid4, editable=False)
    agenda_item = models.ForeignKey(
        AgendaItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="ballots",
        verbose_name=_("mata acara"),
    )
    question = models.TextField(_("yang diputuskan"), max_length=1000)
    rule = models.CharField(
        _("disetujui bila"), max_length=10, choices=Rule, default=Rule.CAST
    )
    entitled = models.PositiveSmallIntegerField(_("berhak dan hadir"), editable=False)
    opened_at = models.DateTimeField(editable=False)
    opened_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", editable=False
    )
    votes_for = models.PositiveSmallIntegerField(_("setuju"), null=True)
    votes_against = models.PositiveSmallIntegerField(_("tidak setuju"), null=True)
    votes_abstain = models.PositiveSmallIntegerField(_("abstain"), null=True)
    votes_invalid = models.PositiveSmallIntegerField(_("tidak sah"), null=True)
    needed = models.GeneratedField(
        expression=NEEDED, output_field=models.IntegerField(null=True), db_persist=True
    )
    # Counts up with each counting: what is confirmed is what was read.
    version = models.PositiveIntegerField(default=1, editable=False)
    counted_at = models.DateTimeField(null=True, editable=False)
    counted_by = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="+", editable=False
    )
    confirmed_at = models.DateTimeField(null=True, editable=False)
    confirmed_by = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="+", editable=False
    )
    cancelled_at = models.DateTimeField(null=True, editable=False)
    cancelled_by = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="+", editable=False
    )
    reason = models.CharField(_("alasan"), max_length=300, blank=True)

    objects = BallotQuerySet.as_manager()

    class Meta:
        verbose_name = _("pemungutan suara")
        verbose_name_plural = _("pemungutan suara")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["counted_at"],
                include=["meeting", "counted_by"],
                condition=Q(
                    counted_at__isnull=False, confirmed_at=None, cancelled_at=None
                ),
                name="ballot_to_confirm",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "key"], name="ballot_key_once"),
            models.UniqueConstraint(
                fields=["meeting", "agenda_item"],
                condition=Q(confirmed_at=None, cancelled_at=None),
                nulls_distinct=False,
                name="ballot_open_once_an_item",
            ),
            models.CheckConstraint(
                condition=Q(entitled__gte=1), name="ballot_someone_is_entitled"
            ),
            models.CheckConstraint(
                condition=Q(rule__in=["cast", "present", "two_thirds"]),
                name="ballot_by_a_rule",
            ),
            models.CheckConstraint(
                condition=Q(counted_at=None, counted_by=None, **dict.fromkeys(COUNTS))
                | Q(
                    counted_at__isnull=False,
                    counted_by__isnull=False,
                    **{f"{count}__isnull": False for count in COUNTS},
                ),
                name="ballot_counted_whole",
            ),
            models.CheckConstraint(
                condition=Q(counted_at=None) | Q(entitled__gte=CAST),
                name="ballot_counts_no_more_than_the_entitled",
            ),
            models.CheckConstraint(
                condition=~Q(**dict.fromkeys(COUNTS, 0)), name="ballot_counts_someone"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(
                    ~Q(confirmed_by=F("counted_by")),
                    confirmed_at__isnull=False,
                    confirmed_by__isnull=False,
                    counted_at__isnull=False,
                ),
                name="ballot_confirmed_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by=None, reason="")
                | Q(
                    ~Q(reason=""),
                    cancelled_at__isnull=False,
                    cancelled_by__isnull=False,
                    confirmed_at=None,
                ),
                name="ballot_cancelled_for_a_reason",
            ),
        ]

    def __str__(self):
        return self.question

    def get_absolute_url(self):
        return reverse("forum:ballot", args=[self.meeting_id, self.pk])

    @property
    def is_open(self):
        return self.confirmed_at is None and self.cancelled_at is None

    @property
    def passed(self):
        """Whether those counted are enough; it stands once they are confirmed."""
        return self.counted_at is not None and self.votes_for >= self.needed

    @property
    def cast(self):
        return sum(getattr(self, name) for name in COUNTS)

    @property
    def tally(self):
        """The four counts in words."""
        return _(
            "%(yes)s setuju, %(no)s tidak setuju, %(none)s abstain, %(bad)s tidak sah"
        ) % {
            "yes": self.votes_for,
            "no": self.votes_against,
            "none": self.votes_abstain,
            "bad": self.votes_invalid,
        }

    @property
    def result(self):
        """How it stands, in a sentence: what came of it, once it is confirmed."""
        if self.cancelled_at:
            return _("Dibatalkan: %(why)s") % {"why": self.reason}
        if self.counted_at is None:
            return _("Suaranya belum dihitung.")
        if self.confirmed_at is None:
            return _("Hitungannya menunggu disahkan orang kedua.")
        by_present = self.rule == self.Rule.PRESENT
        values = {
            "yes": self.votes_for,
            "of": self.entitled if by_present else self.cast,
            "needed": self.needed,
        }
        if by_present and self.passed:
            words = _("Disetujui: %(yes)s dari %(of)s utusan; perlu %(needed)s.")
        elif by_present:
            words = _("Tidak disetujui: %(yes)s dari %(of)s utusan; perlu %(needed)s.")
        elif self.passed:
            words = _("Disetujui: %(yes)s dari %(of)s suara; perlu %(needed)s.")
        else:
            words = _("Tidak disetujui: %(yes)s dari %(of)s suara; perlu %(needed)s.")
        return words % values

    @property
    def as_record(self):
        """What the berita acara prints of it, as JSON."""
        return {
            "question": self.question,
            "rule": str(self.get_rule_display()),
            "entitled": self.entitled,
            "tally": self.tally if self.confirmed_at else "",
            "result": str(self.result),
            "counted_by": self.counted_by.name if self.confirmed_at else "",
            "confirmed_by": self.confirmed_by.name if self.confirmed_at else "",
        }


class Elector(models.Model):
    """Someone who was entitled and present when the ballot was opened, as written then.

    `participant` is the key of their row in the list. proxy: who came and voted for
    them by a surat kuasa.
    """

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="electors")
    participant = models.UUIDField(editable=False)
    name = models.CharField(_("nama"), max_length=120)
    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("desa")
    )
    proxy = models.CharField(_("diwakili"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("pemilik suara")
        verbose_name_plural = _("pemilik suara")
        ordering = ["village__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ballot", "participant"], name="elector_once_a_ballot"
            )
        ]

    def __str__(self):
        return self.name
