"""Small drawings and marks used on every page; built into all templates.

Pure presentation: nothing here asks the database or knows a model. Bars and curves
are SVG with presentation attributes, because the content policy allows no style=.
Each of them stands beside the same figures in words, so it is hidden from readers.
"""

from base64 import urlsafe_b64encode
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leksono_portal.kit import curve as drawing
from leksono_portal.kit import dates
from leksono_portal.kit.icons import ICONS
from leksono_portal.kit.money import format_rupiah

register = template.Library()

KIND_ICONS = {
    "draft": "pena",
    "wait": "tunggu",
    "run": "jalan_terus",
    "done": "centang",
    "good": "centang",
    "stop": "tolak",
    "late": "turun",
    "level": "centang",
    "early": "naik",
}

TABS = (
    ("/", "rumah", gettext_lazy("Beranda")),
    ("/proyek/", "proyek", gettext_lazy("Proyek")),
    ("/rapat/", "rapat", gettext_lazy("Rapat")),
    ("/dana/", "dana", gettext_lazy("Dana")),
    ("/desa/", "desa", gettext_lazy("Desa")),
    ("/forum/", "forum", gettext_lazy("Forum")),
)


def whole(percent):
    """`percent` as it is written: a whole number, halves up."""
    return int(Decimal(str(percent)).quantize(Decimal(1), ROUND_HALF_UP))


def share(part, of):
    """`part` of `of` as a percentage between 0 and 100; 0 of nothing is 0."""
    if not of:
        return 0.0
    return max(0.0, min(100.0, float(part or 0) * 100 / float(of)))


def deviation(real, plan):
    """How far `real` is from `plan` (both 0..100): (kind, words).

    Compares what is written, so that words and figures on a page never disagree.
    A difference under 3 points is as planned: reports come weeks apart.
    """
    gap = whole(real) - whole(plan)
    if abs(gap) < 3:
        return "level", _("Sesuai rencana")
    if gap < 0:
        return "late", _("Tertinggal %(gap)d%%") % {"gap": -gap}
    return "early", _("Lebih cepat %(gap)d%%") % {"gap": gap}


@register.filter
def short(key):
    """A UUID in 22 letters, for pages that name very many of them."""
    return urlsafe_b64encode(key.bytes).decode().rstrip("=")


@register.simple_tag(name="icon")
def icon(name, size=20, label=""):
    """A line icon; without `label` it is decoration and hidden from readers."""
    voice = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html(
        '<svg class="icon{}" width="{}" height="{}" viewBox="0 0 24 24" {}>{}</svg>',
        " small" if int(size) <= 16 else "",
        size,
        size,
        voice,
        mark_safe(ICONS[name]),
    )


@register.simple_tag
def badge(kind, text, icon_name=None):
    """The state of the thing itself: icon and word on a soft ground."""
    return _marked("badge", kind, text, icon_name)


@register.simple_tag
def word(kind, text, icon_name=None):
    """A state inside a row: icon and word without a ground."""
    return _marked("word", kind, text, icon_name)


def _marked(part, kind, text, icon_name):
    return format_html(
        '<span class="{} {}">{}{}</span>',
        part,
        kind,
        icon(icon_name or KIND_ICONS[kind], 16),
        text,
    )


@register.simple_tag(name="deviation")
def deviation_word(real, plan):
    return word(*deviation(real, plan))


def _track(height, *shapes):
    """An SVG of full width: a track of 8 with `shapes` on it, `height` tall."""
    return format_html(
        '<svg class="bar" width="100%" height="{}" aria-hidden="true">'
        '<rect class="track" y="{}" width="100%" height="8"/>{}</svg>',
        height,
        (height - 8) // 2,
        mark_safe("".join(shapes)),
    )


def _piece(tone, start, length, y=4):
    return format_html(
        '<rect class="{}" x="{}%" y="{}" width="{}%" height="8"/>',
        tone,
        f"{start:.2f}",
        y,
        f"{length:.2f}",
    )


def _tick(at):
    return format_html(
        '<rect class="tick" x="{}%" width="3" height="16" transform="translate(-1.5)"/>',
        f"{at:.2f}",
    )


@register.simple_tag
def bar(real, plan=None):
    """Plan against real, both 0..100: fill is real, the upright tick is plan."""
    shapes = [_piece("fill", 0, share(real, 100))]
    if plan is not None:
        shapes.append(_tick(share(plan, 100)))
    return _track(16, *shapes)


@register.simple_tag
def progress(real, plan):
    """The bar with its sentence: "Fisik 80%, rencana 88%" and how far off that is."""
    return format_html(
        '<div class="progress"><p><span>{} <b>{}%</b>, {} {}%</span>{}</p>{}</div>',
        _("Fisik"),
        whole(real),
        _("rencana"),
        whole(plan),
        deviation_word(real, plan),
        bar(real, plan),
    )


@register.simple_tag
def meter(value, needed, total, unit=""):
    """A quorum: `value` of `total` are there, the tick shows how many are `needed`."""
    sentence = _("dari %(total)s %(unit)s, perlu %(needed)s") % {
        "total": total,
        "unit": unit,
        "needed": needed,
    }
    return format_html(
        '<div class="meter"><p><b>{}</b> {}</p>{}</div>',
        value,
        " ".join(sentence.replace(" ,", ",").split()),
        _track(16, _piece("fill", 0, share(value, total)), _tick(share(needed, total))),
    )


