"""The portal of the test that starts it, for a server that may be killed."""

import os

from django.conf import settings

settings.STATIC_ROOT = os.environ["TEST_STATIC_ROOT"]

from leksono_portal.wsgi import application  # noqa: E402, F401
