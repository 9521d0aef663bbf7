"""Gathers the rooms' admin, since Django looks for it here."""

import projects.accounts.admin
import projects.funding.admin
import projects.pledges.admin
import projects.portfolio.admin
import projects.responses.admin
import projects.sources.admin  # noqa: F401
