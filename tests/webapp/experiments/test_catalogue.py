"""The page of the models."""

from __future__ import annotations

from classifier.spec.catalogue import MODELS
from tests.webapp.experiments.kit import epoch, launched
from webapp.experiments import actions, catalogue
from webapp.experiments.models import Experiment

MODEL = {"model": "efficientnet_lite0"}


def trained(editor, speed, side=32, **resolved):
    """A training that told a speed."""
    frozen = {"freeze": "backbone", "weights": "default"} if resolved.get("freeze") else {}
    experiment = launched(editor, f"At {speed}", **frozen, **MODEL)
    Experiment.objects.filter(id=experiment.id).update(resolved={**MODEL, "image_size": side, **resolved})
    actions.record_epoch(experiment.id, epoch(1, images_per_second=speed))


def test_every_point_of_the_chart_has_a_row_to_lead_to(signed_in, editor):
    page = signed_in(editor).get("/models/").content.decode()
    for figure in catalogue.figures({}).values():
        names = figure["data"][0]["customdata"]
        assert len(names) > 80 and all(f'id="model-{name}"' in page for name in names)
    assert all(f'id="model-{name}"' in page for name in MODELS)


def test_a_network_whose_weights_are_here_leads_to_classifying_with_it(signed_in, editor, monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.delenv("SYNSET_WEIGHTS", raising=False)
    page = signed_in(editor).get("/models/").content.decode()
    assert page.count("Classify with it") == 1 and 'href="/classify/?experiment=published:efficientnet_lite0"' in page


def test_a_network_that_was_trained_here_shows_how_fast(signed_in, editor):
    for speed in (100.0, 300.0, 310.0):
        trained(editor, speed)
    trained(editor, 50.0, side=64)
    assert catalogue.measured() == {"efficientnet_lite0": (300.0, 32)}
    assert "300 at 32 px" in signed_in(editor).get("/models/").content.decode()


def test_a_head_on_features_is_no_measure_of_a_network(editor):
    trained(editor, 90_000.0, freeze="backbone")
    assert catalogue.measured() == {}


def test_the_chart_offers_this_machines_speed_once_a_published_network_was_trained_here(signed_in, editor):
    assert "speed here" not in signed_in(editor).get("/models/").content.decode()
    trained(editor, 120.0)
    assert "speed here" in signed_in(editor).get("/models/").content.decode()
    speed = catalogue.figures(catalogue.measured())["speed"]["data"][0]
    assert (speed["x"], speed["customdata"]) == ([120.0], ["efficientnet_lite0"])


def test_a_network_without_published_figures_is_in_no_chart(editor):
    experiment = launched(editor, "Small", model="small_cnn")
    Experiment.objects.filter(id=experiment.id).update(resolved={"model": "small_cnn", "image_size": 32})
    actions.record_epoch(experiment.id, epoch(1, images_per_second=900.0))
    assert set(catalogue.measured()) == {"small_cnn"} and "speed" not in catalogue.figures(catalogue.measured())
