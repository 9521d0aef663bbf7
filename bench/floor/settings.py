"""The portal's own settings and middleware, in front of the bare views."""

from leksono_portal.settings import *  # noqa: F403
from leksono_portal.settings import INSTALLED_APPS, TEMPLATES

INSTALLED_APPS = [*INSTALLED_APPS, "bench.floor"]
ROOT_URLCONF = "bench.floor.urls"
TEMPLATES = [TEMPLATES[0] | {"DIRS": []}]
