from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError

from leksono_portal.kit.money import (
    MAX_RUPIAH,
    RupiahField,
    RupiahFormField,
    VolumeFormField,
    format_decimal,
    format_number,
    format_rupiah,
)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1250000", 1_250_000),
        ("1.250.000", 1_250_000),
        ("Rp 1.250.000,00", 1_250_000),
        ("Rp1.250.000,-", 1_250_000),
        ("Rp. 1.250.000,-", 1_250_000),
        ("rp 1250000", 1_250_000),
        ("  1.250.000  ", 1_250_000),
        ("Rp\u00a01.250.000", 1_250_000),
        ("1.250.000,0", 1_250_000),
        ("0", 0),
        ("Rp0", 0),
        ("007", 7),
        ("500", 500),
        ("999.999.999.999.999", MAX_RUPIAH),
        ("999999999999999", MAX_RUPIAH),
    ],
)
def test_rupiah_is_read_as_people_write_it(typed, amount):
    assert RupiahFormField().clean(typed) == amount


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("sejuta", "invalid"),
        ("1jt", "invalid"),
        ("1e6", "invalid"),
        ("0x10", "invalid"),
        ("Rp", "invalid"),
        ("-", "invalid"),
        ("+5", "invalid"),
        ("\u0661\u0662", "invalid"),
        ("<b>1</b>", "invalid"),
        ("-1", "negative"),
        ("-1.250.000", "negative"),
        ("Rp -500", "negative"),
        ("\u22125", "negative"),
        ("1250000,50", "cents"),
        ("1.250.000,05", "cents"),
        ("0,5", "cents"),
        ("1.25.000", "grouping"),
        ("1250.000", "grouping"),
        ("1.250,000", "grouping"),
        ("1,250,000", "grouping"),
        ("1,000", "grouping"),
        ("1250000.00", "grouping"),
        (".500", "grouping"),
        ("0.500", "grouping"),
        ("1..000", "grouping"),
        ("1 250 000", "grouping"),
        ("1.000,", "grouping"),
        ("1-2", "grouping"),
        ("5,--", "grouping"),
        ("1.000.000.000.000.000", "too_large"),
        ("9" * 5000, "too_large"),
    ],
)
def test_rupiah_refuses_with_a_sentence_of_its_own(typed, code):
    with pytest.raises(ValidationError) as refusal:
        RupiahFormField().clean(typed)
    assert refusal.value.code == code
    assert refusal.value.messages == [RupiahFormField.default_error_messages[code]]


def test_an_empty_amount_is_missing_or_nothing():
    assert RupiahFormField(required=False).clean("  ") is None
    with pytest.raises(ValidationError) as refusal:
        RupiahFormField().clean("  ")
    assert refusal.value.code == "required"


class CostForm(forms.Form):
    cost = RupiahField().formfield(label="Biaya")
    volume = VolumeFormField(required=False)


def test_a_form_shows_its_initial_amount_with_dots_and_keeps_what_was_typed():
    shown = CostForm(initial={"cost": 1_250_000, "volume": Decimal("62.50")}).as_p()
    assert 'value="1.250.000"' in shown
    assert 'value="62,5"' in shown
    assert 'inputmode="numeric"' in shown
    assert shown.count('autocomplete="off"') == 2
    kept = CostForm({"cost": "1.25.000", "volume": "a"}).as_p()
    assert 'value="1.25.000"' in kept


def test_an_amount_written_in_another_way_is_no_change():
    form = CostForm(
        {"cost": "Rp 1.250.000,00", "volume": "62,50"},
        initial={"cost": 1_250_000, "volume": Decimal("62.5")},
    )
    assert not form.has_changed()


def test_the_model_field_refuses_what_the_form_refuses():
    for amount in (-1, MAX_RUPIAH + 1):
        with pytest.raises(ValidationError):
            RupiahField().clean(amount, None)
    assert RupiahField().clean(MAX_RUPIAH, None) == MAX_RUPIAH


@pytest.mark.parametrize(
    ("typed", "volume"),
    [
        ("62,5", "62.5"),
        ("62.5", "62.5"),
        ("1.250,75", "1250.75"),
        ("1.250", "1250"),
        ("1.250.000", "1250000"),
        ("0,125", "0.125"),
        ("0.125", "0.125"),
        ("12.50", "12.5"),
        ("1250,755", "1250.755"),
        (" 3 ", "3"),
        ("999.999.999,999", "999999999.999"),
    ],
)
def test_volume_is_read_with_comma_or_dot(typed, volume):
    assert VolumeFormField().clean(typed) == Decimal(volume)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("banyak", "invalid"),
        ("62,5 m3", "invalid"),
        ("1,250.75", "invalid"),
        ("1.25.000", "invalid"),
        ("62,", "invalid"),
        (",5", "invalid"),
        ("NaN", "invalid"),
        ("1e5", "invalid"),
        ("0", "not_positive"),
        ("0,000", "not_positive"),
        ("-3", "not_positive"),
        ("1,2345", "decimals"),
        ("1.000.000.000", "too_large"),
        ("9" * 5000, "too_large"),
    ],
)
def test_volume_refuses_with_a_sentence_of_its_own(typed, code):
    with pytest.raises(ValidationError) as refusal:
        VolumeFormField().clean(typed)
    assert refusal.value.code == code


def test_numbers_are_written_the_indonesian_way():
    assert format_rupiah(1_250_000) == "Rp1.250.000"
    assert format_rupiah(0) == "Rp0"
    assert format_rupiah(-500) == "-Rp500"
    assert format_number(999) == "999"
    assert format_decimal(Decimal("62.500")) == "62,5"
    assert format_decimal(Decimal("1250.75")) == "1.250,75"
    assert format_decimal(Decimal("100")) == "100"
    assert format_decimal(Decimal("1E+3")) == "1.000"


@pytest.mark.parametrize("amount", [0, 7, 999, 1_000, 10_500, 1_250_000, MAX_RUPIAH])
def test_an_amount_that_is_shown_reads_back_the_same(amount):
    assert RupiahFormField().clean(format_rupiah(amount)) == amount
    assert RupiahFormField().clean(format_number(amount)) == amount


@pytest.mark.parametrize(
    "volume", ["0.001", "0.125", "1.5", "1250", "1250.005", "62.5"]
)
def test_a_volume_that_is_shown_reads_back_the_same(volume):
    shown = format_decimal(Decimal(volume))
    assert VolumeFormField().clean(shown) == Decimal(volume)
