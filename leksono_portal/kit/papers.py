"""Official papers: what they say is stored once, their PDF is made from that once."""

import hashlib
import json
import logging
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from leksono_portal.kit.models import StoredPaper

logger = logging.getLogger(__name__)
TEMPLATES = settings.BASE_DIR / "templates"


def store(kind, content, at, *, template):
    """Store what a paper says, and have its PDF made after commit.

    `content` is JSON of text, whole numbers, booleans, lists and objects; fractions,
    dates and amounts come as the text that the paper prints. `at` becomes the date
    inside the PDF. `template` is a typst file below templates/, such as
    `forum/meetings/berita_acara.typ`; it reads the content with
    `json(bytes(sys.inputs.data))`.
    """
    text = canonical(content)
    paper = StoredPaper.objects.create(
        kind=kind,
        template=template,
        content=json.loads(text),
        content_sha256=_sha256(text.encode()),
        created_at=at,
    )
    transaction.on_commit(partial(render_paper.enqueue, paper.pk))
    return paper


def canonical(content):
    """`content` as the one JSON text it has: keys sorted, no spaces.

    Raises TypeError for fractions, dates and all else that has more than one writing.
    """
    _refuse_fractions(content)
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


def pending():
    """Papers whose PDF was not made yet."""
    return StoredPaper.objects.pending()


def render(paper_id):
    """Make the PDF of a paper, unless it is made or being made; True if made now.

    A fault is logged and leaves the paper pending, for tick to try again.
    """
    with transaction.atomic():
        paper = (
            pending().select_for_update(skip_locked=True).filter(pk=paper_id).first()
        )
        if paper is None:
            return False
        pdf = _typeset_or_log(paper)
        if pdf is None:
            return False
        paper.pdf = pdf
        paper.pdf_sha256 = _sha256(pdf)
        paper.rendered_at = timezone.now()
        paper.save(update_fields=["pdf", "pdf_sha256", "rendered_at"])
    return True


@task()
def render_paper(paper_id):
    render(paper_id)


def typeset(template, content, at):
    """The PDF that `template` makes of `content`: the same bytes for the same input.

    Text reaches typst as data, never as markup. The PDF is tagged, and PDF/UA where
    the words allow it: a sign our fonts lack (an emoji) rules the standard out, and a
    paper without the standard is better than none.
    """
    import typst

    compile_pdf = partial(
        typst.compile,
        TEMPLATES / template,
        root=TEMPLATES,
        ignore_system_fonts=True,
        sys_inputs={"data": canonical(content)},
        format="pdf",
        timestamp=int(at.timestamp()),
    )
    try:
        return compile_pdf(pdf_standards="ua-1")
    except typst.TypstError as error:
        logger.warning("%s is no PDF/UA: %s", template, error)
        return compile_pdf()


def _typeset_or_log(paper):
    try:
        return typeset(paper.template, paper.content, paper.created_at)
    except RuntimeError:  # what typst raises, TypstError included
        logger.exception("paper %s (%s) could not be made", paper.pk, paper.kind)
        return None


def _refuse_fractions(value):
    if isinstance(value, float):
        raise TypeError(f"a paper prints text, not the fraction {value!r}")
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for part in value:
        _refuse_fractions(part)


def _sha256(data):
    return hashlib.sha256(data).hexdigest()
