"""Three meetings: one closed by its berita acara, one today, one to come."""

from datetime import timedelta

from forum.meetings import actions
from forum.meetings.models import Body, Decision, Meeting
from leksono_portal.home.demo.clock import at, day, moment
from leksono_portal.home.demo.people import person

HELD = -84
PLACE = "Pendopo Kecamatan Leksono"
ABSENT = ("Pacarmulyo", "Wonokerto")
WOMEN_HEADS = ("Durensawit", "Manggis", "Selokromo")

AGENDA = (
    (
        "Pembukaan dan pengesahan acara",
        "Pimpinan rapat membuka rapat. Acara disahkan tanpa perubahan.",
    ),
    (
        "Air bersih Kalimendong, Jonggolsari, dan Besani",
        "Sumber air di Kalimendong cukup untuk tiga desa, tetapi pipa lama bocor di "
        "banyak tempat.\nDesa Besani meminta bak pembagi di batas desa agar debit "
        "dapat diukur bersama.",
    ),
    (
        "Guru keliling matematika",
        "Tiga sekolah dasar kekurangan guru kelas tinggi. Jadwal keliling disusun per "
        "pekan agar ongkos jalan kecil.",
    ),
    (
        "Pasar sayur bersama di Sojokerto",
        "Tanah desa seluas kira-kira 2.000 m² dapat dipakai. Pembagian hasil sewa los "
        "dibahas dua kali; satu desa meminta bagian tetap.",
    ),
    (
        "Penghijauan lereng rawan longsor",
        "Lereng Selokromo bergerak pada dua musim hujan terakhir. Warga tiga desa "
        "sanggup menanam dengan gotong royong.",
    ),
)
DECISIONS = (
    (
        1,
        "Pipa air bersih Kalimendong–Jonggolsari–Besani dibangun bersama; Desa "
        "Kalimendong menjadi desa utama.",
    ),
    (
        2,
        "Guru keliling matematika kelas 4–6 diadakan bersama oleh Desa Timbang, "
        "Durensawit, dan Manggis.",
    ),
    (
        3,
        "Pasar sayur bersama didirikan di tanah Desa Sojokerto; hasil sewa los dibagi "
        "menurut jumlah pedagang.",
    ),
    (
        4,
        "Lereng rawan longsor Selokromo, Sawangan, dan Lipursari dihijaukan mulai "
        "musim hujan ini.",
    ),
)
FOLLOW_UPS = (
    (1, "Ukur ulang debit sumber air dan umumkan hasilnya", "kalimendong", -60),
    (2, "Susun jadwal keliling bersama tiga kepala sekolah", "timbang", 10),
    (3, "Serahkan denah los dan daftar calon pedagang", "sojokerto", -4),
    (4, "Data pemilik lahan di lereng yang akan ditanami", "selokromo", 24),
)


def make_body(district):
    """The villages' joint body, with the quorum its own rules would set."""
    with at(HELD - 20):
        body = Body.objects.create(
            district=district,
            name=f"Badan Kerja Sama Antar Desa (BKAD) {district.name}",
            code="BKAD-LKS",
        )
        body.villages.set(district.villages.all())
    return body


def hold_first(body):
    """The meeting everything began with; returns its decisions."""
    sekcam = person("sekcam")
    with at(HELD - 10):
        meeting = _call(
            body,
            Meeting.Kind.MAD,
            "Prioritas kegiatan bersama desa",
            moment(HELD),
            hours=4,
        )
        _invite(meeting, body)
    with at(HELD, 13, 30):
        _log(meeting, sekcam)
        meeting.refresh_from_db()
        actions.finalise(meeting, by=sekcam, version=meeting.version)
    done = meeting.action_items.get(village__slug="kalimendong")
    with at(-63, 10):
        actions.finish_action_item(done, by=person("operator.kalimendong"))
    return list(Decision.objects.filter(meeting=meeting))


def call_next(body):
    """Today's meeting, waiting to be logged, and one that is only announced."""
    with at(-7):
        today = _call(
            body,
            Meeting.Kind.COORDINATION,
            "Kemajuan pipa air bersih dan penghijauan lereng",
            moment(0, 13),
            hours=2,
        )
        _invite(today, body, only_heads=True)
        for title in (
            "Laporan kemajuan pipa air bersih",
            "Rencana tanam sebelum puncak musim hujan",
            "Lain-lain",
        ):
            actions.add_agenda_item(today, by=person("sekcam"), title=title)
    with at(-2):
        coming = _call(
            body,
            Meeting.Kind.MAD,
            "Usulan kegiatan bersama tahun depan",
            moment(12),
            hours=4,
        )
        for title in ("Usulan setiap desa", "Kriteria prioritas", "Jadwal penetapan"):
            actions.add_agenda_item(coming, by=person("sekcam"), title=title)


def _call(body, kind, title, starts_at, *, hours):
    return actions.call_meeting(
        by=person("sekcam"),
        body=body,
        kind=kind,
        title=title,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=hours),
        place=PLACE,
        chair=person("kades.besani"),
        secretary=person("sekcam"),
    )


def _invite(meeting, body, *, only_heads=False):
    by = person("sekcam")
    for village in body.villages.all():
        people = _delegates(village)
        if only_heads:
            people = people[:1]
        actions.add_participants(meeting, by=by, people=people, village=village)
    actions.add_participants(
        meeting,
        by=by,
        institution=str(body.district),
        people=[{"name": "Camat Leksono", "post": "Camat", "sex": "L"}],
    )


def _delegates(village):
    """Who comes for a village, written by post: the example invents no persons."""
    head = "Kepala Desa" if village.is_desa else "Lurah"
    council = "Ketua BPD" if village.is_desa else "Ketua LPMK"
    sex = "P" if village.name in WOMEN_HEADS else "L"
    posts = ((head, sex), (council, "L"), ("Wakil perempuan", "P"))
    return [
        {
            "name": f"{post} {village}",
            "post": post,
            "sex": sex,
            "signs": post == council,
        }
        for post, sex in posts
    ]


def _log(meeting, by):
    came = meeting.participants.exclude(village__name__in=ABSENT)
    actions.save_attendance(
        meeting, by=by, was=[], now=came.values_list("pk", flat=True)
    )
    agenda = [
        actions.add_agenda_item(meeting, by=by, title=title, note=note)
        for title, note in AGENDA
    ]
    decisions = [
        actions.add_decision(
            meeting, by=by, text=text, agenda_item=agenda[item], **_how(item, meeting)
        )
        for item, text in DECISIONS
    ]
    villages = {village.slug: village for village in meeting.body.villages.all()}
    for number, task, slug, due in FOLLOW_UPS:
        actions.add_action_item(
            meeting,
            by=by,
            task=task,
            village=villages[slug],
            due_on=day(due),
            decision=decisions[number - 1],
        )


def _how(item, meeting):
    """The market was put to the vote; all else was agreed by mufakat."""
    if item != 3:
        return {"method": Decision.Method.CONSENSUS}
    present = meeting.participants.filter(present=True).count()
    return {
        "method": Decision.Method.VOTE,
        "votes_for": present - 5,
        "votes_against": 3,
        "votes_abstain": 2,
        "dissent": "Desa Jlamprang meminta bagian tetap bagi setiap desa.",
    }
