"""What the rooms' admin pages start from: nothing is ever deleted there.

The kit knows no room: who may do what is asked of the user, by its properties
`is_staff` (may look) and `may_administer` (may keep the reference data).
"""

from django.contrib import admin


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that district staff may look at; what changes them is the portal itself."""

    actions = None

    def has_module_permission(self, request):
        return request.user.is_staff

    def has_view_permission(self, request, obj=None):
        return request.user.is_staff

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ReferenceAdmin(ReadOnlyAdmin):
    """Reference data, which the district admin adds to and corrects."""

    def has_add_permission(self, request):
        return request.user.may_administer

    def has_change_permission(self, request, obj=None):
        return request.user.may_administer
