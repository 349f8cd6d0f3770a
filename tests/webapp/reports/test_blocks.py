"""What the blocks of a report show, and to whom."""

from __future__ import annotations

import json

import numpy as np
import pytest

from classifier.metrics.scored import FORGOTTEN, path_of, write_scored
from classifier.spec.errors import ConfigError
from tests.webapp.evaluations.comparing.conftest import animals, pair  # noqa: F401 (fixtures)
from tests.webapp.evaluations.comparing.kit import dataset_of, measured, reported, trained
from webapp.accounts.actor import actor_in
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment
from webapp.reports import actions
from webapp.reports.blocks import charts, showing
from webapp.reports.blocks.choices import PARTS
from webapp.reports.models import Block, Report


@pytest.fixture
def report(pair) -> Report:  # noqa: F811
    """Of the first of two networks, wrong on 0 to 7 of thirty images; the second is wrong on 6 to 9."""
    return reported(Evaluation.objects.get(experiment=pair[0])).report


@pytest.fixture
def add(report, editor):
    """A block of the report, by an editor."""

    def make(kind: str, title: str = "", text: str = "", **choices) -> Block:
        return actions.add(actor_in(editor, via="session"), Report.objects.get(pk=report.pk), kind, title=title, text=text, choices=choices)

    return make


@pytest.fixture
def shown(report):
    def look() -> list:
        fresh = Report.objects.get(pk=report.pk)
        return showing.shown(fresh, showing.for_members(fresh))

    return look


def test_a_text_stands_in_its_own_words(add, shown):
    add("text", "What we learnt", "It is **good**.")
    (block,) = shown()
    assert (block.number, block.title, str(block.text)) == (1, "What we learnt", "<p>It is <strong>good</strong>.</p>\n")


@pytest.mark.parametrize("what", ["loss", "accuracy"])
def test_a_curve_of_the_training_says_its_splits(what, add, shown):
    add("chart", what=what)
    (block,) = shown()
    assert block.figure["data"][0]["x"] and block.note == "train and validation splits, 30 validation images"
    assert len(block.legend) == len(block.figure["data"])


def test_bars_by_class_are_of_the_classes_that_were_chosen(add, shown):
    add("chart", what="recall", of="chosen", labels=["cow", "ant"])
    add("chart", what="recall", of="worst", most=5)
    some, worst = shown()
    named = [words.split()[0] for words in some.figure["layout"]["yaxis"]["ticktext"]]
    assert named == ["Ant", "Cow"] and some.note.endswith("2 of 3 classes")
    assert len(worst.figure["layout"]["yaxis"]["ticktext"]) == 3 and "the 3 worst of 3 classes by recall" in worst.note


def test_a_table_of_figures_has_their_intervals(add, shown):
    add("table", what="figures", figures=["loss", "top1"])
    (block,) = shown()
    assert [row.cells[0] for row in block.rows] == ["Top-1", "Loss"]
    assert block.rows[0].cells[1:] == ["73.3 %", "55.6 to 85.8 %"] and block.note == "test split, 30 images"


def test_a_table_by_class_says_how_sure_each_share_is(add, shown):
    add("table", what="classes", of="chosen", labels=["bee"])
    (block,) = shown()
    (row,) = block.rows
    assert row.cells[:2] == ["Bee", "10"] and "(" in row.cells[2] and "(" in row.cells[3]


def test_f1_by_class_has_the_interval_of_the_evaluations_page(add, shown, report, monkeypatch):
    add("table", what="classes")
    add("chart", what="f1")
    table, chart = shown()
    assert "(" not in table.rows[0].cells[4] and chart.figure["data"][0]["error_x"] == {"visible": False}
    assert "Its intervals were not kept." in chart.words
    spans = {"f1_span": np.array([[0.5, 0.9], [np.nan, np.nan], [0.6, 1.0]])}
    monkeypatch.setattr(Evaluation, "curves", lambda self, *names: spans)
    table, chart = shown()
    assert table.rows[0].cells[4].endswith("(0.50 to 0.90)") and "(" not in table.rows[1].cells[4]
    assert any(chart.figure["data"][0]["error_x"]["array"]) and "95 % interval" in chart.words[-1]


def test_the_commonest_mistakes_are_listed(add, shown):
    add("table", what="pairs", most=5)
    (block,) = shown()
    assert block.rows[0].cells[:3] == ["Ant", "Bee", "3 images"] and block.rows[0].cells[3].startswith("30.0 % (")


def test_a_matrix_of_some_classes_leaves_no_image_out(add, shown):
    add("matrix", what="counts", of="chosen", labels=["bee"])
    (block,) = shown()
    cells = [trace["z"] for trace in block.figure["data"][1:]]
    assert sum(cell or 0 for z in cells for row in z for cell in row) == 30
    assert block.figure["layout"]["xaxis"]["ticktext"] == ["Bee", "all others"]


def test_others_are_added_up_as_one():
    counts = np.arange(9).reshape(3, 3)
    merged, names = charts.among(counts, ["a", "b", "c"], [2])
    assert names == ["c", "all others"] and merged.tolist() == [[8, 13], [7, 8]]
    assert charts.among(counts, ["a", "b", "c"], [2, 0, 1])[0].tolist() == counts[np.ix_([2, 0, 1], [2, 0, 1])].tolist()


