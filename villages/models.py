"""Gathers the rooms' models, since Django looks for them here."""

from villages.areas.models import Border, District, Village
from villages.contacts.models import Contact
from villages.exchange.models import Resource
from villages.partners.models import Partner
from villages.people.models import Office, User

__all__ = [
    "Border",
    "Contact",
    "District",
    "Office",
    "Partner",
    "Resource",
    "User",
    "Village",
]
