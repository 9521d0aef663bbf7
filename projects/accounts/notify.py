"""Who hears that the account of a tranche has moved."""

from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.money import format_rupiah
from leksono_portal.kit.notify import Kind, News, tell
from projects.accounts.models import ACCOUNTANTS, Account
from villages.people.models import Post, User, holders

Status = Account.Status
TURN = Kind("account-turn", _("Laporan dana yang menunggu Anda"), by_mail=True)
OUTCOME = Kind("account-outcome", _("Laporan dana desa Anda: diterima"), by_mail=False)


def moved(account, by):
    """Tell of the status that `account` has just come to."""
    village = account.release.tranche.request.project.lead_village
    verifiers = holders(Post.VERIFIER, districts=[village.district_id])
    writers = holders(*ACCOUNTANTS, villages=[village])
    users, kind, sentence = {
        Status.SENT: (
            verifiers.exclude(pk__in=holders(*Post, villages=[village]).values("pk")),
            TURN,
            _("Periksa laporan termin %(number)s: %(request)s, %(spent)s"),
        ),
        Status.RETURNED: (
            writers,
            TURN,
            _("Perbaiki laporan termin %(number)s: %(request)s, ada catatan"),
        ),
        Status.ACCEPTED: (
            writers,
            OUTCOME,
            _("Laporan termin %(number)s diterima: %(request)s, %(spent)s"),
        ),
    }[account.status]
    tranche = account.release.tranche
    values = {
        "number": tranche.number,
        "request": f"{tranche.request.number}, {tranche.request.title}",
        "spent": format_rupiah(account.spent),
    }
    event = f"account:{account.pk}:{account.step}"
    news = News(event, account.get_absolute_url(), sentence, values)
    tell(users, news, kind=kind, by=by)


def to_be_cancelled(asked, by):
    """Tell the second signer of a cancellation."""
    district = asked.request.project.lead_village.district_id
    signers = holders(Post.DISTRICT_SECRETARY, districts=[district])
    sentence = _("Tandatangani pembatalan permohonan %(request)s, atau tolak")
    _tell_of(asked, signers, "asked", TURN, sentence, by)


def not_cancelled(asked, by):
    """Tell the camat that their cancellation was not signed."""
    camat = User.objects.filter(pk=asked.proposed_by_id)
    sentence = _("Pembatalan permohonan %(request)s tidak ditandatangani")
    _tell_of(asked, camat, "declined", OUTCOME, sentence, by)


def _tell_of(asked, users, what, kind, sentence, by):
    values = {"request": f"{asked.request.number}, {asked.request.title}"}
    event = f"cancellation:{asked.pk}:{what}"
    tell(
        users, News(event, asked.get_absolute_url(), sentence, values), kind=kind, by=by
    )
