from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from forum.meetings.log import key_field
from leksono_portal.kit import dates
from leksono_portal.kit.models import StoredFile, StoredPaper
from leksono_portal.kit.tables import STRANGER
from projects.portfolio.models import Project
from villages.areas.models import District, Village
from villages.people.models import VILLAGE_STAFF, Post, districts_of, villages_of

USER = settings.AUTH_USER_MODEL
VILLAGE_WRITERS = (Post.OPERATOR, Post.VILLAGE_SECRETARY, Post.LURAH)
DISTRICT_WRITERS = (Post.DISTRICT_SECRETARY,)
FINAL = _("Rapat ini sudah final dan tidak dapat diubah lagi.")
OF_WRITERS = _(
    "Rapat ini dicatat oleh operator dan sekretaris desa anggotanya, serta sekcam."
)


class BodyQuerySet(models.QuerySet):
    def writable_by(self, user):
        """Bodies whose meetings `user` may call and log.

        Operators and secretaries of the member villages, and the sekcam.
        """
        return self._of(user, VILLAGE_WRITERS, DISTRICT_WRITERS)

    def projects_made_by(self, user):
        """Bodies whose decisions `user` may turn into projects.

        Those who write, and the village heads, who answer for what their village
        takes on.
        """
        return self._of(user, VILLAGE_STAFF, DISTRICT_WRITERS)

    def served_by(self, user):
        """Bodies in which `user` holds any office today, of a village or the district."""
        return self._of(user, Post, Post)

    def _of(self, user, village_posts, district_posts):
        # Subqueries, not joins: rows found by a DISTINCT cannot be locked.
        membership = self.model.villages.through.objects.filter(
            village__in=villages_of(user, *village_posts)
        )
        return self.filter(
            Q(pk__in=membership.values("body"))
            | Q(district__in=districts_of(user, *district_posts))
        )


