"""Plain functions that make villages and people for tests."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password

from leksono_portal.kit import dates
from villages.contacts import actions as contacts
from villages.exchange import actions as exchange
from villages.models import District, Office, User, Village
from villages.partners import actions as partners
from villages.people.models import DISTRICT_POSTS

PASSWORD = "kunci-uji-portal"


def make_district(code="33.07.05", name="Leksono"):
    return District.objects.create(
        code=code, name=name, regency="Kabupaten Wonosobo", province="Jawa Tengah"
    )


def make_village(district, name, *, number=2001, kind=Village.Kind.DESA, **overrides):
    village = _village(district, name, number, kind, **overrides)
    village.save(force_insert=True)
    return village


def make_villages(*rows):
    """A village for each (district, name, number, kind), in one statement."""
    return Village.objects.bulk_create(_village(*row) for row in rows)


def _village(district, name, number, kind, **overrides):
    fields = {
        "district": district,
        "code": f"{district.code}.{number}",
        "slug": name.lower().replace(" ", "-"),
        "name": name,
        "kind": kind,
    }
    return Village(**(fields | overrides))


def make_user(username, **overrides):
    fields = {"full_name": full_name(username)}
    return User.objects.create_user(username, PASSWORD, **(fields | overrides))


def full_name(username):
    return username.replace(".", " ").title()


def make_officer(username, post, place, **overrides):
    """A user who has held `post` at `place` (village or district) for a year.

    One with a `standing` stands in, and does so for thirty days more.
    """
    user = make_user(username)
    _office(user, post, place, **overrides).save(force_insert=True)
    return user


def make_officers(*rows):
    """`make_officer` for each (username, post, place), in two statements.

    All have the same hash of the same password.
    """
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(username=name, full_name=full_name(name), password=password)
        for name, *_ in rows
    )
    Office.objects.bulk_create(
        _office(user, post, place)
        for user, (_, post, place) in zip(users, rows, strict=True)
    )
    return users


def _office(user, post, place, **overrides):
    where = "district" if post in DISTRICT_POSTS else "village"
    fields = {"starts_on": dates.today() - timedelta(days=365), where: place}
    if "standing" in overrides:
        fields["ends_on"] = dates.today() + timedelta(days=30)
    return Office(user=user, post=post, **(fields | overrides))


def make_resource(village, by, **overrides):
    """An open offer of `village`, written by `by`."""
    fields = {"kind": "offer", "what": "equipment", "title": "Molen beton"}
    return exchange.publish(by=by, village=village, **(fields | overrides))


def make_contact(village, by, **overrides):
    fields = {"address": "Balai desa", "hours": "Senin–Jumat", "phone": "0286321234"}
    return contacts.save_contact(village, by=by, **(fields | overrides))


def make_partner(district, by, **overrides):
    """An NGO of `district` that offers funds and training, written down by `by`."""
    fields = {
        "kind": "ngo",
        "name": "Lembaga Air Lestari",
        "offers": ["funds", "training"],
        "contact": "Jl. Raya 1, Wonosobo",
    }
    return partners.add(by=by, district=district, **(fields | overrides))
