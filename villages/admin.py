"""Gathers the rooms' admin, since Django looks for it here."""

import villages.areas.admin
import villages.people.admin  # noqa: F401
