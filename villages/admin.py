"""Gathers the rooms' admin, since Django looks for it here."""

import villages.areas.admin
import villages.contacts.admin
import villages.exchange.admin
import villages.partners.admin
import villages.people.admin  # noqa: F401
