"""The drawing of plan against real over time, as one inline SVG."""

from datetime import date, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from leksono_portal.kit.dates import format_date, short_month

WIDTH, HEIGHT = 640, 340
LEFT, TOP, BOTTOM = 48, 40, 44  # room for labels, in the same units
BESIDE = 125  # a label to the right of a line's end


def value_on(points, day):
    """The percentage of a broken line on `day`; flat before its first point and after."""
    if day <= points[0][0]:
        return float(points[0][1])
    for (start, low), (end, high) in zip(points, points[1:], strict=False):
        if day <= end:
            part = (day - start).days / ((end - start).days or 1)
            return float(low) + (float(high) - float(low)) * part
    return float(points[-1][1])


def ticks(first, last):
    """At most six days to write under the axis: starts of months, or plain days."""
    days = (last - first).days
    if days <= 70:
        step = max(1, -(-days // 4))
        return [
            (day, f"{day.day} {short_month(day)}")
            for day in (first + timedelta(n) for n in range(0, days + 1, step))
        ]
    months, year, month = [], first.year, first.month
    while date(year, month, 1) <= last:
        if date(year, month, 1) >= first:
            months.append(date(year, month, 1))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    step = -(-len(months) // 6)
    return [(day, short_month(day)) for day in months[::step]]


def draw(plan, real, today):
    """SVG of `plan` and `real`, lists of (date, percent) in order of date.

    Plan dashed, real solid, the gap between them tinted up to the last report. The
    number of the plan is today's, as beside the bars; that of the real line its last.
    Labels stand at the ends of the lines, so that no legend is needed.
    """
    first = plan[0][0]
    last = max([plan[-1][0], *[day for day, _percent in real[-1:]]])
    span = (last - first).days or 1

    end = real[-1][0] if real else min(max(today, first), last)
    width = WIDTH - LEFT - 16
    if real and width * (last - end).days / span < BESIDE:
        width = WIDTH - LEFT - BESIDE

    def x(day):
        part = (min(max(day, first), last) - first).days / span
        return round(LEFT + width * part, 1)

    def y(percent):
        part = min(max(float(percent), 0), 100) / 100
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part, 1)

    def path(points):
        return "M" + "L".join(f"{x(day)} {y(percent)}" for day, percent in points)

    parts = [_grid(y), _days(x, y, ticks(first, last))]
    shown = today if first <= today <= last else None
    if real:
        parts.append(_gap(plan, real, x, y))
    if shown:
        parts.append(_today(x(shown), y))
    parts.append(format_html('<path class="plan" d="{}"/>', path(plan)))
    due = min(max(today, end), last)
    planned = value_on(plan, due)
    if real:
        reached = float(real[-1][1])
        parts.append(format_html('<path class="real" d="{}"/>', path(real)))
        parts.append(
            format_html(
                '<circle class="dot" cx="{}" cy="{}" r="6"/>', x(end), y(reached)
            )
        )
        parts.append(
            _label("real", _("nyata"), reached, x(end), y(reached), reached > planned)
        )
        parts.append(
            _label("", _("rencana"), planned, x(due), y(planned), reached <= planned)
        )
        words = _(
            "Sampai %(day)s pekerjaan selesai %(real)d%%. "
            "Rencana sampai %(due)s %(plan)d%%."
        ) % {
            "day": format_date(end),
            "due": format_date(due),
            "real": round(reached),
            "plan": round(planned),
        }
    else:
        parts.append(_label("", _("rencana"), planned, x(due), y(planned), True))
        words = _("Belum ada laporan kemajuan.")
    return format_html(
        '<svg class="curve" viewBox="0 0 {} {}" role="img">'
        "<title>{}</title><desc>{}</desc>{}</svg>",
        WIDTH,
        HEIGHT,
        _("Kurva rencana dan kenyataan"),
        words,
        mark_safe("".join(parts)),
    )


def _grid(y):
    rows = [
        ("axis" if percent == 0 else "grid", y(percent), y(percent) + 5, percent)
        for percent in (0, 25, 50, 75, 100)
    ]
    return format_html_join(
        "",
        '<path class="{}" d="M' + str(LEFT) + " {}H" + str(WIDTH) + '"/>'
        '<text x="' + str(LEFT - 8) + '" y="{}" text-anchor="end">{}</text>',
        rows,
    )


def _days(x, y, days):
    return format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}">{}</text>',
        (
            (
                x(day),
                HEIGHT - 14,
                "end" if x(day) > WIDTH - 50 else "start",
                text,
            )
            for day, text in days
        ),
    )


def _today(at, y):
    anchor = "end" if at > WIDTH - 80 else "start" if at < LEFT + 60 else "middle"
    return format_html(
        '<path class="today" d="M{} {}V{}"/>'
        '<text x="{}" y="{}" text-anchor="{}">{}</text>',
        at,
        TOP - 10,
        y(0),
        at,
        TOP - 16,
        anchor,
        _("hari ini"),
    )


def _gap(plan, real, x, y):
    """The ground between the lines, from the first report to the last.

    One path for where the work is behind and one for where it is ahead.
    """
    first, last = real[0][0], real[-1][0]
    days = {day for day, _percent in [*plan, *real] if first <= day <= last}
    corners = [
        (x(day), y(value_on(plan, day)), y(value_on(real, day))) for day in sorted(days)
    ]
    outlines = {"behind": "", "ahead": ""}
    for left, right in zip(corners, corners[1:], strict=False):
        for one, other in _parted(left, right):
            kind = "behind" if one[2] + other[2] > one[1] + other[1] else "ahead"
            outlines[kind] += (
                f"M{one[0]} {one[1]}L{other[0]} {other[1]}"
                f"L{other[0]} {other[2]}L{one[0]} {one[2]}Z"
            )
    return format_html_join(
        "", '<path class="{}" d="{}"/>', [row for row in outlines.items() if row[1]]
    )


def _parted(left, right):
    """The stretch between two corners, cut in two where the lines cross."""
    before, after = left[1] - left[2], right[1] - right[2]
    if before * after >= 0:
        return [(left, right)]
    part = before / (before - after)
    at_x, at_y = (
        round(one + (other - one) * part, 1)
        for one, other in zip(left[:2], right[:2], strict=True)
    )
    middle = (at_x, at_y, at_y)
    return [(left, middle), (middle, right)]


def _label(kind, text, percent, at_x, at_y, above):
    """A word at the end of a line: above it to the left, or below it to the right."""
    left = above and at_x > LEFT + BESIDE
    return format_html(
        '<text class="mark {}" x="{}" y="{}" text-anchor="{}">{} {}%</text>',
        kind,
        at_x - 12 if left else at_x + 12,
        max(at_y - 12, 16) if above else min(at_y + 28, HEIGHT - BOTTOM - 8),
        "end" if left else "start",
        text,
        round(percent),
    )
