from functools import lru_cache

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from leksono_portal.kit.language import in_indonesian
from villages.areas.models import District, Village


class Post(models.TextChoices):
    VILLAGE_HEAD = "village_head", _("Kepala Desa")
    LURAH = "lurah", _("Lurah")
    VILLAGE_SECRETARY = "village_secretary", _("Sekretaris Desa/Kelurahan")
    OPERATOR = "operator", _("Operator")
    VILLAGE_TREASURER = "village_treasurer", _("Bendahara Desa")
    COUNCIL = "council", _("BPD")
    DELEGATE = "delegate", _("Wakil desa")
    CAMAT = "camat", _("Camat")
    DISTRICT_SECRETARY = "district_secretary", _("Sekretaris Kecamatan")
    VERIFIER = "verifier", _("Verifikator Kecamatan")
    DISTRICT_TREASURER = "district_treasurer", _("Bendahara Kecamatan")
    DISTRICT_ADMIN = "district_admin", _("Admin Kecamatan")
    MONITOR = "monitor", _("Pemantau")


DISTRICT_POSTS = (
    Post.CAMAT,
    Post.DISTRICT_SECRETARY,
    Post.VERIFIER,
    Post.DISTRICT_TREASURER,
    Post.DISTRICT_ADMIN,
    Post.MONITOR,
)
VILLAGE_POSTS = tuple(post for post in Post if post not in DISTRICT_POSTS)
ANYONE = 2**62 + 20_260_705  # in kept SQL, for the user's key; no key gets there
# Who may speak for a village (the lurah for the kelurahan).
VILLAGE_STAFF = (
    Post.OPERATOR,
    Post.VILLAGE_SECRETARY,
    Post.VILLAGE_HEAD,
    Post.LURAH,
)
# What a kelurahan has not (it is no village of its own means), and what only it has.
POSTS_NOT_AT = {
    Village.Kind.DESA: (Post.LURAH,),
    Village.Kind.KELURAHAN: (Post.VILLAGE_HEAD, Post.VILLAGE_TREASURER, Post.COUNCIL),
}


