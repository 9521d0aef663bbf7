"""The room where a meeting is written, from the invitation to the record.

Each part of a meeting (an agenda item, a decision ...) has one form with an address of
its own. The room shows these forms together; one that could not be saved comes back
alone on its page, with all that was typed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import prefetch_related_objects
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from forum.meetings import (
    actions,
    cells,
    changes,
    changes_api,
    forms,
    offline,
    papers,
    rows,
)
from forum.meetings.log import Outcome
from forum.meetings.models import AgendaItem, Body, Postponement
from forum.meetings.views import (
    attendance_of,
    check_may_write,
    counted_of,
    earlier_of,
    fetch,
)
from leksono_portal.kit import dates, files
from leksono_portal.kit import papers as kit_papers
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.once import once

NO_BODY = gettext_lazy(
    "Belum ada lembaga yang bermusyawarah. Admin Kecamatan mencatatnya dahulu "
    "di kantor belakang; sesudah itu rapat dapat dibuat."
)


@once
def meeting_new(request):
    if not Body.objects.writable_by(request.user).exists():
        if not Body.objects.exists():
            raise PermissionDenied(NO_BODY)
        raise PermissionDenied(
            _("Rapat dibuat oleh operator dan sekretaris desa anggota, atau sekcam.")
        )
    form = forms.MeetingForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        new = actions.call_meeting(by=request.user, **form.as_fields())
        messages.success(
            request,
            _("Rapat dicatat dari kertas. Sekarang isi acara dan daftar hadirnya.")
            if new.logged_from_paper
            else _("Rapat sudah diumumkan. Sekarang isi acaranya."),
        )
        return redirect("forum:meeting-log", new.pk)
    context = {
        "form": form,
        "title": _("Buat rapat"),
        "submit": _("Umumkan rapat"),
        "back": reverse("forum:meetings"),
    }
    return render(request, "forum/meetings/meeting_form.html", context)


@once
def meeting_edit(request, pk):
    shown = fetch(request, pk)
    form = forms.MeetingForm(request.POST or None, instance=shown, user=request.user)
    return _write(
        request,
        shown,
        form,
        lambda **_typed: actions.edit_meeting(
            shown, by=request.user, **form.as_fields()
        ),
        title=_("Ubah undangan"),
        submit=_("Simpan undangan"),
        said=_("undangan"),
        back=_room(shown),
    )


@require_safe
def meeting_log(request, pk):
    """The room: agenda with notes, attendance, decisions and follow-up on one page."""
    shown = fetch(request, pk, counted=True)
    check_may_write(shown)
    prefetch_related_objects([shown], "ballots")
    heads = changes_api.heads_of(shown)
    versions = {head.cell: head.version for head in heads}
    agenda, put_off = _agenda_of(shown)
    people = list(shown.participants.with_letters().select_related("village"))
    decisions = list(shown.decisions.select_related("agenda_item"))
    action_items, earlier = _follow_up_of(shown, request.user)
    parts = {"agenda": agenda, "participant": people}
    parts |= {"decision": decisions, "action": action_items}
    world = changes.World(shown, parts)
    conflicts = list(shown.changes.open_conflicts().select_related("author"))
    for item in agenda:
        for cell in ("note", "started", "ended"):
            version = versions.get(f"agenda:{item.key}/{cell}")
            setattr(item, f"{cell}_version", version)
    for person in people:
        person.seen = versions.get(f"participant:{person.key}/present")
    _mark_ends(agenda)
    agenda_form = forms.name_cells(forms.AgendaItemForm(auto_id="id_acara_%s"))
    agenda_form.offer(parent=[item for item in agenda if not item.parent_id])
    decision_form = forms.name_cells(
        forms.DecisionForm(meeting=shown, auto_id="id_putusan_%s")
    )
    decision_form.offer(agenda_item=agenda)
    action_form = forms.name_cells(
        forms.ActionItemForm(meeting=shown, auto_id="id_tugas_%s")
    )
    action_form.offer(decision=decisions)
    context = {
        "meeting": shown,
        "words": offline.words(),
        "conflicts": _sides(shown, world, conflicts),
        "state": _state(request, world, heads, conflicts),
        "attendance": shown.attendance,
        "quorum": offline.quorum(shown.attendance),
        "can_postpone": not shown.why_not_postponed(Postponement.Kind.DELAY),
        "can_call_second": not shown.why_not_postponed(Postponement.Kind.SECOND),
        "agenda": agenda,
        "pace": _pace(shown, agenda),
        "has_clock": shown.is_today and shown.has_begun,
        "people": people,
        "substitutes": [person for person in people if person.proxy_for],
        "rows_form": forms.RowsForm(auto_id="id_nomor_%s"),
        "was": " ".join(str(person.pk) for person in people if person.present),
        "decisions": decisions,
        "action_items": action_items,
        "put_off": put_off,
        "earlier": earlier,
        "agenda_form": agenda_form,
        "decision_form": decision_form,
        "next_number": decisions[-1].number + 1 if decisions else 1,
        "action_form": action_form,
    }
    return render(request, "forum/meetings/meeting_log.html", context)


def _agenda_of(shown):
    """(its agenda, what earlier meetings put off), asked for together."""
    kin = ("updated_by", "carried_from__meeting", "parent")
    mine, waiting = shown.agenda.all(), AgendaItem.objects.waiting_for(shown)
    rows = list(mine.select_related(*kin).union(waiting.select_related(*kin), all=True))
    rows.sort(key=lambda item: (item.meeting_id, item.position, item.pk))
    put_off = [item for item in rows if item.meeting_id != shown.pk]
    return [item for item in rows if item.meeting_id == shown.pk], put_off


def _follow_up_of(shown, user):
    """(its follow-up, what is open of earlier meetings), asked for together."""
    kin = ("meeting", "village", "decision")
    mine = shown.action_items.with_verbs(user).select_related(*kin)
    others = earlier_of(shown, user).select_related(*kin)
    rows = list(mine.order_by().union(others, all=True))
    rows.sort(key=lambda item: (item.due_on, item.pk))
    earlier = [item for item in rows if item.meeting_id != shown.pk]
    return [item for item in rows if item.meeting_id == shown.pk], earlier


def _mark_ends(agenda):
    """Say of each item whether there is one above and below it on its level."""
    levels = {}
    for item in agenda:
        levels.setdefault(item.parent_id, []).append(item)
    for level in levels.values():
        for item in level:
            item.has_above = item is not level[0]
            item.has_below = item is not level[-1]


def _pace(shown, agenda):
    """When the agenda is to end as planned, and whether it is behind; "" without plan."""
    split = {item.parent_id for item in agenda if item.planned_minutes}
    planned = [i for i in agenda if i.planned_minutes and i.pk not in split]
    if not planned:
        return ""
    minutes = sum(item.planned_minutes for item in planned)
    end = shown.starts_at + timedelta(minutes=minutes)
    words = _("Rencana selesai %(time)s.") % {"time": dates.format_time(end)}
    if not any(item.started_at for item in agenda) or shown.is_past:
        return words
    left = timedelta(minutes=sum(item.minutes_left for item in planned))
    behind = round((dates.now() + left - end).total_seconds() / 60)
    if behind > 0:
        late = _("Pukul %(now)s: %(n)s menit di belakang.")
    elif behind < 0:
        late = _("Pukul %(now)s: %(n)s menit lebih cepat.")
    else:
        late = _("Pukul %(now)s: sesuai rencana.")
    said = late % {"now": dates.format_time(dates.now()), "n": abs(behind)}
    return f"{words} {said}"


def _state(request, world, heads, conflicts):
    """What the script has to know beside the page's own fields and their versions."""
    number = max((change.number for change in heads), default=0)
    state = changes_api.state_of(world, heads, conflicts) if conflicts else {}
    return {
        "user": request.user.pk,
        "name": request.user.name,
        "number": number,
        "ballots": changes_api.ballots_of(world.meeting),
        "conflicts": state.get("conflicts", []),
    }


