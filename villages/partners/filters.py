"""The filters of `/mitra/`; their names are its address and stay as they are."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.filters import ListFilter, words
from villages.partners.models import Partner

KINDS = {
    "dinas": Partner.Kind.GOVERNMENT,
    "lsm": Partner.Kind.NGO,
    "donatur": Partner.Kind.DONOR,
    "perusahaan": Partner.Kind.COMPANY,
    "kampus": Partner.Kind.UNIVERSITY,
    "lain": Partner.Kind.OTHER,
}
OFFERS = {
    "dana": Partner.Offer.FUNDS,
    "barang": Partner.Offer.GOODS,
    "pelatihan": Partner.Offer.TRAINING,
    "pendampingan": Partner.Offer.ADVICE,
}
OPEN, CLOSED, ALL = "terbuka", "ditutup", "semua"


class PartnerFilter(ListFilter):
    """Without `keadaan` in the address nothing is left out, open or closed."""

    usual = {"keadaan": OPEN}

    q = django_filters.CharFilter(
        label=_("Cari"),
        method="search",
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("nama mitra")}),
    )
    jenis = django_filters.ChoiceFilter(
        label=_("Jenis"),
        choices=[(name, kind.label) for name, kind in KINDS.items()],
        empty_label=_("Semua jenis"),
        method="of_kind",
    )
    bantuan = django_filters.ChoiceFilter(
        label=_("Bantuan"),
        choices=[(name, offer.label) for name, offer in OFFERS.items()],
        empty_label=_("Semua bantuan"),
        method="offering",
    )
    keadaan = django_filters.ChoiceFilter(
        label=_("Keadaan"),
        choices=[
            (OPEN, _("Masih terbuka")),
            (CLOSED, _("Sudah ditutup")),
            (ALL, _("Semua")),
        ],
        empty_label=None,
        method="in_state",
    )

    class Meta:
        model = Partner
        fields = []

    def search(self, partners, name, text):
        """Every word in the name or in what is told."""
        for word in words(text):
            partners = partners.filter(
                Q(name__icontains=word) | Q(description__icontains=word)
            )
        return partners

    def of_kind(self, partners, name, value):
        return partners.filter(kind=KINDS[value])

    def offering(self, partners, name, value):
        return partners.filter(offers__contains=[OFFERS[value]])

    def in_state(self, partners, name, value):
        if value == ALL:
            return partners
        return partners.open() if value == OPEN else partners.closed()
