"""All images that match some filters are changed at once, as one edit of the draft."""

from __future__ import annotations

import numpy as np
from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.form_keys import FIELD, kept_key
from webapp.datasets import drafts, packs
from webapp.datasets.browsing.listing import listing
from webapp.datasets.drafts import classes
from webapp.datasets.forms import GalleryFilter
from webapp.datasets.models import Dataset, Draft
from webapp.datasets.views import drafting

LONGEST_QUERY = 20_000  # characters of the filters
MOST_DIGITS = 10


@require_POST
@allowed("dataset.edit")
def change_matching(request: Request, id: str) -> HttpResponse:
    """Labels, moves or takes out what matches `query`, if that is still as many images as `count` says."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    query, count = request.POST.get("query", "")[:LONGEST_QUERY], request.POST.get("count", "")
    wanted = drafting.wanted(request)
    key = kept_key(request.POST.get(FIELD, ""), query, wanted) or ""
    expected = int(count) if count.isascii() and count.isdecimal() and len(count) < MOST_DIGITS else None

    def find(draft: Draft) -> np.ndarray:
        return positions(draft, QueryDict(query))

    return drafting.edited(
        request, dataset, lambda actor: drafts.change_matching(actor, dataset, find, expected=expected, key=key, **wanted)
    )


def positions(draft: Draft, query: QueryDict) -> np.ndarray:
    """Those that match in the draft as it is now."""
    filters = GalleryFilter(query, classes.count(draft))
    try:
        return listing(draft.base, draft, filters.wanted(), to_the_end=True).positions
    except packs.Missing:
        raise InputError("The images of this dataset are not on this server.") from None
