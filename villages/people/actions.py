"""What a district admin does with accounts and offices. Each leaves an audit line.

All raise PermissionDenied with a sentence where `by` may not, ValidationError where
what was filled in cannot be.
"""

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from leksono_portal.kit import audit, dates
from villages.areas.models import District
from villages.people import names, notify, passwords
from villages.people.models import Office, Post, User


@transaction.atomic
def create_account(*, by, username, full_name, password=None, **details):
    """Make an account without any power; for district admins.

    Without a password it cannot sign in until `issue_password` gives it one.
    details: title_before, title_after, phone, email.
    """
    if not by.may_administer:
        raise PermissionDenied(_("Akun dibuat oleh Admin Kecamatan."))
    return _new_account(by, username, full_name, password, details)


@transaction.atomic
def sign_up(*, username, full_name, email, password):
    """Make a resident's own account, without any power; anyone may.

    Raises ValidationError also for the name of a post, which an admin could give.
    """
    names.refuse_username_of_a_post(username)
    names.refuse_name_of_a_post(full_name)
    return _new_account(full_name, username, full_name, password, {"email": email})


@transaction.atomic
def grant_office(
    *,
    by,
    user,
    post,
    starts_on,
    village=None,
    district=None,
    standing=Office.Standing.FULL,
    ends_on=None,
    mandate="",
):
    """Give `user` a post at a village or district of which `by` is the admin.

    Never to `by`: who grants powers holds no others by their own hand.
    """
    if user.pk == by.pk:
        raise PermissionDenied(
            _("Jabatan tidak dapat diberikan kepada diri sendiri. Mintalah admin lain.")
        )
    office = Office(
        user=user,
        post=post,
        standing=standing,
        village=village,
        district=district,
        starts_on=starts_on,
        ends_on=ends_on,
        mandate=mandate,
        granted_by=by,
    )
    # Offices of one person are granted one after the other, so that none is doubled.
    User.objects.select_for_update().get(pk=user.pk)
    office.full_clean()
    office.save()
    if not Office.objects.grantable_by(by).filter(pk=office.pk).exists():
        raise PermissionDenied(_("Tempat ini di luar kecamatan yang Anda kelola."))
    audit.record("office-grant", target=user.username, by=by, new=_facts(office))
    notify.granted(office, by)
    return office


@transaction.atomic
def end_office(*, by, office, ends_on):
    """Let `office` end after the day `ends_on`; a day past ends it at once."""
    office = (
        Office.objects.endable_by(by)
        .select_for_update(of=("self",))
        .filter(pk=office.pk)
        .first()
    )
    if office is None:
        raise PermissionDenied(
            _(
                "Jabatan ini sudah berakhir atau bukan wewenang Anda untuk mengakhirinya."
            )
        )
    if ends_on < office.starts_on:
        raise ValidationError(
            {
                "ends_on": _("Jabatan ini baru mulai %s.")
                % dates.format_date(office.starts_on)
            }
        )
    old = _facts(office)
    office.ends_on = ends_on
    office.save(update_fields=["ends_on"])
    audit.record(
        "office-end", target=office.user.username, by=by, old=old, new=_facts(office)
    )
    notify.ended(office, by)
    return office


@transaction.atomic
def issue_password(*, by, user):
    """Give `user` a random one-time password; returns them and it, stored nowhere.

    It ends every sign-in they have open, must be changed at the first one and ends by
    itself after `passwords.ONE_TIME_LIVES`.
    """
    user = _manageable(by, user)
    password = passwords.one_time()
    user.set_password(password)
    user.password_expires_at = dates.now() + passwords.ONE_TIME_LIVES
    user.save(update_fields=["password", "password_expires_at"])
    audit.record("account-password", target=user.username, by=by)
    return user, password


@transaction.atomic
def remove_second_factor(*, by, user):
    """Take away app, passkeys and recovery codes of `user`, who has lost the phone."""
    _remove_second_factor(by, _manageable(by, user))


@transaction.atomic
def rescue_admin(*, username):
    """Take away the second step of an admin, from the server's own command line.

    For the one whom no other admin can help. Raises PermissionDenied for anyone else.
    """
    user = User.objects.filter(username__iexact=username).first()
    if user is None or not user.may_administer:
        raise PermissionDenied(
            _("%s bukan Admin Kecamatan; akun lain dibantu olehnya.") % username
        )
    _remove_second_factor(_("Pengelola server"), user)


@transaction.atomic
def close_account(*, by, user):
    """Keep `user` from signing in. Their name stays on all papers."""
    _set_active(by, user, False)


@transaction.atomic
def reopen_account(*, by, user):
    """Let `user` sign in again, with the offices they hold today."""
    _set_active(by, user, True)


@transaction.atomic
def appoint_first_admin(*, district, username, full_name, password):
    """Make the first admin of `district`, from the server's own command line.

    Raises PermissionDenied while the district has an admin: they make the others.
    """
    district = District.objects.select_for_update().get(pk=district.pk)
    held = Office.objects.today().filter(district=district, post=Post.DISTRICT_ADMIN)
    if held.exists():
        raise PermissionDenied(
            _("%s sudah mempunyai admin; akun berikutnya dibuat olehnya.") % district
        )
    user = _new_account(_("Pengelola server"), username, full_name, password, {})
    office = Office.objects.create(
        user=user,
        post=Post.DISTRICT_ADMIN,
        district=district,
        starts_on=dates.today(),
    )
    audit.record(
        "office-grant",
        target=user.username,
        by=_("Pengelola server"),
        new=_facts(office),
    )
    return user


def _new_account(by, username, full_name, password, details):
    user = User(username=username, full_name=full_name, **details)
    user.set_unusable_password()
    user.full_clean(exclude=["password"])
    if password is not None:
        get_adapter().clean_password(password, user)
        user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise ValidationError(_("Nama pengguna ini sudah dipakai.")) from error
    audit.record(
        "account-create", target=user.username, by=by, new={"full_name": user.name}
    )
    return user


def _remove_second_factor(by, user):
    Authenticator.objects.filter(user=user).delete()
    audit.record("account-second-factor", target=user.username, by=by)


def _manageable(by, user):
    found = (
        User.objects.manageable_by(by)
        .select_for_update(of=("self",))
        .filter(pk=user.pk)
        .first()
    )
    if found is None:
        raise PermissionDenied(
            _("Akun ini bukan wewenang Anda: milik sendiri atau kecamatan lain.")
        )
    return found


def _set_active(by, user, is_active):
    user = _manageable(by, user)
    if user.is_active == is_active:
        return
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    verb = "account-reopen" if is_active else "account-close"
    audit.record(verb, target=user.username, by=by)


def _facts(office):
    return {
        "title": office.title,
        "starts_on": office.starts_on,
        "ends_on": office.ends_on,
        "mandate": office.mandate,
    }
