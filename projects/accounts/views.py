from copy import copy

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.shortcuts import render as respond
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from leksono_portal.kit import files, papers
from leksono_portal.kit.files import takes_files
from leksono_portal.kit.money import format_rupiah
from leksono_portal.kit.once import once
from projects.accounts import actions, display, forms
from projects.accounts.models import Account, Cancellation, Receipt
from projects.funding.models import FundingRequest
from projects.funding.views import done, fetch, verb_page

REFUSALS = {
    "write": gettext_lazy(
        "Bukti ditulis oleh desa yang memimpin proyek, selama laporannya disusun atau "
        "dikembalikan dan dananya tidak ditahan."
    ),
    "send": gettext_lazy(
        "Laporan dikirim oleh Kepala Desa yang memimpin proyek, setelah ada buktinya."
    ),
    "return": gettext_lazy(
        "Laporan dikembalikan oleh Verifikator Kecamatan, setelah dikirim."
    ),
    "accept": gettext_lazy(
        "Laporan diterima oleh Verifikator Kecamatan yang tidak ikut memutus atau "
        "mencairkannya, setelah dikirim."
    ),
    "read_proofs": gettext_lazy("Bukti hanya dibaca desa pelaksana dan kecamatan."),
}
NOT_TO_SIGN = gettext_lazy(
    "Pembatalan ditandatangani atau ditolak oleh Sekretaris Kecamatan, sekali."
)


# What everyone may see --------------------------------------------------------


@login_not_required
@require_safe
def detail(request, pk, number):
    """What became of one tranche: its receipts, and where its account stands."""
    account = _account(request, pk, number)
    context = {
        "account": account,
        "can_act": any(getattr(account, f"can_{verb}") for verb in REFUSALS),
        **display.account(account, request.user),
    }
    return _render(request, "account", context)


@login_not_required
@require_safe
def cash_book(request, pk):
    """What came in and went out for a request, day by day (buku kas kegiatan)."""
    found = get_object_or_404(
        FundingRequest.objects.visible_to(request.user).select_related(
            "project__lead_village", "settlement"
        ),
        pk=pk,
        released__gt=0,
    )
    receipts = Receipt.objects.visible_to(request.user)
    book = display.cash_book(found, receipts, getattr(found, "settlement", None))
    context = {"funding": found, **book}
    return _render(request, "cash_book", context)


@login_not_required
@require_safe
def final_account(request, pk):
    """The account of the whole request (LPJ), as PDF, once it has ended."""
    found = get_object_or_404(
        FundingRequest.objects.visible_to(request.user).select_related(
            "settlement__paper"
        ),
        pk=pk,
        settlement__paper__isnull=False,
    )
    return papers.respond(
        request,
        found.settlement.paper,
        name=f"lpj-{found.pk}-{found.year}",
        title=_("Laporan pertanggungjawaban"),
        back=(found.get_absolute_url(), _("Kembali ke permohonan")),
    )


@require_safe
def proof(request, pk, number, receipt):
    """The scan of one receipt, for the village and its district."""
    account = _account(request, pk, number)
    if not account.can_read_proofs:
        raise PermissionDenied(REFUSALS["read_proofs"])
    found = get_object_or_404(
        account.receipts.select_related("file"), pk=receipt, file__isnull=False
    )
    return files.serve(
        request, found.file, size=files.StoredFile.SIZES[-1], name=f"bukti-{receipt}"
    )


def _account(request, pk, number):
    rows = Account.objects.visible_to(request.user).with_verbs(request.user)
    return get_object_or_404(
        rows.select_related(
            "release__tranche__request__project__lead_village__district"
        ),
        release__tranche__request=pk,
        release__tranche__number=number,
    )


def _render(request, name, context, status=200):
    return respond(request, f"projects/accounts/{name}.html", context, status=status)


# What the district does with the money ----------------------------------------


@once
def release(request, pk):
    found = fetch(request, pk, "release")
    form = forms.ReleaseForm(request.POST or None, request=found)
    tranche = found.tranches.filter(release=None).first()
    if done(form, actions.release, request):
        messages.success(
            request,
            _("Pencairan %(sum)s tercatat.") % {"sum": format_rupiah(tranche.amount)},
        )
        return redirect(found)
    return verb_page(request, "release", form, room="accounts", tranche=tranche)


@once
def hold(request, pk):
    said = _("Dana ditahan. Alasannya terbuka.")
    return _do(request, pk, "hold", forms.HoldForm, actions.hold, said)


@once
def resume(request, pk):
    said = _("Dana boleh berjalan lagi.")
    return _do(request, pk, "resume", forms.HoldForm, actions.resume, said)


@once
def complete(request, pk):
    said = _("Permohonan selesai. Sisanya kembali ke pagu asalnya.")
    return _do(request, pk, "complete", forms.CompleteForm, actions.complete, said)


@once
def cancel(request, pk):
    said = _("Pembatalan menunggu tanda tangan Sekretaris Kecamatan.")
    return _do(request, pk, "cancel", forms.CancelForm, actions.ask_to_cancel, said)


def _do(request, pk, verb, form_class, action, said):
    """Ask on the verb's own page, then do it."""
    found = fetch(request, pk, verb)
    form = form_class(request.POST or None, request=found)
    if done(form, action, request):
        messages.success(request, said)
        return redirect(found)
    rows = display.realisation(found, Receipt.objects.all())
    return verb_page(request, verb, form, room="accounts", realisation=rows)


