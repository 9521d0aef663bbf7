"""The password everybody knows: good where the data are examples, nowhere else."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from leksono_portal.kit import demo

DEMO_PASSWORD = "gotong-royong"


def refuse_demo_password(password):
    """Raise ValidationError for the demo password where the demo mark is absent."""
    if password == DEMO_PASSWORD and not demo.is_demo(fresh=True):
        raise ValidationError(
            _(
                "Kata sandi contoh hanya berlaku di portal berisi data contoh. "
                "Mintalah kata sandi baru kepada Admin Kecamatan."
            )
        )
