"""The Label page and a round's page, and what a round's script asks and is answered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from classifier.spec.errors import InputError
from tests.webapp.datasets.labelling.conftest import figures
from tests.webapp.datasets.test_quality import asked, report  # noqa: F401 (fixtures)
from webapp.accounts.actor import Actor
from webapp.accounts.models import AuditEntry
from webapp.datasets import drafts, labelling
from webapp.datasets.labelling_models import LabelRound
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.quality_models import QualityCheck


@pytest.fixture
def client(owner: Any, signed_in: Any) -> Client:
    return signed_in(owner)


def post(client: Client, name: str, round: LabelRound, **fields: Any) -> Any:
    return client.post(reverse(f"datasets:round-{name}", args=[round.dataset_id, round.id]), fields)


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(f"datasets:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_form_begins_a_round_and_goes_there(client: Client, dataset: Dataset) -> None:
    answer = client.post(reverse("datasets:label-start", args=[dataset.id]), {"label": "bee", "split": ["0", "1", "2"], "q": ""})
    made = LabelRound.objects.get()
    assert answer.url == reverse("datasets:round", args=[dataset.id, made.id])
    assert (made.name, made.images, made.about) == ("Labelling: bee", 8, {"label": "bee", "splits": [], "search": ""})
    assert "Labelling: bee" in page(client, "round", dataset.id, made.id)


def test_what_cannot_be_labelled_is_said(client: Client, dataset: Dataset) -> None:
    answer = client.post(reverse("datasets:label-start", args=[dataset.id]), {"label": "owl"}, follow=True)
    assert "There is no class &#x27;owl&#x27;" in answer.content.decode() and not LabelRound.objects.exists()


def test_the_gallerys_filters_are_chosen_beforehand(client: Client, dataset: Dataset) -> None:
    html = page(client, "label", dataset.id, label=1, split=2, q="00")
    assert '<option value="bee" selected>' in html and 'value="00"' in html
    assert [f'value="{split}" checked' in html for split in range(3)] == [False, False, True]


def test_a_round_goes_through_what_the_gallery_shows_and_leads_back_there(
    client: Client, dataset: Dataset, version: DatasetVersion, actor: Actor
) -> None:
    about = json.loads((version.folder / "dataset.json").read_text())
    (version.folder / "dataset.json").write_text(json.dumps(about | {"columns": ["site"]}))
    (version.folder / "metadata.jsonl").write_text("".join(json.dumps(["north" if at % 2 else "south"]) + "\n" for at in range(24)))
    shown = {"label": "1", "is": "0:north", "min": "10", "sort": "small"}
    gallery = page(client, "detail", dataset.id, **shown)
    chosen = re.search(r'/label/\?([^"]+)"[^>]*>Label these', gallery)
    assert chosen and chosen[1] == "label=1&amp;is=0%3Anorth&amp;min=10"
    html = client.get(reverse("datasets:label", args=[dataset.id]) + "?" + unescape(chosen[1])).content.decode()
    assert '<option value="bee" selected>' in html and "Also, as in the gallery: site: north, from 10 pixels." in html
    more = re.search(r'name="more" value="([^"]+)"', html)
    assert more
    client.post(reverse("datasets:label-start", args=[dataset.id]), {"label": "bee", "q": "", "more": unescape(more[1])})
    made = LabelRound.objects.get()
    assert (made.name, made.images) == ("Labelling: bee, site: north, from 10 pixels", 4)
    assert [item.position for item in labelling.hand_out(actor, made).items] == [9, 11, 13, 15]
    assert f'href="/datasets/{dataset.id}/?label=1&amp;is=0%3Anorth&amp;min=10"' in page(client, "round", dataset.id, made.id)


def test_a_round_over_sizes_of_the_gallery_goes_on_in_the_next_version(
    client: Client, dataset: Dataset, actor: Actor, seal: Callable[[], DatasetVersion]
) -> None:
    made = labelling.start(actor, dataset, label="ant", more={"most": 14})
    drafts.change(actor, dataset, [0, 1], removed=True)
    seal()
    assert [item.position for item in labelling.hand_out(actor, made).items] == [2, 3, 4, 5, 6]


def test_what_no_round_can_be_over_has_no_way_to_the_label_page(client: Client, dataset: Dataset, actor: Actor) -> None:
    drafts.change(actor, dataset, [0], label="wasp")
    assert "Label these" not in page(client, "detail", dataset.id, label="3")
    assert "Label these" not in page(client, "detail", dataset.id, changed="1")
    assert "Label these" in page(client, "detail", dataset.id)


def test_a_round_whose_column_or_class_is_no_more_ends(actor: Actor, dataset: Dataset) -> None:
    with pytest.raises(InputError, match="No image of Animals is chosen"):
        labelling.start(actor, dataset, more={"where": [["site", "north"]]})


def test_images_come_with_size_path_and_label(client: Client, ants: LabelRound) -> None:
    said = post(client, "next", ants).json()
    first = said["items"][0]
    assert len(said["items"]) == 5 and first["was"] == "ant" and first["path"] == "ant/000.png" and first["suggested"] is None
    assert (first["width"], first["height"]) == (448, 448) and client.get(first["image"]).status_code == 200
    assert said["classes"] == [["ant", "ant"], ["bee", "bee"], ["cow", "cow"]] and said["progress"]["words"] == "0 of 8 labelled"


def test_an_answer_brings_the_next_image_and_how_far_it_is(client: Client, ants: LabelRound) -> None:
    first = post(client, "next", ants).json()["items"][0]
    said = post(client, "answer", ants, item=first["id"], do="label", label="owl").json()
    assert [item["path"] for item in said["items"]] == [f"ant/00{n}.png" for n in range(1, 6)]
    assert said["progress"]["words"] == "1 of 8 labelled" and ["owl", "owl"] in said["classes"]


def test_skipped_and_taken_out_images_count(client: Client, ants: LabelRound) -> None:
    first, second = post(client, "next", ants).json()["items"][:2]
    post(client, "answer", ants, item=first["id"], do="skip")
    said = post(client, "answer", ants, item=second["id"], do="out").json()
    assert said["progress"]["words"] == "1 of 8 labelled, 1 skipped" and figures(ants) == (1, 1, 0)


def test_undo_names_the_image_that_comes_first_again(client: Client, ants: LabelRound) -> None:
    first = post(client, "next", ants).json()["items"][0]
    post(client, "answer", ants, item=first["id"], label="bee")
    said = post(client, "undo", ants).json()
    assert said["item"] == first["id"] and said["items"][0]["id"] == first["id"]
    answer = post(client, "undo", ants)
    assert answer.status_code == 409 and answer.json()["code"] == "nothing"


def test_who_else_is_at_it_is_told(client: Client, other: Actor, ants: LabelRound) -> None:
    labelling.hand_out(other, ants)
    said = post(client, "next", ants).json()
    assert said["progress"]["others"] == ["editor"]


def test_what_is_with_others_at_the_end_is_told(client: Client, actor: Actor, other: Actor, ants: LabelRound) -> None:
    labelling.hand_out(other, ants)
    for item in labelling.hand_out(actor, ants).items:
        labelling.answer(actor, ants, item.pk, "bee")
    said = post(client, "next", ants).json()
    assert said["items"] == [] and said["ended"].startswith("5 images are with others just now")


def test_who_leaves_the_page_gives_the_images_back(client: Client, other: Actor, ants: LabelRound) -> None:
    post(client, "next", ants)
    assert post(client, "leave", ants).status_code == 204
    assert [item.position for item in labelling.hand_out(other, ants).items] == [0, 1, 2, 3, 4]


def test_an_answer_that_is_on_its_way_when_the_page_is_left_counts(client: Client, other: Actor, ants: LabelRound) -> None:
    first = post(client, "next", ants).json()["items"][0]
    post(client, "leave", ants, keep=f"{first['id']},x,")
    assert [item.position for item in labelling.hand_out(other, ants).items] == [1, 2, 3, 4, 5]
    post(client, "answer", ants, item=first["id"], label="bee")
    assert figures(ants) == (1, 0, 0)


def test_a_round_is_closed_and_says_so(client: Client, dataset: Dataset, ants: LabelRound) -> None:
    assert post(client, "change", ants, do="close").url == reverse("datasets:label", args=[dataset.id])
    answer = post(client, "next", ants)
    assert answer.status_code == 409 and "This round is closed" in answer.json()["error"]
    assert "closed" in page(client, "label", dataset.id)


def test_the_time_left_is_told_from_the_answers_of_all(client: Client, actor: Actor, everything: LabelRound) -> None:
    for _ in range(6):
        labelling.answer(actor, everything, labelling.hand_out(actor, everything).items[0].pk, "owl")
    assert post(client, "next", everything).json()["progress"]["left"].startswith("about ")


def test_another_datasets_round_is_not_found(client: Client, dataset: Dataset, ants: LabelRound, archive: Any, actor: Actor) -> None:
    from webapp.datasets import actions

    second = actions.create(actor, "More", archive, "more.zip")
    for round in (ants.id, "nothing"):
        assert client.post(reverse("datasets:round-next", args=[second.id, round])).status_code == 404


def test_a_viewer_sees_the_rounds_and_labels_nothing(viewer: Any, signed_in: Any, dataset: Dataset, ants: LabelRound) -> None:
    html = page(signed_in(viewer), "label", dataset.id)
    assert "Labelling: ant" in html and "Editors of the team label images here" in html and "Begin a round" not in html
    assert signed_in(viewer).get(reverse("datasets:round", args=[dataset.id, ants.id])).status_code == 403


def test_likely_label_errors_are_labelled_with_what_they_seem_to_be(client: Client, dataset: Dataset, report: QualityCheck) -> None:  # noqa: F811
    assert "Likely label errors" in page(client, "label", dataset.id)
    client.post(reverse("datasets:label-start", args=[dataset.id]), {"finding": "label"})
    made = LabelRound.objects.get()
    items = post(client, "next", made).json()["items"]
    assert [item["suggested"] for item in items] == [
        {"label": "cow", "name": "cow", "sure": "80 %"},
        {"label": "ant", "name": "ant", "sure": "50 %"},
    ]
    post(client, "answer", made, item=items[0]["id"], label="cow")
    edit = drafts.current(dataset).edits.get()
    assert edit.why == "Labelling: likely label errors · accepted cow with 80 %" and made.images == 2


def test_images_without_labels_are_what_one_begins_with_and_are_no_class_to_choose(client: Client, dataset: Dataset) -> None:
    first, *rest = DatasetVersion.objects.get().classes
    DatasetVersion.objects.update(classes=[first | {"label": "unlabelled", "name": "unlabelled"}, *rest])
    html = page(client, "label", dataset.id)
    assert '<option value="unlabelled" selected>' in html and "Some images are unlabelled still." in html
    client.post(reverse("datasets:label-start", args=[dataset.id]), {"label": "unlabelled"})
    said = post(client, "next", LabelRound.objects.get()).json()
    assert said["classes"] == [["bee", "bee"], ["cow", "cow"]] and said["items"][0]["was"] == "unlabelled"


def test_unlabelled_images_that_are_taken_out_are_no_concern_any_more(client: Client, actor: Actor, dataset: Dataset) -> None:
    first, *rest = DatasetVersion.objects.get().classes
    DatasetVersion.objects.update(classes=[first | {"label": "unlabelled", "name": "unlabelled"}, *rest])
    drafts.remove_class(actor, dataset, "unlabelled")
    assert "Some images are unlabelled still." not in page(client, "label", dataset.id)


def test_who_began_a_round_stands_in_the_log(client: Client, dataset: Dataset) -> None:
    client.post(reverse("datasets:label-start", args=[dataset.id]), {"label": "bee"})
    assert AuditEntry.objects.filter(verb="dataset.label", subject="Animals").exists()
