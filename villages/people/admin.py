from contextlib import contextmanager

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.backoffice import ReadOnlyAdmin
from villages.people import actions
from villages.people.forms import (
    AccountChangeForm,
    AccountForm,
    OfficeEndForm,
    OfficeForm,
)
from villages.people.models import DISTRICT_POSTS, Office, User, districts_of


@contextmanager
def refusals_in_words():
    """Show what an action finds wrong after the form did not: someone was faster."""
    try:
        yield
    except ValidationError as error:
        raise PermissionDenied(" ".join(error.messages)) from error


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Accounts: the district admin makes, closes and reopens them, sets passwords."""

    list_display = ["username", "name", "is_active", "last_login"]
    list_filter = ["is_active"]
    search_fields = ["username", "full_name"]
    shown = ["username", "name", "phone", "email", "date_joined", "last_login"]

    def get_queryset(self, request):
        return User.objects.of_districts_of(request.user)

    def has_add_permission(self, request):
        return request.user.may_administer

    def has_change_permission(self, request, obj=None):
        if obj is None:
            return request.user.may_administer
        return User.objects.manageable_by(request.user).contains(obj)

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None:
            return AccountForm
        if self.has_change_permission(request, obj):
            return AccountChangeForm
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request, obj=None):
        return self.shown if obj else []

    def get_fields(self, request, obj=None):
        if obj is None:
            return [*AccountForm.Meta.fields, "password1"]
        if self.has_change_permission(request, obj):
            return [*self.shown, "is_active", "password1"]
        return [*self.shown, "is_active"]

    @refusals_in_words()
    def save_model(self, request, obj, form, change):
        password = form.cleaned_data["password1"]
        if not change:
            details = {
                name: form.cleaned_data[name]
                for name in ("title_before", "title_after", "phone", "email")
            }
            account = actions.create_account(
                by=request.user,
                username=obj.username,
                full_name=obj.full_name,
                password=password,
                **details,
            )
            obj.pk = account.pk
            return
        if password:
            actions.set_password(by=request.user, user=obj, password=password)
        if "is_active" in form.changed_data:
            act = actions.reopen_account if obj.is_active else actions.close_account
            act(by=request.user, user=obj)

    @admin.display(description=_("nama di surat"), ordering="full_name")
    def name(self, obj):
        return obj.name


@admin.register(Office)
class OfficeAdmin(ReadOnlyAdmin):
    """Offices: the district admin grants them to others and ends them."""

    list_display = ["user", "post", "place", "standing", "starts_on", "ends_on"]
    list_filter = ["post"]
    list_select_related = ["user", "village", "district"]
    search_fields = ["user__username", "user__full_name", "village__name"]
    shown = [
        "user",
        "post",
        "standing",
        "village",
        "district",
        "starts_on",
        "mandate",
        "granted_by",
    ]

    def get_queryset(self, request):
        places = districts_of(request.user, *DISTRICT_POSTS)
        there = Q(pk__in=Office.objects.at_districts(places).values("pk"))
        return super().get_queryset(request).filter(there)

    def has_add_permission(self, request):
        return request.user.may_administer

    def has_change_permission(self, request, obj=None):
        if obj is None:
            return request.user.may_administer
        return Office.objects.endable_by(request.user).contains(obj)

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None:
            return type("OfficeForm", (OfficeForm,), {"by": request.user})
        if self.has_change_permission(request, obj):
            kwargs["form"] = OfficeEndForm
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request, obj=None):
        return self.shown if obj else []

    def get_fields(self, request, obj=None):
        return [*self.shown, "ends_on"] if obj else OfficeForm.Meta.fields

    @refusals_in_words()
    def save_model(self, request, obj, form, change):
        if change:
            actions.end_office(
                by=request.user, office=obj, ends_on=form.cleaned_data["ends_on"]
            )
            return
        office = actions.grant_office(by=request.user, **form.cleaned_data)
        obj.pk = office.pk

    @admin.display(description=_("di"))
    def place(self, obj):
        return obj.village or obj.district
