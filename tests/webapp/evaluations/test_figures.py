"""The figures of an evaluation on its pages: intervals, curves by class, calibration, coverage, speed."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from classifier.metrics import curves_path, detail, scored_rows, wilson, write_curves, write_scored
from classifier.spec import unsure
from webapp.accounts.models import AuditEntry
from webapp.evaluations.figures import charts, showing, told
from webapp.evaluations.models import Evaluation

N = 240


@pytest.fixture
def evaluation(experiment, finish, settings, tmp_path):
    """One with mistakes: figures of drawn logits in the place of those of the tiny network."""
    settings.SYNSET_HOME = tmp_path
    experiment = finish(experiment)
    found = Evaluation.objects.get()
    experiment.folder.mkdir(parents=True)
    draw = np.random.default_rng(3)
    labels, logits = draw.integers(0, 3, N), draw.normal(size=(N, 3)).astype(np.float32) * 2
    logits[np.arange(N), labels] += 2
    file = experiment.folder / found.predictions
    of = detail(labels, logits, 1.6)
    write_curves(curves_path(file), of.arrays)
    write_scored(file.with_suffix(".npy"), scored_rows(np.arange(N), labels, logits))
    from classifier.metrics import summary

    told_of = {**of.figures, **summary(labels, logits, ["blue", "green", "red"])}
    told_of["calibration"] = of.figures["calibration"] | {"temperature": 1.6, "n": 30, "why": ""}
    row = {"batch": 1, "milliseconds": 2.5, "p90_milliseconds": 3.0, "images_per_second": 400.0, "runs": 30}
    found.figures = told_of | {"speed": {"device": "A test's CPU", "precision": "fp32", "image_size": 8, "batches": [row]}}
    found.save()
    return Evaluation.objects.get()


def page(client, evaluation):
    return client.get(f"/evaluations/{evaluation.id}/").content.decode()


def test_every_figure_stands_there_with_its_interval(signed_in, viewer, evaluation):
    text = page(signed_in(viewer), evaluation)
    for name, *_ in showing.FIGURES:
        assert name.replace("'", "&#x27;") in text
    low, high = evaluation.result["intervals"]["mcc"]
    assert f"{low:.3f} to {high:.3f}" in text and f"test split, {N} images, 95 % intervals" in text


def test_any_k_of_top_k_can_be_chosen(signed_in, viewer, evaluation):
    options = re.findall(r'data-value="([\d.]+ %)" data-span="([^"]+)"', page(signed_in(viewer), evaluation))
    assert len(options) == 2 and options[0][0] == f"{100 * evaluation.result['top1']:.1f} %"


def test_a_k_stands_there_before_one_is_chosen(signed_in, viewer, evaluation):
    text = page(signed_in(viewer), evaluation)
    chosen = re.search(r'data-value="([^"]+)" data-span="([^"]+)" selected', text)
    assert chosen and f'id="top-k-value">{chosen[1]}<' in text and f'id="top-k-span">{chosen[2]}<' in text


def by_class(client, evaluation):
    """The table of figures by class."""
    return page(client, evaluation).split('id="class"')[1].split("</table>")[0]


def spans_of(row):
    return [f'<span class="pairs__note">{low:.2f} to {high:.2f}</span>' for low, high in (row.precision_span, row.recall_span, row.f1_span)]


def test_each_class_stands_there_with_its_figures_and_their_intervals(signed_in, viewer, evaluation):
    table = by_class(signed_in(viewer), evaluation)
    assert all(words in table for row in told.by_class(evaluation) for words in spans_of(row))


def test_shares_of_a_class_have_their_intervals_without_a_file_of_curves_too(signed_in, viewer, evaluation):
    rows = told.by_class(evaluation)
    curves_path(evaluation.experiment.folder / evaluation.predictions).unlink()
    table = by_class(signed_in(viewer), evaluation)
    assert all(words in table for row in rows for words in spans_of(row)[:2])
    assert table.count('<span class="pairs__note"></span>') == len(rows)


def test_classes_are_listed_the_least_average_precision_first(signed_in, viewer, evaluation):
    text = page(signed_in(viewer), evaluation)
    listed = [int(place) for place in re.findall(r'data-class="(\d+)"', text)]
    areas = {row.place: row.pr_area for row in told.by_class(evaluation)}
    assert sorted(listed) == [0, 1, 2] and [areas[place] for place in listed] == sorted(areas.values())


def test_a_class_gives_its_curves_and_what_a_threshold_does(signed_in, viewer, evaluation):
    found = signed_in(viewer).get(f"/evaluations/{evaluation.id}/curves/?class=1").json()
    slider = found["slider"]
    assert slider["label"] == "green" and slider["said"][0] == N and slider["right"][0] == slider["own"] == evaluation.counts[1].sum()
    assert found["roc"]["data"][1]["x"][-1] == 1 and found["words"]["roc"].startswith("0.")


@pytest.mark.parametrize("wanted", ["3", "-1", "x", "9" * 30, "²"])
def test_a_class_that_is_not_there_is_told(signed_in, viewer, evaluation, wanted):
    answer = signed_in(viewer).get(f"/evaluations/{evaluation.id}/curves/", {"class": wanted})
    assert answer.status_code == 404 and "There is no class" in answer.json()["error"]


def test_the_temperature_is_told_with_what_it_was_fitted_on(signed_in, viewer, evaluation):
    text = page(signed_in(viewer), evaluation)
    before, after = (100 * evaluation.result["calibration"][when]["ece"] for when in ("before", "after"))
    assert f"temperature 1.60 the error goes from {before:.1f} % to {after:.1f} %" in text and "By 30 validation images" in text


def test_a_change_that_is_measured_where_it_was_fitted_is_said_to_flatter(signed_in, viewer, evaluation):
    assert "so that the change flatters" not in page(signed_in(viewer), evaluation)
    Evaluation.objects.update(split="validation")
    assert "so that the change flatters" in page(signed_in(viewer), evaluation)


def test_a_temperature_beside_figures_that_are_none_is_told(evaluation):
    """As of one image whose logits are no numbers."""
    told_of = evaluation.result["calibration"] | {name: {"ece": None, "loss": None, "brier": None} for name in ("before", "after")}
    assert "the error goes from – to –, loss from – to –" in showing.temperature_words(told_of)


def test_speed_is_told_with_its_device(signed_in, viewer, evaluation):
    text = page(signed_in(viewer), evaluation)
    assert "A test&#x27;s CPU" in text and "2.5 ms" in text and "400" in text


@pytest.mark.parametrize(
    ("temperature", "words"),
    [(1.3, "too sure"), (0.8, "not sure enough"), (1.004, "as sure as it is right"), (0.996, "as sure as it is right")],
)
def test_a_temperature_that_reads_as_one_finds_nothing_wrong(temperature, words):
    figures = {"ece": 0.02, "loss": 0.1}
    told_of = {"temperature": temperature, "n": 120, "why": "", "before": figures, "after": figures}
    assert showing.temperature_words(told_of).startswith(f"By 120 validation images it is {words}: with temperature {temperature:.2f}")


def test_other_evaluations_are_told_with_their_intervals_and_those_that_wait_by_the_word_for_it(signed_in, viewer, evaluation):
    from webapp.jobs import actions as jobs

    job = jobs.submit(team=evaluation.team, user=evaluation.created_by, kind="evaluate", title="Again")
    made = {"team": evaluation.team, "created_by": evaluation.created_by, "experiment": evaluation.experiment}
    other = Evaluation.objects.create(**made, version=evaluation.version, job=job, split="validation", checkpoint="last")
    told_of = {row["id"]: row for row in showing.others(evaluation.experiment)}
    assert told_of[other.id]["state"] == "Waiting" and told_of[other.id]["half"] == ""
    low, high = wilson(round(evaluation.result["top1"] * N), N)
    assert told_of[evaluation.id]["half"] == f"± {50 * (high - low):.1f}"
    text = page(signed_in(viewer), evaluation).split('id="others"')[1]
    assert "Last on validation" in text and "Waiting" in text and "queued" not in text


def test_the_report_leads_to_its_evaluation(signed_in, viewer, evaluation):
    text = signed_in(viewer).get(f"/reports/{evaluation.report.id}/").content.decode()
    assert re.search(rf'<a [^>]*href="/evaluations/{evaluation.id}/"[^>]*>Evaluation<', text)


def test_an_evaluation_of_an_earlier_release_says_what_is_missing(signed_in, editor, evaluation):
    curves_path(evaluation.experiment.folder / evaluation.predictions).unlink()
    evaluation.result = {name: evaluation.result[name] for name in ("n", "top1", "top5", "loss", "ece", "per_class")}
    evaluation.save()
    text = page(signed_in(editor), evaluation)
    assert "measured by an earlier release" in text and f"/evaluations/of/{evaluation.experiment_id}/new/" in text
    assert signed_in(editor).get(f"/evaluations/{evaluation.id}/curves/").status_code == 404


@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_bytes(b"PK\x03\x04, and no more of a zip")])
def test_where_its_curves_cannot_be_read_the_page_says_so_beside_its_figures(signed_in, editor, evaluation, damage):
    damage(curves_path(evaluation.experiment.folder / evaluation.predictions))
    client = signed_in(editor)
    text = page(client, evaluation)
    assert "Their file is not on this server, or it is damaged. Evaluate it again" in text and "Matthews correlation" in text
    answer = client.get(f"/evaluations/{evaluation.id}/curves/")
    assert answer.status_code == 404 and "evaluate again to have them" in answer.json()["error"]


def test_a_page_with_curves_says_of_none_that_they_are_missing(signed_in, viewer, evaluation):
    assert "are missing" not in page(signed_in(viewer), evaluation)


def test_a_thousand_classes_are_listed_and_drawn_in_time(evaluation):
    """The page asks for one class alone."""
    one = showing.class_figures(evaluation, 0, "blue")
    assert len(json.dumps(one)) < 20_000


def keep(client, evaluation, below):
    return client.post(f"/evaluations/{evaluation.id}/unsure/", {"below": below}, follow=True).content.decode()


def test_a_threshold_is_kept_beside_the_network_and_written_down(signed_in, editor, evaluation):
    assert "says that it is unsure below 70.0 %" in keep(signed_in(editor), evaluation, "0.7")
    assert unsure.kept(evaluation.experiment.folder) == 0.7
    assert AuditEntry.objects.get(verb="experiment.unsure").detail["below"] == 0.7


def test_it_is_taken_away_again(signed_in, editor, evaluation):
    keep(signed_in(editor), evaluation, "0.7")
    assert "answers always" in keep(signed_in(editor), evaluation, "") and unsure.kept(evaluation.experiment.folder) is None


@pytest.mark.parametrize("below", ["0", "1", "nan", "much", "-0.5", "1e400"])
def test_what_is_no_probability_is_refused_in_words(signed_in, editor, evaluation, below):
    assert "must be a probability above 0 and below 1" in keep(signed_in(editor), evaluation, below).replace("&#x27;", "'")
    assert unsure.kept(evaluation.experiment.folder) is None


def test_a_viewer_may_not_choose_one(signed_in, viewer, evaluation):
    assert signed_in(viewer).post(f"/evaluations/{evaluation.id}/unsure/", {"below": "0.5"}).status_code == 403
    assert "Keep for this network" not in page(signed_in(viewer), evaluation)


@pytest.mark.parametrize(
    ("coverage", "accuracy", "words"),
    [
        ([0.1, 0.5, 1.0], [0.9, 0.7, 0.8], "80.0 % of all images are right, of the surest 50 % 70.0 %."),
        ([1.0], [1.0], "100.0 % of all images are right, of the surest 100 % 100.0 %."),
    ],
)
def test_what_is_said_of_the_surest_images_is_what_they_are(coverage, accuracy, words) -> None:
    assert charts.coverage({"coverage": coverage, "accuracy": accuracy})["layout"]["meta"]["summary"].endswith(words)


def test_what_curves_say_of_a_point_is_written_as_everywhere() -> None:
    line = {"x": [0.0, 0.0531], "y": [0.0, 0.9412], "area": 0.9, "interval": None}
    told = {"label": "bee", "roc": line, "pr": line, "own": 1, "n": 2}
    figures = (charts.roc(told), charts.precision_recall(told), charts.coverage({"coverage": [0.5, 1.0], "accuracy": [0.9412, 0.9]}))
    traces = [next(trace for trace in figure["data"] if "hovertext" in trace) for figure in figures]
    assert [trace["hovertext"][-1] for trace in traces[:2]] == [
        "94.1 % found, 5.3 % of the others taken for it",
        "precision 94.1 % at recall 5.3 %",
    ]
    assert traces[2]["hovertext"][0] == "94.1 % right of the surest 50.0 %"
    assert all(len(trace["hovertext"]) == len(trace["x"]) for trace in traces) and ".1%" not in json.dumps(figures)


@pytest.mark.parametrize(
    ("area", "interval", "words"),
    [
        (0.981, (0.962, 0.994), "0.981 (0.962 to 0.994)"),
        (0.99998, (0.99995, 1.0), "1.000"),
        (1.0, None, "1.000"),
        (None, None, "not defined"),
    ],
)
def test_an_area_has_its_interval_where_that_says_anything(area, interval, words) -> None:
    assert charts.area_words({"area": area, "interval": interval}) == words
