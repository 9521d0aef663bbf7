"""Counted votes: who may vote, what is voted on, the counts and their confirmation."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forum.meetings.forms import read_attendance
from forum.meetings.views import check_may_write, fetch
from forum.voting import actions, forms
from forum.voting.models import Ballot
from leksono_portal.kit.errors import BadForm, Stale
from leksono_portal.kit.once import once


@once
def electorate(request, pk):
    """Who may vote, of the villages' people on the list, all on one page."""
    shown = fetch(request, pk)
    if request.method == "POST":
        was, now = read_attendance(request.POST)
        changed = actions.designate(shown, by=request.user, was=was, now=now)
        messages.success(request, _("Hak suara %(n)s orang dicatat.") % {"n": changed})
        return redirect(_room(shown))
    check_may_write(shown)
    people = shown.participants.filter(village__isnull=False).select_related("village")
    context = {
        "meeting": shown,
        "people": people,
        "was": " ".join(str(person.pk) for person in people if person.may_vote),
        "back": _room(shown),
    }
    return render(request, "forum/voting/electorate.html", context)


@once
def ballot_open(request, pk):
    shown = fetch(request, pk)
    form, status = forms.BallotForm(request.POST or None, meeting=shown), 200
    if request.method != "POST":
        check_may_write(shown)
    elif form.is_valid():
        try:
            made = actions.open_ballot(shown, by=request.user, **form.cleaned_data)
        except PermissionDenied as error:
            form.add_error(None, str(error))
            status = 403
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Pemungutan suara dibuka."))
            return redirect(made)
    context = {
        "meeting": shown,
        "form": form,
        "people": actions.entitled(shown).select_related("village"),
        "refused": status == 403,
        "back": _room(shown),
    }
    return render(request, "forum/voting/open.html", context, status=status)


@require_safe
def ballot(request, pk, ballot):
    """How it stands, who may vote, and what whoever reads it may do now."""
    return _page(request, _fetch(request, pk, ballot))


@once
def ballot_count(request, pk, ballot):
    shown = _fetch(request, pk, ballot)
    form = forms.CountForm(request.POST or None, ballot=shown)
    if request.method == "POST" and form.is_valid():
        try:
            actions.count(shown, by=request.user, **form.cleaned_data)
        except Stale as error:
            # What was typed stays, beside what was counted meanwhile.
            shown = _fetch(request, pk, ballot)
            form.add_error(None, str(error))
            form.data = form.data.copy()
            form.data["version"] = shown.version
            return _page(request, shown, form=form, status=409)
        messages.success(request, _("Hitungan tersimpan, menunggu disahkan."))
        return redirect(shown)
    if not shown.can_count:
        raise PermissionDenied(actions.why_not_counted(shown))
    return _page(request, shown, form=form)


@once
def ballot_confirm(request, pk, ballot):
    shown = _fetch(request, pk, ballot)
    if request.method == "POST":
        form = forms.VersionForm(request.POST)
        if not form.is_valid():
            raise BadForm(forms.INCOMPLETE)
        try:
            actions.confirm(shown, by=request.user, **form.cleaned_data)
        except Stale as error:
            shown = _fetch(request, pk, ballot)
            return _page(request, shown, error=str(error), status=409)
        messages.success(request, _("Hitungan suara disahkan."))
        return redirect(shown)
    if not shown.can_confirm:
        raise PermissionDenied(actions.why_not_confirmed(shown, request.user))
    return _page(request, shown)


@once
def ballot_cancel(request, pk, ballot):
    shown = _fetch(request, pk, ballot)
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.cancel(shown, by=request.user, **form.cleaned_data)
        messages.success(request, _("Pemungutan suara dibatalkan."))
        return redirect(shown)
    if not shown.can_count:
        raise PermissionDenied(actions.why_not_counted(shown))
    context = {
        "meeting": shown.meeting,
        "form": form,
        "title": _("Batalkan pemungutan suara"),
        "about": shown,
        "submit": _("Batalkan pemungutan suara"),
        "removes": True,
        "back": shown.get_absolute_url(),
    }
    return render(request, "forum/meetings/form.html", context)


@once
def ballot_decide(request, pk, ballot):
    shown = _fetch(request, pk, ballot)
    if request.method == "POST":
        made = actions.decide(shown, by=request.user)
        messages.success(request, _("%(decision)s dicatat.") % {"decision": made})
        room = reverse("forum:meeting-log", args=[pk])
        return redirect(f"{room}#keputusan-{made.number}")
    if not shown.can_decide:
        raise PermissionDenied(actions.NOT_DECIDED)
    return _page(request, shown)


def _fetch(request, pk, ballot):
    """A ballot with its verbs for this reader, or 404."""
    return get_object_or_404(
        Ballot.objects.visible_to(request.user)
        .with_verbs(request.user)
        .select_related(
            "meeting", "agenda_item", "opened_by", "counted_by", "confirmed_by"
        ),
        meeting=pk,
        pk=ballot,
    )


def _page(request, shown, *, form=None, error="", status=200):
    context = {
        "meeting": shown.meeting,
        "ballot": shown,
        "form": form or forms.CountForm(ballot=shown),
        "electors": shown.electors.select_related("village"),
        "error": error,
        "why_not": ""
        if shown.can_confirm
        else actions.why_not_confirmed(shown, request.user),
        "room": _room(shown.meeting),
    }
    return render(request, "forum/voting/ballot.html", context, status=status)


def _room(meeting):
    return f"{reverse('forum:meeting-log', args=[meeting.pk])}#suara"
