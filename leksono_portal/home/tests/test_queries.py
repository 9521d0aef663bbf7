"""No page of the roof or of the villages asks more when there is more to show."""

MOST = {"/": 12, "/desa/": 8, "/desa/besani/": 12, "/kerja/": 12}
READERS = (None, "resident", "operator", "camat")
OFFICES = ("operator", "head", "lurah", "verifier", "camat", "treasurer", "sekcam")


def test_pages_ask_as_often_for_five_of_each_thing_as_for_one(grow, queries_of):
    cases = [(who, path) for path in MOST if path != "/kerja/" for who in READERS]
    cases += [(who, "/kerja/") for who in (*OFFICES, "admin", "resident")]
    grow(1)
    few = {case: queries_of(*case) for case in cases}
    grow(4)
    assert {case: queries_of(*case) for case in cases} == few
    assert {case: n for case, n in few.items() if n > MOST[case[1]]} == {}
