"""Names that a resident may not take by signing up: those of posts and offices.

Accounts that the district admin makes may carry them, which is the way out for a person
who is really called so.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Refused where a word begins with one, as with a number or a village behind it.
BEGINNINGS = (
    "admin operator bendahara verifikator pemantau camat sekcam kades sekdes kadus lurah "
    "kecamatan kelurahan kabupaten pemerintah pemdes pemkab perangkat sekretaris bupati "
    "kepaladesa kepaladusun bumdes bkad"
).split()
# With more letters behind them these are names people have: Desak, Mitrawati.
WORDS = "desa kepala ketua bpd mitra portal".split()
ADDRESSED = re.compile(r"^(bapak|pak|ibu|bu|mas|mbak)(?=.)")
# What is typed for a letter: a digit or sign that looks like it. i and l are one.
LOOKS_LIKE = str.maketrans("01345789@$!|l", "oieastbgasiii")


def refuse_username_of_a_post(username):
    """Raise ValidationError for a user name that reads as a post, however spelled."""
    joined = _skeleton(username)
    if _reads_as_a_post(username) or joined.startswith((*_BEGINNINGS, *_WORDS)):
        _refuse()


def refuse_name_of_a_post(name):
    """Raise ValidationError for a displayed name that reads as a post."""
    if _reads_as_a_post(name):
        _refuse()


def tidy(name):
    """`name` with one writing for each letter, and single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).split())


def refuse_odd_letters(name):
    """Raise ValidationError unless `name`, tidied, is Latin letters and their signs.

    Other alphabets have letters that look like ours; digits are no part of a name.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z .,'’-]*[A-Za-z.]", _plain(name)):
        raise ValidationError(
            _("Tulislah nama dengan huruf Latin, tanpa angka dan tanda lain.")
        )


def _plain(text):
    """`text` without the accents on its letters."""
    apart = (unicodedata.normalize("NFD", letter) for letter in text)
    # A mark that has no letter to melt into is none of any name.
    return "".join(
        signs[0] if len(signs) > 1 or not unicodedata.combining(signs) else "?"
        for signs in apart
    )


def _skeleton(text):
    """What `text` looks like at a glance: letters only, look-alikes made one."""
    plain = _plain(unicodedata.normalize("NFKC", text)).lower().translate(LOOKS_LIKE)
    return re.sub(r"[^a-z]", "", plain).replace("rn", "m").replace("vv", "w")


_BEGINNINGS = tuple(map(_skeleton, BEGINNINGS))
_WORDS = tuple(map(_skeleton, WORDS))


def _reads_as_a_post(text):
    words = [_skeleton(word) for word in re.split(r"[\s._,'’-]+", text)]
    words += [ADDRESSED.sub("", word) for word in words]
    joined = ADDRESSED.sub("", _skeleton(text))  # of "c a m a t" and "ka des"
    return any(word.startswith(_BEGINNINGS) or word in _WORDS for word in words) or (
        joined.startswith(_BEGINNINGS)
    )


def _refuse():
    raise ValidationError(
        _(
            "Nama ini seperti nama jabatan atau kantor, jadi tidak dapat dipakai di "
            "sini. Bila memang nama Anda, mintalah akun kepada Admin Kecamatan."
        )
    )
