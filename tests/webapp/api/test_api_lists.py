"""Lists are read page by page, newest first, without counting."""

from __future__ import annotations

import base64

import pytest

from tests.webapp.api.kit import experiment_on


def walk(call, path: str, limit: int) -> list[str]:
    ids, cursor = [], ""
    while cursor is not None:
        page = call("GET", f"{path}?limit={limit}" + (f"&cursor={cursor}" if cursor else "")).body
        ids += [item["id"] for item in page["items"]]
        cursor = page["next"]
    return ids


def test_pages_join_to_the_whole_list_newest_first(call, things):
    version = things().version
    made = [experiment_on(version, name=f"number {i}").id for i in range(4)]
    ids = walk(call, "/experiments", 2)
    assert ids == sorted(ids, reverse=True) and set(made) < set(ids) and len(ids) == 5


def test_the_last_page_has_no_next(call, things):
    things()
    assert call("GET", "/datasets?limit=1").body["next"] is None


def test_something_made_meanwhile_does_not_shift_the_pages(call, things):
    version = things().version
    first = call("GET", "/experiments?limit=1").body
    newer = experiment_on(version).id
    rest = call("GET", f"/experiments?cursor={first['next']}").body if first["next"] else {"items": []}
    assert newer not in [item["id"] for item in rest["items"]]


@pytest.mark.parametrize("path", ["/datasets", "/experiments", "/jobs"])
@pytest.mark.parametrize("limit", [10**30, 0, -1, 201, "many", "", "1.5", "NaN"])
def test_a_limit_out_of_range_is_refused_by_name(path, limit, call):
    answer = call("GET", f"{path}?limit={limit}")
    assert answer.status == 422 and set(answer.error["fields"]) == {"limit"}


@pytest.mark.parametrize(
    "cursor", ["x", "!!!", "%00", "a" * 99, "a" * 5000, "é", base64.urlsafe_b64encode(b"' OR 1=1 --        ").decode()]
)
def test_a_cursor_that_was_never_given_out_is_refused_by_name(cursor, call):
    answer = call("GET", f"/jobs?cursor={cursor}")
    assert answer.status == 422 and set(answer.error["fields"]) == {"cursor"}


@pytest.mark.parametrize("path", ["/datasets", "/experiments", "/jobs"])
def test_a_page_takes_the_same_few_queries_however_long(path, call, things, django_assert_max_num_queries):
    for _ in range(3):
        experiment_on(things().version)
    with django_assert_max_num_queries(8):
        assert len(call("GET", path).body["items"]) >= 3
