from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forum.amendments import actions
from forum.amendments.forms import AmendForm, CorrectionFormSet
from forum.meetings.models import Amendment
from forum.meetings.views import fetch
from leksono_portal.kit import papers
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.once import once


@once
def amend(request, pk):
    """Correct the record of a final meeting by a paper of its own."""
    meeting = fetch(request, pk)
    if not meeting.can_keep_papers:
        raise PermissionDenied(
            _("Berita acara diperbaiki pimpinan atau notulis rapat, atau sekcam.")
        )
    form = AmendForm(request.POST or None, initial={"seen": len(meeting.amendments)})
    rows = CorrectionFormSet(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid() & rows.is_valid():
        corrections = [row for row in rows.cleaned_data if row]
        try:
            amendment = actions.amend(
                meeting, by=request.user, corrections=corrections, **form.cleaned_data
            )
        except Stale as error:
            form.add_error(None, _stale(error))
            meeting = fetch(request, pk)
            form.data = form.data.copy()
            form.data["seen"] = len(meeting.amendments)
            status = 409
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("Perbaikan tersimpan: %(number)s.") % {"number": amendment}
            )
            return redirect(amendment)
    context = {"meeting": meeting, "form": form, "rows": rows}
    return render(request, "forum/amendments/amend.html", context, status=status)


@login_not_required
@require_safe
def pdf(request, pk):
    """The berita acara perbaikan; until the worker has made it, a page that says so."""
    amendment = get_object_or_404(
        Amendment.objects.visible_to(request.user).select_related(
            "paper", "record__meeting"
        ),
        pk=pk,
    )
    title = _("Berita acara perbaikan")
    name = slugify(f"{title} {amendment.number.replace('/', '-')}")
    back = (amendment.get_absolute_url(), _("Kembali ke rapat"))
    return papers.respond(request, amendment.paper, name=name, title=title, back=back)


def _stale(error):
    return _(
        "%(who)s baru saja memperbaiki berita acara ini juga. Bandingkan dahulu dengan "
        "isian Anda di bawah; kirim lagi bila masih perlu."
    ) % {"who": error.by}
