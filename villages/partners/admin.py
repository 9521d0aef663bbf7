from django.contrib import admin

from leksono_portal.kit.backoffice import ReadOnlyAdmin
from villages.partners.models import Partner


@admin.register(Partner)
class PartnerAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "district", "closed_at", "created_at"]
    list_filter = ["kind"]
    list_select_related = ["district"]
    search_fields = ["name"]
