"""The gallery as the place to label: tiles and bar as the draft has them, and what each button does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from webapp.accounts.actor import Actor
from webapp.datasets import drafts
from webapp.datasets.drafts import classes
from webapp.datasets.models import Dataset, DatasetVersion, Draft
from webapp.jobs.models import Job

JSON = {"HTTP_ACCEPT": "application/json"}
SignedIn = Callable[[Any], Client]
Seal = Callable[[], DatasetVersion]


@pytest.fixture
def client(owner: Any, signed_in: SignedIn) -> Client:
    return signed_in(owner)


def page(client: Client, dataset: Dataset, name: str = "detail", **query: Any) -> str:
    answer = client.get(reverse(f"datasets:{name}", args=[dataset.id]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, dataset: Dataset, name: str, *more: int, **fields: Any) -> Any:
    return client.post(reverse(f"datasets:{name}", args=[dataset.id, *more]), fields, **JSON)


def cell(html: str, position: int) -> str:
    """A tile's markup."""
    return html.split(f'data-position="{position}"')[1].split('data-position="')[0]


def test_a_label_shows_on_the_tile_and_in_the_bar(client: Client, dataset: Dataset) -> None:
    said = post(client, dataset, "change", positions="0,1", label="bee").json()
    assert said["words"] == "2 images labelled bee." and "2 relabelled" in said["bar"] and "Seal as version 2" in said["bar"]
    assert [tile["position"] for tile in said["tiles"]] == [0, 1] and "was ant" in said["tiles"][0]["html"]
    html = page(client, dataset)
    assert "cell--changed" in html and "bee <span" in cell(html, 0) and "was ant" in cell(html, 1) and "2 relabelled" in html


def test_what_is_taken_out_and_moved_is_seen(client: Client, dataset: Dataset, version: DatasetVersion) -> None:
    place = version.samples.get(position=1).split
    post(client, dataset, "change", positions="0", removed="1")
    post(client, dataset, "change", positions="1", split=("validation", "test", "train")[place])
    html = page(client, dataset)
    assert "taken out" in cell(html, 0) and f"was {('train', 'validation', 'test')[place]}" in cell(html, 1)
    assert "1 moved to another split, 1 taken out" in html


def test_undo_gives_the_tiles_as_they_were(client: Client, dataset: Dataset) -> None:
    post(client, dataset, "change", positions="3", label="bee")
    said = post(client, dataset, "undo").json()
    assert said["words"] == "Taken back: 1 image labelled bee." and [tile["position"] for tile in said["tiles"]] == [3]
    assert "cell--" not in said["tiles"][0]["html"] and "hidden" in said["bar"][:40]


def test_a_new_class_asks_for_a_fresh_page(client: Client, dataset: Dataset) -> None:
    assert post(client, dataset, "change", positions="3", label="wasp").json()["reload"] is True
    assert 'value="wasp"' in page(client, dataset)


@pytest.mark.parametrize("fields", [{}, {"positions": ""}, {"positions": "x,-1,²"}, {"positions": "0"}, {"positions": "0", "split": "dev"}])
def test_a_change_that_makes_no_sense_is_said_and_changes_nothing(fields: dict[str, str], client: Client, dataset: Dataset) -> None:
    answer = post(client, dataset, "change", **fields)
    assert answer.status_code == 409 and answer.json()["error"] and not Draft.objects.exists()


def test_without_a_script_a_form_goes_back_with_the_words(client: Client, dataset: Dataset) -> None:
    address = reverse("datasets:change", args=[dataset.id])
    answer = client.post(address, {"positions": "0", "label": "bee"}, follow=True)
    assert answer.redirect_chain and "1 image labelled bee." in answer.content.decode()


def test_keys_stand_for_the_first_nine_classes(client: Client, dataset: Dataset) -> None:
    html = page(client, dataset)
    assert 'data-key="1"' in html and 'data-label="ant"' in html and 'data-key="3"' in html and 'data-key="4"' not in html


def test_a_viewer_labels_nothing(viewer: Any, signed_in: SignedIn, dataset: Dataset) -> None:
    client = signed_in(viewer)
    html = page(client, dataset)
    assert "data-palette" not in html and "data-pick" not in html
    assert post(client, dataset, "change", positions="0", removed="1").status_code == 403


