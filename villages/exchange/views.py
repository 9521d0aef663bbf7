from copy import copy

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leksono_portal.kit.errors import Stale
from leksono_portal.kit.filters import address
from leksono_portal.kit.once import once
from villages.exchange import actions
from villages.exchange.filters import KINDS, OPEN, ResourceFilter
from villages.exchange.forms import CloseForm, NewResourceForm, ResourceEditForm
from villages.exchange.models import Resource

ROWS = 20  # on a page of the list
COUNTERPARTS = 5


@login_not_required
@require_safe
def resources(request):
    asked = request.GET.copy()
    asked.setdefault("keadaan", OPEN)
    found = ResourceFilter(asked, queryset=Resource.objects.visible_to(request.user))
    totals, jenis = found.totals(), found.chosen.get("jenis")
    paginator = Paginator(found.qs.select_related("village"), ROWS)
    # Known already; spares asking again.
    paginator.count = totals.get(KINDS[jenis], 0) if jenis else sum(totals.values())
    context = {
        "filter": found,
        "chips": _chips(request, jenis, totals),
        "pills": [
            (label, value, address(request, **{name: None}))
            for name, label, value in found.active()
        ],
        "page_obj": paginator.get_page(request.GET.get("page")),
        "can_publish": Resource.objects.villages_publishable_by(request.user).exists(),
    }
    return render(request, "villages/exchange/resources.html", context)


@login_not_required
@require_safe
def resource(request, pk):
    found = get_object_or_404(
        Resource.objects.visible_to(request.user).select_related("village__contact"),
        pk=pk,
    )
    others = Resource.objects.visible_to(request.user).counterparts_of(found)
    context = {
        "resource": found,
        "village": found.village,
        "can_edit": Resource.objects.editable_by(request.user).contains(found),
        "contact": getattr(found.village, "contact", None),
        "counterparts": others.select_related("village")[:COUNTERPARTS],
    }
    return render(request, "villages/exchange/resource.html", context)


@once
def new(request):
    villages = Resource.objects.villages_publishable_by(request.user)
    mine = list(villages[:2])
    if not mine:
        raise PermissionDenied(
            _("Sumber daya ditulis oleh perangkat desa, atas nama desanya.")
        )
    initial = {"kind": KINDS.get(request.GET.get("jenis"))}
    if len(mine) == 1:
        initial["village"] = mine[0]
    form = NewResourceForm(request.POST or None, villages=villages, initial=initial)
    if form.is_valid():
        made = actions.publish(by=request.user, **form.cleaned_data)
        messages.success(request, _("Sudah tampil, dan terlihat oleh semua desa."))
        return redirect(made)
    return render(request, "villages/exchange/new.html", {"form": form})


@once
def edit(request, pk):
    found = _fetch(request, pk)
    # A copy: the form writes what was typed into it, the page keeps what is stored.
    form, status = ResourceEditForm(request.POST or None, instance=copy(found)), 200
    if form.is_valid():
        try:
            actions.edit(found, by=request.user, **form.cleaned_data)
        except Stale as error:
            form.show_stale(error)
            status = 409
        else:
            messages.success(request, _("Perubahan tersimpan."))
            return redirect(found)
    context = {"resource": found, "form": form}
    return render(request, "villages/exchange/edit.html", context, status=status)


@once
def close(request, pk):
    found = _fetch(request, pk)
    form, status = CloseForm(request.POST or None), 200
    if form.is_valid():
        try:
            actions.close(found, by=request.user, **form.cleaned_data)
        except Stale as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, _("Sudah ditutup; alasannya tampil di sini."))
            return redirect(found)
    context = {"resource": found, "form": form}
    return render(request, "villages/exchange/close.html", context, status=status)


def _fetch(request, pk):
    """The resource, for those who look after it; closed ones only to be told so."""
    found = get_object_or_404(
        Resource.objects.visible_to(request.user).select_related("village"), pk=pk
    )
    if not Resource.objects.handled_by(request.user).contains(found):
        raise PermissionDenied(_("Ini ditangani perangkat desa yang menulisnya."))
    if request.method != "POST" and found.is_closed:
        raise PermissionDenied(_("Ini sudah ditutup dan tidak dapat diubah lagi."))
    return found


def _chips(request, jenis, totals):
    """(icon, text, how many, address, is in force) for both kinds and for each."""
    rows = [("", "saring", _("Semua"), sum(totals.values()))]
    rows += [
        (name, icon, kind.label, totals.get(kind, 0))
        for (name, kind), icon in zip(KINDS.items(), ("jabat", "cari"), strict=True)
    ]
    return [
        (icon, text, n, address(request, jenis=name), name == (jenis or ""))
        for name, icon, text, n in rows
    ]
