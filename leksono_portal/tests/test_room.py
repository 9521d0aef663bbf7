"""The meeting room in a real Chromium: nothing that was typed is lost or doubled."""

from datetime import timedelta

import pytest

from forum.meetings import actions, offline
from forum.models import AgendaItem, Change, Meeting, Participant
from forum.tests.make import (
    make_agenda,
    make_body,
    make_decision,
    make_meeting,
    make_participant,
)
from forum.voting import actions as voting
from leksono_portal.kit import dates

pytestmark = pytest.mark.browser
SAVED = "Semua tersimpan di portal"
SOON = 12_000  # milliseconds
# The names of all that the device keeps.
STORED = """() => new Promise((resolve, reject) => {
    const asked = indexedDB.open("leksono-rapat", 1);
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
        const kept = asked.result.transaction("kept").objectStore("kept");
        kept.getAllKeys().onsuccess = ({target}) => resolve(target.result);
    };
})"""


@pytest.fixture
def meeting(portal_server, cast):
    body = make_body(cast.district, cast.besani, cast.timbang, cast.leksono)
    meeting = make_meeting(body, cast.operator)
    make_agenda(meeting)
    make_participant(meeting, cast.besani, name="Siti", present=False)
    make_participant(meeting, cast.timbang, name="Budi", present=False)
    return meeting


class Clerk:
    """Somebody in the room of a meeting."""

    def __init__(self, visitor, meeting, page=None):
        self.visitor, self.meeting = visitor, meeting
        self.page, self.context = page or visitor.page, visitor.context
        self.room = f"{visitor.address}/rapat/{meeting.pk}/catat/"
        self.enter()

    def enter(self):
        self.page.goto(self.room)
        self.hears(SAVED)

    def note(self, number=1):
        item = self.meeting.agenda.get(position=number)
        return self.page.locator(f'[data-cell="agenda:{item.key}/note"]')

    def writes(self, text, number=1):
        self.note(number).press_sequentially(text, delay=5)

    def hears(self, sentence):
        said = self.page.locator(".saved [role=status]").filter(has_text=sentence)
        said.wait_for(timeout=SOON)

    def keeps(self, *values):
        """Wait until just these wait on the device."""
        for _turn in range(50):
            if list(self.kept.values()) == list(values):
                break
            self.page.wait_for_timeout(100)
        assert list(self.kept.values()) == list(values)

    @property
    def kept(self):
        """What waits on the device: values by what they are kept under."""
        return self.page.evaluate(
            """() => new Promise((resolve, reject) => {
                const asked = indexedDB.open("leksono-rapat", 1);
                asked.onerror = () => reject(asked.error);
                asked.onsuccess = () => {
                    const all = asked.result.transaction("kept").objectStore("kept");
                    const keys = all.getAllKeys();
                    all.getAll().onsuccess = ({target}) => {
                        asked.result.close();
                        const found = keys.result.map((key, n) => [key, target.result[n]]);
                        resolve(Object.fromEntries(found
                            .filter(([key]) => /[/](open|sent)[/]/.test(key))
                            .map(([key, {value}]) => [key, value])));
                    };
                };
            })"""
        )


@pytest.fixture
def clerk(visit, meeting):
    def enter(username="operator.besani", **options):
        return Clerk(visit(username, **options), meeting)

    return enter


def noted(meeting, number=1):
    return AgendaItem.objects.get(meeting=meeting, position=number).note


def test_what_is_typed_reaches_the_portal_by_itself(clerk, meeting):
    who = clerk()
    who.writes("Debit cukup untuk dua desa.")
    who.visitor.choose(who.page.locator("[data-cell$='/present']").first)
    who.hears("Tersimpan di perangkat")
    who.hears(SAVED)
    assert noted(meeting) == "Debit cukup untuk dua desa."
    assert Participant.objects.filter(present=True).count() == 1
    who.keeps()
    who.visitor.look()
    assert who.visitor.wrong == []


