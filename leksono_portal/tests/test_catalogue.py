"""The English catalogue: whole, compiled, and with the same blanks to be filled in."""

import re
from collections import Counter
from string import Formatter

import polib
import pytest

from leksono_portal.run import messages

CATALOGUE = polib.pofile(str(messages.CATALOGUE))
TAG = re.compile(r"</?\w+[^>]*>")
BEHIND = "the catalogue is behind; run `make messages`, translate, commit both files"


def test_the_catalogue_has_every_sentence_and_no_other():
    said = messages.found()
    kept = {(entry.msgid, entry.msgid_plural): entry for entry in CATALOGUE}
    assert said.keys() - kept.keys() == set(), BEHIND
    assert kept.keys() - said.keys() == set(), BEHIND


@pytest.mark.parametrize("written", sorted(messages.CATALOGUE.parents[2].rglob("*.po")))
def test_each_compiled_catalogue_is_what_the_written_one_says(written):
    compiled = written.with_suffix(".mo").read_bytes()
    assert compiled == polib.pofile(str(written)).to_binary(), BEHIND


def test_a_thing_has_one_name_on_pages_made_by_libraries_too(client, db):
    page = client.get("/akun/login/").text + client.get("/akun/password/reset/").text
    assert ">Kata sandi</label>" in page and ">Surel</label>" in page
    assert ">Sandi" not in page and ">Email" not in page


def test_no_sentence_is_left_doubtful_or_disused():
    assert [entry.msgid for entry in CATALOGUE if not entry.translated()] == []


def blanks(text):
    """What is filled in, of each kind of writing: %(name)s, %s and {name}."""
    named = messages.PLACEHOLDER.findall(text.replace("%%", ""))
    try:
        braces = [name for _text, name, *_rest in Formatter().parse(text) if name]
    except ValueError:
        braces = []
    return Counter(named) + Counter(braces)


def test_each_translation_has_the_same_blanks():
    wrong = []
    for entry in CATALOGUE:
        wanted = blanks(entry.msgid_plural or entry.msgid)
        given = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        # Where one of a thing is meant, its number may be left out.
        one = blanks(entry.msgid)
        for text in filter(None, given):
            if set(blanks(text)) not in (set(wanted), set(one)):
                wrong.append((entry.msgid, text))
    assert wrong == []


def test_each_translation_keeps_the_marks_of_its_sentence():
    wrong = [
        (entry.msgid, entry.msgstr)
        for entry in CATALOGUE
        if entry.msgstr
        and (
            sorted(TAG.findall(entry.msgid)) != sorted(TAG.findall(entry.msgstr))
            or entry.msgid[:1].isspace() != entry.msgstr[:1].isspace()
            or entry.msgid[-1:].isspace() != entry.msgstr[-1:].isspace()
        )
    ]
    assert wrong == []


# The reader of code and templates ------------------------------------------------

CODE = """
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

_("Satu " "kalimat")
gettext_lazy('Malas')
ngettext("%(n)s desa", "%(n)s desa-desa", 2)
translation.gettext("Jauh")
f"{_('Di dalam')}"
notgettext = str
notgettext("Bukan")
"""
TEMPLATE = """
{% translate "Judul" %} {% translate 'Lain' as other %} {% word "x" _("Di tag") %}
{{ x|default:_("Warga") }} {% blocktranslate with a=b %}Desa {{ a }} 100%{% endblocktranslate %}
{% blocktranslate count n=c trimmed %}
  Satu
{% plural %}
  {{ n }} buah
{% endblocktranslate %}
{# translate "Bukan" #} {% comment %}{% translate "Bukan" %}{% endcomment %}
"""


def test_code_is_read_under_every_name_of_gettext():
    assert set(messages.in_code(CODE)) == {
        ("Satu kalimat", ""),
        ("Malas", ""),
        ("%(n)s desa", "%(n)s desa-desa"),
        ("Jauh", ""),
        ("Di dalam", ""),
    }


@pytest.mark.parametrize(
    "call", ["_(f'Desa {x}')", "_(x)", "_('Desa %s' % x)", "_('Desa {}'.format(x))"]
)
def test_a_sentence_put_together_before_it_is_translated_is_an_error(call):
    code = f"from django.utils.translation import gettext as _\n{call}"
    with pytest.raises(messages.Evades):
        list(messages.in_code(code))


def test_templates_are_read_as_django_reads_them():
    assert set(messages.in_template(TEMPLATE)) == {
        ("Judul", ""),
        ("Lain", ""),
        ("Di tag", ""),
        ("Warga", ""),
        ("Desa %(a)s 100%%", ""),
        ("Satu", "%(n)s buah"),
    }


def test_an_update_keeps_what_is_translated_and_drops_what_is_gone(tmp_path):
    path = tmp_path / "en" / "django.po"
    first = {("Desa", ""): messages.Message("Desa"), ("x", ""): messages.Message("x")}
    catalogue = messages.update(path, first)
    catalogue.find("Desa").msgstr = "Village"
    catalogue.save(str(path))
    second = {("Desa", ""): first["Desa", ""], ("a", "b"): messages.Message("a", "b")}
    catalogue = messages.update(path, second)
    assert [(e.msgid, e.msgstr) for e in catalogue] == [("Desa", "Village"), ("a", "")]
    compiled = polib.mofile(str(path.with_suffix(".mo")))
    assert [entry.msgstr for entry in compiled] == ["Village"]
