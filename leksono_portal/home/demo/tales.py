"""What became of ten decisions: the example's projects, from decision to handover.

Days count from the day the example is made. Money is whole rupiah.
"""

from dataclasses import dataclass

from projects.funding.models import BudgetLine
from projects.portfolio.models import Project

Sector = Project.Sector
Group = BudgetLine.Group
OWN = None  # the villages' own share: labour and materials they bring themselves


@dataclass(frozen=True)
class Request:
    """What was asked for, and how far the asking came.

    lines: group, what, volume, unit, unit price, source code. path: (verb, day) pairs.
    cuts: {what: (granted, why)}. reason: why it was returned or refused.
    spent: receipts on the first tranche: what, for what, to whom, amount, day.
    accounted: (verb, day) pairs, with story as the village's words.
    """

    title: str
    asked: int
    lines: tuple
    path: tuple
    cuts: tuple = ()
    reason: str = ""
    tranches: tuple = (6, 4)  # in tenths
    spent: tuple = ()
    accounted: tuple = ()
    story: str = ""


@dataclass(frozen=True)
class Report:
    """What the lead village wrote. percents: of each work item, by its first day.
    seen: what the picture shows.
    """

    day: int
    text: str
    spent: int
    percents: tuple
    seen: str


@dataclass(frozen=True)
class Tale:
    """One decision and its project. follow_up: task, village, due day, day done.

    plan: title, cost, first and last day. begun, completed, cancelled: day and words.
    """

    agenda: str
    note: str
    decision: str
    follow_up: tuple
    title: str
    sector: Sector
    villages: tuple  # the first one leads
    place: str
    purpose: str
    born: int
    plan: tuple
    families: int | None = None
    people: int | None = None
    dissent: str = ""  # who wanted it otherwise; then it was put to the vote
    scene: str = ""  # of `drawings`, in the reports' pictures
    request: Request | None = None
    begun: tuple | None = None
    reports: tuple = ()
    completed: tuple | None = None
    cancelled: tuple | None = None


