from django.contrib import admin

from leksono_portal.kit.backoffice import ReadOnlyAdmin
from projects.pledges.models import Pledge, PledgeMove, PledgeReceipt


@admin.register(Pledge)
class PledgeAdmin(ReadOnlyAdmin):
    list_display = ["what", "partner", "kind", "status", "amount", "received"]
    list_filter = ["kind", "status"]
    list_select_related = ["partner"]
    search_fields = ["what", "partner__name", "project__title"]


@admin.register(PledgeMove)
class PledgeMoveAdmin(ReadOnlyAdmin):
    list_display = ["pledge", "number", "to_status", "office", "at"]
    list_filter = ["to_status"]
    list_select_related = ["pledge"]


@admin.register(PledgeReceipt)
class PledgeReceiptAdmin(ReadOnlyAdmin):
    list_display = ["reference", "pledge", "amount", "quantity", "received_on", "at"]
    search_fields = ["reference"]
    list_select_related = ["pledge"]
