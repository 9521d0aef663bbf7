"""What lists with filters in their address share."""


def address(request, **changes):
    """This page's address with other filters and from its first page."""
    query = request.GET.copy()
    for name, value in {**changes, "page": None}.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"
