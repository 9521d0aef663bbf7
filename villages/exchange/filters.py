"""The filters of `/sumber-daya/`; their names are its address and stay as they are."""

import django_filters
from django import forms
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.filters import ListFilter, words
from villages.areas.models import Village
from villages.exchange.models import Resource

KINDS = {"punya": Resource.Kind.OFFER, "butuh": Resource.Kind.NEED}
OPEN, OVER, ALL = "terbuka", "selesai", "semua"


class ResourceFilter(ListFilter):
    """Without `keadaan` in the address nothing is left out, open or not."""

    apart = ("jenis",)
    usual = {"keadaan": OPEN}

    jenis = django_filters.ChoiceFilter(
        label=_("Punya atau butuh"),
        choices=[(name, kind.label) for name, kind in KINDS.items()],
        widget=forms.HiddenInput,
        method="of_kind",
    )
    q = django_filters.CharFilter(
        label=_("Cari"),
        method="search",
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("nama, desa")}),
    )
    apa = django_filters.ChoiceFilter(
        field_name="what",
        label=_("Jenis"),
        choices=Resource.What,
        empty_label=_("Semua jenis"),
    )
    desa = django_filters.ChoiceFilter(
        field_name="village__slug", label=_("Desa"), empty_label=_("Semua desa")
    )
    keadaan = django_filters.ChoiceFilter(
        label=_("Keadaan"),
        choices=[
            (OPEN, _("Masih terbuka")),
            (OVER, _("Sudah selesai")),
            (ALL, _("Semua")),
        ],
        empty_label=None,
        method="in_state",
    )

    class Meta:
        model = Resource
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["desa"].extra["choices"] = list(
            Village.objects.values_list("slug", "name")
        )

    def of_kind(self, resources, name, value):
        return resources.filter(kind=KINDS[value])

    def search(self, resources, name, text):
        """Every word in what is told or in the name of the village."""
        for word in words(text):
            resources = resources.filter(
                Q(title__icontains=word)
                | Q(description__icontains=word)
                | Q(village__name__icontains=word)
            )
        return resources

    def in_state(self, resources, name, value):
        if value == ALL:
            return resources
        return resources.open() if value == OPEN else resources.over()

    def totals(self):
        """{kind: how many}, under all filters but jenis."""
        rows = self.under_all_but("jenis").order_by().values_list("kind")
        return dict(rows.annotate(n=Count("pk")))
