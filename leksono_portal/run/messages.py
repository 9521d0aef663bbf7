"""The English catalogue, brought up to what code and templates say.

    python -m leksono_portal.run.messages

Sentences that are new come in without a translation, those that are gone are dropped,
and the compiled file is made. GNU gettext is not needed. A sentence that would evade
the catalogue, because it is put together before it is translated, is an error here.
"""

import ast
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from .env import BASE

CATALOGUE = BASE / "locale" / "en" / "LC_MESSAGES" / "django.po"
ROOMS = ("leksono_portal", "villages", "projects", "forum")
HEADER = {
    "Project-Id-Version": "Portal Leksono",
    "Language": "en",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}
# How many of the arguments are sentences: one, or one for each number.
SENTENCES = {"gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2}
LITERAL = r"""u?((?:'(?:[^'\\]|\\.)*')|(?:"(?:[^"\\]|\\.)*"))"""
IN_TEMPLATE = re.compile(rf"\b(n?p?gettext|_)\({LITERAL}(?:, {LITERAL})?")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]")


@dataclass
class Message:
    """A sentence, its form for more than one, and the files that say it."""

    text: str
    plural: str = ""
    files: set = field(default_factory=set)


class Evades(Exception):
    """A call that cannot be read without running it: where it is, and what it is."""


def found(base=BASE):
    """{(text, plural): Message} of all code and templates below `base`."""
    messages = {}
    for path, texts in _files(base):
        for text, plural in texts:
            message = messages.setdefault((text, plural), Message(text, plural))
            message.files.add(str(path.relative_to(base)))
    return messages


def _files(base):
    for room in ROOMS:
        for path in sorted(base.joinpath(room).rglob("*.py")):
            if "tests" not in path.parts:
                yield path, list(in_code(path.read_text(), path))
    for path in sorted(base.joinpath("templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            yield path, list(in_template(path.read_text(), path))


def in_code(source, path="?"):
    """(text, plural) of each call of Django's gettext, under whichever name."""
    tree = ast.parse(source)
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "django.utils.translation"
        for alias in node.names
        if "gettext" in alias.name
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _called(node.func, names)
        if not name:
            continue
        given = node.args[: SENTENCES.get(name, 0)]
        texts = [getattr(argument, "value", None) for argument in given]
        if not texts or not all(isinstance(text, str) for text in texts):
            raise Evades(f"{path}:{node.lineno}: {ast.unparse(node)}")
        yield texts[0], texts[1] if len(texts) > 1 else ""


def _called(function, names):
    """Which gettext is called, if any: by its name here, or as translation.gettext."""
    if isinstance(function, ast.Name):
        return names.get(function.id)
    of_module = isinstance(function, ast.Attribute) and "gettext" in function.attr
    return function.attr if of_module else None


def in_template(source, path="?"):
    """(text, plural) of each sentence, as Django itself reads a template for them."""
    from django.utils.translation.template import templatize

    for name, text, plural in IN_TEMPLATE.findall(templatize(source, str(path))):
        if "p" in name:
            raise Evades(f"{path}: context of {text}")
        yield ast.literal_eval(text), ast.literal_eval(plural) if plural else ""


def update(path=CATALOGUE, messages=None):
    """Write the catalogue anew, each translation kept; the polib catalogue of it."""
    import polib

    messages = found() if messages is None else messages
    old = polib.pofile(str(path)) if path.exists() else []
    kept = {(entry.msgid, entry.msgid_plural): entry for entry in old}
    catalogue = polib.POFile(wrapwidth=88)
    catalogue.metadata = HEADER
    for key, message in sorted(messages.items()):
        catalogue.append(_entry(message, kept.get(key)))
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))
    catalogue.save_as_mofile(str(path.with_suffix(".mo")))
    return catalogue


def _entry(message, kept):
    import polib

    entry = polib.POEntry(
        msgid=message.text,
        msgid_plural=message.plural,
        occurrences=[(file, "") for file in sorted(message.files)],
        flags=["python-format"] if PLACEHOLDER.search(message.text) else [],
    )
    if message.plural:
        entry.msgstr_plural = kept.msgstr_plural if kept else {0: "", 1: ""}
    else:
        entry.msgstr = kept.msgstr if kept else ""
    return entry


def main():
    try:
        catalogue = update()
    except Evades as error:
        sys.exit(f"Kalimat ini tidak dapat dibaca tanpa dijalankan: {error}")
    where = Path(CATALOGUE).relative_to(BASE)
    left = len(catalogue.untranslated_entries())
    print(f"{where}: {len(catalogue)} kalimat, {left} belum diterjemahkan.")


if __name__ == "__main__":
    main()
