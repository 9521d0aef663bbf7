"""Numbers spelled out in Indonesian (terbilang), as official papers write them."""

ONES = (
    "nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas".split()
)
SCALES = (
    (10**15, "kuadriliun"),
    (10**12, "triliun"),
    (10**9, "miliar"),
    (10**6, "juta"),
    (10**3, "ribu"),
)


def terbilang(number):
    """Spell `number`, an int from 0 to 999 kuadriliun, without a unit.

    "seribu" and "seratus" are one word, "satu juta" is two: that is the rule of
    the language, not a slip. Raises ValueError outside the range.
    """
    if not 0 <= number < 10**18:
        raise ValueError(f"terbilang cannot spell {number}")
    if number == 0:
        return ONES[0]
    words = []
    for size, name in SCALES:
        count, number = divmod(number, size)
        if count == 1 and name == "ribu":
            words.append("seribu")
        elif count:
            words += [_below_thousand(count), name]
    if number:
        words.append(_below_thousand(number))
    return " ".join(words)


def _below_thousand(number):
    hundreds, rest = divmod(number, 100)
    words = []
    if hundreds == 1:
        words.append("seratus")
    elif hundreds:
        words.append(f"{ONES[hundreds]} ratus")
    if rest:
        words.append(_below_hundred(rest))
    return " ".join(words)


def _below_hundred(number):
    if number < 12:
        return ONES[number]
    if number < 20:
        return f"{ONES[number - 10]} belas"
    tens, ones = divmod(number, 10)
    return f"{ONES[tens]} puluh" + (f" {ONES[ones]}" if ones else "")