class UserQuerySet(models.QuerySet):
    def of_districts_of(self, user):
        """Accounts the staff `user` may look up: of their district or of no place."""
        places = districts_of(user, *DISTRICT_POSTS)
        there = Office.objects.at_districts(places)
        return self.filter(Q(pk__in=there.values("user")) | Q(offices=None))

    def manageable_by(self, user):
        """Accounts whose password `user`, as district admin, may set, or close.

        Not their own (that is done as everyone does it), and none that holds or will
        hold an office at another district: its powers are not this admin's to lend.
        """
        mine = Office.objects.at_districts(user.administered_districts())
        elsewhere = Office.objects.not_over().exclude(pk__in=mine.values("pk"))
        return (
            self.filter(Exists(user.administered_districts()))
            .exclude(pk=user.pk)
            .exclude(pk__in=elsewhere.values("user"))
        )


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, username, password=None, **fields):
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username):
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person with an account. Never deleted, only closed: papers keep their names.

    There is no superuser: what one may do comes from the offices held today.
    """

    username = models.CharField(
        _("nama pengguna"),
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9._-]*$")],
        help_text=_("Huruf kecil, angka, titik; misalnya operator.besani."),
    )
    title_before = models.CharField(_("gelar depan"), max_length=30, blank=True)
    full_name = models.CharField(_("nama lengkap"), max_length=120)
    title_after = models.CharField(_("gelar belakang"), max_length=60, blank=True)
    phone = models.CharField(_("nomor HP"), max_length=20, blank=True)
    email = models.EmailField(_("surel"), blank=True)
    is_active = models.BooleanField(_("aktif"), default=True)
    password_expires_at = models.DateTimeField(
        _("kata sandi sekali pakai berlaku sampai"),
        null=True,
        blank=True,
        editable=False,
    )
    date_joined = models.DateTimeField(_("dibuat"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("akun")
        verbose_name_plural = _("akun")
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="username_unique_any_case")
        ]

    def __str__(self):
        return self.name

    @property
    def name(self):
        """The name as papers write it: front title, name, back title."""
        name = f"{self.title_before} {self.full_name}".strip()
        return f"{name}, {self.title_after}" if self.title_after else name

    @property
    def password_is_temporary(self):
        """Signs in with a one-time password, which must be changed first."""
        return self.password_expires_at is not None

    @property
    def password_has_ended(self):
        return self.password_is_temporary and self.password_expires_at <= dates.now()

    @cached_property
    def is_staff(self):
        """May open the back office: holds an office at a district today.

        Remembered for the request, which asks it for every model there is.
        """
        return Office.objects.held_by(self, *DISTRICT_POSTS).exists()

    @cached_property
    def may_administer(self):
        """Keeps accounts, offices and reference data: a district admin today."""
        return self.administered_districts().exists()

    def administered_districts(self):
        """Ids of the districts whose admin this user is today, as a subquery."""
        return Office.objects.held_by(self, Post.DISTRICT_ADMIN).values("district")

    def has_perm(self, perm, obj=None):
        return False

    def has_module_perms(self, app_label):
        return self.is_staff


class OfficeQuerySet(models.QuerySet):
    def today(self):
        """Offices held today (WIB), first and last day included."""
        return self.not_over().filter(starts_on__lte=dates.today())

    def not_over(self):
        """Offices held today or to be held later."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=dates.today()))

    def held_by(self, user, *posts):
        """Of `posts`, those that `user` holds today; a closed account holds none."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.today().filter(user=user, post__in=posts)

    def at_districts(self, districts):
        """Offices at `districts` or at one of their villages."""
        return self.filter(
            Q(district__in=districts) | Q(village__district__in=districts)
        )

    def grantable_by(self, user):
        """Offices of `user`'s district that `user`, as its admin, may grant or end.

        Never their own: an admin who could would hold every power of the portal.
        """
        return self.at_districts(user.administered_districts()).exclude(user_id=user.pk)

    def endable_by(self, user):
        """The same, as far as they are not over: what was held stays history."""
        return self.grantable_by(user).not_over()


class Office(models.Model):
    """Who holds which post where, from when until when. Powers come from here only."""

    class Standing(models.TextChoices):
        FULL = "full", _("Definitif")
        PLT = "plt", _("Plt.")
        PLH = "plh", _("Plh.")

    user = models.ForeignKey(
        User, models.PROTECT, related_name="offices", verbose_name=_("akun")
    )
    post = models.CharField(_("jabatan"), max_length=20, choices=Post)
    standing = models.CharField(
        _("kedudukan"), max_length=4, choices=Standing, default=Standing.FULL
    )
    village = models.ForeignKey(
        Village,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="offices",
        verbose_name=_("desa/kelurahan"),
    )
    district = models.ForeignKey(
        District,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="offices",
        verbose_name=_("kecamatan"),
    )
    starts_on = models.DateField(_("mulai"))
    ends_on = models.DateField(_("sampai"), null=True, blank=True)
    mandate = models.CharField(_("dasar (SK)"), max_length=120, blank=True)
    granted_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("diberikan oleh"),
    )

    objects = OfficeQuerySet.as_manager()

    class Meta:
        verbose_name = _("jabatan")
        verbose_name_plural = _("jabatan")
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    post__in=VILLAGE_POSTS, village__isnull=False, district=None
                )
                | Q(post__in=DISTRICT_POSTS, district__isnull=False, village=None),
                name="office_at_one_place_that_has_the_post",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="office_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(standing="full") | Q(ends_on__isnull=False),
                name="office_of_a_stand_in_ends",
            ),
            models.CheckConstraint(
                condition=~Q(granted_by=models.F("user")),
                name="office_never_granted_to_oneself",
            ),
        ]
        indexes = [models.Index(fields=["user", "post", "starts_on"])]

    def __str__(self):
        return f"{self.title} – {self.user.name}"

    def clean(self):
        """Refuse, in a sentence, a post at a place that has none such, or held twice."""
        place = self.village or self.district
        if self.post in DISTRICT_POSTS and (self.village or not self.district):
            raise ValidationError(
                _("Jabatan ini ada di kecamatan: pilih kecamatan saja.")
            )
        if self.post in VILLAGE_POSTS and (self.district or not self.village):
            raise ValidationError(_("Jabatan ini ada di desa: pilih desanya saja."))
        if self.village and self.post in POSTS_NOT_AT[self.village.kind]:
            raise ValidationError(
                _("%(place)s tidak mempunyai jabatan %(post)s.")
                % {"place": self.village.full_name, "post": self.get_post_display()}
            )
        if self.ends_on and self.starts_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("Tanggal ini sebelum tanggal mulai.")})
        if self.standing != self.Standing.FULL and not self.ends_on:
            raise ValidationError(
                {
                    "ends_on": _(
                        "Plt. dan Plh. hanya untuk sementara: isi tanggal akhirnya."
                    )
                }
            )
        held = Office.objects.not_over().filter(
            user=self.user_id,
            post=self.post,
            village=self.village,
            district=self.district,
        )
        if self.post and self.starts_on and held.exclude(pk=self.pk).exists():
            raise ValidationError(
                _("%(name)s sudah memegang jabatan ini di %(place)s.")
                % {"name": self.user.name, "place": place}
            )

    @property
    @in_indonesian()
    def title(self):
        """The post as papers write it, e.g. "Plt. Kepala Desa Besani"."""
        words = [self.get_post_display(), (self.village or self.district).name]
        if self.standing != self.Standing.FULL:
            words.insert(0, self.get_standing_display())
        return " ".join(str(word) for word in words)


def villages_of(user, *posts):
    """Ids of the villages where `user` holds one of `posts` today, as a subquery.

    A subquery, so that whoever asks inside a locked write reads the offices as
    they stand at that moment, not as they stood when the page was opened.
    """
    return _places_of(user, posts, "village")


def districts_of(user, *posts):
    """Ids of the districts where `user` holds one of `posts` today, as a subquery."""
    return _places_of(user, posts, "district")


def villages_spoken_for(user):
    """Villages in whose name `user` may write.

    Their own staff, and the secretary of their district, who logs for them.
    """
    return Village.objects.filter(
        Q(pk__in=villages_of(user, *VILLAGE_STAFF))
        | Q(district__in=districts_of(user, Post.DISTRICT_SECRETARY))
    )


def holders(*posts, villages=(), districts=()):
    """Open accounts that hold one of `posts` at `villages` or `districts` today.

    `villages_of` and `districts_of` turned round, for telling people what concerns them.
    """
    places = Q(village__in=villages) | Q(district__in=districts)
    held = Office.objects.today().filter(places, post__in=posts)
    return User.objects.filter(is_active=True, pk__in=held.values("user"))


class VerbsQuerySet(models.QuerySet):
    """Rows with which people do things. VERBS: {verb: the rule that says who may}."""

    VERBS = {}

    def with_verbs(self, user):
        """Annotate can_<verb> for every verb, within the one query."""
        return self.annotate(
            **{
                f"can_{verb}": _may(user, self.model, rule)
                for verb, rule in self.VERBS.items()
            }
        )


def _may(user, model, rule):
    """Whether `rule` of `model` lets `user`, as a condition on a row of its table."""
    if not user.is_authenticated or not user.is_active:
        return models.Value(False)
    sql, params = _sql_of_rule(model, rule, dates.today())
    return RawSQL(
        f"EXISTS (SELECT FROM ({sql}) AS allowed"
        f' WHERE allowed.id = "{model._meta.db_table}".id)',
        [user.pk if value == ANYONE else value for value in params],
        output_field=models.BooleanField(),
    )


@lru_cache(maxsize=200)
def _sql_of_rule(model, rule, today):
    """The SQL of what `rule` lets ANYONE do, as `_sql_of_places`."""
    rows = getattr(model.objects, rule)(User(pk=ANYONE))
    return rows.order_by().values("id").query.sql_with_params()


def acting_office(user, village, posts):
    """The office, of `posts`, that `user` holds today at `village` or its district.

    For the history of what they do; raises PermissionDenied where there is none.
    """
    office = (
        Office.objects.today()
        .select_related("village", "district")
        .filter(
            Q(village=village) | Q(district=village.district_id),
            user=user,
            post__in=posts,
        )
        .order_by("standing", "-starts_on", "pk")  # "full" before "plh" and "plt"
        .first()
    )
    if office is None:
        raise PermissionDenied(_("Jabatan Anda sudah berakhir."))
    return office


def _places_of(user, posts, place):
    if not user.is_authenticated or not user.is_active:
        return Office.objects.none().values(place)
    sql, params = _sql_of_places(posts, place, dates.today())
    return RawSQL(sql, [user.pk if value == ANYONE else value for value in params])


@lru_cache(maxsize=100)
def _sql_of_places(posts, place, today):
    """The SQL of where ANYONE holds one of `posts`, and its parameters.

    A page asks this some thirty times, rule within rule. As a queryset it would be
    built, copied and renamed each time: half the time of building the page's query.
    """
    held = Office.objects.held_by(User(pk=ANYONE), *posts)
    # Without its NULLs, one of which would make every NOT IN of a rule untrue.
    return held.exclude(**{place: None}).values(place).query.sql_with_params()