@once
def conflict_settle(request, pk, change):
    """Two texts for one place, side by side; one of them or a third is to hold."""
    shown = fetch(request, pk)
    check_may_write(shown)
    conflicts = shown.changes.filter(outcome=Outcome.CONFLICT)
    found = get_object_or_404(conflicts.select_related("author"), pk=change)
    if request.method != "POST" and not shown.changes.open_conflicts().contains(found):
        messages.info(request, _("Pertentangan ini sudah diselesaikan."))
        return redirect(_room(shown))
    side = _sides(shown, changes.World(shown), [found])[0]
    form = forms.ConflictForm(
        request.POST or None,
        initial={"text": side["current"], "version": side["version"]},
        takes_text=isinstance(side["other"], str),
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        chosen = {"current": side["current"], "other": side["other"]}
        text = chosen.get(form.cleaned_data["choice"], form.cleaned_data.get("text"))
        try:
            actions.settle_conflict(
                found, by=request.user, text=text, version=form.cleaned_data["version"]
            )
        except Stale as error:
            form.add_error(None, str(error))
            form.data = form.data.copy()
            form.data["version"] = side["version"]
            status = 409
        except actions.Gone:
            newest = side["newest"]
            form.add_error(
                None,
                _("%(who)s sudah memilih. Salin tulisan Anda bila perlu.")
                % {"who": newest.author.name if newest else _("Orang lain")},
            )
            status = 409
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _saved(side["what"]))
            return redirect(_room(shown))
    context = {"meeting": shown, "side": side, "form": form, "back": _room(shown)}
    return render(request, "forum/meetings/conflict.html", context, status=status)


