"""What a browser would send of a form on a page."""

from html.parser import HTMLParser

from django.core.files.uploadedfile import SimpleUploadedFile


class Picked(SimpleUploadedFile):
    """A photo that somebody picked; it can be sent again and again."""

    def __init__(self, data):
        super().__init__("IMG_0001.jpg", data, content_type="image/jpeg")

    def read(self, *args):
        self.seek(0)
        return super().read(*args)


class _Forms(HTMLParser):
    """Collects each form's address and its fields, names repeating as they stand."""

    def __init__(self):
        super().__init__()
        self.forms = []
        self.name = self.text = self.options = None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        name, value = attrs.get("name"), attrs.get("value") or ""
        if tag == "form":
            self.forms.append((attrs.get("action") or "", {}))
        elif tag == "input" and name:
            kind = attrs.get("type", "text")
            if kind not in ("checkbox", "radio") or "checked" in attrs:
                self._add(name, value)
        elif tag in ("textarea", "select"):
            self.name, self.text, self.options = name, "", []
        elif tag == "option":
            self.options.append(("selected" in attrs, value))

    def handle_endtag(self, tag):
        if tag == "textarea":
            # The first line break after the tag is the page's, not the writer's.
            self._add(self.name, self.text.removeprefix("\n"))
            self.name = self.text = None
        elif tag == "select":
            # Without a choice, a browser takes the first.
            chosen = [value for is_chosen, value in self.options if is_chosen]
            for value in chosen or [value for _no, value in self.options[:1]]:
                self._add(self.name, value)
            self.name = self.text = None

    def handle_data(self, data):
        if self.text is not None:
            self.text += data

    def _add(self, name, value):
        if self.forms:
            self.forms[-1][1].setdefault(name, []).append(value)


def forms_of(response):
    """[(address, {name: [values]})], a form each; the address "" is the page's own."""
    reader = _Forms()
    reader.feed(response.content.decode())
    return reader.forms


def fields_of(response, address=None):
    """{name: [values]} of the form on the page that posts to `address`.

    Of several the last, and without an address the last of all.
    """
    found = [
        fields
        for to, fields in forms_of(response)
        if address is None or to in ("", address)
    ]
    return found[-1] if found else {}