@register.simple_tag
def ceilingmeter(ceiling, reserved, this=0):
    """What is left of a ceiling, in whole rupiah: bound, this request, free."""
    left = ceiling - reserved - (this or 0)
    bound = share(reserved, ceiling)
    shapes = [_piece("fill", 0, bound)]
    lines = [
        ("", _("Pagu"), format_rupiah(ceiling)),
        ("", _("Sudah terikat"), format_rupiah(reserved)),
    ]
    if this:
        asked = min(share(this, ceiling), 100 - bound)
        shapes.append(_piece("waiting", bound, asked))
        lines.append(("wait", _("Permohonan ini"), format_rupiah(this)))
    if left < 0:
        lines.append(("sum stop", _("Melebihi pagu"), format_rupiah(-left)))
    else:
        label = _("Sisa bila disetujui") if this else _("Sisa")
        lines.append(("sum", label, format_rupiah(left)))
    return format_html(
        '<div class="ceiling">{}<dl>{}</dl></div>',
        _track(16, *shapes),
        format_html_join("", '<div class="{}"><dt>{}</dt><dd>{}</dd></div>', lines),
    )


@register.simple_tag
def moneybars(rows):
    """Amounts on one scale, one bar each.

    rows: dicts with `label`, `note`, `amount` and `of` (whole rupiah; `of` is the
    whole that 100% means) and, for a piece that waits for someone, `waiting`.
    """
    tones = ("stone", "pale", "fill", "deep")
    items = []
    for row, tone in zip(rows, tones, strict=False):
        part = share(row["amount"], row["of"])
        shapes = [_piece(tone, 0, part)]
        if row.get("waiting"):
            rest = min(share(row["waiting"], row["of"]), 100 - part)
            shapes.append(_piece("waiting", part, rest))
        items.append(
            (
                row["label"],
                row.get("note", ""),
                _track(20, *shapes),
                format_rupiah(row["amount"]),
                whole(part),
            )
        )
    return format_html(
        '<ul class="moneybars">{}</ul>',
        format_html_join(
            "",
            "<li><div><b>{}</b><span>{}</span></div>{}"
            "<strong>{}</strong><small>{}%</small></li>",
            items,
        ),
    )


@register.simple_tag
def stack(amounts):
    """One bar made of several sources, in the order of the swatches s0, s1, s2, s3."""
    total = sum(amounts)
    start, shapes = 0.0, []
    for number, amount in enumerate(amounts):
        part = share(amount, total)
        shapes.append(_piece(f"s{number % 4}", start, part))
        start += part
    return format_html('<div class="stack">{}</div>', _track(16, *shapes))


@register.simple_tag
def swatch(number):
    """The colour key that ties a table row to its piece of `stack`."""
    return format_html(
        '<svg class="bar swatch" width="12" height="12" aria-hidden="true">'
        '<rect class="s{}" width="12" height="12" rx="3"/></svg>',
        int(number) % 4,
    )


@register.simple_tag
def curve(plan, real, today):
    """Plan against real over time: lists of (date, percent) in order of date.

    Draws nothing without a plan. The table with the same figures goes beneath.
    """
    return drawing.draw(plan, real, today) if plan else ""


@register.simple_tag
def dayscale(start, length, total, now=False):
    """A stretch of days on the scale all rows of a history share."""
    return _track(
        16,
        _piece(
            "waiting" if now else "pale",
            min(share(start, total), 98.5),
            max(share(length, total), 1.5),
        ),
    )


@register.simple_tag
def steps(items, label=""):
    """Stages of a thing: dicts with `label`, `date` (text), `state` done|now|later."""
    spoken = {"done": _("selesai"), "now": _("sekarang"), "later": _("belum")}
    rows = []
    for number, item in enumerate(items, 1):
        state = item["state"]
        rows.append(
            (
                state,
                mark_safe(' aria-current="step"') if state == "now" else "",
                icon("centang", 16) if state == "done" else number,
                item["label"],
                spoken[state],
                item.get("date") or "",
            )
        )
    return format_html(
        '<ol class="steps" aria-label="{}">{}</ol>',
        label or _("Tahap"),
        format_html_join(
            "",
            '<li class="{}"{}><i aria-hidden="true">{}</i><b>{}'
            '<span class="hidden">, {}</span></b> <small>{}</small></li>',
            rows,
        ),
    )


@register.simple_tag
def chain(items):
    """How a thing came about: (icon, text, url) links; url None is one's own place."""
    links = [
        format_html('<a href="{}">{}</a>', url, text)
        if url
        else format_html('<b aria-current="page">{}</b>', text)
        for _icon, text, url in items
    ]
    rows = [(icon(item[0], 16), link) for item, link in zip(items, links, strict=True)]
    return format_html(
        '<ol class="chain" aria-label="{}">{}</ol>',
        _("Rangkaian"),
        format_html_join("", "<li>{}{}</li>", rows),
    )


@register.simple_tag
def dayblock(day):
    """Weekday, day and month of a date or datetime, as on a wall calendar."""
    day = dates.to_date(day)
    return format_html(
        '<time class="day" datetime="{}"><span>{}</span><b>{}</b><span>{}</span></time>',
        f"{day:%Y-%m-%d}",
        dates.short_weekday(day),
        day.day,
        dates.short_month(day),
    )


@register.inclusion_tag("parts/_tabs.html", takes_context=True)
def tabs(context):
    """The five rooms; the one the address is in is marked."""
    request = context.get("request")
    path = request.path if request else ""
    rows = []
    for url, icon_name, text in TABS:
        inside = path.startswith(url) if url != "/" else path == "/"
        current = ("page" if path == url else "true") if inside else ""
        rows.append({"url": url, "icon": icon_name, "text": text, "current": current})
    return {"tabs": rows}


@register.simple_tag
def wrong_fields(form):
    """The visible fields of a bound form that hold an error, in page order."""
    return [field for field in form.visible_fields() if field.errors]
