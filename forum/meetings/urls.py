from django.urls import path

from forum.meetings import actions, changes_api, export, offline, room, views

# A meeting's own addresses start with its number, those of its parts below that.
urlpatterns = [
    path("forum/", views.forum, name="forum"),
    path("rapat/", views.meetings, name="meetings"),
    path("rapat/data.csv", export.meetings, name="meetings-csv"),
    path("rapat/keputusan.csv", export.decisions, name="decisions-csv"),
    path("rapat/luring/", offline.shell, name="room-shell"),
    path("sw.js", offline.service_worker, name="service-worker"),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
    path("rapat/baru/", room.meeting_new, name="meeting-new"),
    path("rapat/<int:pk>/", views.meeting, name="meeting"),
    path("rapat/<int:pk>/ubah/", room.meeting_edit, name="meeting-edit"),
    path("rapat/<int:pk>/catat/", room.meeting_log, name="meeting-log"),
    path(
        "rapat/<int:pk>/perubahan/",
        changes_api.meeting_changes,
        name="meeting-changes",
    ),
    path(
        "rapat/<int:pk>/pertentangan/<uuid:change>/",
        room.conflict_settle,
        name="conflict-settle",
    ),
    path("rapat/<int:pk>/finalkan/", room.meeting_finalise, name="meeting-finalise"),
    path("rapat/<int:pk>/berita-acara.pdf", views.record_pdf, name="record-pdf"),
    path(
        "rapat/<int:pk>/daftar-hadir.pdf", views.attendance_pdf, name="attendance-pdf"
    ),
    path(
        "rapat/<int:pk>/lembar-hadir.pdf",
        room.attendance_sheet,
        name="attendance-sheet",
    ),
    path("rapat/<int:pk>/pindaian/", views.scan_add, name="scan-add"),
    path(
        "rapat/<int:pk>/pindaian/<int:scan>/berkas/",
        views.scan_file,
        name="scan-file",
    ),
    path("rapat/<int:pk>/catatan/", room.notes_save, name="notes-save"),
    path("rapat/<int:pk>/hadir/", room.attendance_save, name="attendance-save"),
    path("rapat/<int:pk>/hadir/nomor/", room.attendance_rows, name="attendance-rows"),
    path("rapat/<int:pk>/tamu/tambah/", room.visitor_add, name="visitor-add"),
    path(
        "rapat/<int:pk>/peserta/<int:item>/surat-kuasa/",
        room.letter_add,
        name="letter-add",
    ),
    path(
        "rapat/<int:pk>/surat-kuasa/<int:letter>/berkas/",
        views.letter_file,
        name="letter-file",
    ),
    path(
        "rapat/<int:pk>/acara/tambah/",
        room.part_add,
        {"part": room.AGENDA},
        name="agenda-add",
    ),
    path(
        "rapat/<int:pk>/acara/<int:item>/simpan/",
        room.part_save,
        {"part": room.AGENDA},
        name="agenda-save",
    ),
    path(
        "rapat/<int:pk>/acara/<int:item>/hapus/",
        room.part_remove,
        {"part": room.AGENDA},
        name="agenda-remove",
    ),
    path(
        "rapat/<int:pk>/acara/<int:item>/naik/",
        room.agenda_press,
        {"act": actions.move_agenda_item},
        name="agenda-up",
    ),
    path(
        "rapat/<int:pk>/acara/<int:item>/turun/",
        room.agenda_press,
        {"act": actions.move_agenda_item, "down": True},
        name="agenda-down",
    ),
    path(
        "rapat/<int:pk>/acara/<int:item>/mulai/",
        room.agenda_press,
        {"act": actions.run_agenda_item},
        name="agenda-start",
    ),
    path(
        "rapat/<int:pk>/acara/<int:item>/selesai/",
        room.agenda_press,
        {"act": actions.run_agenda_item, "ends": True},
        name="agenda-end",
    ),
    path("rapat/<int:pk>/tunda/", room.meeting_postpone, name="meeting-postpone"),
    path("rapat/<int:pk>/rapat-kedua/", room.meeting_second, name="meeting-second"),
    path(
        "rapat/<int:pk>/peserta/tambah/", room.participant_add, name="participant-add"
    ),
    path(
        "rapat/<int:pk>/peserta/<int:item>/ubah/",
        room.part_save,
        {"part": room.PARTICIPANT},
        name="participant-save",
    ),
    path(
        "rapat/<int:pk>/peserta/<int:item>/hapus/",
        room.part_remove,
        {"part": room.PARTICIPANT},
        name="participant-remove",
    ),
    path(
        "rapat/<int:pk>/keputusan/tambah/",
        room.part_add,
        {"part": room.DECISION},
        name="decision-add",
    ),
    path(
        "rapat/<int:pk>/keputusan/<int:item>/simpan/",
        room.part_save,
        {"part": room.DECISION},
        name="decision-save",
    ),
    path(
        "rapat/<int:pk>/keputusan/<int:item>/hapus/",
        room.part_remove,
        {"part": room.DECISION},
        name="decision-remove",
    ),
    path(
        "rapat/<int:pk>/keputusan/<int:item>/jadikan-proyek/",
        views.decision_project,
        name="decision-project",
    ),
    path(
        "rapat/<int:pk>/keputusan/<int:item>/tautkan-proyek/",
        views.decision_link,
        name="decision-link",
    ),
    path(
        "rapat/<int:pk>/tindak-lanjut/tambah/",
        room.part_add,
        {"part": room.ACTION},
        name="action-add",
    ),
    path(
        "rapat/<int:pk>/tindak-lanjut/<int:item>/simpan/",
        room.part_save,
        {"part": room.ACTION},
        name="action-save",
    ),
    path(
        "rapat/<int:pk>/tindak-lanjut/<int:item>/hapus/",
        room.part_remove,
        {"part": room.ACTION},
        name="action-remove",
    ),
    path("tindak-lanjut/<int:item>/selesai/", views.action_done, name="action-done"),
]
