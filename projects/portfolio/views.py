from copy import copy

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from leksono_portal.kit import dates, files
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.filters import address
from leksono_portal.kit.money import format_decimal
from leksono_portal.kit.once import once
from leksono_portal.kit.templatetags.look import deviation
from projects.portfolio import actions, curve, story
from projects.portfolio.filters import ProjectFilter
from projects.portfolio.forms import (
    NoteForm,
    PhotoForms,
    ProgressForm,
    ProjectEditForm,
    ReasonForm,
    RemoveWorkItemForm,
    TakenForm,
    WithdrawForm,
    WorkItemEditForm,
    WorkItemForm,
)
from projects.portfolio.models import Photo, Project
from villages.areas import maps

ROWS = 20  # projects on a page of the list
PHOTOS = 24  # on a page of them
REFUSALS = {
    "edit": gettext_lazy(
        "Hanya perangkat desa utama yang dapat mengubah proyek, selama belum ditutup."
    ),
    "plan": gettext_lazy(
        "Rencana pekerjaan hanya dapat diubah perangkat desa utama, "
        "sebelum pekerjaan dimulai."
    ),
    "start": gettext_lazy(
        "Pekerjaan dimulai oleh perangkat desa utama, "
        "setelah rencana pekerjaannya ditulis."
    ),
    "report": gettext_lazy(
        "Kemajuan dilaporkan perangkat desa yang ikut, selama proyek berjalan."
    ),
    "complete": gettext_lazy(
        "Serah terima dilakukan perangkat desa utama, "
        "setelah laporan terakhir menyebut fisik 100%."
    ),
    "cancel": gettext_lazy(
        "Proyek dibatalkan oleh kepala desa atau lurah desa utama, atau oleh camat, "
        "selama belum selesai."
    ),
    "photograph": gettext_lazy(
        "Foto ditambahkan perangkat desa yang ikut, atau setelah serah terima "
        "perangkat desa utama."
    ),
}


@login_not_required
@require_safe
def projects(request):
    found = ProjectFilter(
        request.GET, queryset=Project.objects.visible_to(request.user)
    )
    totals, sector = found.totals(), found.chosen.get("sektor")
    shown = [total for name, total in totals.items() if sector in (None, name)]
    context = {
        "filter": found,
        "chips": _chips(request, sector, totals),
        "pills": [
            (label, value, address(request, **{name: None}))
            for name, label, value in found.active()
        ],
        "page_obj": _rows(request, found.qs, sum(n for n, approved in shown)),
        "approved": sum(approved for n, approved in shown),
    }
    return render(request, "projects/portfolio/projects.html", context)


@login_not_required
@require_safe
def project(request, pk):
    found = get_object_or_404(
        Project.objects.visible_to(request.user)
        .select_related("lead_village")
        .with_verbs(request.user)
        .with_last_report()
        .with_plan()
        .with_money()
        .with_places()
        .with_changes()
        .with_aid(),
        pk=pk,
    )
    area = maps.of_project(found.places, found.lead_village)
    items = list(found.work_items.with_last_percent())
    reports = story.with_plan(list(found.reports.select_related("created_by")), items)
    changes = story.changes(found)
    links = story.decisions(found)
    requests, moves = story.requests_and_moves(found, request.user)
    sources = story.money_by_source(found)
    photos = story.photos(found)
    journey = story.journey(changes, reports, links, moves, photos)
    cut = None if "semua" in request.GET else story.SHORT_JOURNEY
    responses = list(found.responses.for_page(request.user)[: cut and cut + 1])
    story.with_weights(items)
    context = {
        "project": found,
        "long_purpose": len(found.purpose) > story.LENGTH_OF_A_LEAD,
        "items": items,
        "window": story.window(items),
        "last_report": reports[0] if reports else None,
        "reports": reports[:cut],
        "map": area,
        "links": links,
        "requests": requests,
        "chain": story.chain(links, requests),
        "cancelled": story.cancelling(changes),
        "steps": story.steps(found, changes, items),
        "sources": sources,
        "shares": [row["approved"] for row in sources if found.approved],
        "money": story.money(found, sources),
        "aid": story.aid(found, cut),
        "plan": curve.plan(items),
        "real": story.reality(reports, items),
        "today": dates.today(),
        "gap": deviation(found.last_physical or 0, found.planned or 0),
        "updated": story.updated_at(found, changes, reports),
        "responses": responses[:cut],
        "more_responses": cut and len(responses) > cut,
        "photos": photos[: story.PHOTOS_SHOWN],
        "journey": journey[:cut],
        "is_cut": cut and max(len(journey), len(reports)) > cut,
        "whatsapp": story.share_address(found),
    }
    return render(request, "projects/portfolio/project.html", context)


