import pytest

from leksono_portal.kit.words import terbilang

SPELLED = {
    0: "nol",
    1: "satu",
    9: "sembilan",
    10: "sepuluh",
    11: "sebelas",
    12: "dua belas",
    15: "lima belas",
    19: "sembilan belas",
    20: "dua puluh",
    21: "dua puluh satu",
    50: "lima puluh",
    99: "sembilan puluh sembilan",
    100: "seratus",
    101: "seratus satu",
    110: "seratus sepuluh",
    111: "seratus sebelas",
    200: "dua ratus",
    215: "dua ratus lima belas",
    999: "sembilan ratus sembilan puluh sembilan",
    1_000: "seribu",
    1_001: "seribu satu",
    1_011: "seribu sebelas",
    1_100: "seribu seratus",
    1_999: "seribu sembilan ratus sembilan puluh sembilan",
    2_000: "dua ribu",
    2_026: "dua ribu dua puluh enam",
    10_000: "sepuluh ribu",
    11_000: "sebelas ribu",
    12_500: "dua belas ribu lima ratus",
    21_000: "dua puluh satu ribu",
    100_000: "seratus ribu",
    101_000: "seratus satu ribu",
    111_111: "seratus sebelas ribu seratus sebelas",
    1_000_000: "satu juta",
    1_000_001: "satu juta satu",
    1_001_000: "satu juta seribu",
    1_100_000: "satu juta seratus ribu",
    1_250_000: "satu juta dua ratus lima puluh ribu",
    11_000_000: "sebelas juta",
    21_001_001: "dua puluh satu juta seribu satu",
    208_400_000: "dua ratus delapan juta empat ratus ribu",
    1_000_000_000: "satu miliar",
    1_000_001_000: "satu miliar seribu",
    100_000_000_000: "seratus miliar",
    1_000_000_000_000: "satu triliun",
    1_001_001_001_001: "satu triliun satu miliar satu juta seribu satu",
    999_000_000_000_000: "sembilan ratus sembilan puluh sembilan triliun",
    999_999_999_999_999: (
        "sembilan ratus sembilan puluh sembilan triliun "
        "sembilan ratus sembilan puluh sembilan miliar "
        "sembilan ratus sembilan puluh sembilan juta "
        "sembilan ratus sembilan puluh sembilan ribu "
        "sembilan ratus sembilan puluh sembilan"
    ),
    1_000_000_000_000_000: "satu kuadriliun",
}


@pytest.mark.parametrize("number", SPELLED)
def test_terbilang_spells_as_papers_do(number):
    assert terbilang(number) == SPELLED[number]


@pytest.mark.parametrize("number", [-1, 10**18])
def test_terbilang_refuses_what_it_cannot_spell(number):
    with pytest.raises(ValueError):
        terbilang(number)
