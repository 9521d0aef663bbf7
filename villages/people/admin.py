from contextlib import contextmanager

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.backoffice import ReadOnlyAdmin
from leksono_portal.kit.papers import pdf_response
from villages.people import actions, papers
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
    """Accounts: the district admin makes, closes and reopens them, hands them over."""

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
        return [*self.shown, "sheet"] if obj else []

    def get_fields(self, request, obj=None):
        if obj is None:
            return AccountForm.Meta.fields
        if self.has_change_permission(request, obj):
            return [*self.shown, "sheet", "is_active", "without_second_factor"]
        return [*self.shown, "is_active"]

    @refusals_in_words()
    def save_model(self, request, obj, form, change):
        if not change:
            details = {
                name: form.cleaned_data[name]
                for name in ("title_before", "title_after", "phone", "email")
            }
            account = actions.create_account(
                by=request.user,
                username=obj.username,
                full_name=obj.full_name,
                **details,
            )
            obj.pk = account.pk
            return
        if form.cleaned_data["without_second_factor"]:
            actions.remove_second_factor(by=request.user, user=obj)
        if "is_active" in form.changed_data:
            act = actions.reopen_account if obj.is_active else actions.close_account
            act(by=request.user, user=obj)

    def response_add(self, request, obj, post_url_continue=None):
        """A new account has no password yet: on to its sheet."""
        return redirect("admin:villages_user_sheet", obj.pk)

    def get_urls(self):
        sheet = path(
            "<int:pk>/kata-sandi/",
            self.admin_site.admin_view(self.password_sheet),
            name="villages_user_sheet",
        )
        return [sheet, *super().get_urls()]

    def password_sheet(self, request, pk):
        """Ask, then hand out the PDF with a one-time password.

        Not `@once`: nobody could show the password again, and of two sheets the one
        that is seen, the later, is the one that opens.
        """
        account = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, account):
            raise PermissionDenied(_("Kata sandi akun ini bukan wewenang Anda."))
        if request.method == "POST":
            account, password = actions.issue_password(by=request.user, user=account)
            pdf = papers.password_sheet(account, password)
            return pdf_response(pdf, f"kata-sandi-{account.username}")
        context = {"account": account}
        return render(request, "villages/people/password_sheet.html", context)

    @admin.display(description=_("kata sandi"))
    def sheet(self, obj):
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:villages_user_sheet", args=[obj.pk]),
            _("Buat lembar kata sandi sekali pakai"),
        )

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
