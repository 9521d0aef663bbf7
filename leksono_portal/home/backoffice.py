"""The back office at /admin/: reference data and accounts, for the district's staff.

Money, offices once granted and records can only be read there.
"""

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _


class BackOffice(AdminSite):
    site_header = _("Kantor belakang Portal Leksono")
    site_title = _("Kantor belakang")
    index_title = _("Data dasar")
    enable_nav_sidebar = False

    def has_permission(self, request):
        """Led to sign in if a stranger; refused in words if not of the district."""
        if request.user.is_authenticated and not request.user.is_staff:
            raise PermissionDenied(_("Kantor belakang hanya untuk petugas kecamatan."))
        return request.user.is_authenticated

    @method_decorator(login_not_required)
    def login(self, request, extra_context=None):
        """There is one door, and it counts wrong passwords: the portal's own."""
        if request.user.is_authenticated:
            return redirect("admin:index")
        address = request.GET.get("next", reverse("admin:index"))
        return redirect_to_login(address, reverse("account_login"))

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")
