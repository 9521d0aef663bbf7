"""The public list of follow-up, and agenda items that go to another meeting."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forum.followup import actions
from forum.followup.filters import ALL, BY_VILLAGE, OPEN, FollowUpFilter
from forum.followup.forms import TargetForm
from forum.meetings import actions as meetings
from forum.meetings.models import ActionItem, AgendaItem, Meeting
from forum.meetings.views import check_may_write, fetch
from leksono_portal.kit.filters import address
from leksono_portal.kit.once import once

ROWS = 20  # on a page of the list


@login_not_required
@require_safe
def follow_ups(request):
    """What meetings agreed should be done, by whom, until when; first what is open."""
    asked = request.GET.copy()
    asked.setdefault("keadaan", OPEN)
    found = FollowUpFilter(asked, queryset=ActionItem.objects.agreed())
    totals = found.totals()
    rows = found.in_order().select_related("meeting", "village", "decision")
    paginator = Paginator(rows.with_projects().with_verbs(request.user), ROWS)
    # Known already; spares asking again.
    paginator.count = totals[found.chosen.get("keadaan", ALL)]
    grouped = "kelompok" in found.chosen
    context = {
        "filter": found,
        "totals": totals,
        "states": [
            (
                words,
                address(request, keadaan=state),
                found.chosen.get("keadaan") == state,
            )
            for state, words in found.filters["keadaan"].extra["choices"]
        ],
        "grouped": grouped,
        "regroup_address": address(request, kelompok=None if grouped else BY_VILLAGE),
        "pills": [
            (label, value, address(request, **{name: None}))
            for name, label, value in found.active()
        ],
        "page_obj": paginator.get_page(request.GET.get("page")),
    }
    return render(request, "forum/followup/follow_ups.html", context)


@once
def carry(request, pk):
    """Put what earlier meetings put off on the agenda of a meeting called before."""
    shown = _fetch_to_write(request, pk)
    if request.method == "POST":
        carried = meetings.carry_over(shown, by=request.user)
        messages.success(
            request,
            _("Masuk acara: %(n)s acara yang ditunda.") % {"n": len(carried)}
            if carried
            else _("Tidak ada lagi acara yang ditunda."),
        )
        return redirect(_room(shown))
    put_off = AgendaItem.objects.waiting_for(shown)
    if not put_off:
        messages.info(request, _("Tidak ada lagi acara yang ditunda."))
        return redirect(_room(shown))
    return _confirm(
        request,
        shown,
        _("Masukkan acara yang ditunda"),
        "\n".join(item.title for item in put_off),
        _("Masukkan ke acara"),
    )


@once
def defer(request, pk, item):
    return _mark(
        request,
        pk,
        item,
        actions.defer,
        title=_("Tunda ke rapat berikutnya"),
        said=_("Ditunda; acara ini ada dengan sendirinya di rapat berikutnya."),
    )


@once
def resume(request, pk, item):
    return _mark(
        request,
        pk,
        item,
        actions.resume,
        title=_("Batalkan penundaan"),
        said=_("Tidak jadi ditunda."),
    )


@once
def move(request, pk, item):
    return _send(request, pk, item, actions.move, _("Pindahkan acara"))


@once
def copy(request, pk, item):
    return _send(request, pk, item, actions.copy, _("Salin acara"))


def _mark(request, pk, item, act, title, said):
    shown = _fetch_to_write(request, pk)
    row = get_object_or_404(shown.agenda, pk=item)
    if request.method != "POST":
        return _confirm(request, shown, title, row.title, title)
    try:
        act(row, by=request.user)
    except meetings.Gone:
        messages.info(request, _("Acara itu sudah dihapus."))
    else:
        messages.success(request, said)
    return redirect(_room(shown))


def _send(request, pk, item, act, title):
    """The form that asks to which meeting an item goes, and its going there."""
    shown = _fetch_to_write(request, pk)
    row = get_object_or_404(shown.agenda, pk=item)
    targets = Meeting.objects.writable_by(request.user).filter(body=shown.body_id)
    targets = targets.exclude(pk=pk).order_by("starts_at", "pk")
    form = TargetForm(request.POST or None, targets=targets)
    if form.is_valid():
        target = form.cleaned_data["target"]
        try:
            act(row, by=request.user, target=target)
        except ValidationError as error:
            form.add_error(None, error)
        except meetings.Gone:
            messages.info(request, _("Acara itu sudah dihapus."))
            return redirect(_room(shown))
        else:
            messages.success(
                request,
                _("“%(item)s” sekarang di acara %(meeting)s.")
                % {"item": row.title, "meeting": target},
            )
            return redirect(_room(shown))
    context = {
        "meeting": shown,
        "form": form,
        "title": title,
        "about": row.title,
        "submit": title,
        "back": _room(shown),
    }
    return render(request, "forum/meetings/form.html", context)


def _fetch_to_write(request, pk):
    shown = fetch(request, pk)
    check_may_write(shown)
    return shown


def _confirm(request, shown, title, text, submit):
    context = {
        "meeting": shown,
        "title": title,
        "text": text,
        "submit": submit,
        "back": _room(shown),
    }
    return render(request, "forum/meetings/confirm.html", context)


def _room(shown):
    return f"{reverse('forum:meeting-log', args=[shown.pk])}#acara"
