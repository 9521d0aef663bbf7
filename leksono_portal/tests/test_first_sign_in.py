"""A new verifier's first day, in a real browser: sheet, own password, second step."""

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from villages.people import actions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
OWN = "sandi-baru-yang-panjang"
SHAPES = [
    {"width": 360, "color_scheme": "dark"},
    {"width": 1280, "color_scheme": "light"},
]


def code_of(secret, step=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


@pytest.mark.parametrize("shape", SHAPES, ids=["phone", "desk"])
def test_from_the_sheet_to_the_work_queue(cast, visit, pictures, settings, shape):
    settings.REQUIRE_MFA = True
    _user, password = actions.issue_password(by=cast.admin, user=cast.verifier)
    visitor = visit(**shape)
    page = visitor.page

    def shoot(name):
        page.screenshot(
            path=pictures / f"masuk-{name}-{shape['width']}.png", full_page=True
        )

    visitor.open("/akun/password/reset/")
    shoot("lupa")
    visitor.open("/akun/login/")
    visitor.fill(login="verifikator", password=password)
    visitor.press("Masuk")
    assert "Buatlah kata sandi sendiri dahulu" in visitor.text
    shoot("ganti")
    visitor.fill(oldpassword=password, password1=OWN, password2=OWN)
    visitor.press("Ganti kata sandi")
    assert "Pastikan ini Anda" in visitor.text
    visitor.fill(password=OWN)
    visitor.press("Lanjutkan")
    assert "Pasang aplikasi kode" in visitor.text
    assert page.locator(".qr svg").is_visible()
    shoot("pasang")
    secret = page.locator(".secret").text_content()
    visitor.fill(code=code_of(secret))
    visitor.press("Pasang")
    assert page.locator(".codes li").count() == 10
    shoot("cadangan")
    visitor.press("Sudah dicatat, ke ruang kerja")
    assert page.url.endswith("/kerja/")
    for name, address in (
        ("dua-langkah", "/akun/dua-langkah/"),
        ("lepas", "/akun/dua-langkah/totp/deactivate/"),
        ("perangkat", "/akun/perangkat/"),
    ):
        visitor.open(address)
        shoot(name)
    again = visit(**shape)
    again.open("/akun/login/")
    again.fill(login="verifikator", password=OWN)
    again.press("Masuk")
    assert "Langkah kedua" in again.text
    again.page.screenshot(
        path=pictures / f"masuk-langkah-kedua-{shape['width']}.png", full_page=True
    )
    again.fill(code=code_of(secret, step=1))
    again.press("Masuk")
    assert again.page.url.endswith("/kerja/")
    assert visitor.wrong == [] and again.wrong == []


def test_the_admin_hands_out_a_sheet(cast, visit, pictures):
    visitor = visit("admin")
    visitor.open(f"/admin/villages/user/{cast.operator.pk}/kata-sandi/")
    visitor.page.screenshot(path=pictures / "lembar-kata-sandi.png", full_page=True)
    assert "hanya tampak satu kali" in visitor.text
    assert visitor.wrong == []
