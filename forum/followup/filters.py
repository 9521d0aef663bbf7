"""The filters of `/tindak-lanjut/`; their names are its address and stay as they are."""

import django_filters
from django import forms
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from forum.meetings.models import ActionItem, Body
from leksono_portal.kit import dates
from leksono_portal.kit.filters import ListFilter, words
from villages.areas.models import Village

OPEN, LATE, DONE, ALL = "belum", "lewat", "selesai", "semua"
DISTRICT = "kecamatan"  # where a village stands: what the district itself must do
BY_VILLAGE = "desa"


class FollowUpFilter(ListFilter):
    """Without `keadaan` in the address nothing is left out, done or not."""

    apart = ("keadaan", "kelompok")

    keadaan = django_filters.ChoiceFilter(
        label=_("Keadaan"),
        choices=[
            (OPEN, _("Belum selesai")),
            (LATE, _("Lewat batas")),
            (DONE, _("Selesai")),
            (ALL, _("Semua")),
        ],
        widget=forms.HiddenInput,
        method="in_state",
    )
    kelompok = django_filters.ChoiceFilter(
        label=_("Kelompok"),
        choices=[(BY_VILLAGE, _("Menurut desa"))],
        widget=forms.HiddenInput,
        method="as_it_is",
    )
    q = django_filters.CharFilter(
        label=_("Cari"),
        method="search",
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("tugas, rapat")}),
    )
    desa = django_filters.ChoiceFilter(
        label=_("Penanggung jawab"), empty_label=_("Semua"), method="of_village"
    )
    lembaga = django_filters.ChoiceFilter(
        label=_("Lembaga"),
        field_name="meeting__body",
        empty_label=_("Semua lembaga"),
    )

    class Meta:
        model = ActionItem
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices = {
            "desa": [
                *Village.objects.values_list("slug", "name"),
                (DISTRICT, _("Kecamatan")),
            ],
            "lembaga": list(Body.objects.values_list("pk", "name")),
        }
        for name, pairs in choices.items():
            self.filters[name].extra["choices"] = pairs

    def in_state(self, items, name, value):
        return items if value == ALL else items.filter(_states()[value])

    def as_it_is(self, items, name, value):
        return items

    def search(self, items, name, text):
        """Every word in the task or in what the meeting was about."""
        for word in words(text):
            items = items.filter(
                Q(task__icontains=word) | Q(meeting__title__icontains=word)
            )
        return items

    def of_village(self, items, name, value):
        if value == DISTRICT:
            return items.filter(village=None)
        return items.filter(village__slug=value)

    def in_order(self):
        """What was found, the nearest day first, of what is done the last; by village
        where that is asked for."""
        is_done = self.chosen.get("keadaan") == DONE
        order = ["-done_on", "-pk"] if is_done else ["due_on", "pk"]
        if "kelompok" in self.chosen:
            order = ["village__name", "village_id", *order]
        return self.qs.order_by(*order)

    def totals(self):
        """How many in each state, and done this year, under all filters but keadaan."""
        items = self.under_all_but("keadaan")
        counts = {
            name: Count("pk", filter=condition) for name, condition in _states().items()
        }
        this_year = Q(done_on__year=dates.today().year)
        return items.order_by().aggregate(
            **counts, **{ALL: Count("pk")}, this_year=Count("pk", filter=this_year)
        )


def _states():
    return {
        OPEN: Q(done_on=None),
        LATE: Q(done_on=None, due_on__lt=dates.today()),
        DONE: Q(done_on__isnull=False),
    }
