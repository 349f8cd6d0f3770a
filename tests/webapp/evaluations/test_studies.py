"""Probes and learning curves on pages and for programs: asked for, waited for, told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from classifier.spec.errors import InputError
from classifier.spec.probes import NAMES
from webapp.accounts.actor import Actor
from webapp.accounts.models import User
from webapp.datasets.models import DatasetVersion
from webapp.evaluations.models import Evaluation
from webapp.evaluations.studies import actions, growing, probes
from webapp.evaluations.study_models import Study, What
from webapp.experiments import removing
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.jobs.models import IN_TRASH, Job
from webapp.jobs.queries import outside_trash

SignedIn = Callable[[User], Client]
ActorOf = Callable[[User], Actor]
RIGHT = {"border": 70, "blurred": 75, "centre": 60, "masked": 40, "grey": 79, "shuffled": 20}
PROBED = {
    "event": "probed",
    "n": 100,
    "of": 5000,
    "right": 80,
    "commonest": 0.5,
    "classes": ["red", "blue"],
    "images": [50, 50],
    "per_class": [45, 35],
    "probes": [{"probe": name, "right": RIGHT[name], "same": 50, "per_class": [50, RIGHT[name] - 50]} for name in NAMES],
}
GROWN: dict[str, Any] = {
    "event": "grown",
    "network": "efficientnet_lite0",
    "own": False,
    "train": 200,
    "looked": 260,
    "whole": 260,
    "turns": 1,
    "judged": 60,
    "power": 0.5,
    "shares": [0.1, 0.5, 1.0],
    "mean": {"images": [10, 50, 100], "recall": [0.4, 0.6, 0.7], "now": 0.7, "doubled": 0.76, "low": 0.02, "high": 0.09},
    "classes": [
        {"label": "blue", "judged": 20, "images": [10, 50, 100], "recall": [0.9, 0.95, 0.95], "now": 0.95, "doubled": 0.955, "gain": 0.005}
        | {"low": 0.0, "high": 0.008},
        {"label": "green", "judged": 0, "images": [10, 50, 100], "recall": [None] * 3, "now": None, "doubled": None, "gain": None}
        | {"low": None, "high": None},
        {"label": "red", "judged": 20, "images": [10, 50, 100], "recall": [0.1, 0.4, 0.5], "now": 0.5, "doubled": 0.62, "gain": 0.12}
        | {"low": 0.03, "high": 0.2},
    ],
}


@pytest.fixture
def evaluation(experiment: Experiment, finish: Callable[[Experiment], Experiment], settings: Any, tmp_path: Any) -> Evaluation:
    settings.SYNSET_HOME = tmp_path / "home"
    done = finish(experiment)
    return Evaluation.objects.get(experiment=done)


@pytest.fixture
def editing(editor: User, actor_of: ActorOf) -> Actor:
    return actor_of(editor)


def ended(study: Study, event: dict[str, Any]) -> Study:
    claim = jobs.claim(study.job_id, "device@here:1")
    jobs.finish(claim, also=lambda: actions.finished(study, event))
    study.refresh_from_db()
    return study


def test_a_second_click_gets_the_probes_that_wait(evaluation: Evaluation, editing: Actor) -> None:
    assert actions.probe(editing, evaluation).pk == actions.probe(editing, evaluation).pk
    assert (Job.objects.get(kind="study").queue, Study.objects.get().what) == ("device", What.PROBES)


def test_a_new_look_takes_the_place_of_old_ones(evaluation: Evaluation, editing: Actor) -> None:
    made = [ended(actions.probe(editing, evaluation), PROBED).pk for _ in range(5)]
    assert set(Study.objects.values_list("pk", flat=True)) == set(made[-1 - actions.KEPT :])
    assert Job.objects.filter(kind="study").count() == actions.KEPT + 1


def test_nothing_is_probed_before_there_is_a_result(evaluation: Evaluation, editing: Actor) -> None:
    Evaluation.objects.update(result=None)
    evaluation.refresh_from_db()
    with pytest.raises(InputError, match="no result yet"):
        actions.probe(editing, evaluation)


def test_a_viewer_sees_and_asks_for_nothing(evaluation: Evaluation, viewer: User, signed_in: SignedIn) -> None:
    client = signed_in(viewer)
    page = client.get(f"/evaluations/{evaluation.pk}/groups/").content.decode()
    assert "Probe the network" not in page and "is not known yet" in page
    assert client.post(f"/evaluations/{evaluation.pk}/probe/").status_code == 403
    assert client.post(f"/experiments/{evaluation.experiment_id}/growing/ask/").status_code == 403
    assert "Make learning curves" not in client.get(f"/experiments/{evaluation.experiment_id}/growing/").content.decode()


def test_an_editor_asks_for_probes_and_sees_them_wait(evaluation: Evaluation, editor: User, signed_in: SignedIn) -> None:
    client = signed_in(editor)
    answer = client.post(f"/evaluations/{evaluation.pk}/probe/", follow=True)
    assert "Waiting, 1st in line" in answer.content.decode() and "data-waits-for-job" in answer.content.decode()


def test_probes_that_go_on_can_be_cancelled_where_they_are_waited_for(evaluation: Evaluation, editor: User, signed_in: SignedIn) -> None:
    client = signed_in(editor)
    page = client.post(f"/evaluations/{evaluation.pk}/probe/", follow=True).content.decode()
    address = f"/queue/jobs/{Study.objects.get().job_id}/cancel/"
    assert f'action="{address}"' in page and '<b data-stage="queued">Waiting, 1st in line</b>' in page  # what the script goes on with
    client.post(address)
    assert "The newest look was cancelled." in client.get(f"/evaluations/{evaluation.pk}/groups/").content.decode()


def test_learning_curves_that_grow_say_how_long_they_will_and_can_be_cancelled(
    evaluation: Evaluation, editor: User, signed_in: SignedIn
) -> None:
    client, address = signed_in(editor), f"/experiments/{evaluation.experiment_id}/growing/"
    page = client.post(f"{address}ask/", follow=True).content.decode()
    job = Study.objects.get().job_id
    assert f'action="/queue/jobs/{job}/cancel/"' in page and '<b data-stage="queued">Waiting, 1st in line</b>' in page
    jobs.record(jobs.claim(job, "device@here:1"), [], progress=0.5, eta=90.0, stage="learning: 3 of 9 parts")
    page = client.get(address).content.decode()
    assert '<b data-stage="running">Learning: 3 of 9 parts</b>' in page and " data-left>1 min 30 s left</span>" in page


def test_what_waits_says_when_it_starts(evaluation: Evaluation, editor: User, signed_in: SignedIn) -> None:
    client, address = signed_in(editor), f"/experiments/{evaluation.experiment_id}/growing/"
    assert "starts about" in client.post(f"{address}ask/", follow=True).content.decode()


def test_a_network_that_tells_by_the_border_is_warned_of(evaluation: Evaluation, editing: Actor) -> None:
    told = probes.told(ended(actions.probe(editing, evaluation), PROBED))
    assert told and [one.name for one in told["warnings"]] == ["border"]
    assert told["warnings"][0].words == "it tells classes by what surrounds the things; most of all red (100 %)"
    by_name = {one.name: one for one in told["rows"]}
    assert by_name["border"].kept == pytest.approx(2 / 3) and by_name["border"].lost == pytest.approx(0.1)
    assert by_name["grey"].words == "it does not rest on colours" and by_name["masked"].words == ""


def test_classes_that_are_told_by_their_border_are_called_by_their_names(evaluation: Evaluation, editing: Actor) -> None:
    named = [{**entry, "name": f"{entry['label']} paint"} for entry in evaluation.version.classes]
    DatasetVersion.objects.filter(pk=evaluation.version_id).update(classes=named)
    told = probes.told(ended(actions.probe(editing, evaluation), PROBED))
    assert told and told["warnings"][0].words.endswith("; most of all red paint (100 %)")


def test_the_page_tells_what_probes_found(evaluation: Evaluation, editing: Actor, viewer: User, signed_in: SignedIn) -> None:
    ended(actions.probe(editing, evaluation), PROBED)
    page = signed_in(viewer).get(f"/evaluations/{evaluation.pk}/groups/").content.decode()
    assert "Border only: 70.0 % of the images are still named rightly" in page and "100 images of 5,000" in page


def test_probes_of_no_image_are_no_trouble(evaluation: Evaluation, editing: Actor) -> None:
    assert probes.told(ended(actions.probe(editing, evaluation), {"event": "probed", "n": 0})) is None


def test_learning_curves_are_asked_for_and_told(evaluation: Evaluation, editor: User, signed_in: SignedIn) -> None:
    client, address = signed_in(editor), f"/experiments/{evaluation.experiment_id}/growing/"
    assert "Make learning curves" in client.get(address).content.decode()
    assert "Waiting, 1st in line" in client.post(f"{address}ask/", follow=True).content.decode()
    ended(Study.objects.get(what=What.GROWTH), GROWN)
    page = client.get(f"{address}?of=red").content.decode()
    assert page.index(">red<") < page.index(">blue<") < page.index(">green<")
    assert "needs images" in page and "has enough" in page and "no image judges it" in page and "red beside the mean" in page
    assert '<span class="legend__entry legend__entry--accent">red</span>' in page  # two lines, of which one is to be told from the other
    assert "legend__entry" not in client.get(address).content.decode()


def test_intervals_and_curves_have_no_order_to_sort_by(evaluation: Evaluation, editing: Actor, editor: User, signed_in: SignedIn) -> None:
    ended(actions.grow(editing, evaluation.experiment), GROWN)
    page = signed_in(editor).get(f"/experiments/{evaluation.experiment_id}/growing/").content.decode()
    heads = {name: "data-unsorted" in told for told, name in re.findall(r"<th([^>]*)>([^<]+)</th>", page)}
    assert heads["Curve"] and heads["95 % interval"] and not heads["Gain"]


def test_a_class_without_an_image_to_learn_from_is_told_as_such(evaluation: Evaluation, editing: Actor) -> None:
    green = GROWN["classes"][1] | {"judged": 60, "images": [0.0] * 3, "recall": [0.0] * 3}
    study = ended(actions.grow(editing, evaluation.experiment), GROWN | {"classes": [*GROWN["classes"][::2], green]})
    found = growing.found(study, "green")
    assert found["picked"].verdict == ("no image to learn from", "")
    json.dumps(found["figure"], allow_nan=False)


def test_the_mean_of_today_says_how_sure_it_is(evaluation: Evaluation, editing: Actor) -> None:
    study = ended(actions.grow(editing, evaluation.experiment), GROWN)
    figure = growing.found(study, "")["key_figures"][0]
    shares = [20 / 22, 11 / 22]  # 19 and 10 of twenty, with one right and one wrong added (Agresti and Coull, 1998)
    half = 1.96 * (sum(share * (1 - share) / 22 for share in shares)) ** 0.5 / 2
    assert (figure.value, figure.unit) == ("70.0 %", f"± {100 * half:.1f}") and growing.mean_half([], 0.7) == ""


def test_a_mean_near_one_has_no_interval_beyond_it_and_what_rounds_to_nothing_no_sign(evaluation: Evaluation, editing: Actor) -> None:
    mean = GROWN["mean"] | {"now": 0.98, "doubled": 0.97999, "low": -0.0001, "high": 0.01}
    now, gain = growing.found(ended(actions.grow(editing, evaluation.experiment), GROWN | {"mean": mean}), "")["key_figures"][:2]
    assert now.unit.endswith(" to 100.0")
    assert (gain.value, gain.note) == ("0.0", "95 % interval 0.0 to +1.0")


def test_the_figure_goes_on_to_twice_the_images(evaluation: Evaluation, editing: Actor) -> None:
    study = ended(actions.grow(editing, evaluation.experiment), GROWN)
    figure = growing.found(study, "red")["figure"]
    assert [trace["mode"] for trace in figure["data"]] == ["markers", "lines", "lines"] * 2
    assert figure["data"][5]["x"][-1] == 200 and figure["layout"]["xaxis"]["range"][1] >= 200
    json.dumps(figure, allow_nan=False)


@pytest.mark.parametrize("picked", ["zebra", "x" * 3000, "\0"])
def test_a_class_that_there_is_not_gets_a_sentence(
    evaluation: Evaluation, editing: Actor, editor: User, signed_in: SignedIn, picked: str
) -> None:
    ended(actions.grow(editing, evaluation.experiment), GROWN)
    answer = signed_in(editor).get(f"/experiments/{evaluation.experiment_id}/growing/", {"of": picked})
    assert answer.status_code == 200 and "There is no such class here" in answer.content.decode()


def test_one_that_failed_says_why_and_can_be_asked_for_again(
    evaluation: Evaluation, editing: Actor, editor: User, signed_in: SignedIn
) -> None:
    for made in (actions.grow(editing, evaluation.experiment), actions.probe(editing, evaluation)):
        jobs.fail(jobs.claim(made.job_id, "device@here:1"), "The disk has no room.", "full", retry=False)
    client = signed_in(editor)
    for address, button in (
        (f"/experiments/{evaluation.experiment_id}/growing/", "Make"),
        (f"/evaluations/{evaluation.pk}/groups/", "Probe the"),
    ):
        page = client.get(address).content.decode()
        assert "The disk has no room." in page and button in page


def test_an_experiment_that_is_studied_is_not_deleted(evaluation: Evaluation, editing: Actor) -> None:
    actions.grow(editing, evaluation.experiment)
    with pytest.raises(InputError, match="is being studied"):
        removing.delete(editing, evaluation.experiment)


def test_what_was_found_goes_with_its_experiment(evaluation: Evaluation, editing: Actor) -> None:
    made = ended(actions.probe(editing, evaluation), PROBED)
    removing.delete(editing, evaluation.experiment)
    assert not Study.objects.exists() and Job.objects.filter(IN_TRASH, pk=made.job_id).exists()
    assert not outside_trash(Job.objects.filter(pk=made.job_id)).exists()
    lying = Experiment.everything.get(pk=evaluation.experiment_id)
    while not removing.finish(lying):
        pass
    assert not Study.everything.exists() and not Job.objects.filter(pk=made.job_id).exists()


def test_an_outsider_finds_nothing(evaluation: Evaluation, outsider: User, signed_in: SignedIn) -> None:
    client = signed_in(outsider)
    assert client.get(f"/experiments/{evaluation.experiment_id}/growing/").status_code == 404
    assert client.post(f"/evaluations/{evaluation.pk}/probe/").status_code in (403, 404)


def test_points_of_a_learning_curve_say_their_recall_as_it_is_written_everywhere() -> None:
    points = growing.learning(GROWN, None)["data"][0]
    assert points["hovertext"][-1] == "mean of the classes: recall 70.0 % of 100 training images a class"
