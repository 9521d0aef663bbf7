from copy import copy
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from leksono_portal.kit import dates, papers
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.filters import address
from leksono_portal.kit.money import format_number, format_rupiah
from leksono_portal.kit.once import once
from projects.funding import actions, differences, display, forms
from projects.funding.filters import STATES, RequestFilter
from projects.funding.models import BudgetLine, FundingRequest, askable_projects
from projects.portfolio import story
from projects.portfolio.models import Project
from projects.sources.models import Allotment, proposed_at

Status = FundingRequest.Status
ROWS = 20
SOURCE = ["allotment__source", "allotment__village", "allotment__district"]
REFUSALS = {
    "edit": gettext_lazy(
        "Permohonan diubah oleh desa yang memimpin proyek, selama masih draf atau "
        "dikembalikan."
    ),
    "submit": gettext_lazy(
        "Permohonan diajukan oleh Kepala Desa yang memimpin proyek, bukan oleh "
        "penulisnya, selama masih draf atau dikembalikan."
    ),
    "withdraw": gettext_lazy(
        "Permohonan ditarik oleh Kepala Desa pengusul, sebelum diverifikasi."
    ),
    "verify": gettext_lazy(
        "Permohonan diverifikasi oleh Verifikator Kecamatan yang tidak ikut "
        "mengusulkannya, setelah diajukan."
    ),
    "return": gettext_lazy(
        "Permohonan dikembalikan oleh Verifikator Kecamatan atau Camat, sebelum "
        "diputuskan."
    ),
    "approve": gettext_lazy(
        "Permohonan disetujui oleh Camat, setelah diverifikasi dan belum diputuskan."
    ),
    "reject": gettext_lazy("Permohonan ditolak oleh Camat, sebelum diputuskan."),
    "release": gettext_lazy(
        "Dana dicairkan oleh Bendahara Kecamatan: termin pertama setelah permohonan "
        "disetujui, berikutnya setelah laporan termin sebelumnya diterima."
    ),
    "hold": gettext_lazy("Dana yang berjalan ditahan oleh Camat."),
    "resume": gettext_lazy("Dana yang ditahan dijalankan lagi oleh Camat."),
    "complete": gettext_lazy(
        "Permohonan ditutup oleh Verifikator Kecamatan yang tidak ikut memutus atau "
        "mencairkannya, setelah laporan semua termin diterima."
    ),
    "cancel": gettext_lazy(
        "Pembatalan diajukan oleh Camat, setelah yang sudah cair "
        "dipertanggungjawabkan, dan ditandatangani Sekretaris Kecamatan."
    ),
}


# What everyone may see --------------------------------------------------------


@login_not_required
@require_safe
def money(request):
    """Ceilings of a year, what was asked and became of it, and the requests."""
    user = request.user
    found = RequestFilter(request.GET, queryset=FundingRequest.objects.visible_to(user))
    rows = found.qs.select_related("project__lead_village")
    totals = _totals(found)
    state = found.form.cleaned_data.get("status")
    paginator = Paginator(rows, ROWS)
    paginator.count = _count(totals, STATES[state][1] if state else totals)
    year = found.form.cleaned_data.get("tahun") or dates.today().year
    ceilings = list(  # some dozens: one a source at the district and each desa
        Allotment.objects.visible_to(user)
        .filter(year=year)
        .select_related("source", "village", "district")
        .with_verbs(user)
        .with_changes(user)
    )
    context = {
        "filter": found,
        "chips": _chips(request, state, totals),
        "bars": display.bars(totals),
        "page_obj": paginator.get_page(request.GET.get("page")),
        "year": year,
        "common": [ceiling for ceiling in ceilings if ceiling.district_id],
        "of_villages": [ceiling for ceiling in ceilings if ceiling.village_id],
        "can_propose": (
            ceilings[0].can_propose if ceilings else proposed_at(user).exists()
        ),
    }
    return render(request, "projects/funding/money.html", context)


def _totals(found):
    """{status: (how many, asked, approved, released, accounted)}, in rupiah."""
    amounts = ("requested", "approved", "released", "accounted")
    sums = [Sum(name, default=0) for name in amounts]
    rows = found.under_all_but("status").order_by().values_list("status")
    return {status: counts for status, *counts in rows.annotate(Count("pk"), *sums)}