class Body(models.Model):
    """Who meets: the BKAD or another forum of villages, with its own rules.

    The quorum is counted over villages and over people alike. No national rule for
    a musyawarah antar desa was found, so each body's own tata tertib sets it; 2/3 is
    what a musyawarah desa needs (Permendesa 2/2015 practice).
    """

    district = models.ForeignKey(
        District, models.PROTECT, related_name="bodies", verbose_name=_("kecamatan")
    )
    name = models.CharField(_("nama"), max_length=120)
    code = models.CharField(
        _("kode nomor surat"),
        max_length=30,
        unique=True,
        help_text=_(
            "Misalnya MAD-LKS; nomor berita acara menjadi 001/MAD-LKS/XI/2026."
        ),
    )
    villages = models.ManyToManyField(
        Village, related_name="bodies", verbose_name=_("desa anggota")
    )
    quorum_numerator = models.PositiveSmallIntegerField(_("kuorum"), default=2)
    quorum_denominator = models.PositiveSmallIntegerField(_("dari"), default=3)

    objects = BodyQuerySet.as_manager()

    class Meta:
        verbose_name = _("lembaga")
        verbose_name_plural = _("lembaga")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    quorum_numerator__gte=1,
                    quorum_denominator__gte=F("quorum_numerator"),
                ),
                name="body_quorum_is_a_share",
            )
        ]

    def __str__(self):
        return self.name

    def needed(self, invited):
        """How many of `invited` must come: the share, rounded up."""
        return -(-invited * self.quorum_numerator // self.quorum_denominator)


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Every meeting is announced in public; what is said, once it is final."""
        return self

    def readable_by(self, user):
        """Meetings of which `user` may read what was said: all final ones, and the
        drafts of those who write or finalise them.
        """
        return self.filter(
            Q(finalised_at__isnull=False)
            | Q(pk__in=Meeting.objects.writable_by(user).values("pk"))
            | Q(pk__in=Meeting.objects.finalisable_by(user).values("pk"))
        )

    def writable_by(self, user):
        """Not final yet, of a body whose meetings `user` may log."""
        return self.filter(
            finalised_at=None, body__in=Body.objects.writable_by(user).values("pk")
        )

    def finalisable_by(self, user):
        """Its recorded chair or secretary, while holding an office of the body."""
        return self.filter(
            Q(chair_id=user.pk) | Q(secretary_id=user.pk),
            body__in=Body.objects.served_by(user).values("pk"),
            finalised_at=None,
        )

    def with_amendments(self):
        """Annotate amendments: [{"id", "number", "content", "is_ready"}] of the record,
        in order."""
        found = Amendment.objects.filter(record__meeting=OuterRef("pk")).order_by("nth")
        columns = {"id": "pk", "number": "number", "content": "paper__content"}
        is_ready = Q(paper__rendered_at__isnull=False)
        as_json = JSONObject(**columns, is_ready=is_ready)
        return self.annotate(amendments=ArraySubquery(found.values(found=as_json)))

    def papers_kept_by(self, user):
        """Final ones, whose signed paper may be put on file and whose record may be
        corrected: by their chair and secretary while holding an office of the body,
        and the sekcam."""
        signs = Q(chair_id=user.pk) | Q(secretary_id=user.pk)
        sekcam = districts_of(user, Post.DISTRICT_SECRETARY)
        return self.filter(
            Q(signs, body__in=Body.objects.served_by(user).values("pk"))
            | Q(body__in=Body.objects.filter(district__in=sekcam).values("pk")),
            finalised_at__isnull=False,
        )

    def with_verbs(self, user):
        """Annotate can_read, can_write, can_finalise, can_keep_papers, can_open_scans and
        can_make_projects."""
        here = Meeting.objects.filter(pk=OuterRef("pk"))
        return self.annotate(
            can_read=Exists(here.readable_by(user)),
            can_write=Exists(here.writable_by(user)),
            can_finalise=Exists(here.finalisable_by(user)),
            can_keep_papers=Exists(here.papers_kept_by(user)),
            can_open_scans=Exists(
                Body.objects.served_by(user).filter(pk=OuterRef("body"))
            ),
            can_make_projects=Exists(
                Body.objects.projects_made_by(user).filter(pk=OuterRef("body"))
            ),
        )

    def with_delay(self):
        """Annotate delayed_until: to when it was put off for want of a quorum, if so."""
        delay = Postponement.objects.filter(meeting=OuterRef("pk"), kind="delay")
        return self.annotate(delayed_until=Subquery(delay.values("until")))

    def counted(self):
        """With all that `Meeting.why_not_postponed` reads."""
        return self.with_attendance().with_delay().select_related("body", "second")

    def upcoming(self):
        """Today (WIB) or later and not final, soonest first."""
        return self.filter(finalised_at=None, starts_at__gte=dates.midnight()).order_by(
            "starts_at", "pk"
        )

    def from_next_to_oldest(self):
        """For a paginator; see `NextToOldest`."""
        return NextToOldest(self)

    def with_attendance(self):
        """Annotate what `Meeting.attendance` reads."""
        present = Q(participants__present=True)
        delegate = Q(participants__village__isnull=False)
        members = Body.villages.through.objects.filter(body=OuterRef("body"))
        return self.annotate(
            invited=Count("participants"),
            present=Count("participants", filter=present),
            men=Count("participants", filter=present & Q(participants__sex="L")),
            women=Count("participants", filter=present & Q(participants__sex="P")),
            delegates=Count("participants", filter=delegate),
            delegates_present=Count("participants", filter=delegate & present),
            villages_present=Count(
                "participants__village", filter=present, distinct=True
            ),
            member_villages=Coalesce(
                Subquery(
                    members.values("body").annotate(n=Count("pk")).values("n"),
                    output_field=models.IntegerField(),
                ),
                0,
            ),
        )


class NextToOldest:
    """Today's and coming meetings, soonest first; then the past, newest first.

    Two halves, each read along the index: one ORDER BY would sort all there are.
    """

    def __init__(self, meetings):
        begin = dates.midnight()
        self.coming = meetings.filter(starts_at__gte=begin).order_by("starts_at", "pk")
        self.past = meetings.filter(starts_at__lt=begin).order_by("-starts_at", "-pk")
        self.meetings, self.begin = meetings.order_by(), begin

    @cached_property
    def counts(self):
        """(all, coming), in one query."""
        counted = self.meetings.aggregate(
            all=Count("pk"), coming=Count("pk", filter=Q(starts_at__gte=self.begin))
        )
        return counted["all"], counted["coming"]

    def count(self):
        return self.counts[0]

    def __getitem__(self, part):
        """The meetings of a slice."""
        first = self.counts[1]
        start, stop = (max(place - first, 0) for place in (part.start, part.stop))
        return [
            *(self.coming[part.start : part.stop] if part.start < first else ()),
            *(self.past[start:stop] if stop else ()),
        ]


class Meeting(models.Model):
    """One meeting of a body, from invitation to official record."""

    class Kind(models.TextChoices):
        MAD = "mad", _("Musyawarah Antar Desa")
        MAD_SPECIAL = "mad_special", _("Musyawarah Antar Desa Khusus")
        COORDINATION = "coordination", _("Rapat Koordinasi")

    body = models.ForeignKey(
        Body, models.PROTECT, related_name="meetings", verbose_name=_("lembaga")
    )
    kind = models.CharField(_("jenis"), max_length=12, choices=Kind, default=Kind.MAD)
    title = models.CharField(_("tentang"), max_length=160)
    starts_at = models.DateTimeField(_("mulai"))
    ends_at = models.DateTimeField(_("selesai"), null=True, blank=True)
    place = models.CharField(_("tempat"), max_length=160)
    chair = models.ForeignKey(
        USER,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("pimpinan rapat"),
    )
    secretary = models.ForeignKey(
        USER,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("notulis"),
    )
    # The one that goes ahead with whoever comes, since the first had no quorum.
    second_of = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="second",
        verbose_name=_("rapat kedua dari"),
    )
    # It was held before it was typed in, from paper, on the day of `created_at`.
    logged_from_paper = models.BooleanField(
        _("dicatat dari kertas"), default=False, db_default=False, editable=False
    )
    # `version` counts every write to anything of the meeting: finalising needs the one
    # its chair has read. `heading_version` counts those to the fields above alone.
    version = models.PositiveIntegerField(default=1, editable=False)
    heading_version = models.PositiveIntegerField(default=1, editable=False)
    created_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)
    finalised_at = models.DateTimeField(null=True, editable=False)
    # The last number of its list of participants; the database counts it up.
    rows_given = models.PositiveSmallIntegerField(db_default=0, editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("rapat")
        verbose_name_plural = _("rapat")
        ordering = ["-starts_at", "-pk"]
        indexes = [
            models.Index(fields=["-starts_at", "-id"]),
            models.Index(
                fields=["-starts_at", "-id"],
                condition=Q(finalised_at__isnull=False),
                name="meeting_final",
            ),
            models.Index(
                fields=["starts_at", "id"],
                include=["body"],
                condition=Q(finalised_at=None),
                name="meeting_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="meeting_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(finalised_at=None)
                | Q(
                    ends_at__isnull=False,
                    chair__isnull=False,
                    secretary__isnull=False,
                ),
                name="meeting_final_only_when_complete",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.title}"

    def get_absolute_url(self):
        return reverse("forum:meeting", args=[self.pk])

    @property
    def is_final(self):
        return self.finalised_at is not None

    @property
    def why_not_written(self):
        """The sentence for someone who may not write it."""
        return FINAL if self.is_final else OF_WRITERS

    @property
    def is_today(self):
        return dates.to_date(self.starts_at) == dates.today()

    @property
    def is_past(self):
        """Of an earlier day (WIB)."""
        return self.starts_at < dates.midnight()

    @property
    def has_begun(self):
        return self.starts_at <= dates.now()

    @property
    def last_second_day(self):
        """The last day (WIB) on which the second meeting may be."""
        return dates.to_date(self.starts_at) + timedelta(days=Postponement.MOST_DAYS)

    def why_not_postponed(self, kind):
        """The sentence for someone who would postpone it; "" if it can be.

        Of a meeting that was `counted()`.
        """
        second = getattr(self, "second", None)
        delay = self.delayed_until
        reasons = [
            (self.is_final, FINAL),
            (self.second_of_id, _("Rapat kedua berlangsung tanpa syarat kuorum.")),
            (self.logged_from_paper, _("Rapat ini dicatat dari kertas.")),
            (not self.has_begun, _("Rapat ini belum dimulai.")),
            (self.attendance["quorum"], _("Kuorum tercapai: rapat dapat berlangsung.")),
            (second, _("Rapat kedua sudah dijadwalkan.")),
        ]
        if kind == Postponement.Kind.DELAY:
            reasons += [
                (delay, _("Rapat ini sudah ditunda satu kali.")),
                (not self.is_today, _("Hanya rapat hari ini yang dapat ditunda.")),
            ]
        else:
            reasons += [
                (not delay, _("Tunda dahulu rapatnya, paling lama 3 jam.")),
                (delay and delay > dates.now(), _("Waktu tundanya belum habis.")),
                (
                    dates.today() > self.last_second_day,
                    _("Rapat kedua paling lambat 3 hari sesudah rapat pertama."),
                ),
            ]
        return next((sentence for applies, sentence in reasons if applies), "")

    @property
    def attendance(self):
        """Totals and the two quorums of a meeting fetched `with_attendance()`.

        JSON, so that the official record freezes what the room showed.
        """
        villages_needed = self.body.needed(self.member_villages)
        delegates_needed = self.body.needed(self.delegates)
        return {
            "invited": self.invited,
            "present": self.present,
            "absent": self.invited - self.present,
            "men": self.men,
            "women": self.women,
            "villages": self.member_villages,
            "villages_present": self.villages_present,
            "villages_needed": villages_needed,
            "delegates": self.delegates,
            "delegates_present": self.delegates_present,
            "delegates_needed": delegates_needed,
            "quorum": self.villages_present >= villages_needed
            and self.delegates_present >= max(delegates_needed, 1),
            "exempt": self.second_of_id is not None,
        }


def hidden_from(user, item=""):
    """Rows of what only officers of its body read: internal agenda items, what stands
    below them, and, with `item` the path to it, what was decided on them.
    """
    internal = Q(**{f"{item}is_internal": True})
    internal |= Q(**{f"{item}parent__is_internal": True})
    if not user.is_authenticated:
        return internal
    return internal & ~Q(meeting__body__in=Body.objects.served_by(user).values("pk"))


def is_hidden_from(user, item=""):
    return Case(When(hidden_from(user, item), then=True), default=False)


class AgendaItemQuerySet(models.QuerySet):
    def shown_to(self, user):
        """Annotate is_secret, and is_hidden: only its number may be shown to `user`."""
        return self.annotate(
            is_secret=is_hidden_from(STRANGER), is_hidden=is_hidden_from(user)
        )

    def waiting_for(self, meeting):
        """What earlier final meetings of the body put off and no agenda has taken up."""
        return self.filter(
            is_deferred=True,
            carried_to=None,
            meeting__body=meeting.body_id,
            meeting__finalised_at__isnull=False,
            meeting__starts_at__lt=meeting.starts_at,
        ).order_by("meeting__starts_at", "meeting_id", "position")


class AgendaItem(models.Model):
    """One item of the agenda, with the notes taken on it.

    `position` counts all items of a meeting, each followed by those below it;
    `number` is how it is called: "2", and "2.1" for the first below it.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="agenda")
    key = key_field()
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sub_items",
        verbose_name=_("bagian dari acara"),
    )
    position = models.PositiveSmallIntegerField(_("urutan"))
    number = models.CharField(_("nomor"), max_length=11, editable=False)
    title = models.CharField(_("acara"), max_length=200)
    note = models.TextField(_("catatan pembahasan"), max_length=20000, blank=True)
    planned_minutes = models.PositiveSmallIntegerField(
        _("rencana (menit)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(600)],
    )
    is_internal = models.BooleanField(
        _("acara internal"), default=False, db_default=False
    )
    started_at = models.DateTimeField(_("mulai"), null=True, editable=False)
    ended_at = models.DateTimeField(_("selesai"), null=True, editable=False)
    is_deferred = models.BooleanField(
        _("ditunda ke rapat berikutnya"),
        default=False,
        db_default=False,
        editable=False,
    )
    carried_from = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="carried_to",
        verbose_name=_("lanjutan dari"),
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("mata acara")
        verbose_name_plural = _("mata acara")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "position"],
                name="agenda_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(fields=["meeting", "key"], name="agenda_key_once"),
            models.CheckConstraint(
                condition=Q(planned_minutes=None)
                | Q(planned_minutes__gte=1, planned_minutes__lte=600),
                name="agenda_planned_minutes",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None)
                | Q(started_at__isnull=False, ended_at__gte=F("started_at")),
                name="agenda_ends_after_it_starts",
            ),
        ]

    def __str__(self):
        return f"{self.number}. {self.title}"

    @property
    def is_running(self):
        return bool(self.started_at and not self.ended_at)

    @property
    def ran_minutes(self):
        """How long it took, or has been going on."""
        end = self.ended_at or dates.now()
        return max(round((end - self.started_at).total_seconds() / 60), 0)

    @property
    def minutes_left(self):
        """Of its plan."""
        if self.ended_at:
            return 0
        ran = self.ran_minutes if self.started_at else 0
        return max((self.planned_minutes or 0) - ran, 0)

    @property
    def public_name(self):
        """What everyone may read of one fetched `shown_to` somebody."""
        return f"{self.number}. {_('Acara internal')}" if self.is_secret else str(self)


