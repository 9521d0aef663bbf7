from allauth.account.utils import (
    complete_signup,
    get_login_redirect_url,
    setup_user_email,
)
from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from villages.people import actions
from villages.people.forms import TAKEN, SignUpForm


@login_not_required
@sensitive_post_parameters("password1", "password2")
@never_cache
def sign_up(request):
    """A resident makes an account of their own, without any power, and is signed in."""
    if request.user.is_authenticated:
        return redirect(get_login_redirect_url(request))
    if request.method != "POST":
        return _page(request, SignUpForm())
    if not ratelimit.consume(request, action="signup_tried"):
        return _again(
            request,
            _("Terlalu banyak percobaan. Tunggu sebentar, lalu coba lagi."),
            429,
        )
    form = SignUpForm(request.POST)
    if form.is_valid():
        if not ratelimit.consume(request, action="signup"):
            return _again(
                request,
                _(
                    "Sudah banyak akun dibuat dari jaringan ini. Coba lagi nanti, atau "
                    "mintalah akun kepada Admin Kecamatan."
                ),
                429,
            )
        try:
            user = actions.sign_up(**form.account)
        except ValidationError:  # someone was faster
            form.add_error("username", TAKEN)
        else:
            setup_user_email(request, user, [])
            return complete_signup(request, user, None, None)
    user = form.made_just_now()
    return complete_signup(request, user, None, None) if user else _page(request, form)


def _again(request, message, status=403):
    """The form with all that was typed, passwords apart, and why it was not taken."""
    form = SignUpForm(initial=request.POST.dict())
    return _page(request, form, status, message)


sign_up.shown_again = _again


def _page(request, form, status=200, message=None):
    context = {"form": form, "message": message, "next": request.GET.get("next", "")}
    return render(request, "account/signup.html", context, status=status)
