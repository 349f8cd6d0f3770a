"""Pages of datasets as each member meets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from webapp.datasets import actions
from webapp.datasets.browsing.listing import listing
from webapp.datasets.browsing.wanted import Wanted
from webapp.datasets.models import Dataset, DatasetVersion, Sample
from webapp.jobs import actions as jobs

READS = ("detail", "classes", "problems", "gallery", "status")
SignedIn = Callable[[Any], Client]


@pytest.mark.parametrize("name", READS)
def test_an_outsider_finds_no_page_of_a_dataset(name: str, dataset: Dataset, outsider: Any, signed_in: SignedIn) -> None:
    assert signed_in(outsider).get(reverse(f"datasets:{name}", args=[dataset.id])).status_code == 404


@pytest.mark.parametrize("name", READS)
def test_somebody_who_is_not_signed_in_goes_to_the_login(name: str, dataset: Dataset, client: Client) -> None:
    answer = client.get(reverse(f"datasets:{name}", args=[dataset.id]))
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/login/")


@pytest.mark.parametrize("name", ("detail", "classes", "problems", "gallery"))
def test_a_viewer_reads_every_page_of_a_dataset(name: str, dataset: Dataset, viewer: Any, signed_in: SignedIn) -> None:
    assert signed_in(viewer).get(reverse(f"datasets:{name}", args=[dataset.id])).status_code == 200


def test_a_random_id_and_another_teams_answer_alike(dataset: Dataset, outsider: Any, signed_in: SignedIn) -> None:
    client = signed_in(outsider)
    theirs = client.get(reverse("datasets:detail", args=[dataset.id])).content.replace(dataset.id.encode(), b"")
    random = client.get(reverse("datasets:detail", args=["0" * 20])).content.replace(b"0" * 20, b"")
    assert strip_tokens(theirs) == strip_tokens(random)


def strip_tokens(page: bytes) -> bytes:
    """The page without its random CSRF tokens."""
    import re

    return re.sub(rb"[A-Za-z0-9]{64}", b"", page)


def test_a_viewer_sees_no_button_that_changes_anything(dataset: Dataset, viewer: Any, signed_in: SignedIn) -> None:
    page = signed_in(viewer).get(reverse("datasets:detail", args=[dataset.id])).content.decode()
    assert "Train on it" not in page and "Delete" not in page


def test_an_owner_can_train_and_delete(dataset: Dataset, owner: Any, signed_in: SignedIn) -> None:
    page = signed_in(owner).get(reverse("datasets:detail", args=[dataset.id])).content.decode()
    assert "Train on it" in page and "delete-dialog" in page


@pytest.mark.parametrize("before", ["\0", "x", "\0" * 20])
def test_a_list_before_what_is_no_id_starts_from_the_top(before: str, dataset: Dataset, viewer: Any, signed_in: SignedIn) -> None:
    assert len(signed_in(viewer).get(reverse("datasets:list"), {"before": before}).context["cards"]) == 1


def test_the_list_of_another_team_is_empty(dataset: Dataset, outsider: Any, signed_in: SignedIn) -> None:
    page = signed_in(outsider).get(reverse("datasets:list")).content.decode()
    assert dataset.name not in page and "No datasets yet" in page


def test_the_list_takes_a_fixed_number_of_queries(
    dataset: Dataset, owner: Any, actor_of: Any, archive: Any, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        actions.create(actor_of(owner), f"More {number}", archive, "more.zip")
    client = signed_in(owner)
    with django_assert_max_num_queries(12):
        assert client.get(reverse("datasets:list")).content.count(b"dataset-card__words") == 7


def test_a_gallery_page_takes_a_fixed_number_of_queries(
    dataset: Dataset, owner: Any, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(owner)
    with django_assert_max_num_queries(8):
        assert client.get(reverse("datasets:gallery", args=[dataset.id])).content.count(b"data-tile") == 24


def test_no_page_counts_samples(dataset: Dataset, owner: Any, signed_in: SignedIn, django_assert_max_num_queries: Any) -> None:
    client = signed_in(owner)
    with django_assert_max_num_queries(17) as captured:  # one of them asks for the findings to filter by
        client.get(reverse("datasets:detail", args=[dataset.id]))
    assert not [query["sql"] for query in captured if "COUNT(" in query["sql"] and "datasets_sample" in query["sql"]]


def test_the_gallery_goes_on_where_it_ended(dataset: Dataset, owner: Any, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.datasets.views.gallery.GALLERY_ROWS", 10)
    client, seen, address = signed_in(owner), [], reverse("datasets:gallery", args=[dataset.id])
    while address:
        context = client.get(address).context
        seen += [tile["position"] for tile in context["tiles"]]
        address = context["next"]
    assert seen == list(range(24))


def test_filters_hold_together(version: DatasetVersion) -> None:
    found = listing(version, None, Wanted(label=1, splits=(0, 2), search="BEE/00")).part(0, 99)
    rows = version.samples.filter(position__in=found)
    assert found and {(row.label, row.split == 1) for row in rows} == {(1, False)}


@pytest.mark.parametrize(
    "query",
    [
        "label=99",
        "label=x",
        "split=9",
        "after=-3",
        f"after={10**30}",
        "q=%00",
        f"q={'x' * 5000}",
        "min=0",
        "max=x",
        "finding=none",
        "sort=name",
        "is=9:x",
        "is=x",
        f"at={10**30}",
        "before=-1",
        "is=" + "1" * 50 + ":x",
    ],
)
def test_a_filter_that_makes_no_sense_is_no_error(query: str, dataset: Dataset, owner: Any, signed_in: SignedIn) -> None:
    assert signed_in(owner).get(f"{reverse('datasets:gallery', args=[dataset.id])}?{query}").status_code == 200


def test_the_filters_stand_in_the_address(dataset: Dataset, owner: Any, signed_in: SignedIn) -> None:
    answer = signed_in(owner).get(reverse("datasets:gallery", args=[dataset.id]), {"label": "1", "split": ["0", "1"]})
    assert answer.headers["HX-Replace-Url"].endswith("?label=1&split=0&split=1")


def test_a_page_names_so_many_classes_at_most(version: DatasetVersion, owner: Any, signed_in: SignedIn) -> None:
    DatasetVersion.objects.update(classes=[dict(version.classes[0], name=f"bird {number}.") for number in range(20_000)])
    client, page = signed_in(owner), reverse("datasets:classes", args=[version.dataset_id])
    table = client.get(page).content.decode()
    images = client.get(reverse("datasets:detail", args=[version.dataset_id])).content.decode()
    assert "The first 5,000 of 20,000 classes" in table
    assert all("bird 4999." in text and "bird 5000." not in text for text in (table, images))


def test_a_class_beyond_those_that_are_named_is_shown_by_its_address(version: DatasetVersion, owner: Any, signed_in: SignedIn) -> None:
    DatasetVersion.objects.update(classes=[dict(version.classes[0], name=f"bird {number}.") for number in range(6_000)])
    page = signed_in(owner).get(reverse("datasets:detail", args=[version.dataset_id]) + "?label=5500")
    assert page.context["filter"]["label"] == 5500
    assert '<option value="5500" selected>bird 5500.</option>' in page.content.decode()


def test_a_small_picture_is_shown_at_a_whole_multiple(dataset: Dataset, owner: Any, signed_in: SignedIn) -> None:
    page = signed_in(owner).get(reverse("datasets:detail", args=[dataset.id])).content.decode()
    assert 'width="112" height="112"' in page and "gallery--small" in page  # 14 pixels, eight times


def test_markup_in_a_path_stays_text(version: DatasetVersion, owner: Any, signed_in: SignedIn) -> None:
    Sample.objects.filter(version=version, position=0).update(path="<script>alert(1)</script>.png")
    page = signed_in(owner).get(reverse("datasets:detail", args=[version.dataset_id])).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_problems_are_filtered_by_rule(failed: Dataset, owner: Any, signed_in: SignedIn) -> None:
    client, address = signed_in(owner), reverse("datasets:problems", args=[failed.id])
    assert b"ant/cut.png" in client.get(address, {"rule": "truncated"}).content
    assert b"ant/cut.png" not in client.get(address, {"rule": "duplicate"}).content


def test_problems_are_read_by_key(failed: Dataset, owner: Any, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.datasets.views.browse.PROBLEM_ROWS", 1)
    actions.add_problems(failed.id, [{"file": "second.png", "rule": "truncated", "message": "is cut short", "taken": False}])
    client, address = signed_in(owner), reverse("datasets:problems", args=[failed.id])
    first = client.get(address).context
    assert b"second.png" in client.get(first["next"], headers={"HX-Request": "true"}).content


def test_a_search_goes_on_behind_what_it_read(failed: Dataset, owner: Any, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.datasets.queries.LOOKED", 3)
    told = ({"file": f"{number}.png", "rule": "truncated", "message": "is cut short", "taken": False} for number in range(7))
    actions.add_problems(failed.id, told)
    client, address = signed_in(owner), reverse("datasets:problems", args=[failed.id])
    looks = [client.get(address, {"q": "6.png"})]
    while looks[-1].context["next"]:
        looks.append(client.get(looks[-1].context["next"], headers={"HX-Request": "true"}))
    assert [len(look.context["problems"]) for look in looks] == [0, 0, 1]
    assert b"6.png" in client.get(reverse("datasets:problems-csv", args=[failed.id]), {"q": "6.png"}).getvalue()


def test_a_failed_import_says_why_and_offers_another_archive(failed: Dataset, editor: Any, signed_in: SignedIn) -> None:
    page = signed_in(editor).get(reverse("datasets:detail", args=[failed.id])).content.decode()
    assert "Only one class came." in page and "ant/cut.png" in page and "Replace the archive" in page and "Import it again" in page


def test_a_failed_import_offers_a_viewer_nothing(failed: Dataset, viewer: Any, signed_in: SignedIn) -> None:
    page = signed_in(viewer).get(reverse("datasets:detail", args=[failed.id])).content.decode()
    assert "Only one class came." in page and "Replace the archive" not in page


def test_a_waiting_import_shows_its_position(waiting: Dataset, owner: Any, signed_in: SignedIn) -> None:
    assert b"Waiting, 1st" in signed_in(owner).get(reverse("datasets:detail", args=[waiting.id])).content


def test_a_running_import_shows_rate_and_time_left(waiting: Dataset, owner: Any, signed_in: SignedIn) -> None:
    claim = jobs.claim(waiting.job_id, "host@here:1")
    told = {"done": 500, "total": 1000, "unit": "files", "rate": 250.0}
    jobs.record(claim, [jobs.NewEvent("progress", told)], progress=0.5, eta=2.0, stage="decoding")
    page = signed_in(owner).get(reverse("datasets:status", args=[waiting.id])).content.decode()
    assert "500 of 1,000 files" in page and "250 files/s" in page and "2 s left" in page


def test_an_import_that_goes_on_says_how_much_was_read_before(waiting: Dataset, owner: Any, signed_in: SignedIn) -> None:
    claim = jobs.claim(waiting.job_id, "host@here:1")
    told = {"done": 500, "total": 1000, "unit": "files", "kept": 400}
    jobs.record(claim, [jobs.NewEvent("progress", told)], progress=0.5, stage="decoding")
    page = signed_in(owner).get(reverse("datasets:status", args=[waiting.id])).content.decode()
    assert "It goes on behind 400 images that were read before its worker was lost or stopped." in page


def test_an_import_that_has_ended_loads_its_page_anew(dataset: Dataset, owner: Any, signed_in: SignedIn) -> None:
    answer = signed_in(owner).get(reverse("datasets:status", args=[dataset.id]))
    assert answer.status_code == 204 and answer.headers["HX-Refresh"] == "true"


def test_no_page_holds_inline_script_or_style(dataset: Dataset, owner: Any, signed_in: SignedIn) -> None:
    client = signed_in(owner)
    pages = [client.get(reverse(f"datasets:{name}", args=[dataset.id])).content.decode() for name in ("detail", "classes", "problems")]
    pages += [client.get(address).content.decode() for address in ("/datasets/", "/datasets/new/", "/queue/", "/")]
    assert not [page for page in pages if " style=" in page or "<style" in page or "onclick" in page]
