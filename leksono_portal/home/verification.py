"""Is this paper genuine? What the portal has stored under the code printed on it."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from forum.amendments import papers as amendments
from forum.meetings import papers as meetings
from forum.meetings.models import Amendment, Meeting
from leksono_portal.kit import codes
from leksono_portal.kit.models import StoredPaper
from projects.accounts import papers as accounts
from projects.funding import papers as funding
from projects.funding.models import FundingRequest
from projects.pledges import papers as pledges
from projects.pledges.models import Pledge

# {kind of paper: (its name, address of its PDF, the things that have such a paper,
# the lookup from these to it)}
KINDS = {
    meetings.KIND: (
        gettext_lazy("Berita acara"),
        "forum:record-pdf",
        Meeting,
        "record__paper",
    ),
    meetings.ATTENDANCE_KIND: (
        gettext_lazy("Daftar hadir"),
        "forum:attendance-pdf",
        Meeting,
        "record__attendance_paper",
    ),
    amendments.KIND: (
        gettext_lazy("Berita acara perbaikan"),
        "forum:amendment-pdf",
        Amendment,
        "paper",
    ),
    funding.APPROVAL_KIND: (
        gettext_lazy("Surat persetujuan dana"),
        "projects:request-letter",
        FundingRequest,
        "letter__paper",
    ),
    funding.REJECTION_KIND: (
        gettext_lazy("Surat penolakan dana"),
        "projects:request-letter",
        FundingRequest,
        "letter__paper",
    ),
    accounts.KIND: (
        gettext_lazy("Laporan pertanggungjawaban"),
        "projects:final-account",
        FundingRequest,
        "settlement__paper",
    ),
    pledges.KIND: (
        gettext_lazy("Surat terima kasih"),
        "projects:pledge-letter",
        Pledge,
        "letter__paper",
    ),
}


@login_not_required
@require_safe
def ask(request):
    """A form for the code, which leads on to what it belongs to."""
    typed = request.GET.get("kode", "").strip()
    if not typed:
        return render(request, "home/verification_ask.html")
    code = codes.read(typed)
    if code is None:
        return _not_found(request, typed, status=200)
    return redirect("home:verification", code)


@login_not_required
@require_safe
def show(request, code):
    """The paper with this code: number, date, subject, both hashes, and whether newer
    papers correct it."""
    read = codes.read(code)
    paper = (
        StoredPaper.objects.defer("pdf").filter(code=read, kind__in=KINDS).first()
        if read
        else None
    )
    owner = paper and _owner(request.user, paper)
    if owner is None:
        return _not_found(request, code, status=404)
    if read != code:
        return redirect("home:verification", read)
    name, pdf, _model, _lookup = KINDS[paper.kind]
    context = {
        "paper": paper,
        "code": codes.grouped(read),
        "name": name,
        "owner": owner,
        "corrected_by": Amendment.objects.later_than(paper),
        "pdf": reverse(pdf, args=[owner.pk]),
    }
    return render(request, "home/verification.html", context)


def _owner(user, paper):
    _name, _pdf, model, lookup = KINDS[paper.kind]
    return model.objects.visible_to(user).filter(**{lookup: paper}).first()


def _not_found(request, typed, *, status):
    context = {
        "typed": typed[:60],
        "error": _(
            "Tidak ada surat dengan kode ini. Periksa sekali lagi: enam belas huruf dan "
            "angka, empat-empat, di bagian bawah setiap halaman surat."
        ),
    }
    return render(request, "home/verification_ask.html", context, status=status)
