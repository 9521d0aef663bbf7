from django.contrib import admin

from leksono_portal.kit.backoffice import ReferenceAdmin
from villages.areas.models import District, Village


@admin.register(District)
class DistrictAdmin(ReferenceAdmin):
    list_display = ["code", "name", "regency"]
    readonly_fields = ["code"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return _administers(request.user, obj)


@admin.register(Village)
class VillageAdmin(ReferenceAdmin):
    list_display = ["name", "kind", "code", "population"]
    list_filter = ["kind"]
    search_fields = ["name", "code"]
    prepopulated_fields = {"slug": ["name"]}

    def get_readonly_fields(self, request, obj=None):
        return ["district", "code", "slug", "kind"] if obj else []

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def has_change_permission(self, request, obj=None):
        return _administers(request.user, obj and obj.district)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "district":
            kwargs["queryset"] = District.objects.filter(
                pk__in=request.user.administered_districts()
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def _administers(user, district):
    """Is `user` today the admin of `district`, or of any where none is named?"""
    districts = user.administered_districts()
    return (districts.filter(district=district) if district else districts).exists()
