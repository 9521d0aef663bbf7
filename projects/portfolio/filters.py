"""The filters of `/proyek/`; their names are its address and stay as they are."""

import django_filters
from django import forms
from django.db.models import Count, Q, Sum, Value
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit import dates
from leksono_portal.kit.filters import ListFilter, words
from projects.portfolio.models import Participation, Project
from villages.areas.models import Village

FIRST_YEAR = 2015  # the earliest a project may be of


def _years():
    return [(year, year) for year in range(dates.today().year + 1, FIRST_YEAR - 1, -1)]


class ProjectFilter(ListFilter):
    apart = ("sektor",)

    sektor = django_filters.ChoiceFilter(
        field_name="sector",
        label=_("Bidang"),
        choices=Project.Sector,
        widget=forms.HiddenInput,
    )
    q = django_filters.CharFilter(
        label=_("Cari"),
        method="search",
        max_length=100,
        widget=forms.TextInput(
            {"type": "search", "placeholder": _("nama, tempat, desa")}
        ),
    )
    desa = django_filters.ChoiceFilter(
        label=_("Desa"), empty_label=_("Semua desa"), method="involving"
    )
    tahap = django_filters.ChoiceFilter(
        field_name="stage",
        label=_("Tahap"),
        choices=Project.Stage,
        empty_label=_("Semua tahap"),
    )
    tahun = django_filters.ChoiceFilter(
        field_name="year",
        label=_("Tahun"),
        choices=_years,
        empty_label=_("Semua tahun"),
    )

    class Meta:
        model = Project
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Read once, for the choices and for what is chosen.
        self.villages = {village.slug: village for village in Village.objects.all()}
        self.filters["desa"].extra["choices"] = [
            (slug, village.name) for slug, village in self.villages.items()
        ]

    def search(self, projects, name, text):
        """Every word in the name, the place, or the name of a village."""
        for word in words(text):
            joined = Participation.objects.filter(village__name__icontains=word)
            projects = projects.filter(
                Q(title__icontains=word)
                | Q(place__icontains=word)
                | Q(lead_village__name__icontains=word)
                | Q(pk__in=joined.values("project"))
            )
        return projects

    def involving(self, projects, name, slug):
        return projects.involving(self.villages[slug])

    def totals(self):
        """{sector: (how many, rupiah approved)}, under all filters but its own."""
        rows = self.under_all_but("sektor").order_by().values_list("sector")
        counted = rows.annotate(n=Count("pk"), approved=Value(0))
        # Apart, as a join would count a project once for each of its requests.
        granted = rows.filter(requests__approved__gt=0).annotate(
            n=Value(0), approved=Sum("requests__approved")
        )
        totals = {}
        for sector, n, approved in counted.union(granted, all=True):
            before = totals.get(sector, (0, 0))
            totals[sector] = before[0] + n, before[1] + int(approved)
        return totals
