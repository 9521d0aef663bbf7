from copy import copy

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leksono_portal.kit.errors import Stale
from leksono_portal.kit.filters import address
from leksono_portal.kit.once import once
from villages.partners import actions
from villages.partners.filters import OPEN, PartnerFilter
from villages.partners.forms import CloseForm, PartnerEditForm, PartnerForm
from villages.partners.models import Partner, districts_keepable_by

ROWS = 20  # on a page of the list
PLEDGES = 10  # on a page of a partner


@login_not_required
@require_safe
def partners(request):
    asked = request.GET.copy()
    asked.setdefault("keadaan", OPEN)
    found = PartnerFilter(asked, queryset=Partner.objects.visible_to(request.user))
    context = {
        "filter": found,
        "pills": [
            (label, value, address(request, **{name: None}))
            for name, label, value in found.active()
        ],
        "page_obj": Paginator(found.qs, ROWS).get_page(request.GET.get("page")),
        "can_add": districts_keepable_by(request.user).exists(),
    }
    return render(request, "villages/partners/partners.html", context)


@login_not_required
@require_safe
def partner(request, pk):
    """Who it is, and what became of all it has promised."""
    found = get_object_or_404(
        Partner.objects.visible_to(request.user).select_related("district"), pk=pk
    )
    # Read through the relation that points here; its room stands a floor above.
    pledges = found.pledges.visible_to(request.user)
    page = Paginator(pledges.for_partner(), PLEDGES)
    context = {
        "partner": found,
        "can_edit": Partner.objects.editable_by(request.user).contains(found),
        "page_obj": page.get_page(request.GET.get("page")),
        "sums": pledges.sums(),
    }
    return render(request, "villages/partners/partner.html", context)


@once
def new(request):
    district = districts_keepable_by(request.user).first()
    if district is None:
        raise PermissionDenied(actions.why_not_keep())
    form = PartnerForm(request.POST or None)
    if form.is_valid():
        try:
            made = actions.add(by=request.user, district=district, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Mitra tercatat, dan terbaca semua orang."))
            return redirect(made)
    return render(request, "villages/partners/new.html", {"form": form})


@once
def edit(request, pk):
    found = _fetch(request, pk)
    # A copy: the form writes what was typed into it, the page keeps what is stored.
    form = PartnerEditForm(request.POST or None, instance=copy(found))
    if _done(form, actions.edit, found, by=request.user):
        messages.success(request, _("Perubahan tersimpan."))
        return redirect(found)
    return _page(request, "edit", found, form)


@once
def close(request, pk):
    found = _fetch(request, pk)
    form = CloseForm(request.POST or None, instance=copy(found))
    if _done(form, actions.close, found, by=request.user):
        messages.success(request, _("Mitra ditutup; alasannya tampil di sini."))
        return redirect(found)
    return _page(request, "close", found, form)


def _done(form, action, found, **fields):
    """Do `action`; False when it was refused, and then the form says why."""
    if not form.is_valid():
        return False
    try:
        action(found, **fields, **form.cleaned_data)
    except Stale as error:
        form.show_stale(error)
    except ValidationError as error:
        form.add_error(None, error)
    else:
        return True
    return False


def _page(request, name, found, form):
    """A form page of the partner; 409 when a colleague was quicker."""
    return render(
        request,
        f"villages/partners/{name}.html",
        {"partner": found, "form": form},
        status=409 if hasattr(form, "stale") else 200,
    )


def _fetch(request, pk):
    """The partner, for those who keep the list; closed ones only to be told so."""
    found = get_object_or_404(Partner.objects.visible_to(request.user), pk=pk)
    if not Partner.objects.handled_by(request.user).contains(found):
        raise PermissionDenied(actions.why_not_keep())
    if request.method != "POST" and found.is_closed:
        raise PermissionDenied(_("Mitra ini sudah ditutup."))
    return found
