"""The meeting room's JSON: what was written, and what others wrote meanwhile.

These two answer for themselves, in JSON, also to those who are not signed in: the page
that asks goes on keeping what is typed.
"""

import json
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from forum.meetings import changes
from forum.meetings.cells import KINDS
from forum.meetings.log import MOST_BYTES
from forum.meetings.models import OF_WRITERS, Body, Meeting

MOST_CHANGES = 200
PAGE = 500
MOST_INTEGER = 2**31 - 1


class _NotJson(Exception):
    """A request that the page of the room does not send; its sentence is the answer."""


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def meeting_changes(request, pk):
    """POST: write a device's changes. GET: those since a number, or the whole state."""
    if not request.user.is_authenticated:
        room = reverse("forum:meeting-log", args=[pk])
        address = f"{reverse('account_login')}?next={room}"
        return JsonResponse({"signin": address}, status=401)
    meeting = get_object_or_404(
        Meeting.objects.visible_to(request.user).select_related("body"), pk=pk
    )
    if not Body.objects.writable_by(request.user).contains(meeting.body):
        return _refused(OF_WRITERS, 403)
    try:
        return (
            _write(request, meeting)
            if request.method == "POST"
            else _read(request, meeting)
        )
    except _NotJson as error:
        return _refused(error, 400)
    except PermissionDenied as error:  # whose office ended a moment ago
        return _refused(error, 403)


def _refused(sentence, status):
    return JsonResponse({"refused": str(sentence)}, status=status)


def _write(request, meeting):
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return _refused(
            _("Kiriman ini terlalu besar; paling besar %(limit)s KB.")
            % {"limit": MOST_BYTES // 1024},
            413,
        )
    device, writes = _parsed(request.body)
    answers = changes.apply(meeting, by=request.user, device=device, changes=writes)
    meeting.refresh_from_db()
    return JsonResponse(
        _heading(request, meeting)
        | {
            "answers": [
                {
                    "id": str(answer.change.id),
                    "outcome": answer.change.outcome,
                    "version": answer.change.version,
                    "value": answer.value,
                    "reason": answer.change.reason,
                }
                for answer in answers
            ]
        }
    )


def _read(request, meeting):
    since = request.GET.get("sejak", "")
    heading = _heading(request, meeting) | {
        "name": request.user.name,
        "ballots": ballots_of(meeting),
        "final": meeting.is_final,
        "token": get_token(request),
    }
    if since == "semua":
        conflicts = meeting.changes.open_conflicts().select_related("author")
        heads = heads_of(meeting)
        state = state_of(changes.World(meeting), heads, conflicts)
        return JsonResponse(heading | state)
    if not since.isdecimal() or int(since) > MOST_INTEGER:
        raise _NotJson(_("Permintaan ini tidak terbaca. Muat ulang halamannya."))
    found = meeting.changes.filter(number__gt=int(since)).select_related("author")
    found = list(found[: PAGE + 1])
    return JsonResponse(
        heading
        | {
            "more": len(found) > PAGE,
            "changes": [
                {
                    "number": change.number,
                    "id": str(change.id),
                    "cell": change.cell,
                    "value": change.written,
                    "version": change.version,
                    "outcome": change.outcome,
                    "author": change.author.name,
                    "device": str(change.device),
                    "at": change.received_at.isoformat(),
                }
                for change in found[:PAGE]
            ],
        }
    )


def _heading(request, meeting):
    return {
        "user": request.user.pk,
        "number": _last_number(meeting),
        "version": meeting.version,
    }


def _last_number(meeting):
    return meeting.changes.aggregate(last=Max("number"))["last"] or 0


def ballots_of(meeting):
    """Another text whenever a ballot is opened, counted, confirmed or called off."""
    return " ".join(
        f"{b.pk}.{b.version}.{bool(b.confirmed_at):d}.{bool(b.cancelled_at):d}"
        for b in meeting.ballots.all()
    )


def heads_of(meeting):
    """The newest change of each cell, to be read before the cells are.

    A value may then be newer than its version says, and what is typed on it is merged;
    the other way round it would be written over.
    """
    heads = meeting.changes.written().order_by("cell", "-version").distinct("cell")
    return list(heads.select_related("author").defer("value", "result", "before"))


def state_of(world, heads, conflicts):
    """The whole meeting: {"number", "cells", "conflicts"}, for those who write it.

    A cell that was never written through the log has version 0 and no author. What is
    newer than `number` may already be in it.
    """
    state = {
        f"{kind}:{key}/{name}": {"value": value, "version": 0}
        for kind in KINDS
        for key, part in world.parts(kind).items()
        for name, value in part.values.items()
    }
    for change in heads:
        cell = state.setdefault(change.cell, {"value": world.value_of(change.cell)})
        cell |= {
            "version": change.version,
            "author": change.author.name,
            "at": change.received_at.isoformat(),
        }
    return {
        "number": max((change.number for change in heads), default=0),
        "cells": state,
        "conflicts": [
            {
                "cell": change.cell,
                "current": state.get(change.cell),
                "other": {
                    "id": str(change.id),
                    "value": change.value,
                    "author": change.author.name,
                    "at": change.received_at.isoformat(),
                },
            }
            for change in conflicts
        ],
    }


def _parsed(body):
    """(device, [Write]) of the body of a POST. Raises _NotJson."""
    try:
        sent = json.loads(body, parse_constant=_no_number, parse_float=_no_number)
        device, rows = UUID(sent["device"]), sent["changes"]
        if not 0 < len(rows) <= MOST_CHANGES:
            raise ValueError("too many")
        return device, [_parsed_change(row) for row in rows]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _NotJson(
            _("Kiriman ini tidak terbaca. Muat ulang halaman, lalu kirim lagi.")
        ) from error


def _parsed_change(row):
    value, cell = row["value"], row["cell"]
    if not isinstance(value, str | int | bool | None) or not isinstance(cell, str):
        raise ValueError("not a value")
    if not 0 < len(cell) <= 80 or not cell.isascii() or not cell.isprintable():
        raise ValueError("not a cell")
    resolves, typed_at = row.get("resolves"), row.get("typed_at")
    typed_at = parse_datetime(typed_at) if typed_at else None
    if typed_at and typed_at.tzinfo is None:
        raise ValueError("a moment of no time zone")
    return changes.Write(
        id=UUID(row["id"]),
        cell=cell,
        value=value,
        base=_count(row["base"], MOST_INTEGER),
        seq=_count(row["seq"], 2**53),
        typed_at=typed_at,
        resolves=UUID(resolves) if resolves else None,
    )


def _count(number, most):
    if type(number) is not int or not 0 <= number <= most:
        raise ValueError("not a count")
    return number


def _no_number(text):
    raise ValueError(text)