def _sides(shown, world, conflicts):
    """Each open conflict in words: both texts, who wrote each and when."""
    if not conflicts:
        return []
    written = shown.changes.written().filter(cell__in={c.cell for c in conflicts})
    written = written.order_by("cell", "-version").distinct("cell")
    newest = {change.cell: change for change in written.select_related("author")}
    sides = []
    for conflict in conflicts:
        current = world.value_of(conflict.cell)
        what, words = cells.in_words(conflict.cell, current, world)
        sides.append(
            {
                "conflict": conflict,
                "what": what,
                "current": current,
                "current_words": words,
                "newest": newest.get(conflict.cell),
                "version": newest[conflict.cell].version
                if conflict.cell in newest
                else 0,
                "other": conflict.value,
                "other_words": cells.in_words(conflict.cell, conflict.value, world)[1],
            }
        )
    return sides


@require_safe
def attendance_sheet(request, pk):
    """The list to sign, made of what stands now and kept nowhere."""
    shown = fetch(request, pk)
    check_may_write(shown)
    at = dates.now()
    content = papers.sheet_content(shown, at)
    pdf = kit_papers.typeset(papers.SHEET_TEMPLATE, content, at)
    return kit_papers.pdf_response(pdf, f"lembar-hadir-{shown.pk}")


@once
def notes_save(request, pk):
    """The notes of all items at once: whoever writes without script loses none."""
    shown = fetch(request, pk)
    if request.method != "POST":
        check_may_write(shown)
        return redirect(_room(shown, "acara"))
    agenda = {item.pk: item for item in shown.agenda.select_related("updated_by")}
    form = forms.NotesForm(request.POST, agenda=agenda)
    status, is_stale = 200, False
    if not shown.can_write:
        form.add_error(None, form.refusal(shown.why_not_written))
        status = 403
    elif form.is_valid():
        for item, version, note in form.typed():
            try:
                actions.save_agenda_item(
                    item, by=request.user, version=version, note=note
                )
            except Stale as error:
                form.show_stale(item, error)
                status, is_stale = 409, True
            except actions.Gone:
                form.add_error(form.name_of(item), form.GONE)
                status = 409
            except PermissionDenied as error:  # final, or out of office, since a moment
                form.add_error(None, form.refusal(error))
                status = 403
                break
            except ValidationError as error:
                form.add_error(form.name_of(item), error)
                status = 409
        if not form.errors:
            messages.success(request, _saved(_("catatan")))
            return redirect(_room(shown, "acara"))
    context = {"meeting": shown, "form": form, "back": _room(shown, "acara")}
    context["refused"] = status == 403
    response = render(request, "forum/meetings/notes.html", context, status=status)
    response.keeps_what_was_written = is_stale
    return response


@once
def attendance_save(request, pk):
    shown = fetch(request, pk)
    if request.method != "POST":
        check_may_write(shown)
        return redirect(_room(shown, "hadir"))
    was, now = forms.read_attendance(request.POST)
    actions.save_attendance(shown, by=request.user, was=was, now=now)
    messages.success(request, _saved(_("daftar hadir")))
    return redirect(_room(shown, "hadir"))


