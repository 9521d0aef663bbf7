"""The code on the screen of the venue, and the page that it opens on a phone."""

import segno
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from forum.checkin import actions
from forum.checkin.forms import CheckInForm
from forum.meetings.views import attendance_of, check_may_write, fetch
from leksono_portal.kit import dates
from leksono_portal.kit.once import once


@never_cache
@require_safe
def show_code(request, pk):
    """For the beamer: a new code every minute, fetched without a script."""
    shown = fetch(request, pk)
    check_may_write(shown)
    closed = actions.why_closed(shown)
    code = actions.make_code(shown, by=request.user)
    address = reverse("forum:check-in", args=[pk, code])
    qr = segno.make(f"{settings.SITE_URL}{address}", error="m", micro=False)
    context = {
        "meeting": shown,
        "closed": closed,
        "attendance": attendance_of(shown),
        "qr": qr.svg_inline(omitsize=True, border=3, dark="#000", light="#fff"),
        "seconds": actions.SHOWN_FOR,
    }
    response = render(request, "forum/checkin/code.html", context)
    response["Refresh"] = str(actions.SHOWN_FOR)
    return response


@never_cache
@once
def check_in(request, pk, code):
    """ "Saya hadir": whom the portal sees, where they stand on the list, one button."""
    shown = fetch(request, pk)
    done = shown.check_ins.filter(user=request.user).first()
    if done:
        messages.info(
            request,
            _("Anda sudah menyatakan hadir pukul %(time)s.")
            % {"time": dates.format_time(done.at)},
        )
        return redirect(shown)
    context = {"meeting": shown}
    try:
        actions.check_open(shown)
        actions.check_code(shown, code)
        place = actions.place_of(shown, request.user)
        form = CheckInForm(request.POST or None, is_listed=bool(place.person))
        context |= {"place": place, "form": form}
        if request.method == "POST" and form.is_valid():
            actions.check_in(shown, by=request.user, code=code, **form.cleaned_data)
            messages.success(request, _("Anda tercatat hadir. Selamat bermusyawarah."))
            return redirect(shown)
    except PermissionDenied as error:
        context["refusal"] = str(error)
        return render(request, "forum/checkin/check_in.html", context, status=403)
    return render(request, "forum/checkin/check_in.html", context)
