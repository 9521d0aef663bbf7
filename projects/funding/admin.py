from django.contrib import admin

from leksono_portal.kit.backoffice import ReadOnlyAdmin
from projects.funding.models import (
    BudgetLine,
    FundingRequest,
    Reservation,
    Tranche,
    Transition,
)


@admin.register(FundingRequest)
class FundingRequestAdmin(ReadOnlyAdmin):
    list_display = [
        "title",
        "year",
        "status",
        "status_since",
        "requested",
        "approved",
        "released",
        "accounted",
    ]
    list_filter = ["status", "year"]
    search_fields = ["title", "project__title", "letter_number", "decision_letter"]
    list_select_related = ["project"]


@admin.register(BudgetLine)
class BudgetLineAdmin(ReadOnlyAdmin):
    list_display = ["description", "request", "group", "amount", "approved"]
    list_filter = ["group"]
    search_fields = ["description", "request__title"]
    list_select_related = ["request"]


@admin.register(Transition)
class TransitionAdmin(ReadOnlyAdmin):
    list_display = ["request", "number", "to_status", "office", "at"]
    list_filter = ["to_status"]
    list_select_related = ["request"]


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ["request", "allotment", "amount", "at"]
    list_select_related = [
        "request",
        "allotment__source",
        "allotment__village",
        "allotment__district",
    ]


@admin.register(Tranche)
class TrancheAdmin(ReadOnlyAdmin):
    list_display = ["request", "number", "amount"]
    list_select_related = ["request"]
