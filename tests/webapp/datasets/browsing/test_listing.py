"""Which images a gallery lists, in which order, with a draft laid over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from classifier.spec.quality import UNKNOWN
from webapp.accounts.actor import Actor
from webapp.accounts.models import User
from webapp.datasets import drafts
from webapp.datasets.browsing import columns, held, looks
from webapp.datasets.browsing.listing import listing
from webapp.datasets.browsing.wanted import Wanted
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.quality import actions as quality
from webapp.datasets.quality_models import Finding, QualityCheck
from webapp.jobs import actions as jobs


@pytest.fixture
def actor(owner: User, actor_of: Callable[..., Any]) -> Actor:
    return actor_of(owner)


def shown(version: DatasetVersion, **wanted: Any) -> list[int]:
    """All positions, with the open draft laid over them."""
    return listing(version, drafts.current(version.dataset), Wanted(**wanted)).part(0, 10**6)


@pytest.mark.parametrize(
    ("wanted", "positions"),
    [
        ({}, [0, 1, 2, 3, 4, 5]),
        ({"label": 1}, [1, 3, 5]),
        ({"splits": (0,)}, [0, 1, 2, 3, 4, 5]),
        ({"splits": (1, 2)}, []),
        ({"least": 90}, [3, 4, 5]),
        ({"most": 90}, [0, 1, 2, 4]),
        ({"least": 81, "most": 100}, [4, 5]),
        ({"cells": ((0, "Canon"),)}, [0, 2, 4]),
        ({"cells": ((0, ""),)}, [3]),
        ({"cells": ((0, "Leica"),)}, []),
        ({"cells": ((1, "seen at 1 o'clock"), (0, "Nikon"))}, [1]),
        ({"cells": ((7, "Canon"),)}, []),
        ({"search": "img 3"}, [3]),
        ({"search": "FLÜGEL"}, [0, 1, 2, 3, 4, 5]),
        ({"search": "00f"}, []),  # letters beyond ASCII stand as \u00fc in the list of paths
        ({"search": "u00"}, []),
        ({"search": '"'}, []),
        ({"sort": "small"}, [0, 4, 3, 1, 5, 2]),
        ({"sort": "large"}, [2, 5, 1, 3, 4, 0]),
        ({"sort": "wide"}, [2, 5, 0, 3, 4, 1]),
        ({"sort": "high"}, [1, 3, 4, 0, 5, 2]),
        ({"sort": "wide", "label": 0}, [2, 0, 4]),
        ({"sort": "path", "label": 1}, [1, 3, 5]),
        ({"finding": "dark"}, []),
    ],
)
def test_each_filter_and_order_lists_its_images(wanted: dict[str, Any], positions: list[int], listed: DatasetVersion) -> None:
    assert shown(listed, **wanted) == positions


@pytest.mark.parametrize(
    ("wanted", "positions"),
    [
        ({"cells": ((1, "AT 3 o'"),)}, [3]),
        ({"cells": ((1, "canon"),)}, []),  # it stands in another column
        ({"cells": ((1, "o'clock"), (0, "Nikon"))}, [1, 5]),
        ({"cells": ((1, "clock"),), "search": "img 2"}, [2]),
        ({"cells": ((1, ""),)}, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_a_part_of_a_value_is_looked_for_in_a_column_of_many(
    wanted: dict[str, Any], positions: list[int], listed: DatasetVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "FEW", 4)
    assert shown(listed, **wanted) == positions


@pytest.mark.parametrize("sort", ["", "path", "small", "large", "wide", "high"])
def test_what_follows_an_image_is_the_rest_of_the_list(sort: str, listed: DatasetVersion) -> None:
    found = listing(listed, None, Wanted(sort=sort))
    everything = found.part(0, 99)
    for place, position in enumerate(everything):
        assert found.part(found.behind(position), 99) == everything[place + 1 :]
        assert found.of(position) == place


def test_what_follows_an_image_that_matches_no_more_is_what_followed_it(listed: DatasetVersion) -> None:
    ants = listing(listed, None, Wanted(label=0, sort="small"))
    assert ants.part(ants.behind(1), 99) == [2]  # image 1, a bee, is smaller than that one alone


def test_an_image_beyond_all_has_nothing_behind_it(listed: DatasetVersion) -> None:
    for sort in ("", "small"):
        found = listing(listed, None, Wanted(sort=sort))
        assert found.part(found.behind(2**31 - 1), 99) == []


def test_class_and_split_are_those_of_the_draft(listed: DatasetVersion, actor: Actor) -> None:
    drafts.change(actor, listed.dataset, [0], label="bee")
    drafts.change(actor, listed.dataset, [1, 2], split=2)
    assert shown(listed, label=1) == [0, 1, 3, 5] and shown(listed, splits=(2,)) == [1, 2] and shown(listed, changed=True) == [0, 1, 2]
    drafts.undo(actor, listed.dataset)
    assert shown(listed, splits=(2,)) == []


def test_a_class_that_went_into_another_is_listed_there(listed: DatasetVersion, actor: Actor) -> None:
    drafts.merge_class(actor, listed.dataset, "ant", "bee")
    assert shown(listed, label=1) == [0, 1, 2, 3, 4, 5] and shown(listed, label=0) == []


def test_a_class_that_the_draft_made_is_listed(listed: DatasetVersion, actor: Actor) -> None:
    drafts.change(actor, listed.dataset, [4], label="wasp")
    assert shown(listed, label=2) == [4]


def test_what_is_taken_out_stays_where_it_was(listed: DatasetVersion, actor: Actor) -> None:
    drafts.change(actor, listed.dataset, [2], removed=True)
    drafts.remove_class(actor, listed.dataset, "bee")
    assert shown(listed, label=0) == [0, 2, 4] and shown(listed, label=1) == [1, 3, 5]


def test_a_draft_of_too_many_changes_leaves_class_and_split_to_its_base(
    listed: DatasetVersion, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "MOST_LAID", 2)
    drafts.change(actor, listed.dataset, [0, 2, 4], label="bee")
    found = listing(listed, drafts.current(listed.dataset), Wanted(label=1))
    assert found.part(0, 99) == [1, 3, 5] and not found.by_draft
    assert shown(listed, changed=True) == [0, 2]


def test_samples_that_a_version_took_out_are_not_listed(dataset: Dataset, version: DatasetVersion) -> None:
    path = version.folder / "samples.bin"
    raw = np.fromfile(path, np.uint8).reshape(-1, 12)
    raw[3, 8] = 255
    raw.tofile(path)
    assert shown(version) == [0, 1, 2, *range(4, 24)]


@pytest.fixture
def check(listed: DatasetVersion, actor: Actor) -> QualityCheck:
    """A check that found two images alike; it knows the light of all images but the last, and is sure of some labels."""
    made = quality.start(actor, listed)
    known = [(900, UNKNOWN), (100, 20), (500, UNKNOWN), (300, 10), (700, 30), (UNKNOWN, UNKNOWN)]
    np.array(known, "<u2").tofile(looks.path(listed, made.pk))
    Finding.objects.create(of=made, kind="near_duplicate", rank=0, position=4, other=1, label=0, score=1.0)
    jobs.finish(jobs.claim(made.job_id, "host@here:1"))
    return made


@pytest.mark.parametrize(
    ("wanted", "positions"),
    [
        ({"sort": "dark"}, [1, 3, 2, 4, 0, 5]),
        ({"sort": "bright"}, [0, 4, 2, 3, 1, 5]),
        ({"sort": "unsure"}, [3, 1, 4, 0, 2, 5]),
        ({"sort": "unsure", "label": 1}, [3, 1, 5]),
        ({"finding": "near_duplicate"}, [1, 4]),
        ({"finding": "dark"}, []),
    ],
)
def test_what_a_check_knows_orders_and_filters(wanted: dict[str, Any], positions: list[int], listed: DatasetVersion, check: Any) -> None:
    assert shown(listed, **wanted) == positions


def test_without_a_check_its_orders_are_as_uploaded(listed: DatasetVersion) -> None:
    assert shown(listed, sort="dark") == [0, 1, 2, 3, 4, 5]


def test_a_check_that_came_later_is_the_one_that_counts(listed: DatasetVersion, check: QualityCheck, actor: Actor) -> None:
    later = quality.start(actor, listed)
    jobs.finish(jobs.claim(later.job_id, "host@here:1"))
    assert shown(listed, sort="dark") == [0, 1, 2, 3, 4, 5] and shown(listed, finding="near_duplicate") == []
