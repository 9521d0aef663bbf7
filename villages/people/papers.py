"""The sheet with which an account is handed over. It is made, shown and not kept."""

from django.conf import settings
from django.urls import reverse

from leksono_portal.kit import dates
from leksono_portal.kit.language import in_indonesian
from leksono_portal.kit.papers import typeset


@in_indonesian()
def password_sheet(user, password):
    """The PDF that gives `user` their one-time password, on one page to be printed."""
    content = {
        "name": user.name,
        "username": user.username,
        "password": password,
        "address": settings.SITE_URL + reverse("account_login"),
        "until": dates.format_when(user.password_expires_at),
        "made": dates.format_date(dates.today()),
    }
    return typeset("villages/people/lembar_sandi.typ", content, dates.now())