@once
def edit(request, pk):
    found = _fetch(request, pk, "edit")
    # A copy: the form writes what was typed into it, the page keeps what is stored.
    form = ProjectEditForm(request.POST or None, instance=copy(found))
    if form.is_valid() and _done(
        form, actions.edit_project, found, by=request.user, **form.cleaned_data
    ):
        messages.success(request, _("Perubahan proyek tersimpan."))
        return redirect(found)
    return _page(request, "edit", found, form)


@once
def add_item(request, pk):
    found = _fetch(request, pk, "plan")
    form = WorkItemForm(request.POST or None)
    if form.is_valid():
        actions.add_work_item(found, by=request.user, **form.cleaned_data)
        messages.success(
            request,
            _("%(title)s masuk rencana. Tambah lagi, atau kembali ke proyek.")
            % {"title": form.cleaned_data["title"]},
        )
        return redirect("projects:work-item-add", found.pk)
    items = list(found.work_items.all())
    total = story.with_weights(items)
    return _page(request, "add_item", found, form, items=items, total=total)


@once
def save_item(request, pk, item):
    found = _fetch(request, pk, "plan")
    row = get_object_or_404(found.work_items, pk=item)
    form = WorkItemEditForm(request.POST or None, instance=row)
    if form.is_valid() and _done(
        form, actions.save_work_item, row, by=request.user, **form.cleaned_data
    ):
        messages.success(request, _("Pekerjaan tersimpan."))
        return redirect(f"{found.get_absolute_url()}#pekerjaan")
    return _page(request, "save_item", found, form, item=row)


@once
def remove_item(request, pk, item):
    found = _fetch(request, pk, "plan")
    row = get_object_or_404(found.work_items, pk=item)
    form = RemoveWorkItemForm(request.POST or None, instance=row)
    if form.is_valid():
        actions.remove_work_item(row, by=request.user, **form.cleaned_data)
        messages.success(
            request, _("%(title)s dihapus dari rencana.") % {"title": row.title}
        )
        return redirect(f"{found.get_absolute_url()}#pekerjaan")
    return _page(request, "remove_item", found, form, item=row)


@files.takes_files
@once
def report(request, pk):
    found = _fetch(request, pk, "report")
    form = ProgressForm(request.POST or None, project=found)
    photos = PhotoForms(request)
    if all([form.is_valid(), photos.is_valid()]):
        told = {name: form.cleaned_data[name] for name in form.TOLD}
        if _done(
            form,
            actions.report_progress,
            found,
            by=request.user,
            percents=form.percents,
            **told,
        ):
            messages.success(request, _reported(found, form))
            _add_photos(request, found, photos, report=found.reports.first())
            return redirect(found)
    return _page(request, "report", found, form, photos=photos)


@login_not_required
@require_safe
def photos(request, pk):
    """All photos of a project: 0%, 50%, 100%, then others, the newest of each first."""
    found = get_object_or_404(
        Project.objects.visible_to(request.user).with_verbs(request.user), pk=pk
    )
    rows = (
        found.photos.visible_to(request.user)
        .select_related("file")
        .annotate(place=story.ORDER_OF_MOMENTS)
        .order_by("place", "-taken_on", "-pk")
    )
    page = Paginator(rows, PHOTOS).get_page(request.GET.get("page"))
    context = {"project": found, "page_obj": page}
    return render(request, "projects/portfolio/photos.html", context)


@login_not_required
@require_safe
def photo(request, pk, photo):
    found = get_object_or_404(
        Photo.objects.visible_to(request.user)
        .select_related("project", "file", "created_by", "report")
        .with_withdraw(request.user),
        project=pk,
        pk=photo,
    )
    context = {"project": found.project, "photo": found}
    return render(request, "projects/portfolio/photo.html", context)


@login_not_required
@require_safe
def photo_file(request, pk, photo, size):
    found = get_object_or_404(
        Photo.objects.shown().select_related("file"), project=pk, pk=photo
    )
    return files.serve(request, found.file, size=size, is_public=True)


@files.takes_files
@once
def add_photos(request, pk):
    found = _fetch(request, pk, "photograph")
    form, photos = TakenForm(request.POST or None), PhotoForms(request)
    if all([form.is_valid(), photos.is_valid()]):
        if not photos.filled:
            form.add_error(None, _("Pilih paling sedikit satu foto."))
        elif _done(
            form,
            _add_photos,
            request,
            found,
            photos,
            taken_on=form.cleaned_data["taken_on"],
        ):
            return redirect("projects:photos", found.pk)
    return _page(request, "add_photos", found, form, photos=photos)


