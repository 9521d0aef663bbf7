"""Passwords that others know: the demo's, and those on a sheet for one use."""

import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leksono_portal.kit import demo

DEMO_PASSWORD = "gotong-royong"
ONE_TIME_LIVES = timedelta(days=7)
ENDED = gettext_lazy(
    "Kata sandi sekali pakai ini sudah berakhir. Mintalah lembar yang baru kepada "
    "Admin Kecamatan."
)
CONSONANTS, VOWELS = "bdfghjklmnprstw", "aeiou"


def one_time():
    """A random password that can be read out and typed, e.g. "bado-kemi-tulo-rafa".

    Four groups of two syllables: 5,625 each, together some 50 bits.
    """
    return "-".join(
        "".join(secrets.choice(letters) for letters in (CONSONANTS, VOWELS) * 2)
        for _group in range(4)
    )


def refuse_demo_password(password):
    """Raise ValidationError for the demo password where the demo mark is absent."""
    if password == DEMO_PASSWORD and not demo.is_demo(fresh=True):
        raise ValidationError(
            _(
                "Kata sandi contoh hanya berlaku di portal berisi data contoh. "
                "Mintalah kata sandi baru kepada Admin Kecamatan."
            )
        )


def refuse_the_one_time(password, user):
    """Raise ValidationError if `user` would keep their one-time password."""
    if user and user.password_is_temporary and user.check_password(password):
        raise ValidationError(
            _("Ini kata sandi dari lembar. Buatlah yang lain, yang hanya Anda tahu.")
        )
