import hashlib
import io
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import Http404
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from leksono_portal.kit import files, papers
from leksono_portal.kit.management.commands.tick import tick
from leksono_portal.kit.models import StoredFile
from leksono_portal.kit.tests import pictures
from leksono_portal.kit.tests.pictures import camera_jpeg, encoded, jpeg, picture

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
DAY = 24 * 3600


def zip_bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("nol", b"\0" * 20_000_000)
    return file.getvalue()


def many_scans():
    """A progressive JPEG whose last scan stands in it a thousand times."""
    whole = jpeg(progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * 1000 + b"\xff\xd9"


# name: (what is sent as foto.jpg, the words of the answer)
HOSTILE = {
    "Windows program": (b"MZ\x90\0" + b"\0" * 2000, "program komputer"),
    "Linux program": (b"\x7fELF\x02\x01" + b"\0" * 2000, "program komputer"),
    "script": (b"#!/bin/sh\nrm -rf /\n", "program komputer"),
    "HTML": (b"<!doctype html><script>alert(1)</script>", "halaman web"),
    "HTML after blanks": (b"\xef\xbb\xbf \r\n<html><body>", "halaman web"),
    "SVG": (SVG, "gambar SVG"),
    "SVG with an XML head": (b"<?xml version='1.0'?>" + SVG, "gambar SVG"),
    "zip bomb": (zip_bomb(), "arsip ZIP"),
    "GIF": (encoded(picture(), "GIF"), "GIF tidak diterima"),
    "TIFF": (encoded(picture(), "TIFF"), "bukan foto JPEG"),
    "PDF": (b"%PDF-1.7\n%%EOF", "bukan foto JPEG"),
    "video": (b"\0\0\0\x18ftypmp42" + b"\0" * 2000, "bukan foto JPEG"),
    "nothing": (b"", "kosong"),
    "11 MB": (jpeg() + b"\0" * 11 * files.MB, "paling besar 10 MB"),
    "100 megapixels, PNG": (pictures.png_of(10_000, 10_000), "juta piksel"),
    "100 megapixels, JPEG": (pictures.jpeg_of(10_000, 10_000), "juta piksel"),
    "4000 megapixels": (pictures.jpeg_of(65_000, 65_000), "juta piksel"),
    "PNG that holds less than it says": (pictures.png_of(4000, 3000), "rusak"),
    "JPEG of a head alone": (b"\xff\xd8\xff\xe0", "rusak"),
    "HEIC of a head alone": (b"\0\0\0\x18ftypheic" + b"\0" * 900, "rusak"),
    "WebP of a head alone": (b"RIFF\x10\0\0\0WEBPVP8 ", "rusak"),
    "JPEG cut off": (jpeg((1200, 900))[:-9000], "rusak"),
    "PNG cut off": (encoded(picture(), "PNG")[:-9000], "rusak"),
    "WebP cut off": (encoded(picture(), "WEBP")[:-3000], "rusak"),
    "HEIC cut off": (encoded(picture(), "HEIF")[:-3000], "rusak"),
    "a thousand scans": (many_scans(), "rusak"),
}


def stored(data):
    return files.store(files.inspect(data))


def made(data):
    found = stored(data)
    assert files.process(found.pk) is True
    found.refresh_from_db()
    return found


def on_disk(settings):
    return sorted(
        path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()
    )


@pytest.fixture(autouse=True)
def empty_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_photo_gets_a_sentence(name):
    data, words = HOSTILE[name]
    # Whatever the sender calls it.
    sent = SimpleUploadedFile("foto.jpg", data, content_type="image/jpeg")
    with pytest.raises(ValidationError) as caught:
        files.inspect(sent)
    assert words in caught.value.messages[0]


def test_memory_stays_flat_whatever_is_sent(tmp_path):
    """In a process of its own: at most 60 MB more than before for all of them, and
    for the largest that are taken 250 MB."""
    for name, (data, _words) in enumerate(HOSTILE.values()):
        (tmp_path / f"{name}.jpg").write_bytes(data)
    Image.new("RGB", (5700, 4300)).save(tmp_path / "besar.png", compress_level=1)
    Image.new("RGB", (9248, 6944)).save(tmp_path / "besar.jpg")
    script = """
import resource, sys, django; django.setup()
from pathlib import Path
from django.core.exceptions import ValidationError
from leksono_portal.kit import files
folder = Path(sys.argv[1])
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
start = peak()
for path in sorted(folder.glob("[0-9]*.jpg")):
    with path.open("rb") as file:
        try: files.inspect(file); sys.exit(f"{path} was taken")
        except ValidationError: pass
hostile = peak() - start
for path in folder.glob("besar.*"):
    with path.open("rb") as file: files.inspect(file)
print(hostile, peak() - start)
"""
    answer = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    hostile, largest = map(int, answer.stdout.split())
    assert hostile < 60
    assert largest < 250


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "MPO"])
def test_photos_of_every_kind_become_three_jpegs(
    db, settings, kind, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        found = made(encoded(picture((1000, 750)), kind))
    assert (found.width, found.height) == (1000, 750)
    for size in StoredFile.SIZES:
        with Image.open(files.path_of(found, size)) as image:
            assert image.format == "JPEG"
            assert image.mode == "RGB"
            assert image.size == StoredFile.fit(1000, 750, size)
    # Of the original nothing is left.
    assert len(on_disk(settings)) == 3


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1"])
def test_pictures_in_every_colour_are_made(db, mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    found = made(encoded(picture().convert(mode), kind))
    with Image.open(files.path_of(found, 320)) as image:
        assert image.mode == "RGB"


def test_what_is_see_through_lies_on_white(db):
    found = made(encoded(Image.new("RGBA", (40, 30), (255, 0, 0, 0)), "PNG"))
    with Image.open(files.path_of(found, 320)) as image:
        assert image.getpixel((20, 15)) == (255, 255, 255)


def test_a_small_photo_is_not_enlarged(db):
    found = made(jpeg((100, 80)))
    with Image.open(files.path_of(found, 1600)) as image:
        assert image.size == (100, 80)


@pytest.mark.parametrize("kind", ["JPEG", "JPEG without a profile", "HEIF"])
def test_nothing_of_what_the_camera_wrote_is_in_any_size(db, settings, kind):
    data = camera_jpeg()
    if kind == "JPEG without a profile":
        data = jpeg(exif=pictures.camera_exif(), comment=pictures.CAMERA)
    if kind == "HEIF":
        exif = pictures.camera_exif()
        data = encoded(picture(), "HEIF", exif=exif.tobytes())
    upload = files.inspect(data)
    assert upload.position == pytest.approx(pictures.PLACE, abs=1e-4)
    assert upload.taken_on.isoformat() == "2026-03-14"
    found = made(data)
    for size in StoredFile.SIZES:
        path = files.path_of(found, size)
        with Image.open(path) as image:
            assert set(image.info) <= {
                "jfif",
                "jfif_version",
                "jfif_unit",
                "jfif_density",
                "dpi",
                "progressive",
                "progression",
            }
            assert not image.getexif()
        bytes_of_it = path.read_bytes()
        for left in (b"Exif", b"xmp", b"ICC_PROFILE", pictures.CAMERA.encode()):
            assert left not in bytes_of_it
    # The list size is light, whatever is on it.
    assert files.path_of(found, 320).stat().st_size < 60_000


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright(db, orientation):
    # Red above and blue below, as the camera saw it.
    upright = Image.new("RGB", (60, 80), "red")
    upright.paste("blue", (0, 40, 60, 80))
    turned = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    lying = upright
    for turn in turned.get(orientation, []):
        lying = lying.transpose(turn)
    found = made(encoded(lying, exif=pictures.camera_exif(orientation)))
    assert (found.width, found.height) == (60, 80)
    with Image.open(files.path_of(found, 320)) as image:
        assert image.size == (60, 80)
        assert image.getpixel((30, 5))[0] > 200
        assert image.getpixel((30, 75))[2] > 200


def test_what_hangs_on_the_end_of_a_photo_is_gone(db):
    tail = b"<script>alert('ekor')</script>" + zip_bomb()
    found = made(jpeg() + tail)
    for size in StoredFile.SIZES:
        served = files.path_of(found, size).read_bytes()
        assert b"script" not in served
        assert b"PK\x03\x04" not in served


def test_the_hash_is_that_of_what_was_sent(db):
    data = camera_jpeg()
    found = stored(data)
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert files.path_of(found).read_bytes() == data
    assert found.byte_size == len(data)


def test_a_position_that_is_none_is_no_position():
    for gps in ({1: "S"}, {1: "S", 2: (0, 0), 3: "E", 4: (1, 2, 3)}):
        exif = Image.Exif()
        exif.get_ifd(0x8825).update(gps)
        assert files.inspect(jpeg(exif=exif)).position is None


def test_sizes_are_enqueued_when_and_only_when_the_file_is_committed(
    db, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        found = stored(jpeg())
        assert not DBTaskResult.objects.exists()
    assert DBTaskResult.objects.get().args_kwargs["args"] == [found.pk]


def test_tick_enqueues_what_was_forgotten_once(db):
    found = stored(jpeg())
    tick()
    tick()
    assert DBTaskResult.objects.get().args_kwargs["args"] == [found.pk]


def test_a_fault_is_logged_and_leaves_the_photo_waiting(db, caplog):
    found = stored(jpeg())
    files.path_of(found).unlink()
    assert files.process(found.pk) is False
    assert f"file {found.pk}" in caplog.text
    assert files.pending().contains(found)


@pytest.mark.django_db(transaction=True)
def test_workers_that_race_make_the_sizes_once():
    found = stored(jpeg())
    barrier, answers = Barrier(3), []

    def work():
        connection.ensure_connection()
        barrier.wait()
        try:
            answers.append(files.process(found.pk))
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, False, True]
    assert not files.path_of(found).exists()


def test_the_original_stays_until_the_sizes_are_committed(db, settings):
    found = stored(jpeg())
    with pytest.raises(RuntimeError), transaction.atomic():
        files.process(found.pk)
        raise RuntimeError("crash before the commit")
    assert files.path_of(found).exists()
    assert files.process(found.pk) is True


PAPERS = {
    "torn": (pictures.pdf()[:-40], "terpotong"),
    "locked": (pictures.pdf(b"/Encrypt 9 0 R"), "dikunci"),
    "with a program": (pictures.pdf(b"/OpenAction << /S /JavaScript >>"), "program"),
    "with a program, written oddly": (pictures.pdf(b"/J#61vaScript 1 0 R"), "program"),
    "with a packed program": (pictures.pdf(packed=b"<< /JS (app.alert) >>"), "program"),
    "that starts a program": (pictures.pdf(b"/S /Launch /F (x.exe)"), "program"),
    "with an attachment": (pictures.pdf(b"/EmbeddedFiles 3 0 R"), "lampiran"),
    "of streams without end": (b"%PDF-1.7" + b"stream\n" * 900_000, "terpotong"),
    "of packed bombs": (
        pictures.pdf() * 2 + pictures.pdf(packed=b" " * 2_000_000) * 30,
        "terpotong",
    ),
    "that is HTML": (b"<html>%PDF-1.7 startxref %%EOF", "halaman web"),
}


@pytest.mark.parametrize("name", PAPERS)
def test_a_pdf_that_is_more_or_less_than_paper_is_refused(name):
    data, words = PAPERS[name]
    with pytest.raises(ValidationError) as caught:
        files.inspect(data, takes_pdf=True)
    assert words in caught.value.messages[0]


def test_a_pdf_is_kept_and_served_as_it_was_sent(db, rf):
    # What looks like a name inside a picture is none.
    data = pictures.pdf(b"/Title (A stream) /X << >> stream\n /JS /Launch \nendstream")
    found = files.store(files.inspect(data, takes_pdf=True))
    assert not files.pending().exists()
    response = files.serve(rf.get("/"), found, name="pindaian")
    assert b"".join(response) == data
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="pindaian.pdf"'
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-cache"


def test_our_own_papers_are_papers():
    made = papers.typeset("contoh.typ", {"judul": "Berita acara"}, timezone.now())
    assert files.inspect(made, takes_pdf=True).kind == StoredFile.Kind.PDF


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_what_a_crash_leaves_is_swept_after_a_day_and_nothing_else(db, settings):
    waiting, whole = stored(jpeg()), made(jpeg(seed=2))
    left = files.path_of(whole)  # the original, of a crash after the commit
    left.write_bytes(b"asli")
    with pytest.raises(RuntimeError), transaction.atomic():
        lost = stored(jpeg(seed=3))  # no row was ever committed
        raise RuntimeError("crash")
    torn = left.parent / "tmpabc123"
    torn.write_bytes(b"separuh")
    orphans = {left, torn, files.path_of(lost)}
    kept = set(on_disk(settings)) - orphans
    assert kept == {files.path_of(waiting)} | {
        files.path_of(whole, size) for size in StoredFile.SIZES
    }
    for path in on_disk(settings):
        age(path, DAY - 60)
    assert files.sweep() == 0
    for path in on_disk(settings):
        age(path, DAY + 60)
    assert files.sweep() == 3
    assert set(on_disk(settings)) == kept


def test_the_folder_of_another_database_is_left_alone(db, settings):
    with pytest.raises(RuntimeError), transaction.atomic():
        theirs = files.path_of(stored(jpeg()))
        raise RuntimeError("rows of another database")
    age(theirs, DAY + 60)
    assert files.sweep() == 0
    lost = files.path_of(stored(jpeg(seed=2)))
    lost.unlink()  # ours has a row, but no file there either
    assert files.sweep() == 0
    assert theirs.exists()


def test_a_disk_that_is_full_leaves_no_torn_file(db, settings, monkeypatch):
    def full(_number):
        raise OSError("no space left")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError), transaction.atomic():
        stored(jpeg())
    assert on_disk(settings) == []
    assert not StoredFile.objects.exists()


def test_a_served_photo_says_what_it_is_and_is_kept_by_caches(db, rf):
    found = made(jpeg())
    response = files.serve(rf.get("/"), found, size=320, is_public=True)
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.streaming
    assert b"".join(response) == files.path_of(found, 320).read_bytes()
    private = files.serve(rf.get("/"), found, size=320, is_public=False)
    assert private["Cache-Control"].startswith("private")
    private.close()


def test_a_size_that_is_none_or_not_made_is_not_there(db, rf):
    waiting, whole = stored(jpeg()), made(jpeg(seed=2))
    for found, size in ((waiting, 320), (whole, 321), (whole, 0)):
        with pytest.raises(Http404):
            files.serve(rf.get("/"), found, size=size, is_public=True)


@pytest.mark.parametrize(
    "change",
    [
        "sha256 = repeat('0', 64)",
        "name = gen_random_uuid()",
        "byte_size = 1",
        "width = 1",
        "kind = 'pdf'",
        "made_at = NULL",
        "made_at = now()",
    ],
)
def test_the_database_refuses_to_change_a_file(as_web_role, change):
    found = made(jpeg())
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(f"UPDATE kit_storedfile SET {change} WHERE id = {found.pk}")


@pytest.mark.parametrize(
    "attack", ["DELETE FROM kit_storedfile", "TRUNCATE kit_storedfile CASCADE"]
)
def test_the_database_refuses_to_lose_a_file(as_web_role, attack):
    made(jpeg())
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(attack)


@pytest.mark.parametrize(
    "wrong",
    [{"sha256": "x" * 64}, {"byte_size": 0}, {"width": None}, {"kind": "pdf"}],
)
def test_the_database_takes_only_whole_rows(db, wrong):
    fields = {"kind": "photo", "byte_size": 9, "sha256": "a" * 64}
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.create(**fields | {"width": 4, "height": 3} | wrong)