def test_a_line_cut_while_typing(clerk, meeting):
    who = clerk()
    who.writes("Sebelum putus. ")
    who.context.set_offline(True)
    who.writes("Sesudah putus.")
    who.hears("1 perubahan tersimpan di perangkat ini, menunggu jaringan")
    who.keeps("Sebelum putus. Sesudah putus.")
    who.context.set_offline(False)
    who.hears(SAVED)
    assert noted(meeting) == "Sebelum putus. Sesudah putus."
    assert who.note().input_value() == noted(meeting)


def test_the_clock_and_the_quorum_go_on_without_a_line(clerk, meeting):
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=dates.midnight(), ends_at=None
    )
    who = clerk()
    who.context.set_offline(True)
    quorum = who.page.locator("#kuorum .badge:visible")
    assert "desa 0 dari 2 yang perlu: belum kuorum" in quorum.inner_text()
    for box in who.page.locator("[data-cell$='/present']").all():
        who.visitor.choose(box)
    quorum.filter(has_text="desa 2 dari 2 yang perlu: kuorum tercapai").wait_for()
    assert who.page.get_by_role("link", name="Tunda rapat").is_hidden()
    who.page.get_by_role("button", name="Mulai acara 1").click()
    who.page.get_by_text("berjalan 0 menit").wait_for()
    who.page.get_by_role("button", name="Mulai acara 2").click()
    who.hears("5 perubahan tersimpan di perangkat ini, menunggu jaringan")
    who.context.set_offline(False)
    who.hears(SAVED)
    ran = [(bool(i.started_at), i.is_running) for i in meeting.agenda.all()]
    assert ran == [(True, False), (True, True), (False, False)]
    assert Participant.objects.filter(present=True).count() == 2
    who.enter()
    assert who.page.get_by_role("button", name="Selesai acara 2").is_visible()
    who.visitor.look()
    assert who.visitor.wrong == []


def test_two_people_on_two_lines_of_one_note(clerk, meeting):
    """One of them is offline for a while: both texts are there, for both."""
    first, second = clerk(), clerk("operator.timbang")
    first.writes("Pembuka.\nIsi.\nPenutup.")
    first.hears(SAVED)
    second.page.wait_for_function(
        "field => field.value.includes('Penutup.')", arg=second.note().element_handle()
    )
    second.context.set_offline(True)
    second.note().press("Control+End")
    second.writes(" Rapat ditutup.")
    second.hears("menunggu jaringan")
    first.note().press("Control+Home")
    first.writes("Pukul sembilan. ")
    first.hears(SAVED)
    second.context.set_offline(False)
    second.hears(SAVED)
    both = "Pukul sembilan. Pembuka.\nIsi.\nPenutup. Rapat ditutup."
    assert noted(meeting) == both
    assert second.note().input_value() == both
    assert second.note().evaluate("field => field.selectionStart") == len(both)
    first.note().blur()
    first.page.wait_for_function(
        "field => field.value.includes('ditutup')", arg=first.note().element_handle()
    )
    assert first.note().input_value() == both


def test_two_people_on_one_line_see_both_and_choose(clerk, meeting):
    first, second = clerk(), clerk("operator.timbang", width=360)
    second.context.set_offline(True)
    second.writes("Pipa dua dim.")
    second.hears("menunggu jaringan")
    first.writes("Pipa tiga dim.")
    first.hears(SAVED)
    second.context.set_offline(False)
    second.page.locator(".clash").wait_for(timeout=SOON)
    assert noted(meeting) == "Pipa tiga dim."
    assert [t.inner_text() for t in second.page.locator(".clash .said").all()] == [
        "Pipa tiga dim.",
        "Pipa dua dim.",
    ]
    second.visitor.look()
    first.page.locator(".clash").wait_for(timeout=SOON)
    second.page.get_by_role("button", name="Pakai keduanya").click()
    second.hears(SAVED)
    assert noted(meeting) == "Pipa tiga dim.\nPipa dua dim."
    first.page.locator(".clash").wait_for(state="detached", timeout=SOON)
    assert not meeting.changes.open_conflicts().exists()
    assert first.visitor.wrong + second.visitor.wrong == []


