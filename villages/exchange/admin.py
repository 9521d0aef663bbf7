from django.contrib import admin

from leksono_portal.kit.backoffice import ReadOnlyAdmin
from villages.exchange.models import Resource


@admin.register(Resource)
class ResourceAdmin(ReadOnlyAdmin):
    list_display = ["title", "kind", "what", "village", "status", "created_at"]
    list_filter = ["kind", "what", "status"]
    list_select_related = ["village"]
    search_fields = ["title", "village__name"]
