"""Gathers the rooms' models, since Django looks for them here."""

from villages.areas.models import District, Village
from villages.people.models import Office, User

__all__ = ["District", "Office", "User", "Village"]
