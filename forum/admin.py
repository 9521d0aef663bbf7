"""Gathers the rooms' admin, since Django looks for it here."""

import forum.checkin.admin  # noqa: F401
import forum.meetings.admin  # noqa: F401
import forum.voting.admin  # noqa: F401