@login_not_required
@require_safe
def cancellation(request, pk, asked):
    """Why a grant is to be taken back, or was; the second signer decides here."""
    return _cancellation_page(request, _cancellation(request, pk, asked))


@once
def sign_cancellation(request, pk, asked):
    return _decide(request, pk, asked, forms.SignForm, is_signed=True)


@once
def decline_cancellation(request, pk, asked):
    return _decide(request, pk, asked, forms.DeclineForm, is_signed=False)


def _decide(request, pk, asked, form_class, *, is_signed):
    found = _cancellation(request, pk, asked)
    if not Cancellation.objects.decidable_by(request.user).contains(found):
        raise PermissionDenied(NOT_TO_SIGN)
    form = form_class(request.POST or None)
    if form.is_valid():
        try:
            actions.decide_cancellation(
                by=request.user,
                cancellation_id=found.pk,
                is_signed=is_signed,
                **form.cleaned_data,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)  # of fields that the camat filled in
        else:
            messages.success(
                request,
                _("Permohonan dibatalkan; sisanya kembali ke pagu.")
                if is_signed
                else _("Pembatalan tidak ditandatangani. Alasannya terbuka."),
            )
            return redirect(found.request)
    return _cancellation_page(request, found, form)


def _cancellation(request, pk, asked):
    return get_object_or_404(
        Cancellation.objects.visible_to(request.user).select_related(
            "request__project__lead_village__district"
        ),
        request=pk,
        pk=asked,
    )


def _cancellation_page(request, found, form=None):
    funding = found.request
    decline = form if isinstance(form, forms.DeclineForm) else forms.DeclineForm()
    context = {
        "asked": found,
        "funding": funding,
        "form": form,
        "decline": decline,
        "can_decide": Cancellation.objects.decidable_by(request.user).contains(found),
        "paid_back": funding.released - funding.accounted,
        "to_ceiling": funding.approved - funding.accounted,
    }
    return _render(request, "cancellation", context)


# What the village writes ------------------------------------------------------


@takes_files
@once
def add_receipt(request, pk, number):
    account = _fetch(request, pk, number, "write")
    form = _receipt_form(request, account)
    if done(form, actions.add_receipt, request, key="account_id"):
        messages.success(
            request,
            _("Bukti %(number)s masuk laporan. Tambah lagi, atau kembali ke laporan.")
            % {"number": form.cleaned_data["number"]},
        )
        return redirect("projects:receipt-add", pk, number)
    return _verb_page(request, "receipt", form)


@takes_files
@once
def save_receipt(request, pk, number, receipt):
    account = _fetch(request, pk, number, "write")
    row = get_object_or_404(account.receipts.select_related("file"), pk=receipt)
    form = _receipt_form(request, account, copy(row))
    ids = {"key": "account_id", "receipt_id": receipt}
    if done(form, actions.save_receipt, request, **ids):
        messages.success(request, _("Bukti tersimpan."))
        return redirect(account)
    return _verb_page(request, "receipt", form, receipt=row)


@once
def remove_receipt(request, pk, number, receipt):
    account = _fetch(request, pk, number, "write")
    row = get_object_or_404(account.receipts, pk=receipt)
    form = forms.RemoveForm(request.POST or None, request=account)
    ids = {"key": "account_id", "receipt_id": receipt}
    if done(form, actions.remove_receipt, request, **ids):
        messages.success(request, _("Bukti %(number)s dihapus.") % {"number": row})
        return redirect(account)
    return _verb_page(request, "receipt_remove", form, receipt=row)


def _receipt_form(request, account, row=None):
    row = row or Receipt(account=account)
    others = Receipt.objects.exclude(pk=row.pk)
    return forms.ReceiptForm(
        request.POST or None,
        request.FILES or None,
        request=account,
        lines=display.lines_left(account.release.tranche.request, others),
        instance=row,
    )


@once
def send(request, pk, number):
    said = _("Laporan dikirim. Sekarang menunggu Verifikator Kecamatan.")
    return _move(request, pk, number, "send", forms.SendForm, actions.send, said)


# What the verifier does -------------------------------------------------------


@once
def send_back(request, pk, number):
    said = _("Laporan dikembalikan dengan catatan Anda.")
    return _move(
        request, pk, number, "return", forms.ReturnForm, actions.send_back, said
    )


@once
def accept(request, pk, number):
    said = _("Laporan diterima.")
    return _move(request, pk, number, "accept", forms.AcceptForm, actions.accept, said)


# What the verbs share ---------------------------------------------------------


def _move(request, pk, number, verb, form_class, action, said):
    """Ask on the verb's own page, then move the account."""
    account = _fetch(request, pk, number, verb)
    form = form_class(request.POST or None, request=account)
    if done(form, action, request, key="account_id"):
        messages.success(request, said)
        return redirect(account)
    return _verb_page(request, verb, form)


def _fetch(request, pk, number, verb):
    """The account, for someone who may `verb` it; 403 with a sentence for others.

    A form made before it moved on is let through, for the action to say who was
    quicker.
    """
    account = _account(request, pk, number)
    is_stale = request.POST.get("step", str(account.step)) != str(account.step)
    if not getattr(account, f"can_{verb}") and not is_stale:
        raise PermissionDenied(REFUSALS[verb])
    return account


def _verb_page(request, name, form, **context):
    """A verb's page; 409 when someone was quicker."""
    account = form.request
    context |= {"account": account, "form": form}
    context |= display.account(account, request.user)
    return _render(request, name, context, status=409 if form.stale else 200)
