import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from forum.meetings.models import Decision, Meeting
from leksono_portal.kit.filters import ListFilter


class MeetingFilter(ListFilter):
    """Body, year and text of the list of meetings, kept in the address."""

    q = django_filters.CharFilter(
        label=_("Cari"),
        method="search",
        max_length=100,
        widget=forms.TextInput({"type": "search", "maxlength": 100}),
    )
    lembaga = django_filters.ChoiceFilter(
        label=_("Lembaga"), field_name="body", empty_label=_("Semua lembaga")
    )
    tahun = django_filters.ChoiceFilter(
        label=_("Tahun"), field_name="starts_at__year", empty_label=_("Semua tahun")
    )

    class Meta:
        model = Meeting
        fields = ["q", "lembaga", "tahun"]

    def __init__(self, *args, bodies, years, **kwargs):
        super().__init__(*args, **kwargs)
        choices = {
            "lembaga": [(body.pk, body.name) for body in bodies],
            "tahun": [(year, year) for year in years],
        }
        for name, pairs in choices.items():
            self.filters[name].extra["choices"] = pairs

    def search(self, queryset, name, value):
        """In subject and place, and in decisions once they are public."""
        said = Decision.objects.final().filter(
            meeting=OuterRef("pk"), text__icontains=value
        )
        return queryset.filter(
            Q(title__icontains=value) | Q(place__icontains=value) | Exists(said)
        )
