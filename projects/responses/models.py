from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.portfolio.models import Project
from villages.people.models import VILLAGE_STAFF, villages_of


class ResponseQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Every response can be opened; a hidden one shows its reason instead."""
        return self

    def handled_by(self, user):
        """Those that staff of the project's lead village look after; never their own."""
        mine = villages_of(user, *VILLAGE_STAFF)
        return self.filter(project__lead_village__in=mine).exclude(author_id=user.pk)

    def answerable_by(self, user):
        answers = Answer.objects.filter(response=OuterRef("pk"))
        return self.hideable_by(user).filter(~Exists(answers))

    def hideable_by(self, user):
        hidings = Hiding.objects.filter(response=OuterRef("pk"))
        return self.handled_by(user).filter(~Exists(hidings))

    def for_page(self, user):
        """With all that a page shows of them, newest first, in one query."""
        rules = {"is_handler": "handled_by", "can_answer": "answerable_by"}
        rules["can_hide"] = "hideable_by"
        told = self.select_related("author", "answer", "hiding")
        if not user.is_authenticated:
            return told.annotate(**{name: Value(False) for name in rules})
        return told.annotate(
            **{
                name: Exists(
                    getattr(Response.objects, rule)(user).filter(pk=OuterRef("pk"))
                )
                for name, rule in rules.items()
            }
        )


class Response(models.Model):
    """What a resident says about a project. Never changed; answered or hidden once.

    Shown to the public without the writer's name; only those who answer read it.
    """

    DAYS = 7  # within which the lead village answers
    PER_DAY = 5  # of one person

    project = models.ForeignKey(Project, models.PROTECT, related_name="responses")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    author_title = models.CharField(_("jabatan penulis"), max_length=200, blank=True)
    text = models.TextField(_("tanggapan"), max_length=2000)
    at = models.DateTimeField(_("dikirim"), auto_now_add=True)
    due_on = models.DateField(_("dijawab paling lambat"), editable=False)

    objects = ResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("tanggapan")
        verbose_name_plural = _("tanggapan")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["project", "-at", "-id"]),
            models.Index(fields=["author", "-at"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="response_says_something",
            )
        ]

    def __str__(self):
        return f"{self.project_id}: {self.text[:40]}"

    def get_absolute_url(self):
        page = reverse("projects:project", args=[self.project_id])
        return f"{page}#tanggapan-{self.pk}"

    @property
    def is_hidden(self):
        return hasattr(self, "hiding")

    @property
    def is_answered(self):
        return hasattr(self, "answer")


class Answer(models.Model):
    """The official answer of the lead village; one, and it stays."""

    response = models.OneToOneField(Response, models.PROTECT)
    text = models.TextField(_("jawaban"), max_length=2000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("jawaban resmi")
        verbose_name_plural = _("jawaban resmi")
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="answer_says_something",
            )
        ]

    def __str__(self):
        return self.text[:40]


class Hiding(models.Model):
    """Why a response is not shown; the reason stands in its place."""

    response = models.OneToOneField(Response, models.PROTECT)
    reason = models.CharField(_("alasan"), max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("tanggapan disembunyikan")
        verbose_name_plural = _("tanggapan disembunyikan")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="hiding_says_why")
        ]

    def __str__(self):
        return self.reason
