"""What the page of an evaluation says against its own figures: of images that were looked at before, and of probabilities of another
network than the one that classifies."""

from __future__ import annotations

import pytest

from webapp.core.ids import new_id
from webapp.datasets.models import DatasetVersion
from webapp.datasets.quality.queries import Leaking
from webapp.evaluations import leaks, showing
from webapp.evaluations.explain import asking, halves
from webapp.evaluations.explain.asking import ALONE
from webapp.evaluations.figures import showing as figures
from webapp.evaluations.models import Evaluation

REMEMBERS, FLATTERS = "how well it remembers", "flatters its figures"
SAID = {("train", "best"): [REMEMBERS], ("train", "2"): [REMEMBERS], ("validation", "best"): [FLATTERS]}


@pytest.fixture
def overview(signed_in, viewer, evaluated):
    """The overview, after some of its fields were changed."""

    def read(**changes) -> str:
        Evaluation.objects.update(**changes or {"split": "test"})
        return signed_in(viewer).get(f"/evaluations/{evaluated.id}/").content.decode()

    return read


@pytest.mark.parametrize(("split", "checkpoint"), [*SAID, ("validation", "2"), ("test", "best")])
def test_what_the_training_has_looked_at_is_said_to_be_so(overview, split, checkpoint):
    text = overview(split=split, checkpoint=checkpoint)
    assert [words for words in (REMEMBERS, FLATTERS) if words in text] == SAID.get((split, checkpoint), [])


def test_of_another_version_nothing_is_said_of_that(evaluated):
    evaluated.split = "train"
    assert showing.seen_before(evaluated)
    evaluated.version_id += 1
    assert showing.seen_before(evaluated) == []


def test_images_in_two_splits_are_told_where_the_figures_are(overview, evaluated, monkeypatch):
    assert "in two splits</a>" not in overview()
    monkeypatch.setattr(leaks, "leaking", lambda version, folds: Leaking(7, "7 images", True))
    assert f'href="/datasets/{evaluated.version.dataset_id}/quality/">7 images in two splits</a>' in overview()


LEAKS = [
    ("test", 0, "7 images in two splits"),
    ("validation", 0, ""),
    ("train", 0, ""),
    ("train", 1, ""),
    ("validation", 1, "7 images learnt from"),
]


@pytest.mark.parametrize(("split", "later", "said"), LEAKS)
def test_of_a_split_only_its_own_leaks_are_told(evaluated, split, later, said):
    evaluated.split = split
    evaluated.version_id += later
    assert showing.leak_words(evaluated, 7) == said and showing.leak_words(evaluated, 0) == ""


def test_a_temperature_flatters_on_a_later_version_of_its_dataset_too(evaluated):
    evaluated.split, fit = "validation", {"temperature": 1.6}
    evaluated.version = DatasetVersion(dataset=evaluated.version.dataset, number=2)
    assert "flatters" in figures.fitted_here(evaluated, fit)
    evaluated.version.dataset_id = new_id()
    assert figures.fitted_here(evaluated, fit) == ""


OTHERS = [({"views": "none"}, False), ({"views": "flip"}, True), ({"raw": True}, True), ({"checkpoint": "2"}, True)]


@pytest.mark.parametrize(("changes", "other"), [({"split": "validation"}, False), *OTHERS])
def test_a_threshold_by_other_probabilities_than_classify_gives_is_said_to_be_so(overview, changes, other):
    text = overview(**changes)
    assert ("whose probabilities are others than these" in text) is other and "it always answers" in text


def test_the_matrix_says_of_how_many_images_of_which_split(overview, evaluated):
    assert f"test split, {evaluated.result['n']} images · true classes down" in overview()


@pytest.mark.parametrize(
    ("views", "configured", "said"), [("", None, ""), ("flip", None, ALONE), ("", "ten_crop", ALONE), ("none", "ten_crop", "")]
)
def test_an_explanation_beside_averaged_views_is_said_to_be_of_the_image_alone(actor_of, viewer, evaluated, views, configured, said):
    evaluated.views, evaluated.experiment.config["tta"] = views, configured
    own, *_ = asking.sides_of(actor_of(viewer), evaluated, asking.Asked("gradcam", "", ""))
    assert own.words == f"best checkpoint{said}"


def test_a_score_below_that_of_plain_grey_has_a_real_minus():
    assert halves.figures({"method": "integrated", "difference": -0.5, "sum": -0.5, "nodes": 24}).startswith("The class's score is −0.50")
