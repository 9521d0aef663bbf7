from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.backoffice import ReadOnlyAdmin
from leksono_portal.kit.models import Mail


class StateFilter(admin.SimpleListFilter):
    title = _("keadaan")
    parameter_name = "keadaan"

    def lookups(self, request, model_admin):
        return [
            ("menunggu", _("Menunggu")),
            ("terkirim", _("Terkirim")),
            ("gagal", _("Gagal")),
        ]

    def queryset(self, request, queryset):
        if self.value() == "menunggu":
            return queryset.waiting()
        if self.value() == "terkirim":
            return queryset.filter(sent_at__isnull=False)
        if self.value() == "gagal":
            return queryset.filter(failed_at__isnull=False)
        return queryset


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    """The outbox, for the district admin: to whom by account, never what it says."""

    list_display = [
        "event",
        "account",
        "state",
        "tries",
        "next_try_at",
        "sent_at",
        "failed_at",
        "last_error",
    ]
    list_filter = [StateFilter]
    list_select_related = ["notification"]
    fields = list_display
    ordering = ["-pk"]

    def has_module_permission(self, request):
        return request.user.may_administer

    def has_view_permission(self, request, obj=None):
        return request.user.may_administer

    def get_queryset(self, request):
        users = get_user_model().objects.filter(pk=OuterRef("notification__user_id"))
        return (
            super()
            .get_queryset(request)
            .annotate(account=Subquery(users.values("username")))
        )

    @admin.display(description=_("peristiwa"))
    def event(self, mail):
        return mail.notification.event

    @admin.display(description=_("akun"))
    def account(self, mail):
        return mail.account

    @admin.display(description=_("keadaan"))
    def state(self, mail):
        if mail.failed_at:
            return _("Gagal")
        return _("Terkirim") if mail.sent_at else _("Menunggu")
