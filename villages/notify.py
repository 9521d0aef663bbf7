"""Gathers the rooms' news, since the kit looks for it here."""

import villages.people.notify  # noqa: F401