@once
def attendance_rows(request, pk):
    """Those whose numbers on the signed list are typed in are present."""
    shown = fetch(request, pk)
    return _write(
        request,
        shown,
        forms.RowsForm(request.POST or None),
        partial(actions.mark_present, shown, by=request.user),
        title=_("Hadir menurut nomor"),
        submit=_("Catat hadir"),
        said=_came,
        back=_room(shown),
    )


def _came(done):
    came, were = done
    words = _("hadir %(n)s orang") % {"n": len(came)}
    if came:
        words += f" ({_('nomor')} {rows.in_words(came)})"
    if were:
        words += _(", sudah tercatat sebelumnya nomor %(numbers)s") % {
            "numbers": rows.in_words(were)
        }
    return words


@files.takes_files
@once
def letter_add(request, pk, item):
    """Put the surat kuasa of a substitute on file."""
    shown = fetch(request, pk)
    person = get_object_or_404(shown.participants.select_related("village"), pk=item)
    return _write(
        request,
        shown,
        forms.LetterForm(request.POST or None, request.FILES or None),
        partial(actions.add_proxy_letter, person, by=request.user),
        title=_("Simpan surat kuasa"),
        submit=_("Simpan surat kuasa"),
        about=_("%(name)s, %(place)s, mewakili %(other)s")
        % {
            "name": person.name,
            "place": person.from_where,
            "other": person.proxy_for or "–",
        },
        said=_("surat kuasa, dibuka petugas saja"),
        back=_room(shown, "hadir"),
    )


@once
def participant_add(request, pk):
    """Several people of one village or institution at once."""
    shown = fetch(request, pk)
    origin = forms.PeopleForm(
        request.POST or None,
        meeting=shown,
        initial={"village": request.GET.get("desa")},
    )
    people = forms.PersonFormSet(request.POST or None)
    return _add_people(
        request,
        shown,
        origin,
        people,
        title=_("Tambah peserta"),
        listed=shown.participants.select_related("village"),
    )


@once
def visitor_add(request, pk):
    """Several visitors who are there, each of a place of their own."""
    shown = fetch(request, pk)
    origin = forms.VisitorsForm(request.POST or None)
    people = forms.VisitorFormSet(request.POST or None)
    return _add_people(
        request, shown, origin, people, title=_("Tambah tamu yang hadir"), present=True
    )


def _add_people(request, shown, origin, people, *, title, listed=(), **same):
    """The page of a list of people; `same` goes for all of them, listed are there."""
    refusal = "" if shown.can_write else str(shown.why_not_written)
    if request.method != "POST":
        check_may_write(shown)
    elif not refusal and origin.is_valid() & people.is_valid():
        try:
            new = actions.add_participants(
                shown,
                by=request.user,
                people=[data | same for data in people.cleaned_data if data],
                **origin.cleaned_data,
            )
        except PermissionDenied as error:
            refusal = str(error)
        except ValidationError as error:
            origin.add_error(None, error.messages)
        else:
            words = _("%(n)s peserta baru, nomor %(numbers)s") % {
                "n": len(new),
                "numbers": rows.in_words(person.row for person in new),
            }
            messages.success(request, _saved(words))
            return redirect(_room(shown))
    context = {
        "meeting": shown,
        "title": title,
        "form": origin,
        "rows": people,
        "listed": listed,
        "posts": forms.USUAL_POSTS,
        "refusal": refusal,
        "back": _room(shown, "hadir"),
    }
    return render(
        request,
        "forum/meetings/participant_add.html",
        context,
        status=403 if refusal else 200,
    )


@once
def agenda_press(request, pk, item, act, **how):
    """One press of a button at an agenda item: up, down, begin, end."""
    shown = fetch(request, pk)
    if request.method == "POST":
        row = get_object_or_404(shown.agenda, pk=item)
        try:
            act(row, by=request.user, **how)
        except actions.Gone:
            messages.info(request, _("Acara itu sudah dihapus."))
    else:
        check_may_write(shown)
    return redirect(_room(shown, "acara"))


@once
def meeting_postpone(request, pk):
    """Put a meeting without quorum off for some hours."""
    return _postpone(
        request,
        pk,
        Postponement.Kind.DELAY,
        forms.DelayForm,
        actions.postpone,
        title=_("Tunda rapat"),
        submit=_("Tunda rapat"),
        said=_("penundaan"),
        about=_("Belum kuorum: rapat ditunda paling lama 3 jam, satu kali."),
    )


