import base64
import hashlib
import re

import pytest

from leksono_portal.kit import style

pytestmark = pytest.mark.django_db
LINKED = re.compile(r'rel="stylesheet" href="/static/css/portal\.\w+\.css"')


def test_the_first_page_of_a_visit_brings_its_style_along(client):
    response = client.get("/")
    styles = re.findall("<style>(.*?)</style>", response.text, re.DOTALL)
    assert "".join(styles) == style.TEXT
    for part in styles:
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in response["Content-Security-Policy"]
    assert not LINKED.search(response.text)
    assert 'rel="prefetch" as="style"' in response.text


def test_the_head_of_a_page_is_seen_before_most_of_its_style_has_come(client):
    page = client.get("/").text
    first, rest = (page.index(part) for part in (style.FRAME, style.REST))
    assert first < page.index('class="brand"') < page.index('class="tabs"') < rest
    assert rest < page.index("<main")
    assert len(style.FRAME) < 12_000


@pytest.mark.parametrize("address", ["/proyek/", "/tidak-ada/"])
def test_the_next_pages_link_what_is_fetched_by_then(client, address):
    response = client.get(address, headers={"referer": "http://testserver/"})
    assert LINKED.search(response.text)
    assert "<style>" not in response.text


def test_who_comes_from_elsewhere_begins_a_visit(client):
    response = client.get("/", headers={"referer": "https://web.whatsapp.com/"})
    assert "<style>" in response.text
