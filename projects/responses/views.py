from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from leksono_portal.kit import dates
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.once import once
from projects.portfolio.models import Project
from projects.responses import actions
from projects.responses.forms import AnswerForm, HidingForm, ResponseForm
from projects.responses.models import Response


@once
def new(request, pk):
    project = get_object_or_404(
        Project.objects.visible_to(request.user).select_related("lead_village"), pk=pk
    )
    if not Project.objects.respondable_by(request.user).contains(project):
        raise PermissionDenied(
            _("Tanggapan dikirim warga; Anda menjawabnya atas nama desa utama.")
        )
    form = ResponseForm(request.POST or None)
    if form.is_valid():
        try:
            sent = actions.send(project, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request,
                _("Tanggapan terkirim. %(village)s menjawab paling lambat %(day)s.")
                % {
                    "village": project.lead_village.full_name,
                    "day": dates.format_date(sent.due_on),
                },
            )
            return redirect(sent)
    return render(
        request, "projects/responses/new.html", {"project": project, "form": form}
    )


@once
def answer(request, pk):
    return _handle(
        request, pk, "answer", AnswerForm, actions.answer, _("Jawaban sudah tampil.")
    )


@once
def hide(request, pk):
    return _handle(
        request,
        pk,
        "hide",
        HidingForm,
        actions.hide,
        _("Tanggapan disembunyikan; alasannya tampil di tempatnya."),
    )


def _handle(request, pk, name, form_class, action, done):
    """Ask, on the verb's own page, then do it; 409 when a colleague was quicker."""
    found = get_object_or_404(
        Response.objects.visible_to(request.user).select_related(
            "project__lead_village", "author", "answer", "hiding"
        ),
        pk=pk,
    )
    if not Response.objects.handled_by(request.user).contains(found):
        raise PermissionDenied(_("Tanggapan ditangani perangkat desa utama proyek."))
    is_over = found.is_hidden or (name == "answer" and found.is_answered)
    if request.method != "POST" and is_over:
        raise PermissionDenied(
            _("Tanggapan ini sudah disembunyikan.")
            if found.is_hidden
            else _("Tanggapan ini sudah dijawab.")
        )
    form, status = form_class(request.POST or None), 200
    if form.is_valid():
        try:
            action(found, by=request.user, **form.cleaned_data)
        except Stale as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, done)
            return redirect(found)
    context = {"project": found.project, "response": found, "form": form}
    return render(request, f"projects/responses/{name}.html", context, status=status)
