"""A photo of a phone sent through a line that breaks, and sent again."""

import socket
from io import BytesIO
from threading import Thread
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image

from leksono_portal.kit import files
from leksono_portal.kit.dates import today
from leksono_portal.kit.models import FormKey
from leksono_portal.kit.tests.conftest import filled_by
from leksono_portal.kit.tests.pictures import camera_exif, encoded, picture
from leksono_portal.tests.visitor import Visitor
from projects.models import Photo, ProgressReport
from projects.tests.make import running_project

MB = 1024 * 1024


class Line:
    """A TCP line to the portal; while `cut_after` is set, it breaks after so many
    bytes of any one connection went up."""

    def __init__(self, address):
        self.to = urlsplit(address)
        self.cut_after, self.cuts = None, 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _from = self.server.accept()
            except OSError:  # closed
                return
            far = socket.create_connection((self.to.hostname, self.to.port))
            Thread(target=self._pump, args=(near, far, True), daemon=True).start()
            Thread(target=self._pump, args=(far, near, False), daemon=True).start()

    def _pump(self, source, target, is_up):
        passed = 0
        try:
            while block := source.recv(64 * 1024):
                passed += len(block)
                if is_up and self.cut_after and passed > self.cut_after:
                    self.cuts += 1
                    break
                target.sendall(block)
        except OSError:
            pass
        for end in (source, target):
            end.close()

    def close(self):
        self.server.close()


@pytest.fixture
def line(portal_server):
    line = Line(portal_server)
    yield line
    line.close()


def twelve_megapixels():
    """As large as phones make them: 4 MB."""
    grain = Image.effect_noise((4000, 3000), 60).convert("RGB")
    blended = Image.blend(picture((4000, 3000)), grain, 0.4)
    return encoded(blended, quality=88, exif=camera_exif())


@pytest.mark.parametrize("end", ["in the photo", "before the photo", "in a word"])
def test_what_comes_of_a_cut_form_has_no_effect(cast, client, end):
    """As the server hands it over: the bytes that came, then the end."""
    project = running_project()
    page = f"/proyek/{project.pk}/lapor/"
    client.force_login(cast.operator)
    form = filled_by(
        cast.operator,
        seen=0,
        reported_on=today().isoformat(),
        spent="1.000.000",
        **{f"item-{item.pk}": 0 for item in project.work_items.all()},
        text="Urukan selesai separuh.",
    )
    photo = SimpleUploadedFile("IMG_0001.jpg", encoded(picture()), "image/jpeg")
    form |= {"foto-1-upload": photo, "foto-1-alt": "Talud", "foto-1-moment": "50"}
    body = encode_multipart(BOUNDARY, form)
    came = {
        "in the photo": body[:-1000],
        "before the photo": body[: body.index(b'name="foto-1-upload"')],
        "in a word": body[: body.index(b"separuh")],
    }[end]
    sent = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(came)}
    client.generic("POST", page, came, MULTIPART_CONTENT, **sent)
    assert not ProgressReport.objects.exists() and not FormKey.objects.exists()
    client.generic("POST", page, body, MULTIPART_CONTENT)
    assert ProgressReport.objects.get().text == "Urukan selesai separuh."


@pytest.mark.browser
def test_a_photo_on_a_line_that_breaks_is_there_once(cast, line, chromium, tmp_path):
    """Without JavaScript, as nothing here needs it."""
    project = running_project()
    photo = tmp_path / "IMG_0001.jpg"
    photo.write_bytes(twelve_megapixels())
    assert photo.stat().st_size > 3 * MB
    who = Visitor(chromium, line.address)
    who.sign_in("operator.besani")
    state = who.context.storage_state()
    who.leave()
    context = chromium.new_context(storage_state=state, java_script_enabled=False)
    context.set_default_timeout(60_000)  # an upload of megabytes, on a busy machine
    page = context.new_page()

    def send():
        page.set_input_files("[name=foto-1-upload]", photo)
        page.fill("[name=foto-1-alt]", "Talud sisi timur")
        page.click("main form button")

    page.goto(f"{line.address}/proyek/{project.pk}/lapor/")
    page.fill("[name=text]", "Urukan selesai separuh.")
    page.fill("[name=spent]", "1.000.000")
    line.cut_after = 2 * MB
    with page.expect_event("requestfailed", lambda request: request.method == "POST"):
        send()
    assert line.cuts >= 1
    assert not Photo.objects.exists() and not ProgressReport.objects.exists()
    page.wait_for_url("chrome-error://**")

    line.cut_after = None
    page.reload()  # the browser kept the whole form and sends it again
    page.wait_for_url(f"{line.address}/proyek/{project.pk}/")
    kept = Photo.objects.get()
    assert kept.file.byte_size == photo.stat().st_size
    assert ProgressReport.objects.count() == 1
    assert files.process(kept.file_id)

    # Not sure whether it came through, they send it once more, by another form.
    page.goto(f"{line.address}/proyek/{project.pk}/foto/tambah/")
    send()
    page.wait_for_url(f"{line.address}/proyek/{project.pk}/foto/")
    assert "sudah ada, jadi tidak disimpan dua kali" in page.inner_text("main")
    assert Photo.objects.count() == 1
    shown = page.locator(f'main a[href="{kept.get_absolute_url()}"] img')
    shown.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert page.request.get(line.address + kept.small).body()[:3] == b"\xff\xd8\xff"
    context.close()
