from django.contrib import admin

from leksono_portal.kit.backoffice import ReadOnlyAdmin
from projects.responses.models import Response


@admin.register(Response)
class ResponseAdmin(ReadOnlyAdmin):
    list_display = ["project", "at", "due_on", "answer", "hiding"]
    list_select_related = ["project", "answer", "hiding"]
    search_fields = ["text", "project__title"]
    readonly_fields = ["answer", "hiding"]
