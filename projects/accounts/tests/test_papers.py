"""The account of a whole request (LPJ), as it is frozen and printed."""

import pytest

from leksono_portal.kit import dates, papers
from leksono_portal.kit.models import StoredPaper
from projects.accounts.papers import KIND
from projects.accounts.tests.test_actions import complete
from projects.tests.make import (
    accepted_account,
    approved_request,
    last_account,
    make_cancellation,
    make_photo,
    make_receipt,
    release,
)


@pytest.fixture
def lpj(cast, project, paid, account):
    """Of two tranches, a million of them paid back."""
    make_receipt(account, amount=4_000_000, payee="Toko Rahasia")
    accepted_account(account, amount=16_000_000, purpose="Semen 200 zak")
    paid.refresh_from_db()
    request = release(paid)
    accepted_account(last_account(request), amount=9_000_000, purpose="Upah tukang")
    make_photo(project, moment="100")
    request.refresh_from_db()
    complete(cast, request, reference="STS-7", paid_on=dates.today())
    return StoredPaper.objects.get(kind=KIND)


def test_it_says_what_came_what_was_spent_and_what_came_back(lpj):
    said = lpj.content
    assert (said["released"], said["spent"]) == ("Rp30.000.000", "Rp29.000.000")
    assert said["in_words"] == "dua puluh sembilan juta rupiah"
    assert (said["paid_back"], said["reference"]) == ("Rp1.000.000", "STS-7")
    assert said["sums"] == ["30.000.000", "29.000.000", "1.000.000"]
    assert said["book_sums"] == ["30.000.000", "30.000.000", "0"]
    assert [row["balance"] for row in said["book"]][-1] == "0"
    assert [row["number"] for row in said["tranches"]] == [1, 2]
    assert said["village_signatory"] == "Kades Besani"
    assert said["signatory"] == "Verifikator"


def test_it_is_made_into_a_pdf_that_everyone_may_read(lpj, client, paid):
    address = f"/dana/{paid.pk}/lpj.pdf"
    assert "sedang dibuat" in client.get(address).content.decode()
    assert papers.render(lpj.pk)
    response = client.get(address)
    assert response["Content-Type"] == "application/pdf"
    assert response.getvalue().startswith(b"%PDF")
    assert address in client.get(paid.get_absolute_url()).content.decode()
    lpj.refresh_from_db()
    page = client.get(f"/verifikasi/{lpj.code}/").content.decode()
    assert "Laporan pertanggungjawaban" in page


def test_to_whom_was_paid_is_not_in_it(lpj):
    assert "Toko" not in str(lpj.content)


def test_where_nothing_was_paid_out_there_is_none(cast, project, ceiling, client):
    request = approved_request(project, ceiling)
    make_cancellation(request, is_signed=True)
    assert client.get(f"/dana/{request.pk}/lpj.pdf").status_code == 404
