"""The page of images that wait in a draft: what each will be, how far a look at them is, and what one says of them there."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from classifier.data import peek as peeking
from tests.webapp.datasets.conftest import picture
from tests.webapp.datasets.drafts.waiting_kit import added, digests, look
from webapp.accounts.actor import Actor
from webapp.core.resident import Unavailable
from webapp.datasets import drafts
from webapp.datasets.drafts import peeks
from webapp.datasets.models import Addition, Dataset
from webapp.datasets.views import waiting_grid

SignedIn = Callable[[Any], Client]
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def client(signed_in: SignedIn, editor: Any) -> Client:
    return signed_in(editor)


def page(bees: Addition) -> str:
    return f"/datasets/{bees.draft.dataset_id}/draft/waiting/"


def thumb(bees: Addition, digest: str) -> str:
    return f"{page(bees)}{bees.pk}/{digest}/thumb"


def size_of(answer: Any) -> tuple[int, int]:
    assert answer["Content-Type"] == "image/jpeg"
    return Image.open(BytesIO(answer.content)).size


def test_each_image_stands_with_its_thumbnail_and_the_class_it_will_have(client: Client, bees: Addition) -> None:
    html = client.get(page(bees)).content.decode()
    assert "4 images of more.zip, added to bee unless said otherwise." in html and 'data-total="4"' in html
    assert all(thumb(bees, digest) in html for digest in digests(bees)) and html.count('bee <span class="muted">· waiting') == 4
    answer = client.get(thumb(bees, digests(bees)[0]))
    assert answer["Content-Type"] == "image/png" and "sandbox" in answer["Content-Security-Policy"]


def test_a_photograph_is_seen_whole_and_where_it_is_not_kept_small(
    client: Client, actor: Actor, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = {"photo.jpeg": picture(7_000, 300, "jpeg")}
    row = added(actor, dataset, tmp_path / "photos.zip", photo, "bee")
    address = f"{page(row)}{row.pk}/{digests(row)[0]}/image"
    assert address in client.get(page(row)).content.decode() and size_of(client.get(address)) == (300, 300)
    peeks.remove(row.draft)
    monkeypatch.setattr(peeking, "MOST_PICTURE_BYTES", 0)
    look(row)
    assert size_of(client.get(address)) == (192, 192)


def test_the_bar_of_the_draft_and_the_list_of_uploads_lead_there(client: Client, bees: Addition) -> None:
    html = client.get(f"/datasets/{bees.draft.dataset_id}/").content.decode()
    assert f'{page(bees)}">look at what waits' in html and f'{page(bees)}?addition={bees.pk}">more.zip' in html


def test_what_is_changed_answers_with_its_tiles_and_the_bar(client: Client, bees: Addition) -> None:
    first, second, *_ = digests(bees)
    told = client.post(f"{page(bees)}{bees.pk}/change/", {"positions": f"{first},{second}", "label": "cow"}, **JSON).json()
    assert told["words"] == "2 waiting images of more.zip labelled cow." and not told["reload"]
    assert "images of 1 upload to add (2 of another class)" in told["bar"]
    assert {tile["position"] for tile in told["tiles"]} == {first, second}
    assert all("cell--changed" in tile["html"] and "was bee" in tile["html"] for tile in told["tiles"])
    told = client.post(f"{page(bees)}{bees.pk}/change/", {"positions": first, "removed": "1"}, **JSON).json()
    assert told["words"] == "1 waiting image of more.zip will not be added." and "not added" in told["tiles"][0]["html"]


def test_a_range_whose_tiles_are_not_in_the_page_is_told(client: Client, bees: Addition) -> None:
    known, address = digests(bees), f"{page(bees)}tiles/"
    told = client.get(address, {"addition": bees.pk, "between": f"{known[2]},{known[1]}"}, **JSON).json()
    assert (told["count"], told["positions"]) == (2, known[1:3])
    assert client.get(address, {"addition": bees.pk, "between": ""}, **JSON).json()["positions"] == known
    client.post(f"{page(bees)}{bees.pk}/change/", {"positions": f"{known[0]},{known[2]}", "label": "cow"}, **JSON)
    told = client.get(address, {"addition": bees.pk, "only": "cow", "between": f"{known[1]},{known[3]}"}, **JSON).json()
    assert told["positions"] == [known[2]]  # the ends match no more


def test_a_class_that_is_made_and_an_upload_that_is_taken_back_load_the_page_anew(client: Client, bees: Addition) -> None:
    change = f"{page(bees)}{bees.pk}/change/"
    assert client.post(change, {"positions": digests(bees)[0], "label": "wasp"}, **JSON).json()["reload"]
    assert client.post(change, {"positions": ",".join(digests(bees)), "removed": "1"}, **JSON).json()["reload"]
    assert "No images wait in the draft" in client.get(page(bees)).content.decode()


def test_what_cannot_be_is_said(client: Client, bees: Addition) -> None:
    answer = client.post(f"{page(bees)}{bees.pk}/change/", {"positions": digests(bees)[0], "label": "bee"}, **JSON)
    assert answer.status_code == 409 and answer.json() == {"error": "Nothing changes: the draft says so already.", "nothing": True}
    answer = client.post(f"{page(bees)}{bees.pk}/change/", {"positions": "0" * 64, "label": "cow"}, follow=True)
    assert "do not wait in the draft any more" in answer.content.decode()


def test_an_image_of_a_class_that_is_taken_out_says_so(client: Client, actor: Actor, bees: Addition) -> None:
    drafts.remove_class(actor, bees.draft.dataset, "bee")
    assert client.get(page(bees)).content.decode().count("class taken out") == 4


def test_before_they_were_looked_at_the_page_asks_for_it_and_says_how_far_it_is(
    client: Client, bees: Addition, monkeypatch: pytest.MonkeyPatch
) -> None:
    peeks.remove(bees.draft)
    monkeypatch.setattr(peeks, "ask", lambda addition: {"done": 64, "total": 200, "eta": 75.0})
    assert "Looking at the images of more.zip" in client.get(page(bees)).content.decode()
    status = client.get(f"{page(bees)}status/", {"addition": bees.pk})
    assert "64 of 200" in status.content.decode() and "<html" not in status.content.decode()
    assert "1 min 15 s left" in status.content.decode()


@pytest.mark.parametrize("seen", [True, False])
def test_once_the_look_has_ended_the_page_is_loaded_anew(client: Client, bees: Addition, seen: bool) -> None:
    if not seen:
        peeks.remove(bees.draft)
        peeks.reason(bees).write_text("No image of more.zip can be added.", "utf-8")
    answer = client.get(f"{page(bees)}status/", {"addition": bees.pk})
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")
    assert ("No image of more.zip can be added." in client.get(page(bees)).content.decode()) is not seen


def test_why_nothing_can_be_shown_is_said_and_tried_again_later(client: Client, bees: Addition, monkeypatch: pytest.MonkeyPatch) -> None:
    peeks.remove(bees.draft)

    def away(addition: Addition) -> dict[str, Any]:
        raise Unavailable("Nobody is there.")

    monkeypatch.setattr(peeks, "ask", away)
    peeks.reason(bees).write_text("It is broken.", "utf-8")
    assert "It is broken." in client.get(page(bees)).content.decode()
    monkeypatch.setattr(peeks, "FAILED_SECONDS", 0.0)
    html = client.get(page(bees)).content.decode()
    assert "Nobody is there." in html and 'hx-trigger="every 1s"' in html  # it comes back while the page is open
    assert "Nobody is there." in client.get(f"{page(bees)}status/", {"addition": bees.pk}).content.decode()


def test_where_nothing_can_be_shown_the_page_itself_changes_the_class_or_takes_the_upload_back(client: Client, bees: Addition) -> None:
    peeks.remove(bees.draft)
    peeks.reason(bees).write_text("No class folders in more.zip.", "utf-8")
    html = client.get(page(bees)).content.decode()
    assert f'name="addition" value="{bees.pk}"' in html and "Take more.zip back" in html
    told = {"addition": bees.pk, "label": "cow", "do": "label"}
    assert client.post(f"/datasets/{bees.draft.dataset_id}/draft/addition/", told, HTTP_REFERER=page(bees))["Location"] == page(bees)
    assert Addition.objects.get(pk=bees.pk).label == "cow"


def test_a_grid_goes_on_at_a_place_and_behind_an_image(client: Client, bees: Addition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_grid, "TILES", 2)
    known = digests(bees)
    for place in ({"at": "2"}, {"after": known[1]}):
        html = client.get(f"{page(bees)}tiles/", {"addition": bees.pk, **place}).content.decode()
        assert 'data-start="2"' in html and known[2] in html and known[1] not in html and "More images" not in html
    assert "More images" in client.get(f"{page(bees)}tiles/", {"addition": bees.pk}).content.decode()


def test_images_of_one_class_and_changed_ones_are_shown_alone(client: Client, actor: Actor, bees: Addition) -> None:
    known, dataset = digests(bees), bees.draft.dataset
    assert "Which images to show" not in client.get(page(bees)).content.decode()
    drafts.change_waiting(actor, dataset, bees.pk, known[1:3], label="cow")
    drafts.change_waiting(actor, dataset, bees.pk, known[3:], removed=True)
    html = client.get(page(bees)).content.decode()
    assert all(f"{words}</option>" in html for words in ("all 4", "changed (3)", "bee (1)", "cow (2)"))
    for only, places in (("cow", [1, 2]), ("~", [1, 2, 3]), ("bee", [0]), ("hen", [])):
        html = client.get(page(bees), {"only": only}).content.decode()
        assert [place for place, digest in enumerate(known) if f'data-position="{digest}"' in html] == places
        assert f'data-total="{len(places)}"' in html


def test_a_grid_of_one_class_goes_on_behind_an_image_that_is_of_it_no_more(client: Client, actor: Actor, bees: Addition) -> None:
    known = digests(bees)
    drafts.change_waiting(actor, bees.draft.dataset, bees.pk, known[1:2], label="cow")
    html = client.get(f"{page(bees)}tiles/", {"addition": bees.pk, "only": "bee", "after": known[1]}).content.decode()
    assert 'data-start="1"' in html and known[0] not in html and known[2] in html and known[3] in html


def test_each_upload_has_its_own_grid(client: Client, actor: Actor, dataset: Dataset, bees: Addition, tmp_path: Path) -> None:
    files = {f"{label}/new.png": picture(7_000 + len(label), 14, "png") for label in ("cow", "horse")}
    other = added(actor, dataset, tmp_path / "other.zip", files, "")
    html = client.get(page(bees), {"addition": other.pk}).content.decode()
    assert 'data-path="cow/new.png"' in html and "of the classes that their folders or their table say" in html
    assert f'href="?addition={bees.pk}"' in html and client.get(page(bees), {"addition": "7"}).status_code == 404


def test_who_only_reads_looks_and_changes_nothing(signed_in: SignedIn, viewer: Any, bees: Addition) -> None:
    client = signed_in(viewer)
    html = client.get(page(bees)).content.decode()
    assert 'data-total="4"' in html and "data-pick" not in html and "data-palette" not in html
    assert client.post(f"{page(bees)}{bees.pk}/change/", {"positions": digests(bees)[0], "removed": "1"}).status_code == 403


def test_another_team_sees_no_thumbnail_and_changes_nothing(signed_in: SignedIn, outsider: Any, bees: Addition) -> None:
    client, digest = signed_in(outsider), digests(bees)[0]
    assert client.get(thumb(bees, digest)).status_code == 404 and client.get(page(bees)).status_code == 404
    assert client.post(f"{page(bees)}{bees.pk}/change/", {"positions": digest, "removed": "1"}).status_code == 404


def test_a_thumbnail_goes_with_the_draft_and_with_the_dataset(client: Client, actor: Actor, bees: Addition) -> None:
    address = thumb(bees, digests(bees)[0])
    Dataset.objects.filter(pk=bees.draft.dataset_id).update(trashed_at="2026-01-01T00:00:00Z")
    assert client.get(address).status_code == 404
    Dataset.everything.filter(pk=bees.draft.dataset_id).update(trashed_at=None)
    assert client.get(address).status_code == 200
    drafts.discard(actor, bees.draft.dataset)
    assert client.get(address).status_code == 404
