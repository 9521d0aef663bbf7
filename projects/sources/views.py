from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leksono_portal.kit.errors import Stale
from leksono_portal.kit.money import format_rupiah
from leksono_portal.kit.once import once
from projects.sources import actions
from projects.sources.forms import (
    AcceptForm,
    AllotmentForm,
    ChangeForm,
    ConfirmForm,
    DeclineForm,
)
from projects.sources.models import Allotment, CeilingChange, proposed_at
from villages.areas.models import District


@once
def allotment_new(request):
    district = District.objects.filter(pk__in=proposed_at(request.user)).first()
    if district is None:
        raise PermissionDenied(_("Pagu diusulkan oleh Bendahara Kecamatan."))
    form = AllotmentForm(request.POST or None, district=district)
    if form.is_valid():
        fields = form.cleaned_data
        owner = {} if fields["village"] else {"district": district}
        try:
            allotment = actions.propose_allotment(by=request.user, **fields, **owner)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request,
                _("Pagu %(ceiling)s diusulkan. Camat yang menetapkannya.")
                % {"ceiling": format_rupiah(allotment.ceiling)},
            )
            return redirect(allotment)
    return render(request, "projects/sources/allotment_new.html", {"form": form})


@once
def allotment_confirm(request, pk):
    allotment = get_object_or_404(
        Allotment.objects.visible_to(request.user).select_related(
            "source", "village", "district", "proposed_by"
        ),
        pk=pk,
    )
    if not Allotment.objects.confirmable_by(request.user).contains(allotment):
        raise PermissionDenied(
            _("Pagu ini sudah ditetapkan, atau bukan Anda yang menetapkannya.")
        )
    form = ConfirmForm(request.POST or None, initial={"ceiling": allotment.ceiling})
    if form.is_valid():
        actions.confirm_allotment(by=request.user, allotment_id=pk, **form.cleaned_data)
        messages.success(request, _("Pagu ditetapkan."))
        return redirect(allotment)
    context = {"form": form, "allotment": allotment}
    return render(request, "projects/sources/allotment_confirm.html", context)


@once
def allotment_change(request, pk):
    """Propose another amount for a ceiling that is in force."""
    allotment = get_object_or_404(
        Allotment.objects.visible_to(request.user)
        .with_changes(request.user)
        .select_related("source", "village", "district"),
        pk=pk,
    )
    if not Allotment.objects.changeable_by(request.user).contains(allotment):
        raise PermissionDenied(
            _("Perubahan pagu yang sudah ditetapkan diusulkan Bendahara Kecamatan.")
        )
    form = ChangeForm(request.POST or None, initial={"ceiling": allotment.ceiling})
    if form.is_valid():
        try:
            change = actions.propose_change(
                by=request.user, allotment_id=pk, **form.cleaned_data
            )
        except Stale as error:
            form.renew(str(error), allotment.ceiling)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request,
                _("Perubahan menjadi %(amount)s diusulkan. Camat yang menetapkannya.")
                % {"amount": format_rupiah(change.amount)},
            )
            return redirect(allotment)
    context = {"form": form, "allotment": allotment}
    return render(
        request,
        "projects/sources/allotment_change.html",
        context,
        status=409 if form.stale else 200,
    )


@login_not_required
@require_safe
def change(request, pk):
    """What was proposed for a ceiling and what became of it; the camat decides here."""
    return _change_page(request, _change(request, pk), AcceptForm())


@once
def change_accept(request, pk):
    return _decide(request, pk, AcceptForm, _("Pagu diubah."), accept=True)


@once
def change_decline(request, pk):
    done = _("Perubahan tidak ditetapkan. Alasannya terbuka.")
    return _decide(request, pk, DeclineForm, done, accept=False)


def _decide(request, pk, form_class, done, *, accept):
    found = _change(request, pk)
    if not CeilingChange.objects.decidable_by(request.user).contains(found):
        raise PermissionDenied(
            _("Perubahan ini sudah diputuskan, atau bukan Anda yang memutuskannya.")
        )
    form = form_class(request.POST or None)
    if form.is_valid():
        try:
            actions.decide_change(
                by=request.user, change_id=pk, accept=accept, **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, done)
            return redirect(found)
    return _change_page(request, found, form)


def _change(request, pk):
    places = ["allotment__source", "allotment__village", "allotment__district"]
    changes = CeilingChange.objects.visible_to(request.user)
    return get_object_or_404(changes.select_related(*places), pk=pk)


def _change_page(request, found, form):
    context = {
        "change": found,
        "allotment": found.allotment,
        "others": found.allotment.changes.visible_to(request.user).exclude(pk=found.pk),
        "can_decide": CeilingChange.objects.decidable_by(request.user).contains(found),
        "form": form,
        "decline": form if isinstance(form, DeclineForm) else DeclineForm(),
    }
    return render(request, "projects/sources/change.html", context)