# Who came to one of the meetings with a surat kuasa, and in whose place.
SUBSTITUTE = ("Sekretaris BPD Besani", "Sekretaris BPD", "Ketua BPD Besani")
VISITORS = (
    {
        "name": "Petugas Dinas PUPR",
        "post": "Staf teknis",
        "sex": "L",
        "institution": "Dinas PUPR",
    },
    {
        "name": "Pendamping desa",
        "post": "Pendamping",
        "sex": "P",
        "institution": "Pendamping Desa Kecamatan Leksono",
    },
)
BRIDGE = Tale(
    agenda="Jembatan gantung Sawangan–Lipursari",
    note="Anak sekolah Lipursari memutar 4 km bila sungai naik. Kedua desa sanggup "
    "menyediakan tenaga dan batu.",
    decision="Jembatan gantung Sawangan–Lipursari dibangun bersama; Desa Sawangan "
    "menjadi desa utama.",
    follow_up=("Ukur bentang sungai bersama pendamping teknik", "sawangan", -680, -684),
    title="Jembatan gantung Sawangan–Lipursari",
    sector=Sector.INFRASTRUCTURE,
    villages=("sawangan", "lipursari"),
    place="Sungai di batas Sawangan dan Lipursari, bentang 38 m",
    purpose="Anak sekolah dan petani menyeberang dengan aman pada semua musim.",
    families=352,
    people=1240,
    born=-692,
    plan=(
        ("Pondasi dan blok angkur", 64_500_000, -600, -540),
        ("Tiang, kabel, dan lantai", 96_000_000, -545, -470),
        ("Jalan sambung dan pagar", 22_000_000, -480, -440),
    ),
    request=Request(
        title="Dana jembatan gantung dua desa",
        asked=-660,
        lines=(
            (Group.MATERIAL, "Kabel baja dan penjepit", 340, "m", 145_000, "bkk"),
            (Group.MATERIAL, "Semen", 280, "zak", 65_000, "bkk"),
            (Group.MATERIAL, "Papan kayu keras", 190, "lembar", 135_000, "bkk"),
            (Group.EQUIPMENT, "Sewa takal dan perancah", 30, "hari", 650_000, "bkk"),
            (Group.LABOUR, "Tukang", 280, "HOK", 125_000, "dd"),
            (Group.LABOUR, "Gotong royong warga", 340, "HOK", 100_000, OWN),
        ),
        path=(("submit", -655), ("verify", -648), ("approve", -640), ("release", -630)),
        tranches=(10,),
        spent=(
            (
                "Kabel baja dan penjepit",
                "Kabel baja 340 m dan penjepitnya",
                "Toko besi",
                49_300_000,
                -600,
            ),
            ("Semen", "Semen 270 zak", "Toko bangunan", 17_550_000, -590),
            ("Papan kayu keras", "Papan 180 lembar", "Penggergajian", 24_300_000, -520),
            (
                "Sewa takal dan perancah",
                "Sewa takal dan perancah 29 hari",
                "Penyewaan alat",
                18_850_000,
                -470,
            ),
            ("Tukang", "Upah tukang", "Kelompok tukang", 34_400_000, -436),
        ),
        accounted=(("send", -428), ("accept", -424), ("complete", -415)),
        story="Jembatan selesai dan sudah diuji beban. Semen, papan dan sewa alat lebih "
        "sedikit dari rencana; sisanya disetor kembali.",
    ),
    scene="bridge",
    reports=(
        Report(
            -545,
            "Kedua pondasi selesai; beton dirawat dua pekan.",
            66_200_000,
            (100, 0, 0),
            "Tiang berdiri di kedua tepi sungai; kabel baru mulai dipasang.",
        ),
        Report(
            -480,
            "Kabel terpasang dan lantai sampai tengah bentang.",
            128_900_000,
            (100, 70, 10),
            "Tiang berdiri; kabel dan lantai terpasang dari sisi kiri.",
        ),
        Report(
            -438,
            "Jembatan diuji dengan beban pasir 2 ton; aman. Pagar terpasang.",
            178_400_000,
            (100, 100, 100),
            "Dua orang berdiri di jembatan yang selesai.",
        ),
    ),
    completed=(-430, "Diserahterimakan di tepi sungai, dihadiri warga kedua desa."),
)
SALAK = Tale(
    agenda="Pengolahan salak agar harga tidak jatuh saat panen",
    note="Harga salak turun sampai Rp1.500 per kg saat panen raya. BUM Desa Jonggolsari "
    "punya dapur yang dapat dipakai bersama.",
    decision="Pelatihan mengolah salak bagi kelompok perempuan empat desa diadakan "
    "dengan biaya sendiri.",
    follow_up=("Pinjamkan dapur BUM Desa selama pelatihan", "jonggolsari", -660, -662),
    title="Pelatihan olahan salak empat desa",
    sector=Sector.ECONOMY,
    villages=("jonggolsari", "durensawit", "manggis", "kalimendong"),
    place="Dapur BUM Desa Jonggolsari",
    purpose="Salak menjadi keripik dan sirup, sehingga panen raya tidak terbuang.",
    families=64,
    people=64,
    born=-690,
    plan=(
        ("Alat dapur dan bahan latihan", 9_600_000, -650, -630),
        ("Delapan kali pelatihan", 6_400_000, -630, -570),
    ),
    begun=(-648, "Dimulai dengan iuran empat desa."),
    scene="kitchen",
    reports=(
        Report(
            -600,
            "Empat pelatihan berjalan, 58 dari 64 peserta hadir.",
            12_300_000,
            (100, 50),
            "Peserta di meja panjang; separuh salak sudah menjadi isi stoples.",
        ),
        Report(
            -568,
            "Delapan pelatihan selesai; tiga kelompok sudah berjualan.",
            15_700_000,
            (100, 100),
            "Lima stoples olahan salak berjajar di meja.",
        ),
    ),
    completed=(-560, "Alat dapur dititipkan di BUM Desa Jonggolsari, boleh dipinjam."),
)
WORKSHOP = Tale(
    agenda="Bengkel alat pertanian bersama",
    note="Traktor tangan milik lima kelompok tani rusak berganti-ganti; montir terdekat "
    "di kota kabupaten.",
    decision="Bengkel alat pertanian bersama didirikan di Wonokerto bila dana provinsi "
    "diperoleh.",
    follow_up=(
        "Data alat pertanian yang rusak di setiap desa",
        "wonokerto",
        -490,
        -488,
    ),
    title="Bengkel alat pertanian bersama Wonokerto",
    sector=Sector.ECONOMY,
    villages=("wonokerto", "jlamprang", "leksono"),
    place="Bekas gudang desa Wonokerto",
    purpose="Alat pertanian diperbaiki dekat rumah, dengan ongkos yang disepakati.",
    families=190,
    born=-512,
    plan=(
        ("Perbaikan gudang", 31_250_000, -440, -400),
        ("Alat bengkel dan pelatihan montir", 74_000_000, -405, -340),
    ),
    request=Request(
        title="Alat bengkel pertanian bersama",
        asked=-500,
        lines=(
            (
                Group.MATERIAL,
                "Seng, kayu, dan cat gudang",
                1,
                "paket",
                26_000_000,
                "bkp",
            ),
            (Group.EQUIPMENT, "Mesin las dan kompresor", 2, "set", 14_500_000, "bkp"),
            (Group.EQUIPMENT, "Perkakas bengkel", 4, "set", 8_250_000, "bkp"),
            (Group.LABOUR, "Tukang", 90, "HOK", 125_000, "bkp"),
            (Group.LABOUR, "Kerja bakti membersihkan gudang", 60, "HOK", 100_000, OWN),
        ),
        path=(("submit", -496), ("verify", -489), ("reject", -480)),
        reason="Status tanah gudang belum jelas. Ajukan lagi setelah ada surat dari "
        "pemilik tanah.",
    ),
    cancelled=(
        -455,
        "Pemilik tanah tidak bersedia menyewakan. Kelompok tani memakai montir "
        "keliling dari Leksono.",
    ),
)
LIBRARY = Tale(
    agenda="Perpustakaan keliling",
    note="Enam sekolah dasar tidak punya perpustakaan. Dinas meminjamkan 1.200 judul bila "
    "ada kendaraan.",
    decision="Perpustakaan keliling untuk enam sekolah dasar diadakan bersama oleh "
    "Lipursari, Sawangan, dan Selokromo.",
    follow_up=("Tandatangani pinjaman buku dengan Dinas", "lipursari", -350, -352),
    title="Perpustakaan keliling Lipursari–Sawangan–Selokromo",
    sector=Sector.EDUCATION,
    villages=("lipursari", "sawangan", "selokromo"),
    place="Enam sekolah dasar di tiga desa",
    purpose="Setiap murid meminjam dua buku sepekan tanpa meninggalkan desanya.",
    families=295,
    people=410,
    born=-372,
    plan=(
        ("Motor roda tiga dan rak buku", 47_500_000, -300, -240),
        ("Berkeliling satu tahun", 25_200_000, -240, 110),
    ),
    request=Request(
        title="Motor roda tiga dan biaya keliling",
        asked=-360,
        lines=(
            (Group.EQUIPMENT, "Motor roda tiga", 1, "unit", 39_500_000, "bkp"),
            (Group.MATERIAL, "Rak dan boks buku", 8, "buah", 1_000_000, "bkp"),
            (Group.LABOUR, "Honor petugas", 12, "bulan", 1_500_000, "bkp"),
            (Group.OPERATIONS, "Bahan bakar", 12, "bulan", 600_000, "bkp"),
        ),
        path=(("submit", -356), ("verify", -348), ("approve", -340), ("release", -330)),
        tranches=(10,),
        spent=(
            (
                "Motor roda tiga",
                "Motor roda tiga dengan boks",
                "Diler motor",
                39_500_000,
                -245,
            ),
            ("Rak dan boks buku", "Rak 8 buah", "Bengkel las", 7_700_000, -242),
            (
                "Honor petugas",
                "Honor sembilan bulan",
                "Petugas perpustakaan",
                13_500_000,
                -14,
            ),
            ("Bahan bakar", "Bensin sembilan bulan", "SPBU", 4_400_000, -13),
        ),
    ),
    scene="books",
    reports=(
        Report(
            -238,
            "Motor dan rak diterima; 1.200 buku sudah dicatat.",
            47_200_000,
            (100, 0),
            "Kendaraan perpustakaan yang raknya masih kosong.",
        ),
        Report(
            -100,
            "Berkeliling lima hari sepekan; 2.310 kali peminjaman.",
            58_600_000,
            (100, 45),
            "Rak terisi buku; anak-anak mendekat.",
        ),
        Report(
            -12,
            "Pinjaman naik menjadi 3.875 kali. Ban depan diganti.",
            65_100_000,
            (100, 74),
            "Anak-anak mengantre di samping rak buku.",
        ),
    ),
)
WASTE = Tale(
    agenda="Sampah di batas Pacarmulyo dan Manggis",
    note="Warga membuang sampah ke jurang di batas dua desa. Pengepul mau menjemput bila "
    "sampah sudah dipilah.",
    decision="Bank sampah bersama Pacarmulyo dan Manggis dibuka; pengelolanya dipilih "
    "kedua desa.",
    follow_up=("Pasang papan larangan di tepi jurang", "pacarmulyo", -340, -341),
    title="Bank sampah Pacarmulyo–Manggis",
    sector=Sector.ENVIRONMENT,
    villages=("pacarmulyo", "manggis", "timbang"),
    place="Tanah desa Pacarmulyo dekat pasar pagi",
    purpose="Sampah dipilah dan ditimbang, jurang kembali bersih.",
    families=275,
    people=930,
    born=-368,
    plan=(
        ("Gudang pilah", 21_000_000, -300, -250),
        ("Timbangan, karung, dan gerobak", 12_500_000, -260, -230),
        ("Membersihkan jurang", 8_000_000, -120, -30),
    ),
    begun=(-298, "Dimulai dengan swadaya kedua desa."),
    scene="waste",
    reports=(
        Report(
            -228,
            "Gudang dan timbangan siap; 96 keluarga menjadi nasabah.",
            32_400_000,
            (100, 90, 0),
            "Gudang pilah dan tiga tong; sampah masih berserakan.",
        ),
        Report(
            -40,
            "Gerobak ketiga datang. Jurang baru bersih sepertiga karena hujan.",
            36_900_000,
            (100, 100, 35),
            "Warga memunguti sampah di depan tiga tong.",
        ),
    ),
)
PIPE = Tale(
    agenda="Air bersih Kalimendong, Jonggolsari, dan Besani",
    note="Sumber air di Kalimendong cukup untuk tiga desa, tetapi pipa lama bocor di "
    "banyak tempat.\nDesa Besani meminta bak pembagi di batas desa agar debit dapat "
    "diukur bersama.",
    decision="Pipa air bersih Kalimendong–Jonggolsari–Besani dibangun bersama; Desa "
    "Kalimendong menjadi desa utama.",
    follow_up=(
        "Ukur ulang debit sumber air dan umumkan hasilnya",
        "kalimendong",
        -60,
        -63,
    ),
    title="Pipa air bersih Kalimendong–Jonggolsari–Besani",
    sector=Sector.INFRASTRUCTURE,
    villages=("kalimendong", "jonggolsari", "besani"),
    place="Dari mata air Kalimendong sampai batas Besani, 2,4 km",
    purpose="Air bersih mengalir setiap hari ke tiga desa, juga pada kemarau.",
    families=486,
    people=1720,
    born=-82,
    plan=(
        ("Bak penangkap mata air", 62_000_000, -60, -38),
        ("Galian dan pipa induk", 168_565_000, -45, -8),
        ("Bak pembagi di batas desa", 45_000_000, -20, 8),
        ("Sambungan rumah", 40_000_000, -5, 20),
    ),
    request=Request(
        title="Dana pipa air bersih tiga desa",
        asked=-76,
        lines=(
            (Group.MATERIAL, "Pipa HDPE 2 inci", 2400, "m", 62_000, "bkk"),
            (Group.MATERIAL, "Semen", 320, "zak", 68_000, "bkk"),
            (Group.MATERIAL, "Pasir dan batu", 85, "m³", 285_000, "dd"),
            (Group.MATERIAL, "Besi beton 10 mm", 260, "batang", 88_000, "bkk"),
            (Group.EQUIPMENT, "Sewa alat gali", 12, "hari", 1_850_000, "bkk"),
            (Group.LABOUR, "Tukang", 240, "HOK", 130_000, "dd"),
            (Group.LABOUR, "Gotong royong warga", 400, "HOK", 100_000, OWN),
            (
                Group.OPERATIONS,
                "Administrasi dan papan proyek",
                1,
                "keg",
                4_500_000,
                "bkk",
            ),
        ),
        path=(("submit", -74), ("verify", -70), ("approve", -66), ("release", -62)),
        cuts=(
            ("Sewa alat gali", 18_500_000, "Sepuluh hari cukup menurut volume galian."),
            (
                "Administrasi dan papan proyek",
                3_500_000,
                "Papan proyek dibuat dari kayu.",
            ),
        ),
        spent=(
            ("Semen", "Semen 200 zak", "Toko bangunan", 13_600_000, -55),
            ("Pasir dan batu", "Pasir dan batu 60 m³", "Depo pasir", 17_100_000, -54),
            (
                "Pipa HDPE 2 inci",
                "Pipa HDPE 2 inci 1.600 m",
                "Toko pipa",
                99_200_000,
                -44,
            ),
            (
                "Sewa alat gali",
                "Sewa alat gali 8 hari",
                "Penyewaan alat",
                14_800_000,
                -20,
            ),
            ("Tukang", "Upah tukang 100 HOK", "Kelompok tukang", 13_000_000, -6),
        ),
        accounted=(("send", -3),),
        story="Bak penangkap selesai dan pipa induk terpasang sampai batas desa.",
    ),
    scene="pipe",
    reports=(
        Report(
            -40,
            "Bak penangkap hampir jadi; galian dimulai dari hulu.",
            61_400_000,
            (95, 15, 0, 0),
            "Bak penangkap di ujung parit; pipa baru mulai dipasang.",
        ),
        Report(
            -18,
            "Pipa induk terpasang 1,3 km. Dua hari berhenti karena hujan.",
            118_900_000,
            (100, 62, 10, 0),
            "Pipa terpasang separuh parit; dua orang bekerja di ujungnya.",
        ),
        Report(
            -3,
            "Pipa induk tinggal diuji tekan. Bak pembagi sampai pasangan dinding.",
            158_350_000,
            (100, 96, 45, 0),
            "Pipa hampir sampai ujung parit; bak pembagi berdiri.",
        ),
    ),
)
TEACHERS = Tale(
    agenda="Guru keliling matematika",
    note="Tiga sekolah dasar kekurangan guru kelas tinggi. Jadwal keliling disusun per "
    "pekan agar ongkos jalan kecil.",
    decision="Guru keliling matematika kelas 4–6 diadakan bersama oleh Desa Timbang, "
    "Durensawit, dan Manggis.",
    follow_up=(
        "Susun jadwal keliling bersama tiga kepala sekolah",
        "timbang",
        10,
        None,
    ),
    title="Guru keliling matematika kelas 4–6",
    sector=Sector.EDUCATION,
    villages=("timbang", "durensawit", "manggis"),
    place="Enam sekolah dasar di Timbang, Durensawit, dan Manggis",
    purpose="Setiap kelas tinggi mendapat guru matematika dua kali sepekan.",
    families=210,
    people=264,
    born=-82,
    plan=(
        ("Penyusunan jadwal dan modul", 11_200_000, 5, 25),
        ("Mengajar keliling, 160 pertemuan", 49_600_000, 26, 150),
    ),
    request=Request(
        title="Guru keliling satu tahun ajaran",
        asked=-14,
        lines=(
            (Group.MATERIAL, "Modul dan alat peraga", 320, "buah", 35_000, "bkk"),
            (Group.LABOUR, "Honor guru keliling", 160, "kali", 250_000, "bkk"),
            (Group.OPERATIONS, "Pengganti ongkos jalan", 160, "kali", 60_000, "bkk"),
        ),
        path=(("submit", -12), ("verify", -8), ("approve", -3)),
    ),
)
MARKET = Tale(
    agenda="Pasar sayur bersama di Sojokerto",
    note="Tanah desa seluas kira-kira 2.000 m² dapat dipakai. Pembagian hasil sewa los "
    "dibahas dua kali; satu desa meminta bagian tetap.",
    decision="Pasar sayur bersama didirikan di tanah Desa Sojokerto; hasil sewa los dibagi "
    "menurut jumlah pedagang.",
    dissent="Desa Jlamprang meminta bagian tetap bagi setiap desa.",
    follow_up=("Serahkan denah los dan daftar calon pedagang", "sojokerto", -4, None),
    title="Pasar sayur bersama Sojokerto",
    sector=Sector.ECONOMY,
    villages=("sojokerto", "leksono", "besani"),
    place="Tanah desa di tepi jalan raya Sojokerto",
    purpose="Petani menjual langsung, dengan timbangan dan harga yang terbuka.",
    families=340,
    born=-82,
    plan=(
        ("Perataan tanah dan saluran", 28_000_000, 20, 45),
        ("Empat belas los beratap", 164_100_000, 40, 110),
        ("Timbangan dan papan harga", 11_100_000, 100, 120),
    ),
    request=Request(
        title="Los pasar sayur bersama",
        asked=-9,
        lines=(
            (Group.MATERIAL, "Rangka los baja ringan", 14, "unit", 6_750_000, "bkk"),
            (Group.MATERIAL, "Atap dan talang", 280, "m²", 165_000, "bkk"),
            (Group.EQUIPMENT, "Timbangan digital", 6, "buah", 1_850_000, "bkk"),
            (Group.LABOUR, "Tukang", 180, "HOK", 130_000, "dd"),
            (Group.LABOUR, "Perataan tanah bersama warga", 280, "HOK", 100_000, OWN),
        ),
        path=(("submit", -6),),
    ),
)
SLOPE = Tale(
    agenda="Penghijauan lereng rawan longsor",
    note="Lereng Selokromo bergerak pada dua musim hujan terakhir. Warga tiga desa "
    "sanggup menanam dengan gotong royong.",
    decision="Lereng rawan longsor Selokromo, Sawangan, dan Lipursari dihijaukan mulai "
    "musim hujan ini.",
    follow_up=(
        "Data pemilik lahan di lereng yang akan ditanami",
        "selokromo",
        24,
        None,
    ),
    title="Penghijauan lereng Selokromo–Sawangan–Lipursari",
    sector=Sector.ENVIRONMENT,
    villages=("selokromo", "sawangan", "lipursari"),
    place="Lereng di atas permukiman Selokromo, 18 hektare",
    purpose="Lereng tertutup pohon buah dan aren, sehingga tanah tidak bergerak.",
    families=158,
    people=590,
    born=-82,
    plan=(
        ("Pembibitan 4.000 batang", 24_000_000, -48, -20),
        ("Penanaman", 18_000_000, -18, 10),
        ("Teras dan bronjong", 41_500_000, -5, 40),
    ),
    begun=(-49, "Dimulai dengan gotong royong warga tiga desa."),
    request=Request(
        title="Bronjong lereng Selokromo",
        asked=-11,
        lines=(
            (Group.MATERIAL, "Bronjong kawat", 60, "buah", 385_000, "bkp"),
            (Group.MATERIAL, "Batu belah", 40, "m³", 265_000, "bkp"),
            (Group.LABOUR, "Tukang pasang bronjong", 60, "HOK", 130_000, "bkp"),
            (Group.LABOUR, "Gotong royong menanam", 300, "HOK", 100_000, OWN),
        ),
        path=(("submit", -10), ("verify", -4)),
    ),
    scene="slope",
    reports=(
        Report(
            -21,
            "Bibit alpukat dan aren siap tanam, 3.900 batang hidup.",
            19_700_000,
            (95, 0, 0),
            "Lereng berteras; baris atas mulai ditanami.",
        ),
        Report(
            -2,
            "Tiga perempat bibit tertanam bersama warga; teras baru dimulai.",
            27_100_000,
            (100, 75, 10),
            "Pohon muda berbaris di lereng.",
        ),
    ),
)
FARM_ROAD = Tale(
    agenda="Jalan usaha tani Jlamprang–Wonokerto",
    note="Hasil panen dipikul 900 m sampai jalan aspal. Pemilik lahan di kedua sisi sudah "
    "merelakan masing-masing setengah meter.",
    decision="Jalan usaha tani Jlamprang–Wonokerto dirabat beton; Desa Jlamprang menjadi "
    "desa utama.",
    follow_up=("Kumpulkan surat kerelaan pemilik lahan", "jlamprang", 6, None),
    title="Jalan usaha tani Jlamprang–Wonokerto",
    sector=Sector.INFRASTRUCTURE,
    villages=("jlamprang", "wonokerto"),
    place="Dari jalan aspal Jlamprang sampai blok sawah Wonokerto, 900 m",
    purpose="Hasil panen diangkut dengan motor, bukan dipikul.",
    families=124,
    born=-26,
    plan=(
        ("Perataan dan urukan", 31_000_000, 40, 60),
        ("Rabat beton lebar 1,5 m", 137_540_000, 55, 120),
    ),
    request=Request(
        title="Rabat beton jalan usaha tani",
        asked=-20,
        lines=(
            (Group.MATERIAL, "Semen", 980, "zak", 68_000, "bkk"),
            (Group.MATERIAL, "Pasir dan kerikil", 190, "m³", 290_000, "bkk"),
            (Group.LABOUR, "Tukang", 160, "HOK", 130_000, "bkk"),
            (Group.LABOUR, "Gotong royong warga", 260, "HOK", 100_000, OWN),
        ),
        path=(("submit", -17), ("send_back", -13)),
        reason="Lampirkan surat kerelaan semua pemilik lahan, dan jelaskan tebal rabat.",
    ),
)