def _count(totals, statuses):
    return sum(totals[status][0] for status in statuses if status in totals)


def _chips(request, state, totals):
    """(label, how many, address, is in force) for all states and each that occurs."""
    chosen = state or ""
    counts = {
        key: _count(totals, statuses) for key, (_label, statuses) in STATES.items()
    }
    rows = [("", _("Semua"), sum(counts.values()))]
    rows += [
        (key, STATES[key][0], count)
        for key, count in counts.items()
        if count or key == chosen
    ]
    return [
        (label, count, address(request, status=key), key == chosen)
        for key, label, count in rows
    ]


@login_not_required
@require_safe
def detail(request, pk):
    """Where a request stands and since when, its RAB, its way through the office."""
    found = _visible(request, pk)
    lines = _lines(found)
    own, own_sum = display.own_share(lines)
    transitions = list(found.transitions.all())
    tranches = list(found.tranches.select_related("release__account"))
    decisions = story.decisions(found.project)
    context = {
        "funding": found,
        "can_act": any(getattr(found, f"can_{verb}") for verb in REFUSALS),
        "groups": display.groups(lines),
        "differences": differences.of_request(found),
        "own": own,
        "own_sum": own_sum,
        "sources": display.sources(lines),
        "chain": display.chain(found, decisions),
        "lacks_decision": found.can_submit
        and not decisions
        and any(
            line.allotment and line.allotment.source.needs_decision for line in lines
        ),
        "partners": found.project.partner_villages.all(),
        "verification": found.verifications.filter(revision=found.revision).first(),
        "tranches": tranches,
        "next_tranche": next((t for t in tranches if not hasattr(t, "release")), None),
        "letter": getattr(found, "letter", None),
        "cancellations": (
            found.cancellations.visible_to(request.user) if found.approved else ()
        ),
        "history": display.history(found, transitions),
        "told": display.told(found, transitions),
        "whatsapp": display.share_address(found),
    }
    return render(request, "projects/funding/request.html", context)


@login_not_required
@require_safe
def letter(request, pk):
    """The camat's letter; until the worker has made it, a page that says so."""
    found = get_object_or_404(
        FundingRequest.objects.visible_to(request.user).select_related("letter__paper"),
        pk=pk,
        letter__isnull=False,
    )
    return papers.respond(
        request,
        found.letter.paper,
        name=slugify(f"surat {found.letter.number.replace('/', '-')}"),
        title=_("Surat keputusan"),
        back=(found.get_absolute_url(), _("Kembali ke permohonan")),
    )


def _visible(request, pk):
    return get_object_or_404(
        FundingRequest.objects.visible_to(request.user)
        .select_related(
            "project__lead_village__district", "letter__paper", "settlement"
        )
        .defer("letter__paper__content", "letter__paper__pdf")
        .with_verbs(request.user),
        pk=pk,
    )


# What the village does --------------------------------------------------------


@once
def new(request, pk):
    project = get_object_or_404(
        Project.objects.visible_to(request.user).select_related("lead_village"), pk=pk
    )
    if not askable_projects(request.user).contains(project):
        raise PermissionDenied(actions.why_not_ask(project))
    form = forms.RequestForm(
        request.POST or None, initial={"title": project.title, "year": project.year}
    )
    if form.is_valid():
        found = actions.create_request(
            by=request.user, project=project, **form.cleaned_data
        )
        messages.success(request, _("Draf tersimpan. Sekarang isi RAB-nya."))
        return redirect(found)
    context = {"form": form, "project": project}
    return render(request, "projects/funding/new.html", context)


@once
def edit(request, pk):
    found = fetch(request, pk, "edit")
    # A copy, so that the page can show what is stored beside what was typed.
    form = forms.RequestEditForm(
        request.POST or None, request=found, instance=copy(found)
    )
    if done(form, actions.edit_request, request):
        messages.success(request, _("Perubahan tersimpan."))
        return redirect(found)
    return verb_page(request, "edit", form)


