"""The filters of `/sumber-daya/`; their names are its address and stay as they are."""

import django_filters
from django import forms
from django.db.models import Count, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from villages.areas.models import Village
from villages.exchange.models import Resource

MAX_WORDS = 8
KINDS = {"punya": Resource.Kind.OFFER, "butuh": Resource.Kind.NEED}
OPEN, OVER, ALL = "terbuka", "selesai", "semua"


class ResourceFilter(django_filters.FilterSet):
    """Without `keadaan` in the address nothing is left out, open or not."""

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

    def search(self, resources, name, words):
        """Every word in what is told or in the name of the village."""
        for word in words.split()[:MAX_WORDS]:
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

    @cached_property
    def chosen(self):
        """{name: value} of the filters in force; what was not understood is left out."""
        self.form.full_clean()
        values = self.form.cleaned_data.items()
        return {name: value for name, value in values if value}

    def totals(self):
        """{kind: how many}, under all filters but jenis."""
        resources = self.queryset
        for name, value in self.chosen.items():
            if name != "jenis":
                resources = self.filters[name].filter(resources, value)
        rows = resources.order_by().values_list("kind")
        return dict(rows.annotate(n=Count("pk")))

    def active(self):
        """[(parameter, label, value as read)] of the filters a reader has set.

        Not jenis, which has chips of its own, nor that the list shows what is open.
        """
        return [
            (name, self.form.fields[name].label, self._as_read(name, value))
            for name, value in self.chosen.items()
            if name != "jenis" and value != OPEN
        ]

    def _as_read(self, name, value):
        return dict(getattr(self.form.fields[name], "choices", ())).get(value, value)
