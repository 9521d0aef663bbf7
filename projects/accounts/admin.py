from django.contrib import admin

from leksono_portal.kit.backoffice import ReadOnlyAdmin
from projects.accounts.models import (
    Account,
    AccountMove,
    Cancellation,
    Leftover,
    Receipt,
    Release,
    Settlement,
)


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ["reference", "tranche", "paid_on", "at"]
    search_fields = ["reference"]
    list_select_related = ["tranche"]


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ["release", "status", "status_since", "spent"]
    list_filter = ["status"]
    list_select_related = ["release"]


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    list_display = ["number", "paid_on", "purpose", "amount", "tax", "account"]
    search_fields = ["number", "purpose"]
    list_select_related = ["account__release__tranche"]


@admin.register(AccountMove)
class AccountMoveAdmin(ReadOnlyAdmin):
    list_display = ["account", "number", "to_status", "office", "at"]
    list_filter = ["to_status"]
    list_select_related = ["account__release__tranche"]


@admin.register(Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    list_display = ["request", "spent", "paid_back", "reference", "at"]
    list_select_related = ["request"]


@admin.register(Leftover)
class LeftoverAdmin(ReadOnlyAdmin):
    list_display = ["reservation", "amount", "at"]
    list_select_related = ["reservation"]


@admin.register(Cancellation)
class CancellationAdmin(ReadOnlyAdmin):
    list_display = ["request", "proposed_at", "decided_at", "is_signed"]
    list_filter = ["is_signed"]
    list_select_related = ["request"]
