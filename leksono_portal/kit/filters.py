"""What lists with filters in their address share."""

import django_filters
from django.utils.functional import cached_property

MAX_WORDS = 8


class ListFilter(django_filters.FilterSet):
    """The filters of a list. apart: those with chips or links of their own. usual: what
    others hold when a reader has not touched them."""

    apart = ()
    usual = {}

    @cached_property
    def chosen(self):
        """{name: value} of the filters in force; what was not understood is left out."""
        self.form.full_clean()
        values = self.form.cleaned_data.items()
        return {name: value for name, value in values if value}

    def under_all_but(self, left_out):
        """What the filters other than `left_out` leave."""
        rows = self.queryset.all()
        for name, value in self.chosen.items():
            if name != left_out:
                rows = self.filters[name].filter(rows, value)
        return rows

    def active(self):
        """[(parameter, label, value as read)] of the filters a reader has set."""
        return [
            (name, self.form.fields[name].label, self._as_read(name, value))
            for name, value in self.chosen.items()
            if name not in self.apart and self.usual.get(name) != value
        ]

    def _as_read(self, name, value):
        choices = getattr(self.form.fields[name], "choices", ())
        return {str(key): words for key, words in choices}.get(str(value), value)


def words(text):
    """The words of a search, not more than a few."""
    return text.split()[:MAX_WORDS]


def address(request, **changes):
    """This page's address with other filters and from its first page."""
    query = request.GET.copy()
    for name, value in {**changes, "page": None}.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"
