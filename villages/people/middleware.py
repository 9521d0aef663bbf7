from django.contrib import messages
from django.contrib.auth import logout
from django.shortcuts import redirect

from villages.people import passwords, second_factor

CHANGING = "account_change_password"
ADDING = "mfa_activate_totp"
ADDING_PASSKEY = "mfa_add_webauthn"
# What stays open on the way: the door out, and the question who is there.
ON_THE_WAY = {"account_login", "account_logout", "account_reauthenticate", "language"}


class FirstThings:
    """Lead to the one page that comes first, as long as something does.

    With a one-time password that is changing it, and nothing else opens. With an
    office that demands a second step, it is adding that; only pages that anyone may
    read stay open, and nothing can be posted.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, args, kwargs):
        user, name = request.user, request.resolver_match.view_name
        if not user.is_authenticated or name in ON_THE_WAY:
            return None
        if user.password_is_temporary:
            return self._change_password(request, name)
        if name in (ADDING, ADDING_PASSKEY) or _is_public_reading(request, view_func):
            return None
        return redirect(ADDING) if second_factor.is_missing(user) else None

    def _change_password(self, request, name):
        if request.user.password_has_ended:
            logout(request)
            messages.error(request, passwords.ENDED)
            return redirect("account_login")
        return None if name == CHANGING else redirect(CHANGING)


def _is_public_reading(request, view_func):
    is_public = not getattr(view_func, "login_required", True)
    return is_public and request.method in ("GET", "HEAD")
