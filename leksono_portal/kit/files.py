"""Files that people send: told by their content, stored, re-encoded, served.

Photos become three JPEG sizes in the worker, without any of what the camera wrote
into them; then the original goes. A room's view that has asked who may see serves
them, the kit has no address for files.
"""

import hashlib
import io
import logging
import os
import re
import tempfile
import time
import warnings
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pillow_heif
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import FileResponse, Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tasks import task
from PIL import ExifTags, Image, ImageCms, ImageOps

from leksono_portal.kit import dates
from leksono_portal.kit.models import StoredFile

logger = logging.getLogger(__name__)
pillow_heif.register_heif_opener()

MB = 1024 * 1024
MOST_BYTES = 10 * MB  # of one file
MOST_AT_ONCE = 3  # files in one form
FORM_BYTES = MOST_AT_ONCE * MOST_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
# Decoded, each takes about 100 to 200 MB; a plain JPEG is decoded reduced, and less.
MOST_PIXELS = {
    "JPEG": 65_000_000,
    "HEIF": 25_000_000,
    "PNG": 25_000_000,
    "WEBP": 12_500_000,
}
MOST_PIXELS_PROGRESSIVE = 25_000_000
Image.MAX_IMAGE_PIXELS = max(MOST_PIXELS.values())  # Pillow looks as well
warnings.simplefilter("error", Image.DecompressionBombWarning)
MOST_SCANS = 100  # of a progressive JPEG: cameras write 10, each costs a whole pass
# JPEG, since WebP of the same looks was no smaller here and took six times the work.
QUALITY = 75
BLOCK = 64 * 1024
SWEEP_AFTER = timedelta(days=1)
NAME = re.compile("[0-9a-f]{32}")

HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}
NO_PHOTO = gettext_lazy("Berkas ini bukan foto JPEG, PNG, WebP, atau HEIC.")
# What is often sent in a photo's name, and what it really is.
OTHERS = (
    (b"MZ", gettext_lazy("Berkas ini program komputer, bukan foto.")),
    (b"\x7fELF", gettext_lazy("Berkas ini program komputer, bukan foto.")),
    (b"#!", gettext_lazy("Berkas ini program komputer, bukan foto.")),
    (b"PK", gettext_lazy("Berkas ini arsip ZIP atau dokumen kantor, bukan foto.")),
    (b"<", gettext_lazy("Berkas ini halaman web atau gambar SVG, bukan foto.")),
    (b"GIF8", gettext_lazy("Gambar GIF tidak diterima; kirim foto JPEG atau PNG.")),
)
PDF_SIGN = b"%PDF-"
PDF_STREAM = re.compile(rb"stream\r?\n")
MOST_PACKED = 20 * MB  # of lists of objects in a PDF, unpacked
PDF_ACTIVE = re.compile(
    rb"/(JavaScript|JS|Launch|RichMedia|EmbeddedFiles?|XFA)(?![A-Za-z0-9])"
)
BROKEN_PDF = gettext_lazy(
    "PDF ini rusak atau terpotong di jalan. Pilih lagi berkasnya, lalu kirim ulang."
)
BROKEN = gettext_lazy(
    "Foto ini rusak atau terpotong di jalan. Pilih lagi fotonya, lalu kirim ulang."
)


@dataclass(frozen=True)
class Upload:
    """A file that was looked into and may be stored."""

    file: object
    kind: str
    byte_size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    taken_on: date | None = None
    position: tuple[float, float] | None = None  # latitude, longitude


# Looking into it --------------------------------------------------------------


