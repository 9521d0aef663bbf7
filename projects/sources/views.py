from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from leksono_portal.kit.money import format_rupiah
from leksono_portal.kit.once import once
from projects.sources import actions
from projects.sources.forms import AllotmentForm, ConfirmForm
from projects.sources.models import Allotment, proposed_at
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