def test_an_open_room_hears_of_a_ballot(clerk, meeting, cast):
    who = clerk()
    Participant.objects.update(present=True, may_vote=True)
    voting.open_ballot(
        meeting, by=cast.operator, question="Iuran dua ribu per KK.", rule="cast"
    )
    who.page.get_by_role("link", name="Ada bagian baru: muat ulang").click()
    who.page.locator("#suara").get_by_text("Iuran dua ribu per KK.").wait_for()


def test_an_expired_sign_in_keeps_and_sends_afterwards(clerk, meeting):
    who = clerk()
    old = [c for c in who.context.cookies() if c["name"] == "sessionid"]
    who.context.clear_cookies(name="sessionid")
    who.writes("Ditulis tanpa sesi.")
    who.hears("Sesi habis. 1 perubahan")
    assert who.page.get_by_role("link", name="Masuk lagi (tab baru)").is_visible()
    who.keeps("Ditulis tanpa sesi.")
    who.context.add_cookies(old)
    who.page.evaluate("dispatchEvent(new Event('focus'))")
    who.hears(SAVED)
    assert noted(meeting) == "Ditulis tanpa sesi."


def test_the_next_user_of_a_browser_neither_sees_nor_sends(clerk, meeting):
    who = clerk()
    who.context.set_offline(True)
    who.writes("Milik operator Besani.")
    who.hears("menunggu jaringan")
    who.page.goto("about:blank")
    who.context.set_offline(False)
    who.context.clear_cookies(name="sessionid")
    who.visitor.sign_in("operator.timbang")
    who.enter()
    assert who.note().input_value() == ""
    who.writes("Milik operator Timbang.", number=2)
    who.hears(SAVED)
    assert [c.author.username for c in Change.objects.all()] == ["operator.timbang"]
    who.context.clear_cookies(name="sessionid")
    who.visitor.sign_in("operator.besani")
    who.enter()
    assert noted(meeting) == "Milik operator Besani."


def test_signing_out_with_unsent_changes_asks_first(clerk, meeting):
    who = clerk()
    who.context.set_offline(True)
    who.writes("Belum terkirim.")
    who.hears("menunggu jaringan")
    who.page.goto("about:blank")
    who.context.set_offline(False)
    who.page.goto(f"{who.visitor.address}/akun/logout/")
    notice = who.page.locator("main [role=alert]")
    notice.wait_for()
    assert "1 perubahan rapat belum sampai" in notice.inner_text()
    who.page.get_by_role("button", name="Keluar juga").click()
    who.page.wait_for_url(f"{who.visitor.address}/")
    who.keeps("Belum terkirim.")
    who.visitor.sign_in("operator.besani")
    who.enter()
    assert noted(meeting) == "Belum terkirim."
    who.page.goto(f"{who.visitor.address}/akun/logout/")
    who.page.get_by_role("button", name="Keluar", exact=True).click()
    who.page.wait_for_url(f"{who.visitor.address}/")
    assert who.page.evaluate(STORED) == []
    assert who.visitor.wrong == []


def test_the_room_opens_without_the_portal(clerk, meeting):
    who = clerk()
    who.page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    who.page.wait_for_function("navigator.serviceWorker.controller")
    who.writes("Dari jaringan. ")
    who.hears(SAVED)
    who.context.set_offline(True)
    who.page.goto(who.room)
    who.note().wait_for()
    assert who.note().input_value() == "Dari jaringan. "
    who.note().press("Control+End")
    who.writes("Dari luring.")
    who.hears("menunggu jaringan")
    who.page.goto(who.room)
    assert who.note().input_value() == "Dari jaringan. Dari luring."
    who.visitor.look()
    cached = who.page.evaluate(
        """async () => {
            const texts = [];
            for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const request of await cache.keys()) {
                    const answer = await cache.match(request, {ignoreVary: true});
                    texts.push(await answer.text());
                }
            }
            return texts.join("");
        }"""
    )
    cookies = {c["name"]: c["value"] for c in who.context.cookies()}
    secrets = ["Siti", "perator Besani", meeting.title, 'name="csrf', *cookies.values()]
    assert [secret for secret in secrets if secret in cached] == []
    who.context.set_offline(False)
    who.hears("buka ruang rapat lengkap")
    assert noted(meeting) == "Dari jaringan. Dari luring."
    assert who.visitor.wrong == []


