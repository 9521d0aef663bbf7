"""The floor of every figure: what a page of Django costs that does nothing but show."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render

from bench.floor.models import Row

COLUMNS = ("pk", "title", "place", "year", "purpose")


@login_not_required
def rows(request):
    found = Row.objects.order_by("-pk").values(*COLUMNS)[:20]
    return render(request, "floor/rows.html", {"rows": found})


@login_not_required
def row(request, pk):
    found = Row.objects.values(*COLUMNS).get(pk=pk)
    return render(request, "floor/row.html", {"row": found})
