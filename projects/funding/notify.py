"""Who hears that a request has moved: whose turn it is, and who asked."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.money import format_rupiah
from leksono_portal.kit.notify import Kind, News, tell
from projects.funding.models import PROPOSERS, FundingRequest
from projects.portfolio.notify import staff
from villages.people.models import Post, holders

Status = FundingRequest.Status
TURN = Kind("request-turn", _("Permohonan dana yang menunggu Anda"), by_mail=True)
OUTCOME = Kind(
    "request-outcome", _("Permohonan dana desa Anda: diputuskan, cair"), by_mail=False
)


def moved(request, by, before):
    """Tell of the status that `request` has just come to; drafts are nobody else's."""
    told = resumed if before == Status.HELD else WHO_HEARS.get(request.status)
    if told:
        told(request, by)


def submitted(request, by):
    """As `verifiable_by`: no verifier who is of the village or had a part in it."""
    village = request.project.lead_village
    verifiers = (
        holders(Post.VERIFIER, districts=[village.district_id])
        .exclude(pk__in=[request.author_id, request.submitted_by_id])
        .exclude(pk__in=holders(*Post, villages=[village]).values("pk"))
    )
    _tell(verifiers, request, TURN, _("Verifikasi permohonan %(request)s"), by)


def verified(request, by):
    earlier = [request.author_id, request.submitted_by_id, request.verified_by_id]
    camat = _of_district(request, Post.CAMAT).exclude(pk__in=earlier)
    _tell(camat, request, TURN, _("Putuskan permohonan %(request)s"), by)


def returned(request, by):
    """What only the village and the office may know is not in the sentence."""
    sentence = _("Perbaiki permohonan %(request)s: dikembalikan dengan catatan")
    _tell(_askers(request), request, TURN, sentence, by)


def approved(request, by):
    earlier = [
        request.author_id,
        request.submitted_by_id,
        request.verified_by_id,
        request.decided_by_id,
    ]
    treasurers = _of_district(request, Post.DISTRICT_TREASURER)
    sentence = _("Cairkan permohonan %(request)s: %(approved)s disetujui")
    _tell(treasurers.exclude(pk__in=earlier), request, TURN, sentence, by)
    sentence = _("Permohonan %(request)s disetujui: %(approved)s")
    _tell(_askers(request), request, OUTCOME, sentence, by)


def rejected(request, by):
    sentence = _("Permohonan %(request)s tidak disetujui")
    _tell(_askers(request), request, OUTCOME, sentence, by)


def released(request, by):
    sentence = _("Dana cair %(released)s untuk permohonan %(request)s")
    _tell(staff(request.project), request, OUTCOME, sentence, by)


def held(request, by):
    sentence = _("Dana permohonan %(request)s ditahan; alasannya pada halamannya")
    _tell(staff(request.project), request, OUTCOME, sentence, by)


def resumed(request, by):
    sentence = _("Dana permohonan %(request)s boleh berjalan lagi")
    _tell(staff(request.project), request, OUTCOME, sentence, by)


def completed(request, by):
    sentence = _("Permohonan %(request)s selesai: %(accounted)s dipertanggungjawabkan")
    _tell(staff(request.project), request, OUTCOME, sentence, by)


def cancelled(request, by):
    sentence = _("Permohonan %(request)s dibatalkan; alasannya pada halamannya")
    _tell(staff(request.project), request, OUTCOME, sentence, by)


WHO_HEARS = {
    Status.SUBMITTED: submitted,
    Status.VERIFIED: verified,
    Status.RETURNED: returned,
    Status.APPROVED: approved,
    Status.REJECTED: rejected,
    Status.RUNNING: released,
    Status.HELD: held,
    Status.COMPLETED: completed,
    Status.CANCELLED: cancelled,
}


def _askers(request):
    """The writer and the head, as long as they may speak for the lead village."""
    village = [request.project.lead_village_id]
    heads = holders(Post.VILLAGE_HEAD, villages=village)
    return holders(*PROPOSERS, villages=village).filter(
        Q(pk=request.author_id) | Q(pk__in=heads.values("pk"))
    )


def _of_district(request, post):
    return holders(post, districts=[request.project.lead_village.district_id])


def _tell(users, request, kind, sentence, by):
    values = {
        "request": f"{request.number}, {request.title}",
        "approved": format_rupiah(request.approved),
        "released": format_rupiah(request.released),
        "accounted": format_rupiah(request.accounted),
    }
    event = f"funding:{request.pk}:{request.status}:{request.step}"
    news = News(event, request.get_absolute_url(), sentence, values)
    tell(users, news, kind=kind, by=by)