def test_two_tabs_write_one_meeting_and_the_second_goes_on_alone(clerk, meeting):
    who = clerk()
    other = Clerk(who.visitor, meeting, who.context.new_page())
    other.writes("Dari tab kedua. ", number=2)
    other.hears(SAVED)
    who.writes("Dari tab pertama. ")
    other.page.wait_for_function(
        "field => field.value === 'Dari tab pertama. '",
        arg=other.note().element_handle(),
    )
    assert who.note(2).input_value() == "Dari tab kedua. "
    who.hears(SAVED)
    who.page.close()
    other.note().press("Control+End")
    other.writes("Lanjut.")
    other.hears(SAVED)
    assert (noted(meeting), noted(meeting, 2)) == (
        "Dari tab pertama. Lanjut.",
        "Dari tab kedua. ",
    )
    assert not meeting.changes.filter(outcome="conflict").exists()


def test_a_newer_portal_takes_over_once_nothing_waits(clerk, meeting, monkeypatch):
    who = clerk()
    who.page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    who.page.wait_for_function("navigator.serviceWorker.controller")
    [old] = who.page.evaluate("caches.keys()")
    newer = offline.words() | {"saved": "Versi baru: tersimpan {time}"}
    monkeypatch.setattr(offline, "words", lambda: newer)
    # The line to the meeting is cut; that to the portal's files is not.
    who.page.route("**/perubahan/**", lambda route: route.abort())
    who.writes("Sebelum versi baru.")
    who.hears("menunggu jaringan")
    who.page.evaluate(
        """async () => {
            const here = await navigator.serviceWorker.getRegistration();
            await here.update();
        }"""
    )
    who.page.wait_for_function(
        """async () => {
            const here = await navigator.serviceWorker.getRegistration();
            return here.waiting && (await caches.keys()).length === 2;
        }"""
    )
    who.keeps("Sebelum versi baru.")
    who.page.unroute("**/perubahan/**")
    who.hears(SAVED)
    who.page.wait_for_function(
        "async old => !(await caches.keys()).includes(old)", arg=old
    )
    who.context.set_offline(True)
    who.page.goto(who.room)
    assert who.note().input_value() == "Sebelum versi baru."
    assert noted(meeting) == "Sebelum versi baru."


def test_an_older_browser_keeps_and_sends_and_says_what_it_cannot(visit, meeting):
    """Without service worker, locks between tabs, and sums."""
    visitor = visit("operator.besani")
    visitor.context.add_init_script(
        """for (const [home, name] of [
            [Navigator.prototype, "serviceWorker"],
            [Navigator.prototype, "locks"],
            [Crypto.prototype, "subtle"],
        ]) Object.defineProperty(home, name, {value: undefined});"""
    )
    who = Clerk(visitor, meeting)
    who.hears("Tanpa simpan luring")
    who.context.set_offline(True)
    who.writes("Peramban lama.")
    who.hears("1 perubahan tersimpan di perangkat ini")
    who.context.set_offline(False)
    who.hears(SAVED)
    assert noted(meeting) == "Peramban lama."


def test_a_browser_without_a_database_keeps_in_its_other_store(visit, meeting):
    visitor = visit("operator.besani")
    visitor.context.add_init_script(
        "Object.defineProperty(window, 'indexedDB', {value: undefined})"
    )
    who = Clerk(visitor, meeting)
    who.context.set_offline(True)
    who.writes("Di penyimpanan lain.")
    who.hears("1 perubahan tersimpan di perangkat ini")
    who.page.goto("about:blank")
    who.context.set_offline(False)
    who.enter()
    assert noted(meeting) == "Di penyimpanan lain."


