from django.contrib import admin

from leksono_portal.kit.backoffice import ReadOnlyAdmin
from villages.contacts.models import Contact


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    list_display = ["village", "phone", "whatsapp", "email", "updated_at"]
    list_select_related = ["village"]
    search_fields = ["village__name"]
