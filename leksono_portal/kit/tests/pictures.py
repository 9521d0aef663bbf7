"""Pictures as cameras and worse senders make them."""

import io
import random
import struct
import zlib

import pillow_heif
from PIL import Image, ImageCms

CAMERA = "Kamera Uji 12"
PLACE = (-7.36125, 109.90444)
pillow_heif.register_heif_opener()


def picture(size=(400, 300), seed=1):
    """Coloured blocks, another picture for another seed."""
    draw = random.Random(seed)
    small = Image.new("RGB", (16, 12))
    small.putdata([tuple(draw.randbytes(3)) for _ in range(16 * 12)])
    return small.resize(size, Image.Resampling.BICUBIC)


def camera_exif(orientation=1):
    """What a phone writes: maker, direction, day, and where it was."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = CAMERA, orientation
    exif.get_ifd(0x8769)[0x9003] = "2026:03:14 09:26:53"
    south, east = (_parts(abs(value)) for value in PLACE)
    exif.get_ifd(0x8825).update({1: "S", 2: south, 3: "E", 4: east})
    return exif


def _parts(value):
    minutes = value % 1 * 60
    return (int(value), int(minutes), round(minutes % 1 * 60, 2))


def encoded(image, kind="JPEG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def jpeg(size=(400, 300), seed=1, **options):
    return encoded(picture(size, seed), **options)


def camera_jpeg(size=(400, 300), seed=1, orientation=1, **options):
    """A JPEG with all that must not reach the public."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return jpeg(
        size,
        seed,
        exif=camera_exif(orientation),
        icc_profile=profile,
        comment=CAMERA,
        xmp=f"<x:xmpmeta>{CAMERA}</x:xmpmeta>".encode(),
        **options,
    )


def png_of(width, height):
    """A PNG that claims these sides and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data))
        + name
        + data
        + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def jpeg_of(width, height):
    """A JPEG that claims these sides."""
    small = bytearray(encoded(Image.new("RGB", (8, 8))))
    at = small.index(b"\xff\xc0") + 5
    small[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(small)


def pdf(words=b"", *, packed=b""):
    """A small PDF with `words` in its catalogue, and `packed` in a list of objects."""
    data = zlib.compress(packed)
    return (
        b"%PDF-1.7\n1 0 obj << /Type /Catalog " + words + b" >> endobj\n"
        b"2 0 obj << /Type /ObjStm /Length "
        + str(len(data)).encode()
        + b" >> stream\n"
        + data
        + b"\nendstream endobj\ntrailer << /Root 1 0 R >>\n"
        b"startxref\n0\n%%EOF\n"
    )
