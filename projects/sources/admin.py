from django.contrib import admin

from leksono_portal.kit.backoffice import ReadOnlyAdmin, ReferenceAdmin
from projects.sources.models import Allotment, CeilingChange, FundSource


@admin.register(FundSource)
class FundSourceAdmin(ReferenceAdmin):
    list_display = ["code", "name", "needs_decision"]
    search_fields = ["code", "name"]


@admin.register(Allotment)
class AllotmentAdmin(ReadOnlyAdmin):
    list_display = [
        "source",
        "year",
        "owner",
        "ceiling",
        "reserved",
        "confirmed_at",
    ]
    list_filter = ["year", "source"]
    list_select_related = ["source", "village", "district"]


@admin.register(CeilingChange)
class CeilingChangeAdmin(ReadOnlyAdmin):
    list_display = ["allotment", "before", "amount", "is_accepted", "decided_at"]
    list_filter = ["is_accepted"]
    list_select_related = [
        "allotment__source",
        "allotment__village",
        "allotment__district",
    ]
