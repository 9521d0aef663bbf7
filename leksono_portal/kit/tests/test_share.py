"""The text people pass on by WhatsApp."""

from urllib.parse import parse_qs, urlsplit

from leksono_portal.kit.share import MOST_LINES, whatsapp


def text_of(address):
    return parse_qs(urlsplit(address).query)["text"][0]


def test_odd_signs_arrive_as_they_are_and_line_ends_only_where_ours_stand(settings):
    settings.SITE_URL = "https://portal.example"
    odd = 'Air & "pipa" #1 ꦧꦼꦱ 😀 +100% <b>?text=x'
    address = whatsapp(odd, ["satu\r\ndua", "", "a&b=c"], "/rapat/1/")
    assert text_of(address) == (
        f"*{odd}*\nsatu dua\na&b=c\nhttps://portal.example/rapat/1/"
    )
    assert not set('<>"& \n') & set(address)


def test_what_is_long_is_cut_and_the_address_never(settings):
    settings.SITE_URL = "https://portal.example"
    address = whatsapp("judul " * 99, ["acara " * 99] * 40, "/rapat/1/")
    lines = text_of(address).split("\n")
    assert len(lines) == MOST_LINES + 2
    assert max(map(len, lines)) <= 200
    assert lines[-2:] == ["…", "https://portal.example/rapat/1/"]
