from django import forms
from django.contrib import admin

from forum.meetings.models import (
    ActionItem,
    Body,
    Decision,
    Meeting,
    OfficialRecord,
    hidden_from,
)
from leksono_portal.kit.backoffice import ReadOnlyAdmin, ReferenceAdmin
from villages.areas.models import District, Village


@admin.register(Body)
class BodyAdmin(ReferenceAdmin):
    """Kept by the admin of the body's own district. The code stands in every number
    given out, so that it stays.
    """

    list_display = ["name", "code", "district"]

    def get_readonly_fields(self, request, obj=None):
        return ["district", "code"] if obj else []

    def has_change_permission(self, request, obj=None):
        mine = request.user.administered_districts()
        return (mine.filter(district=obj.district_id) if obj else mine).exists()

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "district":
            kwargs["queryset"] = District.objects.filter(
                pk__in=request.user.administered_districts()
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "villages":
            kwargs["widget"] = forms.CheckboxSelectMultiple
            kwargs["queryset"] = Village.objects.filter(
                district__in=request.user.administered_districts()
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(Meeting)
class MeetingAdmin(ReadOnlyAdmin):
    list_display = ["title", "body", "starts_at", "finalised_at"]
    list_filter = ["body"]
    list_select_related = ["body"]
    search_fields = ["title"]
    date_hierarchy = "starts_at"


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ["meeting", "number", "text", "method"]
    list_select_related = ["meeting"]
    search_fields = ["text"]

    def get_queryset(self, request):
        found = super().get_queryset(request)
        return found.exclude(hidden_from(request.user, "agenda_item__"))


@admin.register(ActionItem)
class ActionItemAdmin(ReadOnlyAdmin):
    list_display = ["task", "village", "due_on", "done_on"]
    list_select_related = ["village"]


@admin.register(OfficialRecord)
class OfficialRecordAdmin(ReadOnlyAdmin):
    list_display = ["number", "meeting", "at", "by"]
    list_select_related = ["meeting", "by"]
    search_fields = ["number"]
