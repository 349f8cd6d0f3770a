"""The gallery's page: filters in its address, how many match, and all of them changed at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from webapp.datasets import drafts
from webapp.datasets.browsing import looks
from webapp.datasets.models import DatasetVersion, Draft, Edit
from webapp.datasets.quality import actions as quality
from webapp.datasets.quality_models import QualityCheck
from webapp.jobs import actions as jobs

SignedIn = Callable[[Any], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(owner: Any, signed_in: SignedIn) -> Client:
    return signed_in(owner)


def gallery(client: Client, of: DatasetVersion, **query: Any) -> Any:
    return client.get(reverse("datasets:gallery", args=[of.dataset_id]), query, headers=HTMX)


def positions(answer: Any) -> list[int]:
    return [tile["position"] for tile in answer.context["tiles"]]


def change(client: Client, version: DatasetVersion, **fields: Any) -> Any:
    return client.post(reverse("datasets:change-matching", args=[version.dataset_id]), fields, HTTP_ACCEPT="application/json")


def test_every_filter_stands_in_the_address(client: Client, listed: DatasetVersion) -> None:
    told = {"label": "0", "split": ["0"], "is": ["0:Canon"], "min": "50", "max": "900", "q": "img", "sort": "large"}
    answer = gallery(client, listed, **told)
    assert answer.headers["HX-Replace-Url"].endswith("?label=0&split=0&is=0%3ACanon&min=50&max=900&q=img&sort=large")
    assert positions(answer) == [2, 4, 0] and "3 images of 6 match" in answer.content.decode()


def test_a_page_begins_at_a_place_behind_an_image_or_before_one(
    client: Client, listed: DatasetVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.datasets.views.gallery.GALLERY_ROWS", 2)
    small = [0, 4, 3, 1, 5, 2]
    assert positions(gallery(client, listed, sort="small", at=3)) == small[3:5]
    assert positions(gallery(client, listed, sort="small", after=1)) == small[4:6]
    assert positions(gallery(client, listed, sort="small", before=1)) == small[1:3]
    assert positions(gallery(client, listed, sort="small", before=4)) == small[:1]
    assert positions(gallery(client, listed, at=99)) == []


def between(client: Client, of: DatasetVersion, *ends: int, **query: Any) -> Any:
    told = gallery(client, of, between=",".join(map(str, ends)), **query).json()
    return told["count"], told["positions"]


def test_a_range_is_told_in_the_order_of_the_list_whatever_was_loaded(client: Client, listed: DatasetVersion) -> None:
    assert between(client, listed, 3, 2, sort="small") == (4, [3, 1, 5, 2])  # of 0, 4, 3, 1, 5, 2
    assert between(client, listed, 2, 3, sort="small") == (4, [3, 1, 5, 2])
    assert between(client, listed, sort="small", q="img") == (6, [0, 4, 3, 1, 5, 2])


def test_a_range_whose_ends_match_no_more_is_what_lies_between(client: Client, owner: Any, actor_of: Any, listed: DatasetVersion) -> None:
    drafts.change(actor_of(owner), listed.dataset, [0, 4], label="bee")
    assert between(client, listed, 0, 4, label=0) == (1, [2])


def test_a_range_of_more_than_an_edit_takes_is_counted_alone(client: Client, listed: DatasetVersion, monkeypatch: Any) -> None:
    monkeypatch.setattr("webapp.datasets.views.gallery.MOST", 3)
    assert between(client, listed, 0, 2) == (3, [0, 1, 2]) and between(client, listed, 0, 3) == (4, [])


def test_a_long_search_shows_what_it_found_and_goes_on_by_itself(
    client: Client, listed: DatasetVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.datasets.browsing.paths.PIECE_BYTES", 1)  # a path at a time
    monkeypatch.setattr("webapp.datasets.browsing.listing.LOOK_SECONDS", 0)
    answer = gallery(client, listed, q="img")
    html = answer.content.decode()
    assert positions(answer) == [0] and "1 image found in 1 of 6 paths so far" in html and "Change all" not in html
    told = [gallery(client, listed, q="img", count=1).content.decode() for _ in range(6)]
    assert "5 images found in 5 of 6 paths so far" in told[3] and "data-looking" in told[3]
    assert "6 images of 6 match" in told[-1] and "data-looking" not in told[-1] and 'name="count" value="6"' in told[-1]


def test_a_column_of_many_values_has_a_field_for_a_part_of_one(client: Client, listed: DatasetVersion, monkeypatch: Any) -> None:
    monkeypatch.setattr("webapp.datasets.browsing.columns.FEW", 4)
    answer = gallery(client, listed, **{"in-1": " at 3"})
    assert positions(answer) == [3] and answer.headers["HX-Replace-Url"].endswith("?is=1%3Aat+3")
    page = client.get(reverse("datasets:detail", args=[listed.dataset_id]), {"is": "1:at 3"})
    assert positions(page) == [3] and 'name="in-1" value="at 3"' in page.content.decode()


def test_a_long_look_at_a_column_goes_on_by_itself(client: Client, listed: DatasetVersion, monkeypatch: Any) -> None:
    monkeypatch.setattr("webapp.datasets.browsing.columns.FEW", 4)
    monkeypatch.setattr("webapp.datasets.browsing.paths.PIECE_BYTES", 1)
    monkeypatch.setattr("webapp.datasets.browsing.listing.LOOK_SECONDS", 0)
    assert "1 image found in 1 of 6 rows of the table so far" in gallery(client, listed, **{"in-1": "seen"}).content.decode()


def test_columns_beyond_the_first_are_folded_away_and_those_not_kept_are_counted(
    client: Client, listed: DatasetVersion, monkeypatch: Any
) -> None:
    monkeypatch.setattr("webapp.datasets.views.gallery.SHOWN_COLUMNS", 1)
    address = reverse("datasets:detail", args=[listed.dataset_id])
    html = client.get(address).content.decode()
    assert "1 more column<" in html and '<details class="fold fold--inside">' in html and "to filter by" not in html
    assert '<details class="fold fold--inside" open' in client.get(address, {"is": "1:seen at 1 o'clock"}).content.decode()
    monkeypatch.setattr("webapp.datasets.browsing.columns.MOST_COLUMNS", 1)
    (listed.folder / "metadata.jsonl").touch()  # read anew
    assert "1 further column of the table is not kept to filter by" in client.get(address).content.decode()


def test_a_change_of_all_waits_for_the_end_of_the_search(client: Client, listed: DatasetVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.datasets.browsing.paths.PIECE_BYTES", 1)
    assert change(client, listed, query="q=img+5", removed="1").json()["words"] == "1 image taken out."


def test_an_older_version_is_filtered_as_it_was_sealed(client: Client, owner: Any, actor_of: Any, listed: DatasetVersion) -> None:
    drafts.change(actor_of(owner), listed.dataset, [0], label="bee")
    assert positions(gallery(client, listed, version=1, label=0)) == [0, 2, 4] and positions(gallery(client, listed, label=0)) == [2, 4]


def test_orders_that_only_a_check_knows_are_offered_after_one(client: Client, owner: Any, actor_of: Any, listed: DatasetVersion) -> None:
    address = reverse("datasets:detail", args=[listed.dataset_id])
    assert "darkest first" not in client.get(address).content.decode()
    check = quality.start(actor_of(owner), listed)
    looks.path(listed, check.pk).write_bytes(bytes(24))
    jobs.finish(jobs.claim(check.job_id, "host@here:1"))
    QualityCheck.objects.update(counts={"dark": 2, "label": 0})
    page = client.get(address).content.decode()
    assert "darkest first" in page and "Much darker than the others (2)" in page and "Likely label errors" not in page


def test_a_class_that_the_draft_made_can_be_chosen(client: Client, owner: Any, actor_of: Any, listed: DatasetVersion) -> None:
    drafts.change(actor_of(owner), listed.dataset, [0], label="wasp")
    page = client.get(reverse("datasets:detail", args=[listed.dataset_id]), {"label": "2"})
    assert positions(page) == [0] and '<option value="2" selected>wasp</option>' in page.content.decode()


def test_all_that_match_are_changed_as_one_edit(client: Client, listed: DatasetVersion) -> None:
    said = change(client, listed, query="is=0:Canon", count="3", label="bee", why="the camera stood at the hive").json()
    assert said["words"] == "3 images labelled bee." and "3 relabelled" in said["bar"]
    edit = Edit.objects.get()
    assert (edit.samples, edit.why) == (3, "the camera stood at the hive")
    assert positions(gallery(client, listed, label=1)) == [0, 1, 2, 3, 4, 5]


def test_images_that_came_meanwhile_are_not_changed_unseen(client: Client, listed: DatasetVersion) -> None:
    answer = change(client, listed, query="is=0:Canon", count="2", removed="1")
    assert answer.status_code == 409 and "2 images matched when you looked, 3 match now" in answer.json()["error"]
    assert not Draft.objects.exists()


def test_the_form_sent_twice_changes_once(client: Client, listed: DatasetVersion) -> None:
    for _ in range(2):
        assert change(client, listed, query="label=0", count="3", label="bee", key="sent").status_code == 200
    assert Edit.objects.count() == 1


def test_a_filter_that_makes_no_sense_is_none(client: Client, listed: DatasetVersion) -> None:
    assert change(client, listed, query="label=x&min=%00&is=:&&&", count="6", removed="1").json()["words"] == "6 images taken out."


def test_a_viewer_is_offered_no_change_of_all(viewer: Any, signed_in: SignedIn, listed: DatasetVersion) -> None:
    page = signed_in(viewer).get(reverse("datasets:detail", args=[listed.dataset_id])).content.decode()
    assert "matching-dialog" not in page and change(signed_in(viewer), listed, query="", removed="1").status_code == 403