def test_a_viewer_sees_the_draft_without_its_buttons(viewer: Any, signed_in: SignedIn, actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    html = page(signed_in(viewer), dataset)
    assert "1 taken out" in html and "Seal as version" not in html and "cell--removed" in html


def test_only_what_changed_can_be_shown(client: Client, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.datasets.views.gallery.GALLERY_ROWS", 2)
    post(client, dataset, "change", positions="1,5,9", label="cow")
    first = client.get(reverse("datasets:gallery", args=[dataset.id]), {"changed": "1"}).context
    second = client.get(first["next"]).context
    assert [tile["position"] for tile in (*first["tiles"], *second["tiles"])] == [1, 5, 9] and not second["next"]


def test_an_older_version_is_shown_as_it_was_sealed(client: Client, actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.change(actor, dataset, [0], label="cow")
    seal()
    drafts.change(actor, dataset, [1], label="cow")
    old, new = page(client, dataset, version="1"), page(client, dataset)
    assert "ant <span" in cell(old, 0) and "data-pick" not in old and "as it was sealed" in old
    assert "cow <span" in cell(new, 0) and "cell--changed" in cell_of(new, 1)
    assert client.get(reverse("datasets:detail", args=[dataset.id]), {"version": "9"}).status_code == 404


def cell_of(html: str, position: int) -> str:
    """The element that holds a tile."""
    return html.split(f'data-position="{position}"')[0].rsplit("<div", 1)[1]


def test_seal_queues_the_job_and_the_page_follows_it(client: Client, actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    client.post(reverse("datasets:seal", args=[dataset.id]))
    job = Job.objects.get(kind="seal")
    html = page(client, dataset)
    assert (job.title, job.queue) == ("Animals v2", "host") and f'data-job="{job.id}"' in html and "data-palette" not in html
    assert "is being sealed" in page(client, dataset, "sealing")


def test_once_the_sealing_has_ended_the_page_is_loaded_anew(client: Client, dataset: Dataset) -> None:
    assert client.get(reverse("datasets:sealing", args=[dataset.id])).headers["HX-Refresh"] == "true"


def test_a_failed_sealing_says_why_over_the_draft(client: Client, actor: Actor, dataset: Dataset) -> None:
    from webapp.jobs import actions as jobs

    drafts.change(actor, dataset, [0], removed=True)
    job = drafts.seal(actor, dataset)
    jobs.fail(jobs.claim(job.id, "host@here:1"), "The disk of the server's data is full.", "disk_full", retry=False)
    html = page(client, dataset)
    assert "The disk of the server&#x27;s data is full." in html and "Seal as version 2" in html


def test_discard_takes_the_bar_away(client: Client, actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    client.post(reverse("datasets:discard-draft", args=[dataset.id]))
    assert drafts.current(dataset) is None and "Seal as version" not in page(client, dataset)


def test_classes_change_from_their_page(client: Client, dataset: Dataset) -> None:
    address = reverse("datasets:change-class", args=[dataset.id])
    for fields in ({"do": "rename", "class": "ant", "to": "wood ant"}, {"do": "merge", "class": "bee", "to": "cow"}):
        client.post(address, fields)
    html = page(client, dataset, "classes")
    assert "ant is renamed wood ant" in html and "bee goes into cow" in html and "2 classes changed" in html
    draft = drafts.current(dataset)
    assert draft and [known.label for known in classes.living(draft)] == ["wood ant", "cow"]


def test_a_wrong_class_edit_is_said(client: Client, dataset: Dataset) -> None:
    address = reverse("datasets:change-class", args=[dataset.id])
    answer = client.post(address, {"do": "rename", "class": "ant", "to": "bee"}, follow=True)
    assert "There is a class bee already." in answer.content.decode() and drafts.current(dataset) is None


def test_the_splits_are_put_into_the_draft_and_shown(client: Client, dataset: Dataset) -> None:
    address = reverse("datasets:resplit", args=[dataset.id])
    assert "Split: expected three shares" in client.post(address, {"split": "1/2"}, follow=True).content.decode()
    client.post(address, {"split": "60/20/20", "seed": "4", "keep_test": "1"})
    assert "60 / 20 / 20, seed 4, the test split stays" in page(client, dataset, "classes")


def test_the_versions_stand_with_what_changed(client: Client, actor: Actor, dataset: Dataset, version: DatasetVersion, seal: Seal) -> None:
    drafts.change(actor, dataset, [0, 1], label="cow", why="wrong folder")
    drafts.change(actor, dataset, [2], removed=True)
    second = seal()
    drafts.change(actor, dataset, [3], label="cow", why="hm")
    html = page(client, dataset, "versions")
    assert "2 relabelled, 1 taken out" in html and version.fingerprint[:12] in html and second.fingerprint[:12] in html
    assert "1 image labelled cow." in html and "hm" in html and "Bring back" in html


def test_the_changes_of_a_version_can_be_taken_along(client: Client, actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.change(actor, dataset, [2], removed=True)
    (seal().folder / "changes.jsonl").write_text("{}")
    answer = client.get(reverse("datasets:changes", args=[dataset.id, 2]))
    assert b"".join(answer.streaming_content) == b"{}" and 'filename="version-2.jsonl"' in answer.headers["Content-Disposition"]
    assert client.get(reverse("datasets:changes", args=[dataset.id, 1])).status_code == 404


def test_a_version_is_brought_back_from_the_list(client: Client, actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    seal()
    html = client.post(reverse("datasets:revert", args=[dataset.id, 1]), follow=True).content.decode()
    assert "Draft that brings back version 1" in html and "Seal as version 3" in html
    assert client.post(reverse("datasets:revert", args=[dataset.id, 7])).status_code == 404


def test_the_history_of_an_image_names_versions_people_and_reasons(
    client: Client, actor: Actor, dataset: Dataset, version: DatasetVersion, seal: Seal
) -> None:
    drafts.change(actor, dataset, [0], label="cow", why="it moos")
    drafts.change(actor, dataset, [0], label="bee")
    drafts.undo(actor, dataset)
    seal()
    drafts.change(actor, dataset, [0], removed=True)
    html = client.get(reverse("datasets:history", args=[dataset.id, 0])).content.decode()
    told = ["Version 1: ant,", "called it cow", "it moos", "Version 2: cow,", "took it out"]
    assert [html.index(words) for words in told] == sorted(html.index(words) for words in told) and "bee" not in html


def test_what_a_discarded_draft_said_is_no_history(client: Client, actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], label="cow")
    drafts.discard(actor, dataset)
    assert "cow" not in client.get(reverse("datasets:history", args=[dataset.id, 0])).content.decode()


def test_an_image_that_never_was_has_no_history_and_is_no_error(client: Client, dataset: Dataset) -> None:
    assert "not in it" in client.get(reverse("datasets:history", args=[dataset.id, 999])).content.decode()
    assert client.get(reverse("datasets:history", args=[dataset.id, 2**40])).status_code == 404


def told(client: Client, dataset: Dataset, position: int) -> str:
    return client.get(reverse("datasets:history", args=[dataset.id, position])).content.decode()


def test_the_history_tells_what_became_of_the_images_class_and_of_no_other(client: Client, actor: Actor, dataset: Dataset) -> None:
    drafts.rename_class(actor, dataset, "ant", "emmet")
    drafts.merge_class(actor, dataset, "emmet", "bee")
    drafts.rename_class(actor, dataset, "bee", "hornet")
    drafts.remove_class(actor, dataset, "cow")
    words = ["renamed its class ant to emmet", "merged its class emmet into bee", "renamed its class bee to hornet"]
    assert all(each in told(client, dataset, 0) for each in words) and "cow" not in told(client, dataset, 0)
    assert words[2] in told(client, dataset, 8) and "emmet" not in told(client, dataset, 8)
    assert "took its class cow out" in told(client, dataset, 16)


def test_the_history_follows_the_class_that_an_image_was_given(client: Client, actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.change(actor, dataset, [0], label="cow")
    drafts.rename_class(actor, dataset, "cow", "calf")
    seal()
    drafts.rename_class(actor, dataset, "calf", "bull")
    drafts.rename_class(actor, dataset, "ant", "emmet")
    html = told(client, dataset, 0)
    words = ["called it cow", "renamed its class cow to calf", "Version 2: calf", "renamed its class calf to bull"]
    assert [html.index(each) for each in words] == sorted(html.index(each) for each in words) and "emmet" not in html


def test_a_class_edit_that_was_taken_back_is_no_history(client: Client, actor: Actor, dataset: Dataset) -> None:
    drafts.rename_class(actor, dataset, "ant", "emmet")
    drafts.undo(actor, dataset)
    assert "emmet" not in told(client, dataset, 0)


def test_the_history_says_how_many_edits_it_leaves_out(client: Client, actor: Actor, dataset: Dataset, monkeypatch: Any) -> None:
    monkeypatch.setattr("webapp.datasets.history.MOST", 2)
    for label in ("bee", "cow", "bee", "cow"):
        drafts.change(actor, dataset, [0], label=label)
    assert "2 earlier steps of this image are not listed" in told(client, dataset, 0) and "earlier step" not in told(client, dataset, 1)


def test_older_versions_and_earlier_edits_are_reached(
    client: Client, actor: Actor, dataset: Dataset, version: DatasetVersion, seal: Seal, monkeypatch: Any
) -> None:
    monkeypatch.setattr("webapp.datasets.views.versions.VERSION_ROWS", 1)
    monkeypatch.setattr("webapp.datasets.views.versions.EDIT_ROWS", 1)
    drafts.change(actor, dataset, [0], removed=True)
    seal()
    drafts.change(actor, dataset, [1], label="cow")
    drafts.change(actor, dataset, [2], label="bee")
    html = page(client, dataset, "versions")
    assert "?version=2" in html and "?version=1" not in html and 'href="?before=2"' in html
    assert "1 image labelled bee." in html and "labelled cow" not in html and 'href="?edits=2#edits"' in html
    older = page(client, dataset, "versions", before=2, edits=2)
    assert "?version=1" in older and "?version=2" not in older and "Older versions" not in older and "Bring back" in older
    assert "1 image labelled cow." in older and "labelled bee" not in older and "Earlier edits" not in older
