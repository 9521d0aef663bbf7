"""Gathers the rooms' models, since Django looks for them here."""

from villages.areas.models import Border, District, Village
from villages.people.models import Office, User

__all__ = ["Border", "District", "Office", "User", "Village"]
