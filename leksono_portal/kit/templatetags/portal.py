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
    key = form_keys.next_key(context.request)
    return format_html('<input type="hidden" name="form_key" value="{}">', key)


@register.simple_tag(takes_context=True)
def style_sheet(context):
    """The style sheet, or its first part, for the head of a page (see `kit.style`)."""
    if _begins_visit(context):
        return _style(style.FRAME)
    address = static("css/portal.css")
    return format_html('<link rel="stylesheet" href="{}">', address)


@register.simple_tag(takes_context=True)
def rest_of_style(context):
    """What `style_sheet` has left out, for the place where it is needed at last."""
    if not _begins_visit(context):
        return ""
    link = '{}<link rel="prefetch" as="style" href="{}">'
    return format_html(link, _style(style.REST), static("css/portal.css"))


def _begins_visit(context):
    request = context.get("request")
    return request and style.is_first_page(request)


def _style(text):
    return format_html("<style>{}</style>", mark_safe(text))
