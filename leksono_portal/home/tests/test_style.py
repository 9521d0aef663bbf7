import base64
import hashlib
import re

import pytest

pytestmark = pytest.mark.django_db
LINKED = re.compile(r'rel="stylesheet" href="/static/css/portal\.\w+\.css"')


def test_the_first_page_of_a_visit_brings_its_style_along(client):
    response = client.get("/")
    [style] = re.findall("<style>(.*?)</style>", response.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in response["Content-Security-Policy"]
    assert not LINKED.search(response.text)
    assert 'rel="prefetch" as="style"' in response.text


@pytest.mark.parametrize("address", ["/proyek/", "/tidak-ada/"])
def test_the_next_pages_link_what_is_fetched_by_then(client, address):
    response = client.get(address, headers={"referer": "http://testserver/"})
    assert LINKED.search(response.text)
    assert "<style>" not in response.text


def test_who_comes_from_elsewhere_begins_a_visit(client):
    response = client.get("/", headers={"referer": "https://web.whatsapp.com/"})
    assert "<style>" in response.text
