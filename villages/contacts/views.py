from copy import copy

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from leksono_portal.kit.errors import Stale
from leksono_portal.kit.once import once
from villages.areas.models import Village
from villages.contacts import actions
from villages.contacts.forms import ContactForm
from villages.contacts.models import Contact


@once
def edit(request, slug):
    village = get_object_or_404(Village.objects.select_related("contact"), slug=slug)
    if not Contact.objects.villages_editable_by(request.user).contains(village):
        raise PermissionDenied(_("Kontak kantor ditulis perangkat desa itu sendiri."))
    stored = getattr(village, "contact", None) or Contact(village=village)
    # A copy: the form writes what was typed into it, the page keeps what is stored.
    form, status = ContactForm(request.POST or None, instance=copy(stored)), 200
    if form.is_valid():
        try:
            actions.save_contact(village, by=request.user, **form.cleaned_data)
        except Stale as error:
            form.show_stale(error)
            status = 409
        else:
            messages.success(request, _("Kontak kantor tersimpan."))
            return redirect(village)
    context = {"village": village, "form": form}
    return render(request, "villages/contacts/edit.html", context, status=status)