def inspect(upload, *, takes_pdf=False):
    """An `Upload` of what was sent: bytes, an open file, or an Upload already.

    A photo, or a PDF where that is taken. The type is what the content says; names and
    a browser's word count for nothing.
    Raises ValidationError with a sentence. Memory stays within what MOST_PIXELS
    allows: sizes are read from the head before anything is decoded.
    """
    if isinstance(upload, Upload):
        return upload
    file = io.BytesIO(upload) if isinstance(upload, bytes) else upload
    size = file.seek(0, os.SEEK_END)
    if not size:
        raise ValidationError(_("Berkas ini kosong."))
    if size > MOST_BYTES:
        raise ValidationError(
            _("Berkas ini %(size)s MB; paling besar %(most)d MB.")
            % {"size": -(-size // MB), "most": MOST_BYTES // MB}
        )
    file.seek(0)
    if takes_pdf and file.read(len(PDF_SIGN)) == PDF_SIGN:
        _look_into_pdf(file)
        return Upload(file, StoredFile.Kind.PDF, size, _sha256(file))
    told = _look_into_photo(file, _image_format(file))
    return Upload(file, StoredFile.Kind.PHOTO, size, _sha256(file), **told)


def _image_format(file):
    """The Pillow format that the first bytes announce; refuses all others."""
    file.seek(0)
    head = file.read(32).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        return "HEIF"
    words = (words for sign, words in OTHERS if head.startswith(sign))
    raise ValidationError(next(words, NO_PHOTO))


def _look_into_photo(file, name):
    try:
        image = _open(file, name)
        _check_pixels(image, name)
        exif = image.getexif()
        width, height = image.size
        if exif.get(ExifTags.Base.Orientation) in (5, 6, 7, 8):  # lies on its side
            width, height = height, width
        told = {
            "width": width,
            "height": height,
            "taken_on": _day(exif),
            "position": _position(exif),
        }
        # Decoded once to the end, so that what is torn is told now, to its sender.
        image.draft(None, (64, 64))
        image.load()
    except ValidationError:
        raise
    except Exception as error:  # a parser may raise anything on hostile bytes
        logger.info("photo refused: %r", error)
        raise ValidationError(BROKEN) from error
    return told


def _open(file, name):
    file.seek(0)
    try:
        return Image.open(file, formats=[name])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(MOST_PIXELS[name]) from error


def _check_pixels(image, name):
    most = MOST_PIXELS[name]
    if image.info.get("progressive"):
        most = MOST_PIXELS_PROGRESSIVE
        image.fp.seek(0)
        scans = sum(block.count(b"\xff\xda") for block in _blocks(image.fp))
        if scans > MOST_SCANS:
            raise ValidationError(BROKEN)
    if image.width * image.height > most:
        raise _too_many_pixels(most)


def _too_many_pixels(most):
    return ValidationError(
        _("Foto ini terlalu rinci: paling banyak %(most)d juta piksel.")
        % {"most": most // 1_000_000}
    )


def _day(exif):
    """The day a camera says it took the photo, None where it says none or nonsense."""
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    text = str(inner.get(ExifTags.Base.DateTimeOriginal, ""))[:10]
    with suppress(ValueError):
        day = date.fromisoformat(text.replace(":", "-"))
        return day if 2000 <= day.year and day <= dates.today() else None


def _position(exif):
    """(latitude, longitude) that a camera wrote down, or None."""
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    try:
        latitude = _degrees(gps[2], gps[1] == "S")
        longitude = _degrees(gps[4], gps[3] == "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    is_place = abs(latitude) <= 90 and abs(longitude) <= 180
    return (latitude, longitude) if is_place else None


def _degrees(parts, is_negative):
    degrees, minutes, seconds = map(float, parts)
    value = degrees + minutes / 60 + seconds / 3600
    return round(-value if is_negative else value, 6)


def _look_into_pdf(file):
    """Refuse what is torn, locked, or plainly more than paper.

    It finds what stands openly in the file or in a packed list of objects; that the
    answer is sent as an attachment in a sandbox protects from the rest.
    """
    file.seek(0)
    data = file.read()
    if b"%%EOF" not in data[-1024:] or b"startxref" not in data[-2048:]:
        raise ValidationError(BROKEN_PDF)
    for words in _pdf_words(data):
        words = re.sub(
            rb"#([0-9A-Fa-f]{2})", lambda m: bytes.fromhex(m[1].decode()), words
        )
        if re.search(rb"/Encrypt(?![A-Za-z0-9])", words):
            raise ValidationError(
                _("PDF ini dikunci. Simpan lagi tanpa kata sandi, lalu kirim ulang.")
            )
        if PDF_ACTIVE.search(words):
            raise ValidationError(
                _(
                    "PDF ini berisi program, formulir, atau lampiran. "
                    "Pindai lagi suratnya, atau cetak menjadi PDF biasa."
                )
            )


def _pdf_words(data):
    """The parts of a PDF where names stand: all outside of its streams, and lists of
    objects packed in one, each up to 1 MB."""
    at, left = 0, MOST_PACKED
    while begin := PDF_STREAM.search(data, at):
        head = data[at : begin.start()]
        end = data.find(b"endstream", begin.end())
        yield head
        if b"/ObjStm" in head[-300:]:
            with suppress(zlib.error):
                words = zlib.decompressobj().decompress(data[begin.end() : end], MB)
                left -= len(words)
                yield words
        if end < 0 or left < 0:
            raise ValidationError(BROKEN_PDF)
        at = end + len(b"endstream")
    yield data[at:]


def _sha256(file):
    digest = hashlib.sha256()
    file.seek(0)
    for block in _blocks(file):
        digest.update(block)
    return digest.hexdigest()


def _blocks(file):
    return iter(partial(file.read, BLOCK), b"")


class UploadField(forms.FileField):
    """A photo in a form, or a PDF where that is taken; its value is an `Upload`."""

    def __init__(self, *, takes_pdf=False, **kwargs):
        self.takes_pdf = takes_pdf
        accept = "application/pdf,image/*" if takes_pdf else "image/*"
        super().__init__(widget=forms.FileInput(attrs={"accept": accept}), **kwargs)

    def to_python(self, data):
        found = super().to_python(data)
        return found and inspect(found, takes_pdf=self.takes_pdf)

    def bound_data(self, data, initial):
        return None  # no browser keeps a chosen file


def takes_files(view):
    """Let a POST to `view` be as large as MOST_AT_ONCE files and their texts."""
    view.upload_limit = FORM_BYTES
    return view


# Storing and making the sizes -------------------------------------------------


def store(upload):
    """Store an `Upload`, and have its sizes made after commit; returns a StoredFile.

    Inside the caller's transaction: the file is on the disk before its row is
    committed, and a file whose row never is gets swept away.
    """
    stored = StoredFile(
        kind=upload.kind,
        byte_size=upload.byte_size,
        sha256=upload.sha256,
        width=upload.width,
        height=upload.height,
    )
    upload.file.seek(0)
    _write(path_of(stored), _blocks(upload.file))
    stored.save()
    if not stored.is_ready:
        transaction.on_commit(partial(make_sizes.enqueue, stored.pk))
    return stored


def path_of(stored, size=None):
    """Where a file lies: as it was sent, or a photo in one of its sizes."""
    name = stored.name.hex
    ending = f"-{size}.jpg" if size else ".asli"
    return Path(settings.MEDIA_ROOT, name[:2], name + ending)


def pending():
    """Photos whose sizes were not made yet."""
    return StoredFile.objects.pending()


def process(file_id):
    """Make the sizes of a photo, unless they are made or being made; True if made now.

    A fault is logged and leaves the photo pending, for tick to try again.
    """
    with transaction.atomic():
        stored = (
            pending().select_for_update(skip_locked=True).filter(pk=file_id).first()
        )
        if stored is None:
            return False
        try:
            for size, jpeg in _sizes(path_of(stored)):
                _write(path_of(stored, size), [jpeg])
        except Exception:  # as above, and what disks raise
            logger.exception("sizes of file %s could not be made", stored.pk)
            return False
        stored.made_at = timezone.now()
        stored.save(update_fields=["made_at"])
        # With it goes what the camera wrote into it.
        transaction.on_commit(partial(path_of(stored).unlink, missing_ok=True))
    return True


@task()
def make_sizes(file_id):
    process(file_id)


def _sizes(path):
    """(size, JPEG) for each size, the largest first, with nothing but the picture."""
    with path.open("rb") as file:
        image = _open(file, _image_format(file))
        image.draft("RGB", StoredFile.fit(*image.size, max(StoredFile.SIZES)))
        image = _upright_srgb(image)
    for size in sorted(StoredFile.SIZES, reverse=True):
        image.thumbnail((size, size), Image.Resampling.LANCZOS)
        image.info = {}  # a comment in it would be saved along
        made = io.BytesIO()
        image.save(made, "JPEG", quality=QUALITY, optimize=True, progressive=True)
        yield size, made.getvalue()


def _upright_srgb(image):
    profile = image.info.get("icc_profile")
    largest = max(StoredFile.SIZES)
    ImageOps.exif_transpose(image, in_place=True)  # a copy would be another 100 MB
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image.thumbnail((largest, largest), Image.Resampling.LANCZOS)
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image).convert("RGB")
    elif image.mode not in ("RGB", "L", "CMYK"):
        image = image.convert("RGB")
    if profile:
        with suppress(ImageCms.PyCMSError, OSError):
            image.thumbnail((largest, largest), Image.Resampling.LANCZOS)
            theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            ours = ImageCms.createProfile("sRGB")
            image = ImageCms.profileToProfile(image, theirs, ours, outputMode="RGB")
    return image.convert("RGB")


def _write(path, blocks):
    """Write a file whole or not at all, also when the power goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        try:
            for block in blocks:
                part.write(block)
            part.flush()
            os.fsync(part.fileno())
            os.replace(part.name, path)
        except BaseException:
            os.unlink(part.name)
            raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def sweep(part="[0-9a-f][0-9a-f]"):
    """Remove files a day old that no row asks for; returns how many.

    What a crash between disk and database leaves: files without a row, torn ones, and
    originals whose sizes are made. part: only the folders of this name.
    """
    old = [
        path for path in Path(settings.MEDIA_ROOT).glob(f"{part}/*") if _is_old(path)
    ]
    if not old or not _is_our_folder():
        return 0
    names = {match[0] for path in old if (match := NAME.match(path.name))}
    wanted = set()
    for stored in StoredFile.objects.filter(name__in=names):
        wanted.update(path_of(stored, size) for size in stored.sizes_kept)
    lost = [path for path in old if path not in wanted]
    for path in lost:
        path.unlink(missing_ok=True)
    return len(lost)


def _is_old(path):
    with suppress(FileNotFoundError):  # its maker removed it just now
        return time.time() - path.stat().st_mtime > SWEEP_AFTER.total_seconds()


def _is_our_folder():
    """Whether the files of our newest rows are there; else the folder belongs to
    another database, and nothing of it is ours to remove."""
    newest = StoredFile.objects.order_by("-pk")[:20]
    return any(path_of(row, row.sizes_kept[0]).exists() for row in newest)


# Serving ----------------------------------------------------------------------


def serve(request, stored, *, size=None, is_public=False, name="foto"):
    """Answer with a photo in one of its sizes, 404 where it is not made; or with a PDF.

    For views that have fetched the owner through `visible_to`. is_public: everyone
    may see it, so that caches may keep it; its address names the size and never
    shows another picture. name: under which it is saved, without ending.
    """
    if stored.kind == StoredFile.Kind.PDF:
        size = None
    elif size not in StoredFile.SIZES or not stored.is_ready:
        raise Http404
    try:
        file = path_of(stored, size).open("rb")
    except FileNotFoundError:
        logger.error("size %s of file %s is not on the disk", size, stored.pk)
        raise Http404 from None
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable"
        if is_public
        else "private, no-cache",
        "ETag": f'"{stored.name.hex}-{size}"',
        "X-Content-Type-Options": "nosniff",
    }
    if size:
        return FileResponse(
            file, filename=f"{name}.jpg", content_type="image/jpeg", headers=headers
        )
    # Whatever a PDF tries, it has no origin and starts in no page of ours.
    headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"{name}.pdf",
        content_type="application/pdf",
        headers=headers,
    )
