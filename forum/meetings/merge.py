"""A merge of texts by lines, of three: what both writers began with, and what each made.

The `merge3` package does the same, but its licence (GPL) is not that of the portal.
"""

from difflib import SequenceMatcher

# Finding what two texts share takes the square of this, while the meeting is locked.
MOST_LINES = 1000


def merge(base, one, other):
    """`base` with the edits of both; None where they touch and are not the same.

    Two edits touch when no line of `base` stands between them. Which of the two comes
    first makes no difference.
    """
    texts = [text.split("\n") for text in (base, one, other)]
    if max(map(len, texts)) > MOST_LINES:
        return None
    lines = texts[0]
    edits = sorted({edit for text in texts[1:] for edit in _edits(lines, text)})
    for (_start, end, _new), (start, _end, _other) in zip(
        edits, edits[1:], strict=False
    ):
        if start <= end:
            return None
    for start, end, new in reversed(edits):
        lines[start:end] = new
    return "\n".join(lines)


def _edits(lines, text):
    """(start, end, new lines) of each place where `text` differs from `lines`."""
    found = SequenceMatcher(None, lines, text, autojunk=False).get_opcodes()
    return [(a, b, tuple(text[c:d])) for tag, a, b, c, d in found if tag != "equal"]