class ParticipantQuerySet(models.QuerySet):
    def with_letters(self):
        """Annotate letter: the id of the newest letter of a substitute, or None."""
        letters = ProxyLetter.objects.filter(
            meeting=OuterRef("meeting"), participant_key=OuterRef("key")
        )
        return self.annotate(letter=Subquery(letters.order_by("-pk").values("pk")[:1]))


class Participant(models.Model):
    """Who was invited or came, as written; most of them have no account.

    The phone number is for the invitation and is on no public page (UU 27/2022).
    `row` is the number on the list to sign. The database gives it, once; it stays
    the participant's own, also when they are removed and come back.
    """

    class Sex(models.TextChoices):
        MALE = "L", _("Laki-laki")
        FEMALE = "P", _("Perempuan")

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="participants")
    key = key_field()
    row = models.PositiveSmallIntegerField(_("nomor"), db_default=0, editable=False)
    village = models.ForeignKey(
        Village,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("desa"),
    )
    institution = models.CharField(_("instansi"), max_length=120, blank=True)
    name = models.CharField(_("nama"), max_length=120)
    post = models.CharField(_("jabatan/unsur"), max_length=80)
    sex = models.CharField(_("L/P"), max_length=1, choices=Sex)
    phone = models.CharField(_("nomor HP"), max_length=20, blank=True)
    user = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    present = models.BooleanField(_("hadir"), default=False)
    signs = models.BooleanField(
        _("menandatangani berita acara mewakili desanya"), default=False
    )
    proxy_for = models.CharField(
        _("datang mewakili"), max_length=120, blank=True, default="", db_default=""
    )
    may_vote = models.BooleanField(
        _("utusan dengan hak suara"), default=False, db_default=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = _("peserta")
        verbose_name_plural = _("peserta")
        ordering = ["village__name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(village__isnull=False, institution="")
                | Q(village=None) & ~Q(institution=""),
                name="participant_of_one_village_or_institution",
            ),
            models.CheckConstraint(
                condition=Q(signs=False) | Q(village__isnull=False),
                name="participant_signs_for_a_village",
            ),
            models.CheckConstraint(
                condition=Q(may_vote=False) | Q(village__isnull=False),
                name="participant_votes_for_a_village",
            ),
            models.UniqueConstraint(
                fields=["meeting", "key"], name="participant_key_once"
            ),
            models.UniqueConstraint(
                fields=["meeting", "row"], name="participant_row_once"
            ),
            models.CheckConstraint(
                condition=Q(proxy_for="") | Q(village__isnull=False),
                name="participant_stands_in_for_one_of_a_village",
            ),
            models.CheckConstraint(
                condition=Q(proxy_for="") | ~Q(proxy_for=F("name")),
                name="participant_stands_in_for_another",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def from_where(self):
        return self.village.full_name if self.village else self.institution


def _projects_of(decision):
    """[{"id", "title"}] of the projects that came of the decision in that column."""
    links = DecisionLink.objects.filter(decision=OuterRef(decision)).order_by("pk")
    project = JSONObject(id="project_id", title="project__title")
    return ArraySubquery(links.values(project_as_json=project))


class DecisionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Decisions of meetings that `user` may read, but of internal items."""
        return self.filter(
            meeting__in=Meeting.objects.readable_by(user).values("pk")
        ).exclude(hidden_from(user, "agenda_item__"))

    def shown_to(self, user):
        """As that of agenda items; is_secret is of an internal one."""
        return self.annotate(
            is_secret=is_hidden_from(STRANGER, "agenda_item__"),
            is_hidden=is_hidden_from(user, "agenda_item__"),
        )

    def final(self):
        """Of final meetings, newest first: what everyone may read."""
        return (
            self.filter(meeting__finalised_at__isnull=False)
            .exclude(hidden_from(STRANGER, "agenda_item__"))
            .order_by("-meeting__starts_at", "-meeting_id", "number")
        )

    def with_projects(self):
        """Annotate projects: [{"id", "title"}] of those that came of the decision."""
        return self.annotate(projects=_projects_of("pk"))

    def projects_made_by(self, user):
        """Decisions of final meetings that `user` may turn into projects.

        Projects are public, and say what they came of: never one of an internal item.
        """
        return self.final().filter(
            meeting__body__in=Body.objects.projects_made_by(user).values("pk"),
        )


class Decision(models.Model):
    """A numbered decision: by mufakat first, by counted votes only when that fails."""

    class Method(models.TextChoices):
        CONSENSUS = "consensus", _("Mufakat")
        VOTE = "vote", _("Suara terbanyak")

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="decisions")
    key = key_field()
    agenda_item = models.ForeignKey(
        AgendaItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name=_("mata acara"),
    )
    number = models.PositiveSmallIntegerField(_("nomor"))
    text = models.TextField(_("isi keputusan"), max_length=4000)
    method = models.CharField(
        _("cara memutuskan"), max_length=10, choices=Method, default=Method.CONSENSUS
    )
    votes_for = models.PositiveSmallIntegerField(_("setuju"), null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField(
        _("tidak setuju"), null=True, blank=True
    )
    votes_abstain = models.PositiveSmallIntegerField(
        _("abstain"), null=True, blank=True
    )
    dissent = models.TextField(_("keberatan yang dicatat"), max_length=2000, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("keputusan")
        verbose_name_plural = _("keputusan")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "number"], name="decision_numbered_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    method="consensus",
                    votes_for=None,
                    votes_against=None,
                    votes_abstain=None,
                )
                | Q(
                    method="vote",
                    votes_for__isnull=False,
                    votes_against__isnull=False,
                    votes_abstain__isnull=False,
                ),
                name="decision_counts_iff_voted",
            ),
            models.CheckConstraint(
                condition=~Q(method="vote")
                | Q(votes_for__gt=F("votes_against") + F("votes_abstain")),
                name="decision_voted_by_more_than_half",
            ),
            models.UniqueConstraint(
                fields=["meeting", "key"], name="decision_key_once"
            ),
        ]

    def __str__(self):
        return _("Keputusan %(n)s") % {"n": self.number}

    def get_absolute_url(self):
        return f"{self.meeting.get_absolute_url()}#keputusan-{self.number}"

    def validate_constraints(self, exclude=None):
        """Left to the database, and in words to the form.

        Django would ask the database to add up counts that a consensus has not got,
        and log that it cannot.
        """

    @property
    def how(self):
        """How it was decided, in words: "mufakat" or the counted votes."""
        if self.method == self.Method.CONSENSUS:
            return _("mufakat")
        return _(
            "suara terbanyak: %(yes)s setuju, %(no)s tidak setuju, %(none)s abstain"
        ) % {
            "yes": self.votes_for,
            "no": self.votes_against,
            "none": self.votes_abstain,
        }


class ActionItemQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Follow-up of meetings that `user` may read."""
        return self.filter(meeting__in=Meeting.objects.readable_by(user).values("pk"))

    def agreed(self):
        """Of final meetings: what everyone may read."""
        return self.filter(meeting__finalised_at__isnull=False)

    def open(self):
        """Agreed by a final meeting and not done yet."""
        return self.agreed().filter(done_on=None)

    def open_at(self, meeting):
        """Agreed by earlier meetings of the body, not done when `meeting` began."""
        return (
            self.agreed()
            .filter(
                Q(done_on=None) | Q(done_on__gte=dates.to_date(meeting.starts_at)),
                meeting__body=meeting.body_id,
                meeting__starts_at__lt=meeting.starts_at,
            )
            .select_related("meeting", "village")
        )

    def with_projects(self):
        """Annotate projects: [{"id", "title"}] of those that came of its decision."""
        return self.annotate(projects=_projects_of("decision"))

    def finishable_by(self, user):
        """Not done yet, of a village whose staff `user` is; for the sekcam all."""
        return self.filter(
            Q(village__in=villages_of(user, *VILLAGE_STAFF))
            | Q(meeting__body__district__in=districts_of(user, *DISTRICT_WRITERS)),
            done_on=None,
        )

    def with_verbs(self, user):
        """Annotate can_finish."""
        mine = ActionItem.objects.finishable_by(user).filter(pk=OuterRef("pk"))
        return self.annotate(can_finish=Exists(mine))


class ActionItem(models.Model):
    """What is to be done, by which village or office, until when."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="action_items")
    key = key_field()
    decision = models.ForeignKey(
        Decision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="action_items",
        verbose_name=_("dari keputusan"),
    )
    task = models.CharField(_("tugas"), max_length=300)
    village = models.ForeignKey(
        Village,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="action_items",
        verbose_name=_("desa penanggung jawab"),
    )
    due_on = models.DateField(_("paling lambat"))
    done_on = models.DateField(_("selesai"), null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="+", editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = ActionItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("tindak lanjut")
        verbose_name_plural = _("tindak lanjut")
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(
                fields=["due_on"],
                include=["meeting", "village"],
                condition=Q(done_on=None),
                name="action_item_open",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on=None, done_by=None)
                | Q(done_on__isnull=False, done_by__isnull=False),
                name="action_item_done_by_someone",
            ),
            models.UniqueConstraint(
                fields=["meeting", "key"], name="action_item_key_once"
            ),
        ]

    def __str__(self):
        return self.task

    @property
    def responsible(self):
        return self.village.full_name if self.village else str(_("Kecamatan"))

    @property
    def is_late(self):
        return self.done_on is None and self.due_on < dates.today()

    @property
    def state(self):
        """How it stands today, in words."""
        if self.done_on:
            return _("Selesai %(day)s") % {"day": dates.format_date_short(self.done_on)}
        if self.is_late:
            return _("Lewat %(n)s hari") % {"n": dates.days_since(self.due_on)}
        return str(_("Belum selesai"))


class Postponement(models.Model):
    """What was done about a missing quorum: first a delay, then a second meeting.

    Once each, and kept for good with how many were there. `until` is when the meeting
    goes on, or when the second one starts. The hours and days are those of a
    musyawarah desa (Permendesa 2/2015 practice).
    """

    MOST_HOURS = 3
    MOST_DAYS = 3

    class Kind(models.TextChoices):
        DELAY = "delay", _("Ditunda")
        SECOND = "second", _("Rapat kedua")

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="postponements")
    kind = models.CharField(max_length=6, choices=Kind)
    until = models.DateTimeField()
    present_delegates = models.PositiveIntegerField()
    present_villages = models.PositiveIntegerField()
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("penundaan")
        verbose_name_plural = _("penundaan")
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "kind"], name="postponed_once_each_way"
            ),
            models.CheckConstraint(
                condition=Q(kind="delay", until__lte=F("at") + timedelta(hours=3))
                | Q(kind="second", until__lt=F("at") + timedelta(days=4)),
                name="postponed_not_for_too_long",
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("at")), name="postponed_to_later"
            ),
        ]

    def __str__(self):
        return f"{self.meeting_id} {self.kind}"


class RecordCounter(models.Model):
    """The last number a body gave out in a year; the row is locked to take one."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="counters")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("penghitung nomor")
        verbose_name_plural = _("penghitung nomor")
        constraints = [
            models.UniqueConstraint(
                fields=["body", "year"], name="one_counter_per_body_and_year"
            )
        ]

    def __str__(self):
        return f"{self.body_id}/{self.year}: {self.last}"


class OfficialRecord(models.Model):
    """The berita acara: number, frozen content and the one paper made from it."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="record")
    body = models.ForeignKey(Body, models.PROTECT, related_name="records")
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    number = models.CharField(_("nomor"), max_length=80, unique=True)
    paper = models.OneToOneField(StoredPaper, models.PROTECT, related_name="+")
    # Records of the first release have none: theirs is annexed to the berita acara.
    attendance_paper = models.OneToOneField(
        StoredPaper, models.PROTECT, null=True, related_name="+"
    )
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("berita acara")
        verbose_name_plural = _("berita acara")
        constraints = [
            models.UniqueConstraint(
                fields=["body", "year", "sequence"], name="record_number_used_once"
            )
        ]

    def __str__(self):
        return self.number


class AmendmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Everyone: what they correct is public."""
        return self

    def later_than(self, paper):
        """Those that correct what `paper` says: a berita acara, its attendance list,
        or an earlier amendment of it."""
        return self.filter(
            Q(record__paper=paper)
            | Q(record__attendance_paper=paper)
            | Q(record__amendments__paper=paper, nth__gt=F("record__amendments__nth"))
        ).select_related("paper")


class Amendment(models.Model):
    """A berita acara perbaikan: what a record says wrongly, and what it should say.

    The record itself stays as it was signed; who holds it reads both. What is corrected
    stands in the content of the paper.
    """

    record = models.ForeignKey(
        OfficialRecord, models.PROTECT, related_name="amendments"
    )
    nth = models.PositiveSmallIntegerField()
    number = models.CharField(_("nomor"), max_length=90, unique=True)
    paper = models.OneToOneField(StoredPaper, models.PROTECT, related_name="+")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("berita acara perbaikan")
        verbose_name_plural = _("berita acara perbaikan")
        ordering = ["nth"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "nth"], name="amendment_numbered_once"
            ),
            models.CheckConstraint(
                condition=Q(nth__gte=1), name="amendment_counts_from_one"
            ),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return f"{self.record.meeting.get_absolute_url()}#perbaikan"


class ScanQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those who hold an office of the body: signatures are data of persons."""
        return self.filter(
            meeting__body__in=Body.objects.served_by(user).values("pk"),
            meeting__finalised_at__isnull=False,
        )


class Scan(models.Model):
    """The berita acara as it was signed. The newest holds; older ones stay on file."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="scans")
    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, editable=False)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = ScanQuerySet.as_manager()

    class Meta:
        verbose_name = _("pindaian")
        verbose_name_plural = _("pindaian")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "sha256"], name="scan_once_a_meeting"
            )
        ]

    def __str__(self):
        return f"{self.meeting_id} {self.pk}"


class ProxyLetterQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those who hold an office of the body, as the signed scans."""
        return self.filter(meeting__body__in=Body.objects.served_by(user).values("pk"))


class ProxyLetter(models.Model):
    """A scanned surat kuasa. The newest of a participant holds; older ones stay.

    It names the participant by key, since who is removed from the list may come back.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="proxy_letters")
    participant_key = models.UUIDField(editable=False)
    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, editable=False)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = ProxyLetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("surat kuasa")
        verbose_name_plural = _("surat kuasa")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "participant_key", "sha256"],
                name="proxy_letter_once_a_participant",
            )
        ]

    def __str__(self):
        return f"{self.meeting_id} {self.pk}"


class DecisionLink(models.Model):
    """The tie between a decision and the project that came of it."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="links")
    project = models.ForeignKey(Project, models.PROTECT, related_name="decision_links")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("ikatan keputusan")
        verbose_name_plural = _("ikatan keputusan")
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "project"], name="decision_tied_once"
            )
        ]

    def __str__(self):
        return f"{self.decision_id} – {self.project_id}"