def test_a_browser_that_keeps_nothing_says_so_and_saves_by_button(visit, meeting):
    visitor = visit("operator.besani")
    visitor.context.add_init_script(
        """Object.defineProperty(window, 'indexedDB', {value: undefined});
        Storage.prototype.setItem = () => { throw new Error("none"); };"""
    )
    visitor.page.goto(f"{visitor.address}/rapat/{meeting.pk}/catat/")
    who = visitor.page.locator(".saved.loud [role=status]")
    who.wait_for()
    assert "tidak dapat menyimpan apa pun" in who.inner_text()
    visitor.page.locator("textarea[form=catatan]").first.fill("Dengan tombol.")
    visitor.press("Simpan catatan")
    assert noted(meeting) == "Dengan tombol."


def test_a_full_device_says_so_and_still_sends(visit, meeting):
    visitor = visit("operator.besani")
    who = Clerk(visitor, meeting)
    who.page.evaluate(
        """() => { IDBObjectStore.prototype.put = () => {
            throw new DOMException("full", "QuotaExceededError");
        }; }"""
    )
    who.context.set_offline(True)
    who.writes("Penuh.")
    who.hears("Penyimpanan perangkat penuh: belum tersimpan di mana pun.")
    who.context.set_offline(False)
    who.hears("jangan tutup halaman ini")
    who.hears(SAVED)
    assert noted(meeting) == "Penuh."


def test_a_new_part_half_typed_is_there_again(clerk, meeting):
    who = clerk()
    form = who.page.locator("form[data-draft=decision]")
    form.locator("[name=text]").fill("Membangun pipa bersama.")
    who.page.wait_for_timeout(1000)
    who.page.goto("about:blank")
    who.enter()
    assert form.locator("[name=text]").input_value() == "Membangun pipa bersama."
    who.page.get_by_role("button", name="Catat keputusan").click()
    who.page.locator("#keputusan-1").wait_for()
    assert meeting.decisions.get().text == "Membangun pipa bersama."
    assert form.locator("[name=text]").input_value() == ""


def test_new_parts_made_without_a_line_go_out_when_it_is_back(clerk, meeting):
    """They name each other, are still there in a room opened offline, and come once."""
    who = clerk(width=360)
    who.page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    who.page.wait_for_function("navigator.serviceWorker.controller")
    who.context.set_offline(True)
    who.visitor.fill("acara/tambah/", title="Iuran air")
    who.page.get_by_role("button", name="Tambah acara").click()
    new = who.page.locator("li[data-part]").filter(has_text="menunggu sampai di portal")
    new.get_by_label("catatan pembahasan").fill("Dua ribu per KK.")
    decision = {"text": "Iuran dua ribu.", "agenda_item": "Iuran air"}
    who.visitor.fill("keputusan/tambah/", **decision, dissent="Timbang keberatan.")
    who.page.get_by_role("button", name="Catat keputusan").click()
    due = dates.today() + timedelta(days=9)
    task = {"task": "Mencetak kartu iuran", "village": "Besani", "due_on": due}
    who.visitor.fill("tindak-lanjut/tambah/", **task, decision="Iuran dua ribu.")
    who.page.get_by_role("button", name="Tambah tindak lanjut").click()
    new.filter(has_text="Siapa: Besani").wait_for()
    who.hears("9 perubahan tersimpan di perangkat ini, menunggu jaringan")
    who.page.goto(who.room)
    new.nth(2).wait_for()
    assert new.get_by_label("catatan pembahasan").input_value() == "Dua ribu per KK."
    assert "Keberatan yang dicatat: Timbang keberatan." in new.nth(1).inner_text()
    who.visitor.look()
    who.context.set_offline(False)
    who.hears("buka ruang rapat lengkap")
    item, made, to_do = (
        meeting.agenda.get(title="Iuran air"),
        meeting.decisions.get(),
        meeting.action_items.get(),
    )
    assert item.note == "Dua ribu per KK."
    assert (made.text, made.agenda_item) == ("Iuran dua ribu.", item)
    assert made.dissent == "Timbang keberatan."
    assert (to_do.village.name, to_do.due_on, to_do.decision) == ("Besani", due, made)
    who.enter()
    assert who.page.locator("#keputusan-1").is_visible()
    assert who.page.get_by_text("menunggu sampai di portal").count() == 0
    assert who.visitor.wrong == []


