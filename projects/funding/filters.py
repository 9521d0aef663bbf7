import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from leksono_portal.kit.filters import ListFilter
from projects.funding.models import FundingRequest
from villages.areas.models import Village

Status = FundingRequest.Status
# The states as the public reads them, as the address names them.
STATES = {
    "draf": (_("Draf"), [Status.DRAFT]),
    "diusulkan": (_("Diusulkan"), [Status.SUBMITTED]),
    "diperiksa": (_("Diperiksa"), [Status.VERIFIED, Status.RETURNED]),
    "disetujui": (_("Disetujui"), [Status.APPROVED]),
    "berjalan": (_("Berjalan"), [Status.RUNNING]),
    "ditahan": (_("Ditahan"), [Status.HELD]),
    "selesai": (_("Selesai"), [Status.COMPLETED]),
    "dibatalkan": (_("Dibatalkan"), [Status.CANCELLED]),
    "tidak-disetujui": (_("Tidak disetujui"), [Status.REJECTED]),
    "ditarik": (_("Ditarik"), [Status.WITHDRAWN]),
}


def years():
    """Years a request may be of, without asking the database."""
    this = dates.today().year
    return [(year, str(year)) for year in range(this + 1, this - 5, -1)]


class RequestFilter(ListFilter):
    q = django_filters.CharFilter(label=_("Cari"), method="search", max_length=80)
    desa = django_filters.ChoiceFilter(
        label=_("Desa"),
        field_name="project__lead_village__slug",
        empty_label=_("Semua desa"),
    )
    tahun = django_filters.ChoiceFilter(
        label=_("Tahun"),
        field_name="year",
        choices=years,
        empty_label=_("Semua tahun"),
    )
    status = django_filters.ChoiceFilter(
        label=_("Keadaan"),
        choices=[(key, label) for key, (label, _statuses) in STATES.items()],
        method="in_state",
        empty_label=_("Semua keadaan"),
    )

    class Meta:
        model = FundingRequest
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        desa = Village.objects.filter(kind=Village.Kind.DESA)
        # Read once: a form asks for its choices more often than that.
        self.filters["desa"].extra["choices"] = list(desa.values_list("slug", "name"))

    def search(self, queryset, name, value):
        return queryset.filter(
            Q(title__icontains=value) | Q(project__title__icontains=value)
        )

    def in_state(self, queryset, name, value):
        return queryset.filter(status__in=STATES[value][1])
