"""Gathers the rooms' news, since the kit looks for it here."""

import projects.accounts.notify
import projects.funding.notify
import projects.pledges.notify
import projects.portfolio.notify
import projects.responses.notify
import projects.sources.notify  # noqa: F401