@once
def add_line(request, pk):
    found = fetch(request, pk, "edit")
    lines = list(found.lines.all())
    form = forms.LineForm(
        request.POST or None, request=found, initial=_like_the_last(found, lines)
    )
    if form.is_valid():
        form.cleaned_data.pop("version")
    if done(form, actions.add_line, request):
        messages.success(
            request,
            _("%(line)s masuk RAB. Tambah lagi, atau kembali ke permohonan.")
            % {"line": form.cleaned_data["description"]},
        )
        return redirect("projects:line-add", pk)
    return verb_page(request, "line", form, lines=lines)


@once
def paste_lines(request, pk):
    """Rows of a spreadsheet: shown as they were read, then added together."""
    found = fetch(request, pk, "edit")
    form = forms.PasteForm(
        request.POST or None,
        request=found,
        initial={"group": BudgetLine.Group.MATERIAL}
        | _like_the_last(found, list(found.lines.all())),
    )
    if form.is_valid() and form.is_confirmed:
        lines = [row.line for row in form.rows]
        if done(form, actions.add_lines, request, only=[], lines=lines):
            count = format_number(len(lines))
            messages.success(request, _("%(n)s baris masuk RAB.") % {"n": count})
            return redirect(f"{found.get_absolute_url()}#rab")
    return verb_page(request, "paste", form)


@once
def copy_lines(request, pk):
    """The RAB of another request, such as last year's."""
    found = fetch(request, pk, "edit")
    form = forms.CopyForm(request.POST or None, request=found)
    if done(form, actions.copy_lines, request, only=["origin", "allotment"]):
        messages.success(
            request,
            _("%(n)s baris disalin ke RAB; periksa lagi harganya.")
            % {"n": format_number(form.cleaned_data["origin"].line_count)},
        )
        return redirect(f"{found.get_absolute_url()}#rab")
    return verb_page(request, "copy", form)


def _like_the_last(found, lines):
    """What a new line most likely has: group and ceiling of the one before."""
    if lines:
        last = max(lines, key=lambda line: line.pk)
        return {"group": last.group, "allotment": last.allotment_id}
    return {
        "allotment": Allotment.objects.drawable_for(found.project, found.year).first()
    }


@once
def save_line(request, pk, line):
    found = fetch(request, pk, "edit")
    row = get_object_or_404(found.lines.select_related("allotment__source"), pk=line)
    form = forms.LineForm(request.POST or None, request=found, instance=copy(row))
    if done(form, actions.save_line, request, line_id=line):
        messages.success(request, _("Baris RAB tersimpan."))
        return redirect(f"{found.get_absolute_url()}#rab")
    return verb_page(request, "line", form, line=row)


@once
def remove_line(request, pk, line):
    found = fetch(request, pk, "edit")
    row = get_object_or_404(found.lines, pk=line)
    form = forms.RemoveForm(request.POST or None, request=found)
    if done(form, actions.remove_line, request, line_id=line):
        messages.success(request, _("%(line)s dihapus dari RAB.") % {"line": row})
        return redirect(f"{found.get_absolute_url()}#rab")
    return verb_page(request, "line_remove", form, line=row)


@once
def submit(request, pk):
    found = fetch(request, pk, "submit")
    form = forms.SubmitForm(request.POST or None, request=found)
    if done(form, actions.submit, request):
        messages.success(
            request, _("Permohonan diajukan. Sekarang menunggu Verifikator Kecamatan.")
        )
        return redirect(found)
    lines = _lines(found)
    own, own_sum = display.own_share(lines)
    return verb_page(
        request,
        "submit",
        form,
        groups=display.groups(lines),
        own_sum=own_sum,
        ceilings=display.ceilings(lines),
    )


@once
def withdraw(request, pk):
    found = fetch(request, pk, "withdraw")
    form = forms.WithdrawForm(request.POST or None, request=found)
    if done(form, actions.withdraw, request):
        messages.success(request, _("Permohonan ditarik."))
        return redirect(found)
    return verb_page(request, "withdraw", form)


# What the district does -------------------------------------------------------


@once
def verify(request, pk):
    found = fetch(request, pk, "verify")
    form = forms.VerifyForm(request.POST or None, request=found)
    checked = {}
    if form.is_valid():
        checked = {"checklist": form.checklist}
    if done(form, actions.verify, request, only=["step"], **checked):
        messages.success(request, _("Permohonan layak. Sekarang menunggu Camat."))
        return redirect(found)
    return _verify_page(request, form)


