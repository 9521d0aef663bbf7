from django.contrib import admin

from leksono_portal.kit.backoffice import ReadOnlyAdmin, ReferenceAdmin
from projects.sources.models import Allotment, FundSource


@admin.register(FundSource)
class FundSourceAdmin(ReferenceAdmin):
    list_display = ["code", "name"]
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
