"""Plain functions that make villages and people for tests."""

from datetime import timedelta

from leksono_portal.kit import dates
from villages.contacts import actions as contacts
from villages.exchange import actions as exchange
from villages.models import District, Office, User, Village
from villages.people.models import DISTRICT_POSTS

PASSWORD = "kunci-uji-portal"


def make_district(code="33.07.05", name="Leksono"):
    return District.objects.create(
        code=code, name=name, regency="Kabupaten Wonosobo", province="Jawa Tengah"
    )


def make_village(district, name, *, number=2001, kind=Village.Kind.DESA, **overrides):
    fields = {
        "district": district,
        "code": f"{district.code}.{number}",
        "slug": name.lower().replace(" ", "-"),
        "name": name,
        "kind": kind,
    }
    return Village.objects.create(**(fields | overrides))


def make_user(username, **overrides):
    fields = {"full_name": username.replace(".", " ").title()}
    return User.objects.create_user(username, PASSWORD, **(fields | overrides))


def make_officer(username, post, place, **overrides):
    """A user who has held `post` at `place` (village or district) for a year.

    One with a `standing` stands in, and does so for thirty days more.
    """
    user = make_user(username)
    where = "district" if post in DISTRICT_POSTS else "village"
    fields = {"starts_on": dates.today() - timedelta(days=365), where: place}
    if "standing" in overrides:
        fields["ends_on"] = dates.today() + timedelta(days=30)
    Office.objects.create(user=user, post=post, **(fields | overrides))
    return user


def make_resource(village, by, **overrides):
    """An open offer of `village`, written by `by`."""
    fields = {"kind": "offer", "what": "equipment", "title": "Molen beton"}
    return exchange.publish(by=by, village=village, **(fields | overrides))


def make_contact(village, by, **overrides):
    fields = {"address": "Balai desa", "hours": "Senin–Jumat", "phone": "0286321234"}
    return contacts.save_contact(village, by=by, **(fields | overrides))