@once
def withdraw_photo(request, pk, photo):
    found = get_object_or_404(
        Photo.objects.visible_to(request.user).select_related("project", "file"),
        project=pk,
        pk=photo,
    )
    if not Photo.objects.handled_by(request.user).contains(found):
        raise PermissionDenied(
            _("Foto ditarik perangkat desa utama proyek, atau admin kecamatan.")
        )
    if request.method != "POST" and found.withdrawn_at:
        raise PermissionDenied(_("Foto ini sudah ditarik."))
    form = WithdrawForm(request.POST or None)
    if form.is_valid() and _done(
        form, actions.withdraw_photo, found, by=request.user, **form.cleaned_data
    ):
        messages.success(request, _("Foto ditarik; alasannya tampil di tempatnya."))
        return redirect(found)
    return _page(request, "withdraw_photo", found.project, form, photo=found)


@once
def start(request, pk):
    return _verb(
        request, pk, "start", NoteForm, actions.start, _("Pekerjaan sudah dimulai.")
    )


@once
def complete(request, pk):
    return _verb(
        request,
        pk,
        "complete",
        NoteForm,
        actions.complete,
        _("Serah terima dicatat. Proyek selesai."),
    )


@once
def cancel(request, pk):
    return _verb(
        request, pk, "cancel", ReasonForm, actions.cancel, _("Proyek dibatalkan.")
    )


def _verb(request, pk, verb, form_class, action, done):
    """Ask, on the verb's own page, then do it."""
    found = _fetch(request, pk, verb)
    form = form_class(request.POST or None)
    if form.is_valid():
        action(found, by=request.user, **form.cleaned_data)
        messages.success(request, done)
        return redirect(found)
    return _page(request, verb, found, form)


def _add_photos(request, found, photos, **fields):
    """Add those that were chosen, and say what became of each."""
    added = [
        actions.add_photo(found, by=request.user, **fields, **filled)
        for filled in photos.filled
    ]
    if n := sum(is_new for _photo, is_new in added):
        messages.success(
            request,
            _("%(n)d foto diterima; tampil setelah disiapkan, biasanya beberapa detik.")
            % {"n": n},
        )
    for photo, is_new in added:
        if not is_new:
            words = _("Foto ini sudah ada, jadi tidak disimpan dua kali:")
            link = format_html('<a href="{}">{}</a>', photo.get_absolute_url(), photo)
            messages.warning(request, format_html("{} {}", words, link))


def _fetch(request, pk, verb):
    """The project, for someone who may `verb` it; 403 with a sentence for others."""
    found = get_object_or_404(
        Project.objects.visible_to(request.user)
        .select_related("lead_village")
        .with_verbs(request.user)
        .with_last_report()
        .with_money(),
        pk=pk,
    )
    if not getattr(found, f"can_{verb}"):
        raise PermissionDenied(REFUSALS[verb])
    return found


def _done(form, action, *args, **fields):
    """Do `action`; False when it was refused, and then the form says why."""
    try:
        action(*args, **fields)
    except Stale as error:
        form.show_stale(error)
    except ValidationError as error:
        form.add_error(None, error)
    else:
        return True
    return False


def _page(request, name, found, form, **context):
    """A form page of the project; 409 when others were quicker."""
    return render(
        request,
        f"projects/portfolio/{name}.html",
        {"project": found, "form": form, **context},
        status=409 if hasattr(form, "stale") else 200,
    )


def _reported(found, form):
    """What the sender of a report reads: the result, and what went down, if any did."""
    last = found.reports.first()
    words = _("Laporan terkirim: fisik sekarang %(percent)s%%.") % {
        "percent": format_decimal(last.physical)
    }
    before = form.last
    if before and (last.physical < before.physical or last.spent < before.spent):
        words += " " + _("Angkanya lebih rendah daripada laporan sebelumnya.")
    return words


def _rows(request, found, count):
    """The asked page of the list, with all it shows of each project."""
    paginator = Paginator(found, ROWS)
    paginator.count = count  # known already; spares asking again
    page = paginator.get_page(request.GET.get("page"))
    # By id, so that nothing is reckoned for the rows of the pages before this one.
    page.object_list = (
        Project.objects.filter(pk__in=page.object_list.values("pk"))
        .select_related("lead_village")
        .prefetch_related("partner_villages")
        .with_last_report()
        .with_plan()
        .with_money()
        .with_photo()
    )
    return page


def _chips(request, sector, totals):
    """(icon, text, how many, address, is in force) for all sectors and for each."""
    everything = sum(n for n, approved in totals.values())
    rows = [("", "saring", _("Semua"), everything)] + [
        (value, Project.SECTOR_ICONS[value], label, totals.get(value, (0, 0))[0])
        for value, label in Project.Sector.choices
    ]
    return [
        (icon, text, n, address(request, sektor=value), value == (sector or ""))
        for value, icon, text, n in rows
    ]