@pytest.mark.parametrize(
    ("choices", "positions"),
    [
        ({"what": "worst"}, [7, 6, 5, 4, 3, 2, 1, 0]),
        ({"what": "sure"}, [7, 6, 5, 4, 3, 2, 1, 0]),
        ({"what": "class", "true": "Ant"}, [6, 3, 0]),
        ({"what": "cell", "true": "bee", "said": "cow"}, [7, 4, 1]),
        ({"what": "right", "shown": 8}, [29, 28, 27, 26, 25, 24, 23, 22]),
        ({"what": "unsure", "shown": 8}, [0, 1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_a_gallery_shows_what_was_chosen(choices, positions, add, shown):
    add("gallery", **choices)
    (block,) = shown()
    assert [int(picture.path[-6:-4]) for picture in block.pictures] == positions
    assert all(picture.thumb and picture.link.startswith("/evaluations/") for picture in block.pictures)


def test_a_gallery_says_of_how_many_its_images_are(add, shown):
    add("gallery", what="right", shown=8)
    (block,) = shown()
    assert block.note == "test split, 8 of 22 images that are named rightly · most confident first"


def test_an_image_that_was_erased_is_in_no_gallery(add, shown, report):
    add("gallery", what="worst")
    file = path_of(report.evaluation.experiment.folder / report.evaluation.predictions)
    rows = np.array(np.load(file))
    rows["position"][[7, 6]] = FORGOTTEN
    write_scored(file, rows)
    assert [int(picture.path[-6:-4]) for picture in shown()[0].pictures] == [5, 4, 3, 2, 1, 0]


def test_two_experiments_stand_beside_each_other(add, shown, pair):  # noqa: F811
    add("comparison", what="figures", experiments=[pair[1].pk])
    (block,) = shown()
    first, second = block.rows
    assert (first.cells[0], first.cells[2], first.cells[3]) == ("Plain", "73.3 % ± 15.1", "–")
    assert second.cells[0] == "Faster" and second.cells[3].startswith("+13.3 (") and "p 0." in second.cells[3]
    assert second.link == f"/experiments/{pair[1].pk}/" and second.number == 2


@pytest.mark.parametrize("what", ["val_top1", "val_loss", "train_loss"])
def test_their_curves_lie_over_each_other(what, add, shown, pair):  # noqa: F811
    add("comparison", what=what, experiments=[pair[1].pk])
    (block,) = shown()
    assert [trace["name"] for trace in block.figure["data"]] == ["A Plain", "B Faster"]
    assert block.letters == [(1, "Plain"), (2, "Faster")]


@pytest.mark.parametrize("what", ["classes", "matrix"])
def test_what_changed_between_them_is_drawn(what, add, shown, pair):  # noqa: F811
    add("comparison", what=what, experiments=[pair[1].pk])
    (block,) = shown()
    assert block.figure and block.note == "B minus A, test split, 30 images that both judged" and not block.trouble


def test_one_that_was_never_measured_says_so(add, shown, report):
    alone = trained(report.evaluation.version, "Unmeasured")
    add("comparison", what="figures", experiments=[alone.pk])
    assert shown()[0].rows[1].cells[1] == "not measured on this split"


def test_an_experiment_that_is_gone_is_missed(add, shown, pair, report):  # noqa: F811
    other = trained(report.evaluation.version, "Third")
    measured(other, {})
    add("comparison", what="figures", experiments=[pair[1].pk, other.pk])
    add("comparison", what="val_loss", experiments=[other.pk])
    Experiment.objects.filter(pk=other.pk).update(trashed_at="2026-01-01T00:00Z")
    some, none = shown()
    assert [row.cells[0] for row in some.rows] == ["Plain", "Faster"] and "1 experiment is gone" in some.words[-1]
    assert none.trouble == "The experiments that were compared here are gone." and not none.figure


def test_without_predictions_a_gallery_says_what_to_do(add, shown, report):
    add("gallery", what="worst")
    path_of(report.evaluation.experiment.folder / report.evaluation.predictions).unlink()
    assert "Evaluate it again" in shown()[0].trouble


def test_what_an_earlier_release_did_not_keep_is_said(add, shown):
    for choices in ({"what": "roc", "label": "ant"}, {"what": "reliability"}, {"what": "coverage"}):
        add("chart", **choices)
    add("chart", what="speed")
    *kept, speed = shown()
    assert all("Evaluate it again" in block.trouble for block in kept) and speed.trouble == "Its speed was not measured."


def test_a_curve_of_a_class_says_its_area_and_how_sure_it_is(add, shown, monkeypatch):
    points = {"x": [0.0, 0.1, 1.0], "y": [0.0, 0.9, 1.0], "area": 0.9, "interval": (0.8, 0.95)}
    told = {"label": "ant", "n": 30, "own": 10, "roc": points, "pr": points | {"interval": None}}
    monkeypatch.setattr(charts.told, "curves_of", lambda evaluation, place: told)
    add("chart", what="roc", label="ant")
    add("chart", what="pr", label="ant")
    roc, pr = shown()
    assert roc.note == "Ant · test split, 10 images of it among 30 images" and roc.figure["data"][1]["x"] == points["x"]
    assert roc.words == ["Area 0.900 (0.800 to 0.950) with its 95 % interval. Dotted: what chance gives."]
    assert pr.words == ["Average precision 0.900. Dotted: what chance gives."]


def test_no_experiment_of_another_team_gets_into_a_block(add, shown, report, outsider, pair):  # noqa: F811
    theirs = trained(dataset_of(outsider, "Theirs").versions.get(), "Secret")
    with pytest.raises(ConfigError, match="there is none of the id"):
        add("comparison", what="figures", experiments=[theirs.pk])
    block = add("comparison", what="figures", experiments=[pair[1].pk])
    Block.objects.filter(pk=block.pk).update(options={"what": "figures", "experiments": [theirs.pk]})  # as if one had got in
    assert shown()[0].trouble and "Secret" not in json.dumps([row.cells for row in shown()[0].rows])


@pytest.mark.parametrize(
    ("kind", "choices", "field"),
    [
        ("chart", {"what": "nothing"}, "what"),
        ("chart", {"what": "roc"}, "label"),
        ("chart", {"what": "roc", "label": "dog"}, "label"),
        ("chart", {"what": "recall", "of": "some"}, "of"),
        ("chart", {"what": "recall", "of": "chosen"}, "labels"),
        ("chart", {"what": "recall", "of": "chosen", "labels": ["ant"] * 201}, "labels"),
        ("table", {"what": "pairs", "most": 7}, "most"),
        ("table", {"what": "pairs", "most": True}, "most"),
        ("table", {"what": "figures", "figures": ["luck"]}, "figures"),
        ("gallery", {"what": "worst", "shown": 10**30}, "shown"),
        ("gallery", {"what": "cell", "true": "ant", "said": "\0"}, "said"),
        ("comparison", {"what": "figures"}, "experiments"),
        ("comparison", {"what": "figures", "experiments": ["x\0"]}, "experiments"),
        ("comparison", {"what": "figures", "experiments": [f"{at:020}" for at in range(8)]}, "experiments"),
        ("poem", {}, "kind"),
        ("text", {}, "text"),
    ],
)
def test_a_wrong_choice_is_named(kind, choices, field, add):
    with pytest.raises(ConfigError) as error:
        add(kind, **choices)
    assert set(error.value.fields) == {field}


def test_the_reports_own_experiment_is_no_other(add, report):
    with pytest.raises(ConfigError, match="others than the report's own"):
        add("comparison", what="figures", experiments=[report.evaluation.experiment_id])


def test_what_a_part_does_not_ask_for_is_not_kept(add):
    block = add("gallery", what="worst", label="ant", labels=["ant"], experiments=["x"], figures=["top1"])
    assert block.options == {"what": "worst", "shown": 16}


def test_a_report_holds_so_many_blocks(add, monkeypatch):
    monkeypatch.setattr("webapp.reports.actions.composing.MOST_BLOCKS", 2)
    for _ in range(2):
        add("text", text="x")
    with pytest.raises(ConfigError, match="at most 2 blocks"):
        add("text", text="x")


@pytest.fixture
def every(add, pair):  # noqa: F811
    """A block of each part there is."""
    needed = {"label": "ant", "true": "ant", "said": "bee", "experiments": [pair[1].pk]}
    for kind, parts in PARTS.items():
        for what in parts:
            add(kind, what=what, **needed)
    add("text", text="See [the page](/reports/) and [more](https://example.org).")


def test_every_part_is_shown_to_members_and_to_others(every, report, editor, viewer, signed_in, client):
    page = signed_in(viewer).get(f"/reports/{report.pk}/")
    assert page.status_code == 200 and page.content.decode().count('id="block-') >= Block.objects.count()
    _, code = actions.share(actor_in(editor, via="session"), report, 7)
    text = client.get(f"/shared/{code}/").content.decode()
    assert text.count('class="shot"') > 8 and "Faster" in text
    hidden = [
        report.pk,
        report.evaluation_id,
        *Experiment.objects.values_list("pk", flat=True),
        *Block.objects.values_list("pk", flat=True),
    ]
    assert not [id for id in (*hidden, "ant/00.png", 'href="/reports/') if id in text]
    assert '<a href="https://example.org"' in text


def test_a_report_without_blocks_is_as_it_was(report, viewer, signed_in):
    assert 'class="blocks"' not in signed_in(viewer).get(f"/reports/{report.pk}/").content.decode()


def test_names_are_text_wherever_they_come_from(add, report, pair, viewer, signed_in):  # noqa: F811
    Experiment.objects.filter(pk=pair[1].pk).update(name="<script>alert(1)</script>")
    add("comparison", title="<b>bold</b>", what="figures", experiments=[pair[1].pk])
    add("comparison", what="val_loss", experiments=[pair[1].pk])
    text = signed_in(viewer).get(f"/reports/{report.pk}/").content.decode()
    assert "<script>alert" not in text and "<b>bold" not in text
