from django import template
from django.utils.translation import gettext as _

register = template.Library()
# In this order: what comes later also stands in what comes before.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


@register.filter
def perangkat(user_agent):
    """What a browser says of itself, in the words of its user: "Chrome di Android"."""
    browser = _first(BROWSERS, user_agent) or _("Peramban lain")
    system = _first(SYSTEMS, user_agent)
    if not system:
        return browser
    return _("%(browser)s di %(system)s") % {"browser": browser, "system": system}


def _first(names, user_agent):
    return next((name for sign, name in names.items() if sign in user_agent), "")
