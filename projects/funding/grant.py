"""What the camat may grant: asked by the form before, and by the action again."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from leksono_portal.kit.money import format_rupiah


def check(lines, amounts, reasons, tranches):
    """The sum granted (whole rupiah) by `amounts`, {line id: rupiah}.

    Raises ValidationError with a sentence for each field at fault: `line_<id>`
    beyond what the line asks, `reason_<id>` empty where less is granted, `tranche_1`
    when `tranches` (none: one) do not add up; and one for nothing granted at all.
    """
    if set(amounts) != {line.pk for line in lines}:
        raise ValidationError(_("Isi jumlah yang disetujui untuk setiap baris."))
    errors = {}
    for line in lines:
        errors |= _check_line(line, amounts[line.pk], reasons.get(line.pk))
    approved = sum(amounts.values())
    if tranches and (sum(tranches) != approved or 0 in tranches):
        errors["tranche_1"] = _("Jumlah termin %(sum)s, seharusnya %(approved)s.") % {
            "sum": format_rupiah(sum(tranches)),
            "approved": format_rupiah(approved),
        }
    if errors:
        raise ValidationError(errors)
    if not approved:
        raise ValidationError(
            _("Tidak ada yang disetujui. Bila memang begitu, tolak permohonannya.")
        )
    return approved


def _check_line(line, amount, reason):
    asked = {"asked": format_rupiah(line.amount)}
    if not 0 <= amount <= line.amount:
        return {
            f"line_{line.pk}": _("Diminta %(asked)s, jadi paling banyak itu.") % asked
        }
    if amount < line.amount and not reason:
        return {f"reason_{line.pk}": _("Tulis alasan kurang dari %(asked)s.") % asked}
    return {}
