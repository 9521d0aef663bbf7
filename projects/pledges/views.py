from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from leksono_portal.kit import files, papers
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.once import once
from projects.pledges import actions, forms
from projects.pledges.models import Pledge
from projects.portfolio.models import Project
from villages.partners.models import Partner

REFUSALS = {
    "decide": gettext_lazy(
        "Janji disepakati atau ditolak oleh kepala desa atau lurah desa utama, selama "
        "ditawarkan; bukan yang dicatatnya sendiri bila orang lain dapat mencatatnya."
    ),
    "withdraw": gettext_lazy(
        "Janji ditarik, atas kata mitra, oleh perangkat desa utama, Camat, atau "
        "Sekretaris Kecamatan, selama belum ada yang diterima."
    ),
    "receive": gettext_lazy(
        "Penerimaan dicatat perangkat desa utama, setelah janjinya disepakati."
    ),
    "close": gettext_lazy(
        "Sisa ditutup perangkat desa utama, setelah sebagian diterima."
    ),
    "use": gettext_lazy(
        "Manfaatnya diceritakan operator atau kepala desa utama, setelah diterima."
    ),
    "thank": gettext_lazy(
        "Surat terima kasih dibuat sekali, oleh Camat atau kepala desa utama, setelah "
        "ada yang diterima."
    ),
}


@login_not_required
@require_safe
def pledge(request, pk):
    found = _visible(request, pk)
    receipts = found.receipts.select_related("photo__file")
    context = {
        "pledge": found,
        "receipts": receipts,
        "moves": found.moves.all(),
        "can_act": any(getattr(found, f"can_{verb}") for verb in found.VERBS),
    }
    return render(request, "projects/pledges/pledge.html", context)


@login_not_required
@require_safe
def letter(request, pk):
    """The letter of thanks, as PDF."""
    found = _visible(request, pk)
    if not hasattr(found, "letter"):
        raise Http404
    return papers.respond(
        request,
        found.letter.paper,
        name=f"terima-kasih-{found.pk}",
        title=_("Surat terima kasih"),
        back=(found.get_absolute_url(), _("Kembali ke janji mitra")),
    )


@once
def new(request, pk):
    """Write down what a partner promises a project."""
    project = get_object_or_404(
        Project.objects.visible_to(request.user).select_related("lead_village"), pk=pk
    )
    if not Project.objects.pledgeable_by(request.user).contains(project):
        raise PermissionDenied(actions.why_not_record())
    partners = Partner.objects.open().filter(district=project.lead_village.district_id)
    form = forms.PledgeForm(request.POST or None, partners=partners)
    if form.is_valid():
        try:
            made = actions.record(by=request.user, project=project, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("Janji tercatat. Sekarang menunggu kesepakatan desa utama.")
            )
            return redirect(made)
    context = {"project": project, "form": form, "has_partners": partners.exists()}
    return render(request, "projects/pledges/new.html", context)


@once
def agree(request, pk):
    done = _("Janji disepakati. Catat di sini begitu ada yang diterima.")
    return _verb(request, pk, "decide", "agree", forms.StepForm, actions.agree, done)


@once
def decline(request, pk):
    done = _("Janji tidak diterima. Alasannya terbuka.")
    return _verb(
        request, pk, "decide", "decline", forms.ReasonForm, actions.decline, done
    )


@once
def withdraw(request, pk):
    done = _("Penarikan tercatat. Alasannya terbuka.")
    return _verb(
        request, pk, "withdraw", "withdraw", forms.ReasonForm, actions.withdraw, done
    )


@files.takes_files
@once
def receive(request, pk):
    done = _("Penerimaan tercatat.")
    return _verb(
        request, pk, "receive", "receive", forms.ReceiveForm, actions.receive, done
    )


@once
def close(request, pk):
    done = _("Sisanya ditutup. Alasannya terbuka.")
    return _verb(request, pk, "close", "close", forms.ReasonForm, actions.close, done)


@once
def use(request, pk):
    done = _("Terima kasih. Ceritanya sekarang tampil di halaman mitra.")
    return _verb(request, pk, "use", "use", forms.UseForm, actions.use, done)


@once
def thank(request, pk):
    done = _("Surat terima kasih dibuat.")
    return _verb(request, pk, "thank", "thank", forms.ThankForm, actions.thank, done)


# What the verbs share ---------------------------------------------------------


def _visible(request, pk):
    whole = ["partner", "project__lead_village", "letter__paper"]
    whole += ["outcome_report", "outcome_photo__file"]
    return get_object_or_404(
        Pledge.objects.visible_to(request.user)
        .with_verbs(request.user)
        .select_related(*whole)
        .defer("letter__paper__content", "letter__paper__pdf"),
        pk=pk,
    )


def _verb(request, pk, verb, name, form_class, action, done):
    """Ask, on the verb's own page, then do it."""
    found = _fetch(request, pk, verb)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = form_class(*sent, pledge=found)
    if form.is_valid():
        try:
            action(by=request.user, pledge_id=pk, **form.cleaned_data)
        except Stale as error:
            form.renew(error)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, done)
            return redirect(found)
    return render(
        request,
        f"projects/pledges/{name}.html",
        {"pledge": found, "form": form},
        status=409 if form.stale else 200,
    )


def _fetch(request, pk, verb):
    """The pledge, for someone who may `verb` it; 403 with a sentence for others.

    A form made before the pledge moved on is let through, for the action to say who
    was quicker.
    """
    found = _visible(request, pk)
    is_stale = request.POST.get("version", str(found.version)) != str(found.version)
    if not getattr(found, f"can_{verb}") and not is_stale:
        raise PermissionDenied(REFUSALS[verb])
    return found