@once
def meeting_second(request, pk):
    """Call the second meeting after one that got no quorum."""
    return _postpone(
        request,
        pk,
        Postponement.Kind.SECOND,
        forms.SecondForm,
        actions.call_second,
        title=_("Jadwalkan rapat kedua"),
        submit=_("Umumkan rapat kedua"),
        said=_("rapat kedua"),
        about=_(
            "Paling lambat 3 hari, dengan acara dan undangan yang sama. Rapat kedua "
            "berlangsung dengan siapa pun yang hadir."
        ),
    )


def _postpone(request, pk, kind, form, act, **words):
    shown = fetch(request, pk)
    if request.method != "POST":
        check_may_write(shown)
        why_not = counted_of(shown).why_not_postponed(kind)
        if why_not:
            messages.info(request, why_not)
            return redirect(_room(shown, "hadir"))
    return _write(
        request,
        shown,
        form(request.POST or None, meeting=shown),
        partial(act, shown, by=request.user),
        back=_room(shown),
        **words,
    )


@dataclass(frozen=True)
class Part:
    """A kind of part of a meeting: its rows, form, verbs, and where the room shows it.

    add is None where a part is not added by this form.
    """

    name: str
    rows: str
    url: str
    section: str
    anchor: str
    form: type
    save: Callable
    remove: Callable
    add: Callable | None = None


AGENDA = Part(
    name=gettext_lazy("acara"),
    rows="agenda",
    url="agenda",
    section="acara",
    anchor="acara-{0.number}",
    form=forms.AgendaItemForm,
    add=actions.add_agenda_item,
    save=actions.save_agenda_item,
    remove=actions.remove_agenda_item,
)


PARTICIPANT = Part(
    name=gettext_lazy("peserta"),
    rows="participants",
    url="participant",
    section="hadir",
    anchor="hadir",
    form=forms.ParticipantForm,
    save=actions.save_participant,
    remove=actions.remove_participant,
)


DECISION = Part(
    name=gettext_lazy("keputusan"),
    rows="decisions",
    url="decision",
    section="keputusan",
    anchor="keputusan-{0.number}",
    form=forms.DecisionForm,
    add=actions.add_decision,
    save=actions.save_decision,
    remove=actions.remove_decision,
)


ACTION = Part(
    name=gettext_lazy("tindak lanjut"),
    rows="action_items",
    url="action",
    section="tindak-lanjut",
    anchor="tindak-lanjut",
    form=forms.ActionItemForm,
    add=actions.add_action_item,
    save=actions.save_action_item,
    remove=actions.remove_action_item,
)


@once
def part_add(request, pk, part):
    shown = fetch(request, pk)
    return _write(
        request,
        shown,
        part.form(request.POST or None, meeting=shown),
        partial(part.add, shown, by=request.user),
        title=_("Tambah %(part)s") % {"part": part.name},
        submit=_("Tambah %(part)s") % {"part": part.name},
        said=_("%(part)s baru") % {"part": part.name},
        back=_room(shown, part.section),
    )


@once
def part_save(request, pk, item, part):
    shown = fetch(request, pk)
    row = _row(request, shown, part, item)
    again = reverse(f"forum:{part.url}-add", args=[pk]) if part.add else ""
    return _write(
        request,
        shown,
        part.form(request.POST or None, instance=row, meeting=shown),
        partial(part.save, row, by=request.user),
        title=_("Ubah %(part)s") % {"part": part.name},
        submit=_("Simpan %(part)s") % {"part": part.name},
        said=str(row or part.name),
        back=_room(shown, part.anchor.format(row) if row else part.section),
        about=str(row or ""),
        add_url=again,
        remove_url=row and reverse(f"forum:{part.url}-remove", args=[pk, item]),
        can_transfer=part is AGENDA and row and not row.is_deferred,
    )


@once
def part_remove(request, pk, item, part):
    shown = fetch(request, pk)
    row = _row(request, shown, part, item)
    back = _room(shown, part.section)
    title = _("Hapus %(part)s") % {"part": part.name}
    error = ""
    if request.method != "POST":
        check_may_write(shown)
    else:
        try:
            if row is None:
                check_may_write(shown)
                raise actions.Gone
            part.remove(row, by=request.user)
        except ValidationError as refused:
            error = refused.messages[0]
        except actions.Gone:
            messages.info(request, _("Bagian itu sudah dihapus."))
            return redirect(back)
        else:
            messages.success(request, _saved(title.lower()))
            return redirect(back)
    context = {
        "title": title,
        "text": str(row),
        "submit": title,
        "removes": True,
        "back": back,
        "error": error,
        "meeting": shown,
    }
    return render(
        request, "forum/meetings/confirm.html", context, status=409 if error else 200
    )


