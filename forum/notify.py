"""Gathers the rooms' news, since the kit looks for it here."""

import forum.meetings.notify  # noqa: F401
