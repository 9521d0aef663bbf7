from django.contrib import admin

from forum.checkin.models import CheckIn
from leksono_portal.kit.backoffice import ReadOnlyAdmin


@admin.register(CheckIn)
class CheckInAdmin(ReadOnlyAdmin):
    list_display = ["meeting", "user", "at"]
    list_select_related = ["meeting", "user"]
