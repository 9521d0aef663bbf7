"""Whether this database holds the demo data; every page then says so."""

from leksono_portal.kit.kept import Kept
from leksono_portal.kit.models import DemoMark

# True where the demo mark stands. Ask `fresh=True` where a right hangs on it, such as
# signing in with the demo password.
is_demo = Kept(lambda: DemoMark.objects.exists())


def mark():
    """Mark this database as holding demo data."""
    DemoMark.objects.get_or_create(pk=1)
    is_demo.forget()
