from django.contrib import admin

from forum.voting.models import Ballot
from leksono_portal.kit.backoffice import ReadOnlyAdmin


@admin.register(Ballot)
class BallotAdmin(ReadOnlyAdmin):
    list_display = ["meeting", "question", "rule", "confirmed_at", "cancelled_at"]
    list_select_related = ["meeting"]
    search_fields = ["question"]
