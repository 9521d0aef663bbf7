"""A passkey from first to last, in a real browser whose device is of software."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from leksono_portal.tests.passkey import at_localhost
from leksono_portal.tests.visitor import Visitor
from villages.tests.make import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SHAPES = [
    {"width": 360, "color_scheme": "dark"},
    {"width": 1280, "color_scheme": "light"},
]
PASSKEYS = "/akun/dua-langkah/webauthn/"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Holder(Visitor):
    """A person whose device makes passkeys, and shows it at once who they are."""

    def __init__(
        self, chromium, address, username=None, *, knows_passkeys=True, **more
    ):
        address = address.replace("127.0.0.1", "localhost")
        super().__init__(chromium, address, username, **more)
        if not knows_passkeys:
            self.page.add_init_script("delete window.PublicKeyCredential")
        self.protocol = self.context.new_cdp_session(self.page)
        self.protocol.send("WebAuthn.enable")
        self.new_device()

    def new_device(self):
        added = self.protocol.send(
            "WebAuthn.addVirtualAuthenticator", {"options": DEVICE}
        )
        self.device = {"authenticatorId": added["authenticatorId"]}

    def keys(self):
        return self.protocol.send("WebAuthn.getCredentials", self.device)["credentials"]

    def forge(self):
        """The device's only key becomes another one, under the old one's name."""
        (key,) = self.keys()
        self.protocol.send("WebAuthn.clearCredentials", self.device)
        secret = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        )
        other = key | {"privateKey": base64.b64encode(secret).decode()}
        self.protocol.send(
            "WebAuthn.addCredential", self.device | {"credential": other}
        )

    def touch(self, name):
        """Press the button `name`, which asks the device before it sends the form."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).click()
        self.look()

    def type_password(self):
        self.open("/akun/login/")
        self.fill(login="camat", password=PASSWORD)
        self.press("Masuk")


@pytest.fixture
def meet(visit, settings):
    at_localhost(settings)
    settings.REQUIRE_MFA = True
    return lambda **options: visit(visitor=Holder, **options)


def open_adding(holder):
    """From the first sign-in to the page on which an approver may choose."""
    holder.type_password()
    holder.fill(password=PASSWORD)
    holder.press("Lanjutkan")
    assert "Pasang aplikasi kode" in holder.text
    holder.press("Tanpa kode")


@pytest.mark.parametrize("shape", SHAPES, ids=["phone", "desk"])
def test_an_approver_adds_uses_and_removes_one(cast, meet, pictures, shape):
    holder = meet(**shape)
    open_adding(holder)
    assert "tidak jadi dipakai" not in holder.text
    holder.picture(pictures, "kunci-sandi-tambah")
    holder.fill(name="HP kantor")
    holder.touch("Tambah")
    assert holder.page.locator(".codes li").count() == 10
    holder.press("Sudah dicatat, ke ruang kerja")
    assert holder.page.url.endswith("/kerja/")
    holder.open("/akun/dua-langkah/")
    holder.picture(pictures, "kunci-sandi-dua-langkah")
    holder.press("Atur kunci sandi")
    holder.press("Ganti nama")
    holder.fill(name="HP dinas")
    holder.press("Simpan")
    assert "HP dinas" in holder.text
    holder.picture(pictures, "kunci-sandi-daftar")

    holder.context.clear_cookies()
    holder.type_password()
    assert "Langkah kedua" in holder.text
    holder.picture(pictures, "kunci-sandi-masuk")
    holder.touch("Pakai kunci sandi")
    assert holder.page.url.endswith("/kerja/")

    holder.open(PASSKEYS)
    holder.press("Lepas")
    holder.fill(password=PASSWORD)
    holder.press("Lanjutkan")
    holder.picture(pictures, "kunci-sandi-lepas")
    holder.press("Lepas")
    assert "Pasang aplikasi kode" in holder.text
    assert not cast.camat.authenticator_set.exists()
    assert holder.wrong == []


def test_a_wrong_one_or_none_opens_nothing(cast, meet, pictures):
    holder = meet()
    open_adding(holder)
    holder.fill(name="HP kantor")
    holder.touch("Tambah")
    holder.context.clear_cookies()
    holder.forge()
    holder.type_password()
    holder.touch("Pakai kunci sandi")
    assert "Kunci sandi ini tidak dikenali" in holder.text
    holder.picture(pictures, "kunci-sandi-salah")
    holder.protocol.send("WebAuthn.clearCredentials", holder.device)
    holder.page.get_by_role("button", name="Pakai kunci sandi").click()
    holder.page.get_by_text("Kunci sandi tidak jadi dipakai").wait_for()
    holder.look()
    holder.picture(pictures, "kunci-sandi-gagal")
    codes = cast.camat.authenticator_set.get(type="recovery_codes").wrap()
    holder.fill(code=codes.get_unused_codes()[0])
    holder.press("Masuk")
    assert holder.page.url.endswith("/kerja/")
    assert holder.wrong == []


@pytest.mark.parametrize(
    ("browser", "told"),
    [
        ({"java_script_enabled": False}, "memerlukan JavaScript"),
        ({"knows_passkeys": False}, "belum mengenal kunci sandi"),
    ],
)
def test_a_browser_that_cannot_is_told_so(cast, meet, browser, told):
    holder = meet(**browser)
    open_adding(holder)
    assert told in holder.text
    assert not holder.page.locator("[data-passkey] form").is_visible()
    assert holder.wrong == []
