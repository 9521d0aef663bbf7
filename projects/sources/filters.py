import django_filters
from django.utils.translation import gettext_lazy as _

from projects.sources.models import Allotment


class AllotmentFilter(django_filters.FilterSet):
    """The year of the ceilings, kept in the address."""

    tahun = django_filters.NumberFilter(
        field_name="year",
        label=_("Tahun anggaran"),
        min_value=2015,
        max_value=2100,
        decimal_places=0,
    )

    class Meta:
        model = Allotment
        fields = []
