"""Money, dates and form keys in templates. Installed as builtins: no `load` needed."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from leksono_portal.kit import dates, form_keys, money, style

register = template.Library()


def _filter(name, function):
    """Register `function`; an absent value (None or "") shows as nothing."""

    def show(value):
        return "" if value is None or value == "" else function(value)

    register.filter(name, show)


_filter("rupiah", money.format_rupiah)
_filter("angka", money.format_number)
_filter("desimal", money.format_decimal)
_filter("tanggal", dates.format_date)
_filter("tanggal_pendek", dates.format_date_short)
_filter("waktu", dates.format_when)
_filter("jam", dates.format_time)
_filter("hari_sejak", dates.days_since)


@register.simple_tag(takes_context=True)
def form_key(context):
    """The hidden field by which a form sent twice has one effect (see `kit.once`)."""
    # Not context["request"]: an include with `only` has no context processors.
    key = form_keys.new_key(context.request.user)
    return format_html('<input type="hidden" name="form_key" value="{}">', key)


@register.simple_tag(takes_context=True)
def style_sheet(context):
    """The style sheet, for the head of a page (see `kit.style`)."""
    address, request = static("css/portal.css"), context.get("request")
    if not request or not style.is_first_page(request):
        return format_html('<link rel="stylesheet" href="{}">', address)
    return format_html(
        '<style>{}</style>\n<link rel="prefetch" as="style" href="{}">',
        mark_safe(style.TEXT),
        address,
    )