@once
def meeting_finalise(request, pk):
    """What is still missing, or the one button that closes the meeting for good."""
    shown = fetch(request, pk)
    if request.method == "POST":
        version = forms.read_version(request.POST)
        try:
            record = actions.finalise(shown, by=request.user, version=version)
        except (Stale, ValidationError) as error:
            return _finalise_page(request, shown, error, status=409)
        messages.success(
            request,
            _("Rapat sudah final dengan nomor %(number)s.") % {"number": record.number},
        )
        return redirect(shown)
    if not shown.can_finalise:
        raise PermissionDenied(
            _("Rapat sudah final, atau Anda bukan pimpinan atau notulisnya.")
        )
    return _finalise_page(request, shown)


def _finalise_page(request, shown, error=None, status=200):
    shown = fetch(request, shown.pk)
    context = {
        "meeting": shown,
        "attendance": attendance_of(shown),
        "missing": papers.missing(shown),
        "notes": papers.notes(shown),
        "decisions": shown.decisions.all(),
        "error": error if isinstance(error, Stale) else "",
    }
    return render(
        request, "forum/meetings/meeting_finalise.html", context, status=status
    )


def _row(request, shown, part, pk):
    """A part of the meeting; None for a POST whose part is gone, to keep what it says."""
    rows = getattr(shown, part.rows)
    if request.method == "POST":
        return rows.filter(pk=pk).first()
    return get_object_or_404(rows, pk=pk)


def _room(shown, section=""):
    address = reverse("forum:meeting-log", args=[shown.pk])
    return f"{address}#{section}" if section else address


def _saved(what):
    return _("Tersimpan %(time)s: %(what)s.") % {
        "time": dates.format_time(dates.now()),
        "what": what,
    }


def _write(
    request, shown, form, act, *, title, submit, said, back, add_url=None, **more
):
    """The page of one form: shown on GET, run by `act` on a good POST.

    Whatever keeps it from being saved (an error, another writer, a meeting that became
    final), the page comes back with all that was typed. said: what was saved, or a
    function of what `act` returned. add_url: of a part that exists,
    where it can be sent as a new one if it was removed meanwhile; "" if nowhere.
    """
    context = {"title": title, "submit": submit, "meeting": shown, **more}
    status, is_stale = 200, False
    if request.method != "POST":
        check_may_write(shown)
    elif not shown.can_write:
        status = _refuse(form, str(shown.why_not_written), context)
    elif add_url is not None and not form.instance.pk:
        status = _offer_as_new(form, add_url, context)
    elif form.is_valid():
        try:
            done = act(**form.cleaned_data)
        except Stale as error:
            form.show_stale(error)
            status = 409
            is_stale = True
        except actions.Gone:
            status = _offer_as_new(form, add_url, context)
        except PermissionDenied as error:
            status = _refuse(form, str(error), context)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            words = said(done) if callable(said) else said
            messages.success(request, _saved(words))
            return redirect(back)
    context |= {"form": form, "back": back}
    response = render(
        request, f"forum/meetings/{form.page}.html", context, status=status
    )
    # What did not fit beside the text of another is in the log, for people to choose.
    response.keeps_what_was_written = is_stale
    return response


def _refuse(form, sentence, context):
    form.add_error(
        None, _("%(why)s Salin tulisan Anda bila perlu.") % {"why": sentence}
    )
    context["refused"] = True
    return 403


def _offer_as_new(form, add_url, context):
    form.add_error(
        None,
        _(
            "Bagian ini sudah dihapus orang lain. Tulisan Anda masih ada di bawah; "
            "simpan untuk mencatatnya sebagai yang baru."
        )
        if add_url
        else _("Bagian ini sudah dihapus orang lain. Salin tulisan Anda bila perlu."),
    )
    context["action_url"] = add_url
    context["refused"] = not add_url
    context["remove_url"] = ""
    return 409
