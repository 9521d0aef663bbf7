"""From the first rupiah paid out to the last one accounted for."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from leksono_portal.kit import dates, form_keys
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.tests.pictures import jpeg
from projects.accounts import actions
from projects.accounts.models import Account, Leftover, Settlement
from projects.tests.make import (
    accepted_account,
    approved_request,
    granted,
    last_account,
    make_allotment,
    make_cancellation,
    make_line,
    make_photo,
    make_receipt,
    make_request,
    make_source,
    release,
    released_request,
    sent_account,
    verified_request,
)
from villages.people.models import Office
from villages.tests.make import make_officer


def complete(cast, request, **overrides):
    fields = {"by": cast.verifier, "request_id": request.pk, "step": request.step}
    return actions.complete(**(fields | overrides))


def spend_all(request):
    """Pay out and account for every tranche in turn, each spent whole."""
    while True:
        account = last_account(request)
        accepted_account(account, amount=account.release.tranche.amount)
        request.refresh_from_db()
        if request.released == request.approved:
            return request
        request = release(request)


@pytest.mark.parametrize("days, sentence", [(1, "setelah hari ini"), (-1, "sebelum")])
def test_money_is_paid_between_the_decision_and_today(
    cast, ceiling, project, days, sentence
):
    request = approved_request(project, ceiling)
    with pytest.raises(ValidationError, match=sentence):
        release(request, paid_on=dates.today() + timedelta(days=days))


def test_a_transfer_pays_one_request(cast, ceiling, project):
    release(approved_request(project, ceiling), reference="TRF-1")
    with pytest.raises(ValidationError, match="sudah dipakai"):
        release(approved_request(project, ceiling), reference="TRF-1")


def test_a_tranche_waits_for_the_account_of_the_one_before(cast, paid, account):
    with pytest.raises(PermissionDenied):
        release(paid)
    sent_account(account)
    with pytest.raises(PermissionDenied):
        release(paid)
    account.refresh_from_db()
    actions.accept(by=cast.verifier, account_id=account.pk, step=account.step)
    paid.refresh_from_db()
    release(paid)
    paid.refresh_from_db()
    assert paid.released == paid.approved == 30_000_000
    moves = paid.transitions.values_list("from_status", "to_status")
    assert list(moves)[-2:] == [("approved", "running"), ("running", "running")]
    assert last_account(paid).release.tranche.number == 2


def test_nothing_is_paid_or_written_while_it_is_held(cast, paid, account):
    accepted_account(account)
    paid.refresh_from_db()
    hold = {"by": cast.camat, "request_id": paid.pk}
    with pytest.raises(ValidationError, match="alasan"):
        actions.hold(step=paid.step, reason=" ", **hold)
    paid = actions.hold(step=paid.step, reason="Ada aduan warga.", **hold)
    with pytest.raises(PermissionDenied):
        release(paid)
    paid = actions.resume(step=paid.step, reason="Aduan sudah selesai.", **hold)
    assert (paid.status, paid.paid_by) == ("running", cast.treasurer)
    paid = release(paid)
    paid = actions.hold(step=paid.step, reason="Ada aduan lagi.", **hold)
    with pytest.raises(PermissionDenied):
        make_receipt(last_account(paid))


def test_receipts_add_up_and_can_be_changed_until_the_account_is_sent(
    cast, paid, account
):
    first = make_receipt(account, amount=4_000_000, tax=440_000)
    second = make_receipt(account, amount=6_000_000)
    account.refresh_from_db()
    assert account.spent == 10_000_000
    change = {"by": cast.operator, "account_id": account.pk, "step": account.step}
    fields = {"line": first.line, "number": "1", "paid_on": dates.today()}
    fields |= {"payee": "Toko", "purpose": "Semen", "amount": 5_000_000, "tax": 0}
    actions.save_receipt(receipt_id=first.pk, **fields, **change)
    actions.remove_receipt(receipt_id=second.pk, **change)
    account.refresh_from_db()
    assert account.spent == 5_000_000
    sent = actions.send(
        by=cast.head, account_id=account.pk, step=account.step, story="Semen dibeli."
    )
    with pytest.raises(Stale, match="Kades Besani"):
        actions.remove_receipt(receipt_id=first.pk, **change)
    with pytest.raises(PermissionDenied):
        actions.remove_receipt(receipt_id=first.pk, **change | {"step": sent.step})


@pytest.mark.parametrize(
    "amount, sentence",
    [(30_000_001, "Sisa baris .* Rp30.000.000"), (20_000_001, "tinggal Rp20.000.000")],
)
def test_no_more_is_accounted_for_than_was_granted_and_paid(account, amount, sentence):
    with pytest.raises(ValidationError, match=sentence):
        make_receipt(account, amount=amount)


@pytest.mark.parametrize("days", [-1, 1])
def test_a_receipt_is_of_a_day_after_the_money_came(account, days):
    with pytest.raises(ValidationError, match="antara"):
        make_receipt(account, paid_on=dates.today() + timedelta(days=days))


def test_a_receipt_is_for_a_line_of_this_request_that_was_granted(
    cast, project, ceiling, account
):
    other = approved_request(project, ceiling)
    with pytest.raises(ValidationError, match="tidak disetujui"):
        make_receipt(account, line=other.lines.first())


def test_the_scan_of_a_receipt_stays_until_another_is_chosen(cast, account):
    receipt = make_receipt(account, upload=jpeg(seed=1, size=(400, 300)))
    scan = receipt.file
    fields = {"line": receipt.line, "number": "2", "paid_on": receipt.paid_on}
    fields |= {"payee": "Toko", "purpose": "Semen", "amount": 1_000_000, "tax": 0}
    change = {"by": cast.operator, "account_id": account.pk, "step": account.step}
    kept = actions.save_receipt(receipt_id=receipt.pk, **fields, **change)
    assert kept.file == scan
    other = jpeg(seed=2, size=(400, 300))
    new = actions.save_receipt(receipt_id=receipt.pk, upload=other, **fields, **change)
    assert new.file != scan


def test_an_account_goes_back_with_a_note_and_comes_again(cast, account):
    account = sent_account(account)
    back = {"by": cast.verifier, "account_id": account.pk, "step": account.step}
    with pytest.raises(ValidationError, match="perlu diperbaiki"):
        actions.send_back(reason="", **back)
    account = actions.send_back(reason="Nota 1 tidak terbaca.", **back)
    account = sent_account(account, amount=2_000_000)
    with pytest.raises(Stale):
        actions.accept(**back)
    account = actions.accept(**back | {"step": account.step})
    told = account.moves.values_list("to_status", "office", "reason")
    assert list(told) == [
        ("draft", "Bendahara Kecamatan Leksono", ""),
        ("sent", "Kepala Desa Besani", ""),
        ("returned", "Verifikator Kecamatan Leksono", "Nota 1 tidak terbaca."),
        ("sent", "Kepala Desa Besani", ""),
        ("accepted", "Verifikator Kecamatan Leksono", ""),
    ]
    assert account.release.tranche.request.accounted == account.spent == 3_000_000


def test_nobody_accepts_an_account_of_their_own_doing(cast, account):
    account = sent_account(account)
    for user in (cast.operator, cast.head, cast.camat, cast.treasurer, cast.far_camat):
        with pytest.raises(PermissionDenied):
            actions.accept(by=user, account_id=account.pk, step=account.step)
    both = make_officer("keduanya", "verifier", cast.district)
    Office.objects.create(
        user=both, post="operator", village=cast.besani, starts_on=dates.today()
    )
    with pytest.raises(PermissionDenied):
        actions.accept(by=both, account_id=account.pk, step=account.step)


def test_what_is_left_goes_back_to_the_ceiling_it_came_from(cast, ceiling, project):
    other = make_allotment(
        cast.district, source=make_source("add", "ADD"), ceiling=50_000_000
    )
    request = make_request(project, ceiling, asked=[10_000_000])
    make_line(request, other, quantity=1, unit="keg", unit_price=20_000_000)
    request = granted(request)
    account = last_account(release(request))
    make_receipt(account, line=request.lines.get(allotment=ceiling), amount=9_000_000)
    accepted_account(
        account, line=request.lines.get(allotment=other), amount=15_000_000
    )
    make_photo(project, moment="100")
    request.refresh_from_db()
    complete(cast, request, reference="STS-1", paid_on=dates.today())
    ceiling.refresh_from_db()
    other.refresh_from_db()
    assert (ceiling.reserved, other.reserved) == (9_000_000, 15_000_000)


def test_a_request_ends_when_every_rupiah_is_accounted_for(cast, paid, ceiling):
    with pytest.raises(PermissionDenied):
        complete(cast, paid)
    request = spend_all(paid)
    with pytest.raises(ValidationError, match="foto 100%"):
        complete(cast, request)
    make_photo(request.project, moment="100")
    request = complete(cast, request, reason="Terima kasih.")
    ceiling.refresh_from_db()
    assert request.status == "completed"
    assert request.accounted == request.released == ceiling.reserved == 30_000_000
    settlement = Settlement.objects.get()
    assert (settlement.spent, settlement.paid_back) == (30_000_000, 0)
    assert not Leftover.objects.exists()


def test_money_not_spent_comes_back_before_the_end(cast, project, ceiling):
    request = released_request(project, ceiling)
    accepted_account(last_account(request), amount=28_000_000)
    make_photo(project, moment="100")
    request.refresh_from_db()
    with pytest.raises(ValidationError, match="Rp2.000.000 disetor kembali"):
        complete(cast, request)
    with pytest.raises(ValidationError, match="tanggal setor"):
        tomorrow = dates.today() + timedelta(days=1)
        complete(cast, request, reference="STS-1", paid_on=tomorrow)
    complete(cast, request, reference="STS-1", paid_on=dates.today())
    ceiling.refresh_from_db()
    assert ceiling.reserved == 28_000_000
    assert Leftover.objects.get().amount == Settlement.objects.get().paid_back
    # What came back can be granted again.
    assert ceiling.free == 72_000_000
    assert verified_request(project, ceiling, asked=[72_000_000])


def test_one_deposit_does_not_close_two_requests(cast, project, ceiling):
    make_photo(project, moment="100")
    for number in range(2):
        request = released_request(project, ceiling, reference=f"TRF-{number}")
        accepted_account(last_account(request), amount=29_000_000)
        request.refresh_from_db()
        deposit = {"reference": "STS-1", "paid_on": dates.today()}
        if number:
            with pytest.raises(ValidationError, match="permohonan lain"):
                complete(cast, request, **deposit)
        else:
            complete(cast, request, **deposit)


def test_who_decided_or_paid_does_not_close(cast, paid):
    request = spend_all(paid)
    make_photo(request.project, moment="100")
    for user in (cast.camat, cast.treasurer, cast.head, cast.operator, cast.admin):
        with pytest.raises(PermissionDenied):
            complete(cast, request, by=user)


def test_nothing_is_accepted_while_it_is_held(cast, paid, account):
    account = sent_account(account)
    actions.hold(by=cast.camat, request_id=paid.pk, step=paid.step, reason="Aduan.")
    with pytest.raises(PermissionDenied):
        actions.accept(by=cast.verifier, account_id=account.pk, step=account.step)


def test_receipts_are_public_once_they_were_sent(cast, account, client):
    make_receipt(account, purpose="Semen Rahasia", amount=1_234_000)
    pages = [account.get_absolute_url(), f"/dana/{account.release.tranche.request_id}/"]
    pages += [f"{pages[1]}buku-kas/"]
    for page in pages:
        found = client.get(page).content.decode()
        assert "Semen Rahasia" not in found and "1.234.000" not in found, page
    client.force_login(cast.head)
    assert "Semen Rahasia" in client.get(pages[0]).content.decode()
    sent_account(account)
    client.logout()
    assert "Semen Rahasia" in client.get(pages[0]).content.decode()


def test_what_is_spent_is_public_but_not_to_whom(cast, account, client):
    sent_account(account, payee="Toko Rahasia", amount=2_345_000)
    assert Account.objects.get().status == "sent"
    page = client.get(account.get_absolute_url()).content.decode()
    assert "2.345.000" in page
    assert "Toko Rahasia" not in page
    client.force_login(cast.verifier)
    assert "Toko Rahasia" in client.get(account.get_absolute_url()).content.decode()


def test_what_was_granted_is_taken_back_by_two(cast, project, ceiling):
    request = approved_request(project, ceiling)
    asked = make_cancellation(request)
    request.refresh_from_db()
    assert (request.status, asked.request) == ("approved", request)
    with pytest.raises(PermissionDenied):
        make_cancellation(request)
    sign = {"cancellation_id": asked.pk, "is_signed": True}
    for user in (cast.camat, cast.verifier, cast.head, cast.treasurer, cast.admin):
        with pytest.raises(PermissionDenied):
            actions.decide_cancellation(by=user, **sign)
    actions.decide_cancellation(by=cast.sekcam, **sign)
    with pytest.raises(PermissionDenied):
        actions.decide_cancellation(by=cast.sekcam, **sign)
    request.refresh_from_db()
    ceiling.refresh_from_db()
    assert (request.status, ceiling.reserved) == ("cancelled", 0)
    assert request.transitions.last().reason == "Lahan tidak jadi dihibahkan."
    assert Settlement.objects.get().paid_back == 0


def test_a_cancellation_not_signed_says_why_and_changes_nothing(cast, project, ceiling):
    request = approved_request(project, ceiling)
    with pytest.raises(ValidationError, match="tidak Anda tandatangani"):
        make_cancellation(request, is_signed=False, note=" ")
    asked = request.cancellations.get()
    actions.decide_cancellation(
        by=cast.sekcam, cancellation_id=asked.pk, is_signed=False, note="Belum perlu."
    )
    request.refresh_from_db()
    ceiling.refresh_from_db()
    assert (request.status, ceiling.reserved) == ("approved", 30_000_000)
    assert make_cancellation(request, is_signed=True)


def test_what_was_paid_is_accounted_for_before_a_grant_is_taken_back(
    cast, paid, account, ceiling
):
    with pytest.raises(PermissionDenied):
        make_cancellation(paid)
    accepted_account(account, amount=15_000_000)
    paid.refresh_from_db()
    with pytest.raises(ValidationError, match="Rp5.000.000 disetor kembali"):
        make_cancellation(paid)
    deposit = {"reference": "STS-1", "paid_on": dates.today()}
    make_cancellation(paid, is_signed=True, **deposit)
    ceiling.refresh_from_db()
    paid.refresh_from_db()
    assert (paid.status, paid.accounted) == ("cancelled", 15_000_000)
    assert ceiling.reserved == 15_000_000
    assert Leftover.objects.get().amount == 15_000_000


def test_a_grant_that_went_on_meanwhile_is_not_taken_back(cast, project, ceiling):
    request = approved_request(project, ceiling)
    make_cancellation(request)
    release(request)
    with pytest.raises(ValidationError, match="sudah berubah"):
        actions.decide_cancellation(
            by=cast.sekcam,
            cancellation_id=request.cancellations.get().pk,
            is_signed=True,
        )


def test_a_cancellation_is_of_the_request_as_it_stood(cast, paid, account, client):
    """Also where all that was paid since is accounted for again."""
    accepted_account(account, amount=20_000_000)
    paid.refresh_from_db()
    asked = make_cancellation(paid)
    accepted_account(last_account(release(paid)), amount=9_000_000)
    client.force_login(cast.sekcam)
    fields = {form_keys.FIELD: form_keys.new_key(cast.sekcam)}
    page = client.post(f"{asked.get_absolute_url()}tandatangani/", fields)
    assert "sudah berubah sejak" in page.content.decode()
    paid.refresh_from_db()
    assert paid.status == "running"


def test_a_deposit_of_another_request_is_told_to_the_signer(
    cast, project, ceiling, client
):
    deposit = {"reference": "STS-1", "paid_on": dates.today()}
    pages = []
    for number in range(2):
        request = released_request(project, ceiling, reference=f"TRF-{number}")
        accepted_account(last_account(request), amount=29_000_000)
        request.refresh_from_db()
        pages.append(make_cancellation(request, **deposit).get_absolute_url())
    client.force_login(cast.sekcam)
    for number, page in enumerate(pages):
        fields = {form_keys.FIELD: form_keys.new_key(cast.sekcam)}
        answer = client.post(f"{page}tandatangani/", fields)
        assert answer.status_code == (200 if number else 302)
    assert "sudah dipakai permohonan lain" in answer.content.decode()
