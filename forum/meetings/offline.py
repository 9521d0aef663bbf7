"""What a device needs to go on with a meeting without the portal."""

import hashlib
import json

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forum.meetings.models import FINAL

ASK_AGAIN = "public, max-age=0, must-revalidate"
FILES = (
    "css/portal.css",
    "css/room.css",
    "img/tanda-kecil.svg",
    "js/room.js",
    "js/keep.js",
    "js/parts.js",
    "js/quorum.js",
    "js/send.js",
    "js/text.js",
    "js/timer.js",
)


def words():
    """What the room's script says, in the reader's language."""
    return {
        "saved": _("Semua tersimpan di portal {time}"),
        "nothing_waits": _("Semua tersimpan di portal"),
        "keeping": _("Menyimpan di perangkat …"),
        "kept": _("Tersimpan di perangkat, {n} perubahan sedang dikirim"),
        "waiting": _("{n} perubahan tersimpan di perangkat ini, menunggu jaringan"),
        "held": _("{n} perubahan tersimpan di perangkat ini, menunggu pilihan Anda"),
        "offline": _(
            "Tidak ada jaringan. Yang Anda ketik sekarang disimpan di perangkat ini "
            "dan dikirim sendiri nanti."
        ),
        "signin": _(
            "Sesi habis. {n} perubahan tersimpan di perangkat ini dan dikirim "
            "sesudah Anda masuk lagi."
        ),
        "signin_link": _("Masuk lagi (tab baru)"),
        "other": _(
            "Akun lain sedang masuk di peramban ini. {n} perubahan Anda tersimpan di "
            "perangkat ini dan baru dikirim sesudah Anda sendiri masuk lagi."
        ),
        "nowhere": _(
            "Peramban ini tidak dapat menyimpan apa pun. Simpan setiap bagian dengan "
            "tombolnya."
        ),
        "full": _("Penyimpanan perangkat penuh: belum tersimpan di mana pun."),
        "full_hint": _(
            "Penyimpanan perangkat penuh. Tulisan hanya aman sesudah sampai di "
            "portal: jangan tutup halaman ini sebelum itu."
        ),
        "no_worker": _(
            "Tanpa simpan luring: halaman ini tidak dapat dibuka tanpa jaringan."
        ),
        "unknown": _(
            "Tidak ada jaringan, dan ruang rapat ini belum pernah Anda buka di "
            "perangkat ini. Buka lagi setelah jaringan kembali."
        ),
        "reload": _("Ada bagian baru: muat ulang"),
        "open_full": _("Jaringan kembali: buka ruang rapat lengkap"),
        "draft_waits": _(
            "Bagian baru belum terkirim. Tulisannya tersimpan di perangkat ini; "
            "tekan tombolnya lagi setelah jaringan kembali."
        ),
        "part_waits": _("Tersimpan di perangkat ini, menunggu sampai di portal"),
        "part_arrived": _("Sudah sampai di portal"),
        "take_back": _("Tarik kembali ke isian"),
        "form_busy": _(
            "Isiannya masih memuat tulisan lain. Catat itu dahulu, lalu tarik yang ini."
        ),
        "has_note": _(
            "Acara ini sudah punya catatan; ubahlah sesudah sampai di portal."
        ),
        "note": _("catatan pembahasan"),
        "needs_line": _("Urutan acara diubah setelah jaringan kembali."),
        "under_way": _("Sedang dikirim; ubahlah sesudah sampai di portal."),
        "clashes": _("{n} tempat ditulis dua orang: pilih di bawah."),
        "clash": _("Dua orang menulis di sini. Pilih yang berlaku:"),
        "at_portal": _("Yang tersimpan di portal"),
        "choose": _("Pakai yang ini"),
        "choose_both": _("Pakai keduanya, lalu saya rapikan"),
        "running": _("berjalan {n} menit"),
        "quorum": _(
            "Wakil desa {delegates} dari {delegates_needed} yang perlu, desa {villages} "
            "dari {villages_needed} yang perlu: {state}"
        ),
        "quorum_reached": _("kuorum tercapai"),
        "quorum_missing": _("belum kuorum"),
        "attendance": _(
            "Diundang {invited}, hadir {present}: {men} laki-laki, {women} perempuan."
        ),
        "final": str(FINAL),
        "present": _("Hadir"),
        "absent": _("Tidak hadir"),
        "lost": _("{n} tulisan ditolak portal: salin dari kotak di atas."),
        "lost_text": _("Tulisan yang tidak diterima"),
        "lost_copied": _("Sudah saya salin, buang dari perangkat"),
    }


def quorum(attendance):
    """The sentence of the room about its quorum, which its script says anew."""
    said = words()
    state = said["quorum_reached" if attendance["quorum"] else "quorum_missing"]
    return said["quorum"].format(
        delegates=attendance["delegates_present"],
        delegates_needed=max(attendance["delegates_needed"], 1),
        villages=attendance["villages_present"],
        villages_needed=attendance["villages_needed"],
        state=state,
    )


@login_not_required
@require_safe
def shell(request):
    """The room without a meeting: the service worker keeps it, the device fills it.

    It is asked for without cookies, so that nobody's name comes into the cache.
    """
    response = render(request, "forum/meetings/shell.html", {"words": words()})
    response["Cache-Control"] = ASK_AGAIN
    return response


@login_not_required
@require_safe
def service_worker(request):
    """The same text as long as the room's shell and files are the same."""
    files = [static(path) for path in FILES]
    page = render_to_string("forum/meetings/shell.html", {"words": words()})
    version = hashlib.sha256(json.dumps([files, page]).encode()).hexdigest()[:16]
    context = {"version": version, "files": json.dumps(files)}
    response = render(
        request, "forum/meetings/sw.js", context, content_type="text/javascript"
    )
    response["Cache-Control"] = ASK_AGAIN
    return response


@login_not_required
@require_safe
def manifest(request):
    """What a device shows of the portal once it is installed there."""
    body = {
        "name": "Portal Leksono",
        "short_name": "Leksono",
        "lang": "id",
        "start_url": "/kerja/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf8f2",
        "theme_color": "#14533a",
        "icons": [
            {
                "src": static("img/tanda-300.png"),
                "sizes": "300x300",
                "type": "image/png",
            },
            {
                "src": static("img/tanda-kecil.svg"),
                "sizes": "any",
                "type": "image/svg+xml",
            },
        ],
    }
    return HttpResponse(
        json.dumps(body),
        content_type="application/manifest+json",
        headers={"Cache-Control": ASK_AGAIN},
    )
