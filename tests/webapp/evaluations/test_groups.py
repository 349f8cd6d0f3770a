"""How right a network is on each group of images, and which groups lie apart."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.template.loader import render_to_string
from PIL import Image

from classifier.data.erase import erase
from classifier.metrics import Prediction, write_rows
from tests.webapp.api.kit import TEST
from tests.webapp.evaluations.sites import evaluation_of, experiment_on
from webapp.accounts.models import User
from webapp.datasets.erasing import forgetting, places
from webapp.datasets.models import DatasetVersion
from webapp.evaluations import actions, groups
from webapp.evaluations.groups import Group, widest
from webapp.evaluations.models import Evaluation


def png(seed: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def archive(path: Path, count: int = 60) -> Path:
    """Images of two classes from two sites, all of them for the test but two; each has a number of its own."""
    lines = "file,label,split,site,number\n"
    with zipfile.ZipFile(path, "w") as made:
        for number in range(count):
            made.writestr(f"{number:02d}.png", png(number))
            split, site = "train" if number < 2 else "test", "=north" if number % 4 < 2 else "south"
            lines += f"{number:02d}.png,{'ab'[number % 2]},{split},{site},{number}\n"
        made.writestr("table.csv", lines)
    return path


@pytest.fixture
def evaluation(editor: User, settings, tmp_path: Path) -> Evaluation:
    """On the test split: all of the north is right, half of the south."""
    settings.SYNSET_HOME = tmp_path / "home"
    experiment = experiment_on(archive(tmp_path / "sites.zip"), editor, {})
    file = experiment.folder / "predictions-test.csv"
    write_rows(file, (said(sample.path, sample.position) for sample in of_test(experiment.version)))
    return evaluation_of(experiment, file, {"n": 58, "top1": 0.75})


def of_test(version: DatasetVersion):
    return version.samples.filter(split=2).order_by("position")


def said(path: str, position: int) -> Prediction:
    label, right = "ab"[position % 2], position % 4 < 2 or position % 8 < 4
    return Prediction(path, label, label if right else "ba"[position % 2], 0.9, 0.1, [(label, 0.9)])


def test_each_group_is_counted_by_itself(evaluation: Evaluation) -> None:
    (site,) = groups.columns(evaluation)  # the number of each image makes no groups
    assert [(group.value, group.n, group.right) for group in site.groups] == [("south", 30, 16), ("=north", 28, 28)]


def test_the_widest_gap_is_named_with_its_interval(evaluation: Evaluation) -> None:
    (site,) = groups.columns(evaluation)
    assert site.gap and site.gap.is_sure
    assert site.gap.words.startswith("=north 100.0 %, south 53.3 %: 46.7 points apart (95 % interval ")
    assert site.gap.words.endswith("more than chance would give")


def test_they_are_counted_once(evaluation: Evaluation) -> None:
    before = groups.columns(evaluation)
    (evaluation.experiment.folder / "predictions-test.csv").unlink()
    assert groups.columns(evaluation) == before


def test_they_are_counted_anew_once_an_image_is_erased(evaluation: Evaluation) -> None:
    table = evaluation.version.folder / "metadata.jsonl"
    cells = [json.loads(line) for line in table.read_text().splitlines()]
    column = json.loads((evaluation.version.folder / "dataset.json").read_text())["columns"].index("site")
    cells[5][column] = "Jo Doe's house"
    table.write_text("".join(json.dumps(line) + "\n" for line in cells))
    assert "Jo Doe's house" in [group.value for group in groups.columns(evaluation)[0].groups]
    digest = places.digest_at(evaluation.version, 5)
    erase([evaluation.version.folder], digest)
    forgetting.forget(places.places(evaluation.team, digest)[0], lambda: None)
    (site,) = groups.columns(Evaluation.objects.get(pk=evaluation.pk))
    assert [group.value for group in site.groups] == ["south", "=north"] and sum(group.n for group in site.groups) == 57


def test_images_without_a_prediction_or_a_name_are_passed_over(evaluation: Evaluation) -> None:
    rows = [said(sample.path, sample.position) for sample in of_test(evaluation.version)]
    rows = [row._replace(path="erased") if place == 3 else row for place, row in enumerate(rows) if place != 5]
    write_rows(evaluation.experiment.folder / "predictions-test.csv", rows)
    (site,) = groups.columns(evaluation)
    assert sum(group.n for group in site.groups) == 56


def with_ages(version: DatasetVersion) -> None:
    """The same version as if the table had told an age too: 20 to 79 by position."""
    about = json.loads((version.folder / "dataset.json").read_text())
    (version.folder / "dataset.json").write_text(json.dumps(about | {"columns": [*about["columns"], "age"]}))
    cells = [json.loads(line) for line in (version.folder / "metadata.jsonl").read_text().splitlines()]
    lines = (json.dumps([*row, f"{20 + position}.5"]) for position, row in enumerate(cells))
    (version.folder / "metadata.jsonl").write_text("".join(f"{line}\n" for line in lines))


def test_a_column_of_numbers_is_cut_into_fifths_of_all_images(evaluation: Evaluation) -> None:
    with_ages(evaluation.version)
    age = next(column for column in groups.columns(evaluation) if column.name == "age")
    fifths = {"20.5 to 31.5": 10, "32.5 to 43.5": 12, "44.5 to 55.5": 12, "56.5 to 67.5": 12, "68.5 to 79.5": 12}  # two learn, of the first
    assert {group.value: group.n for group in age.groups} == fifths and age.gap


def test_they_are_counted_once_the_evaluation_has_ended(evaluation: Evaluation, django_capture_on_commit_callbacks: Any) -> None:
    file = evaluation.experiment.folder / "predictions-test.csv"
    with django_capture_on_commit_callbacks(execute=True):
        actions.keep(evaluation, TEST, file)
    assert groups.kept_in(evaluation).exists()


def test_no_page_waits_for_those_of_a_large_set(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "LIGHT", 59)
    assert groups.columns(evaluation) == []
    groups.keep_ahead(evaluation)
    assert [column.name for column in groups.columns(evaluation)] == ["site"]


def test_what_goes_wrong_in_counting_ends_no_evaluation(evaluation: Evaluation) -> None:
    (evaluation.version.folder / "paths.txt").unlink()
    groups.keep_ahead(evaluation)
    assert not groups.kept_in(evaluation).exists()


def test_a_fold_is_of_train_and_validation(evaluation: Evaluation) -> None:
    learnt = [said(sample.path, sample.position) for sample in evaluation.version.samples.filter(split=0).order_by("position")]
    assert len(list(groups.matched(iter(learnt), evaluation.version, "validation", folds=True))) == 2
    assert list(groups.matched(iter(learnt), evaluation.version, "validation")) == []


def test_an_erased_image_is_in_no_file_that_was_kept(evaluation: Evaluation) -> None:
    groups.keep_ahead(evaluation)
    old = groups.kept_in(evaluation).with_name(f"groups-{evaluation.pk}-58.json")
    old.write_text('{"site": {"Jo Doe\'s house": [1, 1]}}')
    digest = places.digest_at(evaluation.version, 5)
    erase([evaluation.version.folder], digest)
    forgetting.forget(places.places(evaluation.team, digest)[0], lambda: None)
    assert not old.exists() and groups.kept_in(evaluation).exists()


def test_programs_are_told_the_same(evaluation: Evaluation) -> None:
    (site,) = groups.told(evaluation)
    assert (site["column"], [group["value"] for group in site["groups"]]) == ("site", ["south", "=north"])
    assert site["gap"]["better"] == "=north" and site["gap"]["sure"] and site["gap"]["points"] == pytest.approx(0.467, abs=0.001)


def test_others_are_told_of_no_small_group() -> None:
    found = [groups.column("site", {"a": [4, 0], "b": [100, 90], "c": [100, 80]}), groups.column("sex", {"f": [4, 0], "m": [100, 90]})]
    assert [(column.name, [group.value for group in column.groups]) for column in groups.outward(found)] == [("site", ["c", "b"])]


def test_without_its_files_a_page_has_no_groups(evaluation: Evaluation) -> None:
    (evaluation.version.folder / "samples.bin").unlink()
    assert groups.columns(evaluation) == []


def test_small_groups_are_shown_and_not_compared() -> None:
    assert widest([Group("a", 4, 0), Group("b", 100, 90)][1:]) is None
    made = groups.column("site", {"a": [4, 0], "b": [100, 90], "c": [100, 80]})
    assert [group.value for group in made.groups] == ["a", "c", "b"] and made.gap and made.gap.worse.value == "c"


def test_a_small_group_stands_behind_those_that_say_something() -> None:
    made = groups.column("site", {"a": [4, 0], "b": [100, 90], "c": [100, 80]})
    assert ([group.value for group in made.compared], [group.value for group in made.small]) == (["c", "b"], ["a"])
    assert made.small_words == "1 group has fewer than 5 images, too few to say how right it is there."


@pytest.mark.parametrize(
    "counts, words",
    [
        ({"a": [4, 0], "b": [3, 3]}, "Each of its groups has fewer than 5 images: too few to say how right it is on them."),
        (
            {"a": [4, 0], "b": [2, 1], "c": [9, 8]},
            "2 groups have fewer than 5 images, too few to say how right it is there, so that nothing",
        ),
        ({"b": [100, 90], "c": [100, 80]}, ""),
    ],
)
def test_where_groups_are_too_small_that_is_said(counts: dict[str, list[int]], words: str) -> None:
    said = groups.column("site", counts).small_words
    assert said.startswith(words) and bool(said) == bool(words)


def test_a_range_and_its_share_are_told_apart() -> None:
    gap = groups.column("age", {"18 to 34": [50, 45], "35 to 60": [50, 25]}).gap
    assert gap and gap.words.startswith("18 to 34 (90.0 %), 35 to 60 (50.0 %): 40.0 points apart")


def test_others_are_told_how_many_groups_are_not_shown() -> None:
    (site,) = groups.outward([groups.column("site", {"a": [4, 0], "d": [1, 1], "b": [100, 90], "c": [100, 80]})])
    assert site.small_words == "2 groups of fewer than 5 images are not shown here."


def test_programs_are_told_which_groups_are_large_enough(evaluation: Evaluation) -> None:
    assert [group["compared"] for group in groups.told(evaluation)[0]["groups"]] == [True, True]


def test_the_page_shows_the_worst_group_first_and_small_ones_last(evaluation: Evaluation, editor: User) -> None:
    found = groups.column("site", {"tiny": [2, 0], "b": [100, 90], "c": [100, 80]})
    page = render_to_string("evaluations/_groups.html", {"groups": [found], "split": "test"})
    assert page.index(">c<") < page.index(">b<") < page.index(">tiny<") and "too few to say" in page and "0 right" in page


def test_the_more_groups_the_wider_the_gap_must_be() -> None:
    two = widest([Group("a", 60, 42), Group("b", 60, 54)])
    many = widest([Group("a", 60, 42), *(Group(str(n), 60, 48) for n in range(18)), Group("b", 60, 54)])
    assert two and many and two.is_sure and not many.is_sure and many.points == two.points


def test_values_that_differ_behind_what_a_card_tells_are_one_group() -> None:
    """A card cuts them too; the second took the first one's place, whose images were counted nowhere."""
    long = "https://" + "x" * 80
    told = groups.as_cards_tell({f"{long}/a": [3, 2], f"{long}/b": [4, 1], "near": [5, 5]})
    assert told == {long[:80]: [7, 3], "near": [5, 5]}
