"""A form sent twice (double click, resend on a bad line) has its effect once."""

import hashlib
import json
from functools import wraps

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _

from leksono_portal.kit import form_keys, held
from leksono_portal.kit.errors import BadForm
from leksono_portal.kit.models import FormKey


def once(view):
    """Let a POST through `view` once per `{% form_key %}`; GET passes untouched.

    The view and the key are one transaction. A second POST waits for the first on the
    unique index and is then led to where the first was. When the view does not
    redirect (errors in the form, Stale, any exception), the key is free again and
    everything the view wrote is undone; of a response that `keeps_what_was_written`
    only the key is freed. Raises BadForm for a key that is missing,
    forged, another user's or another page's.
    """

    @wraps(view)
    def view_once(request, *args, **kwargs):
        if request.method != "POST":
            return view(request, *args, **kwargs)
        key = _own_key(request)
        content = _content_sha256(request)
        with transaction.atomic():
            row, is_first = FormKey.objects.get_or_create(
                key=key,
                defaults={
                    "user_id": str(request.user.pk),
                    "path": request.path,
                    "content_sha256": content,
                },
            )
            if not is_first:
                return _answer_again(request, row, content)
            response = view(request, *args, **kwargs)
            if 300 <= response.status_code < 400:
                row.location = response.url
                row.save(update_fields=["location"])
            elif getattr(response, "keeps_what_was_written", False):
                row.delete()
            else:
                transaction.set_rollback(True)
        if row.location:
            held.forget(request)
        return response

    return view_once


def _own_key(request):
    key, user_id = form_keys.read_key(request.POST.get(form_keys.FIELD, ""))
    if key is None:
        raise BadForm(
            _("Isian ini tidak lengkap. Buka lagi formulirnya, lalu kirim dari sana.")
        )
    if user_id != str(request.user.pk):
        raise BadForm(_("Isian ini ditulis oleh pengguna lain."))
    return key


def _content_sha256(request):
    typed = [
        (name, request.POST.getlist(name))
        for name in sorted(request.POST)
        if name != "csrfmiddlewaretoken"
    ]
    files = [
        (name, file.name, file.size)
        for name in sorted(request.FILES)
        for file in request.FILES.getlist(name)
    ]
    return hashlib.sha256(json.dumps([typed, files]).encode()).hexdigest()


def _answer_again(request, row, content):
    if row.path != request.path:
        raise BadForm(_("Isian ini milik halaman lain. Buka lagi formulirnya."))
    if row.content_sha256 != content:
        return held.typed_anew(request)
    messages.info(request, _("Isian ini sudah tersimpan; tidak dicatat dua kali."))
    return HttpResponseRedirect(row.location)
