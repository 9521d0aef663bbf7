from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.backoffice import ReadOnlyAdmin
from leksono_portal.kit.dates import format_when
from leksono_portal.kit.money import format_rupiah
from projects.portfolio.models import (
    Photo,
    ProgressReport,
    Project,
    StageChange,
    WorkItem,
)


class ReadOnlyInline(admin.TabularInline):
    template = "admin/rows.html"
    extra = 0
    can_delete = False

    def has_view_permission(self, request, obj=None):
        return request.user.is_staff

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class WorkItemInline(ReadOnlyInline):
    model = WorkItem
    fields = readonly_fields = ["title", "price", "starts_on", "ends_on"]

    @admin.display(description=_("biaya"))
    def price(self, item):
        return format_rupiah(item.cost)


class StageChangeInline(ReadOnlyInline):
    model = StageChange
    fields = readonly_fields = ["stage", "moved_at", "moved_by", "note"]

    @admin.display(description=_("tahap"))
    def stage(self, change):
        return change.get_to_stage_display()

    @admin.display(description=_("waktu"))
    def moved_at(self, change):
        return format_when(change.at)

    @admin.display(description=_("oleh"))
    def moved_by(self, change):
        return change.by


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = ["title", "sector", "lead_village", "year", "stage"]
    list_select_related = ["lead_village"]
    list_filter = ["stage", "sector", "year"]
    search_fields = ["title", "place", "lead_village__name"]
    inlines = [WorkItemInline, StageChangeInline]


@admin.register(ProgressReport)
class ProgressReportAdmin(ReadOnlyAdmin):
    list_display = ["project", "reported_on", "physical", "spent", "created_by"]
    list_select_related = ["project", "created_by"]
    date_hierarchy = "reported_on"
    search_fields = ["project__title"]


@admin.register(Photo)
class PhotoAdmin(ReadOnlyAdmin):
    list_display = ["alt", "project", "moment", "taken_on", "withdrawn_at"]
    list_select_related = ["project"]
    list_filter = ["moment"]
    date_hierarchy = "taken_on"
    search_fields = ["alt", "project__title"]
