"""What a person was told, and which of it also comes by e-mail."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leksono_portal.kit import notify
from leksono_portal.kit.models import MailWish, Notification
from leksono_portal.kit.once import once

PAGE_SIZE = 30


@require_safe
def news(request):
    """What the person was told, newest first."""
    rows = Paginator(Notification.objects.of(request.user), PAGE_SIZE)
    context = {"page_obj": rows.get_page(request.GET.get("page"))}
    return render(request, "kit/kabar.html", context)


@require_safe
def follow(request, pk):
    """Mark as read and lead on to what it is about.

    A GET that writes, on purpose: it may be repeated, it touches the reader's own row
    alone, and so every line is a plain link without a form and its keys.
    """
    found = get_object_or_404(Notification.objects.of(request.user), pk=pk)
    if request.method == "GET":
        _mark_read(Notification.objects.filter(pk=found.pk))
    return HttpResponseRedirect(found.url)


@require_POST
@once
def read_all(request):
    """Mark everything told so far as read."""
    _mark_read(Notification.objects.of(request.user).order_by())
    messages.success(request, _("Semua kabar ditandai sudah dibaca."))
    return redirect("notifications")


@once
def wishes(request):
    """Choose, for each kind of news, whether it also comes by e-mail."""
    form = WishesForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Pilihan kabar lewat surel tersimpan."))
        return redirect("notification-wishes")
    return render(request, "kit/kabar_pilihan.html", {"form": form})


class WishesForm(forms.Form):
    """A box for each kind; one not ticked is a "no"."""

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        rows = MailWish.objects.filter(user_id=user.pk)
        chosen = dict(rows.values_list("kind", "is_wanted"))
        for kind in sorted(notify.KINDS.values(), key=lambda kind: str(kind.label)):
            self.fields[kind.key] = forms.BooleanField(
                label=kind.label,
                required=False,
                initial=chosen.get(kind.key, kind.by_mail),
            )

    def save(self):
        MailWish.objects.bulk_create(
            [
                MailWish(user_id=self.user.pk, kind=key, is_wanted=is_wanted)
                for key, is_wanted in self.cleaned_data.items()
            ],
            update_conflicts=True,
            unique_fields=["user_id", "kind"],
            update_fields=["is_wanted"],
        )


def _mark_read(rows):
    rows.unread().update(read_at=timezone.now())
