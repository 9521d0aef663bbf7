from django.db.models import Count, Q
from django.utils.functional import SimpleLazyObject

from leksono_portal.home import queue
from leksono_portal.kit import demo
from leksono_portal.kit.kept import Kept
from villages.models import District, Village


def portal(request):
    """What base.html needs on every page; read only where the template asks."""
    counts = SimpleLazyObject(lambda: queue.counts(request.user))
    return {
        "demo": SimpleLazyObject(demo.is_demo),
        "district": SimpleLazyObject(district),
        "work_count": SimpleLazyObject(lambda: queue.work(counts)),
        "unread_count": SimpleLazyObject(lambda: counts[queue.UNREAD]),
    }


@Kept
def district():
    """Whose portal this is, with the numbers `desa` and `kelurahan` of its villages."""
    return District.objects.annotate(
        desa=Count("villages", filter=Q(villages__kind=Village.Kind.DESA)),
        kelurahan=Count("villages", filter=Q(villages__kind=Village.Kind.KELURAHAN)),
    ).first()