@once
def send_back(request, pk):
    """Return; sent from its own page, the verifier's checklist or the camat's."""
    found = fetch(request, pk, "return")
    form, page = _reasoned(request, found, forms.ReturnForm, "return")
    if done(form, actions.send_back, request, only=["step", "reason"]):
        messages.success(
            request,
            _("Permohonan dikembalikan. %(village)s membaca catatan Anda.")
            % {"village": found.project.lead_village.full_name},
        )
        return redirect(found)
    return page(request, form)


@once
def approve(request, pk):
    found = fetch(request, pk, "approve")
    form = forms.ApproveForm(request.POST or None, request=found, lines=_lines(found))
    granted = {}
    if form.is_valid():
        granted = {
            "amounts": form.amounts,
            "reasons": form.reasons,
            "tranches": form.tranches,
            "message": form.cleaned_data["reason"],
        }
    if done(form, actions.approve, request, only=["step", "letter_number"], **granted):
        messages.success(
            request,
            _("Disetujui %(sum)s. Sekarang menunggu Bendahara Kecamatan.")
            % {"sum": format_rupiah(form.sum)},
        )
        return redirect(found)
    return _approve_page(request, form)


@once
def reject(request, pk):
    """Refuse; sent from its own page or from the camat's decision page."""
    found = fetch(request, pk, "reject")
    form, page = _reasoned(request, found, forms.RejectForm, "reject")
    if done(form, actions.reject, request, only=["step", "reason", "letter_number"]):
        messages.success(request, _("Permohonan ditolak. Alasannya terbuka."))
        return redirect(found)
    return page(request, form)


# What the verbs share ---------------------------------------------------------


def fetch(request, pk, verb):
    """The request, for someone who may `verb` it; 403 with a sentence for others.

    A form made before the request moved on is let through, for the action to say who
    was quicker.
    """
    found = _visible(request, pk)
    is_stale = request.POST.get("step", str(found.step)) != str(found.step)
    if not getattr(found, f"can_{verb}") and not is_stale:
        raise PermissionDenied(REFUSALS[verb])
    return found


def done(form, action, request, only=None, key="request_id", **fields):
    """Do `action` with a valid form; False when it was refused: the form says why.

    only: the names of the form's fields that the action takes (all by default);
    key: what the action calls the id of the row that the form was made from.
    """
    if not form.is_valid():
        return False
    for name in form.cleaned_data if only is None else only:
        fields[name] = form.cleaned_data[name]
    try:
        action(by=request.user, **{key: form.request.pk}, **fields)
    except Stale as error:
        form.renew(str(error), type(form.request).objects.get(pk=form.request.pk))
    except ValidationError as error:
        form.add_error(None, error)
    else:
        return True
    return False


def verb_page(request, name, form, room="funding", **context):
    """A verb's page; 409 when someone was quicker."""
    return render(
        request,
        f"projects/{room}/{name}.html",
        {"funding": form.request, "form": form, **context},
        status=409 if form.stale else 200,
    )


def _reasoned(request, found, form_class, name):
    """The form that asks for a reason, and the page that it came from."""
    origin = request.POST.get("origin")
    if origin == "verify" and name == "return":
        form = forms.VerifyForm(request.POST, request=found, returning=True)
        return form, _verify_page
    if origin == "approve":
        needs = form_class.base_fields.keys()
        form = forms.ApproveForm(
            request.POST, request=found, lines=_lines(found), needs=needs
        )
        return form, _approve_page
    form = form_class(request.POST or None, request=found)
    return form, partial(_reason_page, name=name)


def _reason_page(request, form, name):
    return verb_page(request, name, form)


def _verify_page(request, form):
    lines = _lines(form.request)
    own, own_sum = display.own_share(lines)
    return verb_page(
        request,
        "verify",
        form,
        groups=display.groups(lines),
        differences=differences.of_request(form.request),
        own=own,
        own_sum=own_sum,
        ceilings=display.ceilings(lines),
    )


def _approve_page(request, form):
    found = form.request
    return verb_page(
        request,
        "approve",
        form,
        groups=form.groups,
        ceilings=display.ceilings(form.lines, form.amounts),
        verification=found.verifications.filter(revision=found.revision).first(),
        links=story.decisions(found.project),
    )


def _lines(found):
    return list(found.lines.select_related(*SOURCE))
