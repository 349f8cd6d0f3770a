"""The form's pictures: who gets them, for which values, and what is said where there are none."""

from __future__ import annotations

import re

import pytest

from tests.webapp.experiments.kit import dataset_of
from webapp.core.ids import new_id
from webapp.core.resident import Unavailable
from webapp.experiments import preview_client, previews
from webapp.experiments.entries import AUGMENTS
from webapp.experiments.forms import LaunchForm

PICTURE = "data:image/png;base64,AA=="
EXAMPLE = {"before": {"image": PICTURE, "width": 128, "height": 96}, "after": {"image": PICTURE, "side": 32}}
TOLD = {"side": 32, "seen": 32, "drawn": 32, "small": True, "still": False, "example": EXAMPLE}


@pytest.fixture
def drawn(monkeypatch):
    """A worker that draws one ant and one image mixed of two; what it was asked for, as (version, configuration, number)."""
    asked = []

    async def preview(version, config, number):
        asked.append((version, config, number))
        mixed = {"image": PICTURE, "shares": {"bee": 0.7, "cow": 0.3}}
        return TOLD | {"still": config.features == "once", "samples": [{"image": PICTURE, "shares": {"ant": 1.0}}, mixed]}

    monkeypatch.setattr(preview_client, "preview", preview)
    return asked


@pytest.fixture
def dataset(editor):
    return dataset_of(editor)


@pytest.fixture
def samples(signed_in, editor, dataset, actor_of):
    """What the form gets for some values, the others as it opens."""
    client, texts = signed_in(editor), LaunchForm.starting(actor_of(editor), {}, dataset.id, "").texts
    return lambda **values: client.post("/experiments/preview/samples/", {**texts, **values})


def test_the_page_asks_anew_for_every_value_that_the_images_depend_on(settings):
    script = (settings.BASE_DIR / "static" / "js" / "samples.js").read_text()
    listed = script.split("const SEEN = [")[1].split("];")[0]
    assert set(re.findall(r'"(\w+)"', listed)) == {"dataset", "version", "augment", *previews.SEEN, *AUGMENTS}


def test_the_values_of_the_form_are_what_is_drawn(samples, drawn, dataset):
    samples(image_size="48", resize="fill", channels="grey", seed="7", rotate="12.5", flip="false", policy="augmix", draw="3")
    ((version, config, number),) = drawn
    assert version == dataset.versions.get() and number == 3
    assert (config.image_size, config.resize, config.channels, config.seed) == (48, "fill", "grey", 7)
    assert {name: value for name, value in config.augment.items() if value is not None} == {
        "rotate": 12.5,
        "flip": False,
        "policy": "augmix",
    }


def test_a_sample_stands_under_its_class_and_a_mixed_one_under_both_with_their_shares(samples, drawn):
    shown = samples().json()["samples"]
    assert 'alt="ant, as the network sees it"' in shown and 'alt="mixed of 70 % bee and 30 % cow"' in shown
    assert shown.count('class="seen__one"') == 16  # places of the other fourteen are kept


def test_the_example_names_the_mode_and_both_sizes(samples, drawn):
    shown = samples(resize="half_crop").json()["example"]
    assert "128 × 96 pixels" in shown and "32 × 32 pixels · half crop, half fill" in shown


def test_a_size_that_is_drawn_smaller_is_said(samples, monkeypatch):
    async def preview(version, config, number):
        return TOLD | {"side": 768, "seen": 768, "drawn": 384, "samples": []}

    monkeypatch.setattr(preview_client, "preview", preview)
    assert "768 pixels, drawn at 384" in samples(image_size="768").json()["caption"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"rotate": "900"}, "Rotation, up to: Must be a number from 0 to 180"),
        ({"image_size": "9999"}, "Image size: Must be a whole number from 8 to 1,024"),
        ({"image_size": "8", "model": "resnet18"}, "Image size: Must be at least 32 for resnet18"),
        ({"image_size": "8", "model": "small_cnn"}, ""),
        ({"resize": "stretch"}, "Resizing: Must be one of squash"),
        ({"model": "resnet"}, "Model: Is no model of the catalogue"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_drawn(samples, drawn, values, words):
    answer = samples(**values)
    assert words in answer.json().get("error", "") and bool(drawn) == (words == "")


def test_what_is_wrong_elsewhere_in_the_form_keeps_no_picture_back(samples, drawn):
    assert samples(epochs="none", learning_rate="-1", freeze="backbone").json()["samples"] and drawn


def test_features_that_are_computed_once_are_said_to_stay_as_they_are(samples, drawn):
    told = samples(model="resnet18", weights="default", freeze="backbone", features="once").json()
    assert "nothing is changed at random" in told["caption"] and drawn[0][1].features == "once"


@pytest.mark.parametrize("draw", ["", "-1", "x", "9" * 30, "１"])
def test_an_odd_number_of_a_draw_is_the_first(samples, drawn, draw):
    samples(draw=draw)
    assert drawn[0][2] == 0


def test_a_worker_that_does_not_answer_is_said(samples, monkeypatch):
    async def silent(version, config, number):
        raise Unavailable(preview_client.NOBODY)

    monkeypatch.setattr(preview_client, "preview", silent)
    answer = samples()
    assert answer.json() == {"error": preview_client.NOBODY, "again": True}


def test_nobody_waits_behind_the_previews_of_others_without_end(samples, drawn, monkeypatch):
    monkeypatch.setattr(previews, "AT_ONCE", 0)
    monkeypatch.setattr(previews, "TURN_SECONDS", 0.05)
    told = samples().json()
    assert "Others have waited for previews" in told["error"] and told["again"] and not drawn


def test_what_cannot_be_drawn_at_all_is_no_reason_to_ask_again(samples, monkeypatch):
    async def refused(version, config, number):
        raise preview_client.Undrawable("This dataset has no training images, so there is nothing to show.")

    monkeypatch.setattr(preview_client, "preview", refused)
    answer = samples()
    assert "no training images" in answer.json()["error"] and not answer.json()["again"]


def test_a_dataset_whose_import_has_not_ended_is_said(signed_in, editor, drawn):
    waiting = dataset_of(editor, "Later", ready=False)
    answer = signed_in(editor).post("/experiments/preview/samples/", {"dataset": waiting.id})
    assert "import has to end" in answer.json()["error"] and not answer.json()["again"] and not drawn


def test_an_outsider_and_a_random_id_get_the_same_404(signed_in, outsider, dataset, drawn):
    client = signed_in(outsider)
    ids = (dataset.id, new_id(), "", "../../etc")
    assert {client.post("/experiments/preview/samples/", {"dataset": id}).status_code for id in ids} == {404} and not drawn


def test_a_viewer_may_not(signed_in, viewer, dataset, drawn):
    assert signed_in(viewer).post("/experiments/preview/samples/", {"dataset": dataset.id}).status_code == 403 and not drawn
