"""Official papers: what they say is stored once, their PDF is made from that once."""

import hashlib
import io
import json
import logging
from functools import partial

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render as render_page
from django.utils import timezone
from django_tasks import task

from leksono_portal.kit import codes
from leksono_portal.kit.models import StoredPaper

logger = logging.getLogger(__name__)
TEMPLATES = settings.BASE_DIR / "templates"


def store(kind, content, at, *, template):
    """Store what a paper says, and have its PDF made after commit.

    `content` is JSON of text, whole numbers, booleans, lists and objects; fractions,
    dates and amounts come as the text that the paper prints. Its `number`, `title` and
    `date` are what the verification page shows of it. `at` becomes the date inside the
    PDF. `template` is a typst file below templates/, such as
    `forum/meetings/berita_acara.typ`; it reads the content with
    `json(bytes(sys.inputs.data))`. The paper gets its random code at once.
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


def respond(request, paper, *, name, title, back):
    """Answer with the PDF of `paper`, or with a page (202) while it is being made.

    For views that have asked who may see it. name: of the file, without ending; title:
    what the paper is called; back: (address, words) of the page it belongs to.
    """
    if paper.pdf is None:
        context = {"title": title, "back": back}
        return render_page(request, "kit/paper_pending.html", context, status=202)
    return pdf_response(bytes(paper.pdf), name)


def pdf_response(pdf, name):
    """The bytes of a PDF, for the browser to show; it is saved as `name`.pdf."""
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )


def typeset(template, content, at, code=None):
    """The PDF that `template` makes of `content`: the same bytes for the same input.

    Text reaches typst as data, never as markup; so do the `code` of a stored paper,
    the address where it is checked and the QR of that. The PDF is tagged, and PDF/UA
    where the words allow it: a sign our fonts lack (an emoji) rules the standard out,
    and a paper without the standard is better than none.
    """
    import typst

    compile_pdf = partial(
        typst.compile,
        TEMPLATES / template,
        root=TEMPLATES,
        ignore_system_fonts=True,
        sys_inputs={"data": canonical(content), **(_check_of(code) if code else {})},
        format="pdf",
        timestamp=int(at.timestamp()),
    )
    try:
        return compile_pdf(pdf_standards="ua-1")
    except typst.TypstError as error:
        logger.warning("%s is no PDF/UA: %s", template, error)
        return compile_pdf()


def _check_of(code):
    """What a paper prints for those who want to check it."""
    import segno

    address, svg = codes.address(code), io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        svg, kind="svg", xmldecl=False, border=2
    )
    return {
        "code": codes.grouped(code),
        "address": address,
        "qr": svg.getvalue().decode(),
    }


def _typeset_or_log(paper):
    try:
        return typeset(paper.template, paper.content, paper.created_at, paper.code)
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