def test_notes_go_on_on_an_item_that_has_just_reached_the_portal(clerk, meeting):
    who = clerk()
    who.page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    who.page.wait_for_function("navigator.serviceWorker.controller")
    who.visitor.fill("acara/tambah/", title="Iuran air")
    who.page.locator("form[data-draft=agenda] [name=title]").press("Enter")
    new = who.page.locator("li[data-part]").filter(has_text="Iuran air")
    note = new.get_by_label("catatan pembahasan")
    note.press_sequentially("Dua ribu ")
    new.get_by_text("Sudah sampai di portal").wait_for()
    who.hears(SAVED)
    who.context.set_offline(True)
    note.press_sequentially("per KK.")
    who.hears("1 perubahan tersimpan di perangkat ini, menunggu jaringan")
    who.page.goto(who.room)
    new.wait_for()
    assert note.input_value() == "Dua ribu per KK."
    who.context.set_offline(False)
    who.hears("buka ruang rapat lengkap")
    assert meeting.agenda.get(title="Iuran air").note == "Dua ribu per KK."
    assert who.visitor.wrong == []


def test_a_new_part_that_waits_can_be_taken_back(clerk, meeting):
    who = clerk()
    who.context.set_offline(True)
    who.visitor.fill("keputusan/tambah/", text="Salah tulis.", agenda_item=2)
    who.page.get_by_role("button", name="Catat keputusan").click()
    who.hears("2 perubahan tersimpan di perangkat ini, menunggu jaringan")
    text = who.page.locator("form[data-draft=decision] [name=text]")
    assert text.input_value() == ""
    text.fill("Yang berikutnya.")
    who.page.get_by_role("button", name="Tarik kembali").click()
    who.page.get_by_text("Isiannya masih memuat tulisan lain").wait_for()
    text.fill("")
    who.page.get_by_role("button", name="Tarik kembali").click()
    who.hears(SAVED)
    assert text.input_value() == "Salah tulis."
    who.keeps()
    text.fill("Sudah betul.")
    who.page.get_by_role("button", name="Catat keputusan").click()
    who.context.set_offline(False)
    who.page.locator("#keputusan-1").wait_for(timeout=SOON)
    made = meeting.decisions.get()
    assert (made.text, made.agenda_item.position) == ("Sudah betul.", 2)


def test_a_new_part_that_is_refused_comes_back_into_its_form(clerk, meeting):
    who = clerk()
    before = dates.to_date(meeting.starts_at) - timedelta(days=1)
    who.visitor.fill("tindak-lanjut/tambah/", task="Mengukur pipa", due_on=before)
    who.page.get_by_role("button", name="Tambah tindak lanjut").click()
    form = who.page.locator("form[data-draft=action]")
    form.get_by_text("Tanggal ini sebelum rapat").wait_for()
    assert form.locator("[name=task]").input_value() == "Mengukur pipa"
    assert form.locator("[name=due_on]").input_value() == str(before)
    who.hears(SAVED)
    assert not meeting.action_items.exists()
    who.visitor.look()
    form.locator("[name=due_on]").fill(str(before + timedelta(days=8)))
    who.page.get_by_role("button", name="Tambah tindak lanjut").click()
    who.page.locator("li").filter(has_text="Mengukur pipa").get_by_role(
        "link"
    ).wait_for()
    assert meeting.action_items.get().task == "Mengukur pipa"
    assert who.visitor.wrong == []


def test_a_change_after_finalising_is_shown_to_be_copied(clerk, meeting):
    who = clerk()
    who.context.set_offline(True)
    who.writes("Terlambat.")
    who.hears("menunggu jaringan")
    meeting.refresh_from_db()
    make_decision(meeting)
    Participant.objects.update(present=True)
    actions.finalise(meeting, by=meeting.chair, version=meeting.version)
    who.context.set_offline(False)
    who.hears("1 tulisan ditolak portal")
    lost = who.page.locator(".lost")
    assert lost.locator("textarea").input_value() == "Terlambat."
    assert "sudah final" in lost.inner_text()
    assert noted(meeting) == ""
    who.visitor.look()
    lost.get_by_role("button").click()
    lost.wait_for(state="detached")
    assert who.visitor.wrong == []
