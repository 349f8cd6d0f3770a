"""How right a network is on slices of its images: by columns, by what images are like, and by two at once."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from classifier.data.erase import erase
from classifier.metrics import predictions, scored_path, scored_rows, write_rows, write_scored
from classifier.spec.quality import SAMPLE, SCALE
from tests.webapp.evaluations.sites import evaluation_of, experiment_on
from webapp.accounts.models import User
from webapp.datasets.browsing import looks
from webapp.datasets.cards import numbers
from webapp.datasets.erasing import forgetting, places
from webapp.datasets.models import QualityCheck
from webapp.evaluations import groups
from webapp.evaluations.models import Evaluation
from webapp.evaluations.slices import bands, charts, figures, links, showing, ways
from webapp.evaluations.slices.showing import Asked
from webapp.jobs import actions as jobs

COUNT = 120
SITES = ("north", "south", "=west")
CLASSES = ["a", "b"]

SignedIn = Callable[[User], Client]


def picture(number: int) -> bytes:
    """Half of the images are twice as wide as the others."""
    stream = io.BytesIO()
    pixels = np.random.default_rng(number).integers(0, 256, (8, 16 if number % 2 else 8, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def archive(path: Path) -> Path:
    """Two classes, three sites, a temperature with a part after the point, and a text of each image's own."""
    lines = "file,label,split,site,temperature,note\n"
    with zipfile.ZipFile(path, "w") as made:
        for number in range(COUNT):
            made.writestr(f"{number:03d}.png", picture(number))
            split = "train" if number < 4 else "test"
            note = f"note {number} " + "x" * 210
            lines += f"{number:03d}.png,{CLASSES[number // 3 % 2]},{split},{SITES[number % 3]},{number}.5,{note}\n"
        made.writestr("table.csv", lines)
    return path


def right(number: int) -> bool:
    """All of the north and the west; of the south those of a multiple of four."""
    return number % 3 != 1 or number % 4 == 0


@pytest.fixture
def evaluation(editor: User, settings: Any, tmp_path: Path) -> Evaluation:
    """On the test split, with predictions as the engine keeps them."""
    settings.SYNSET_HOME = tmp_path / "home"
    experiment = experiment_on(archive(tmp_path / "sites.zip"), editor, {"model": "small_cnn"})
    file = experiment.folder / "predictions-test.csv"
    samples = list(experiment.version.samples.filter(split=2).order_by("position"))
    labels = np.array([sample.label for sample in samples])
    numbers = [int(sample.path[:3]) for sample in samples]
    said = np.where([right(number) for number in numbers], labels, 1 - labels)
    logits = np.eye(2)[said] * 2 + np.random.default_rng(0).random((len(said), 1)) * [[0.1, 0]]
    write_scored(scored_path(file), scored_rows([sample.position for sample in samples], labels, logits))
    write_rows(file, predictions((sample.path for sample in samples), labels, logits, CLASSES))
    result = {"n": len(said), "top1": float((said == labels).mean()), "per_class": [{"label": label} for label in CLASSES]}
    return evaluation_of(experiment, file, result)


def checked(evaluation: Evaluation, facts: dict[str, Any] | None = None) -> QualityCheck:
    """As if the version had been checked: the first half of the images dark, the other light, the last not looked at."""
    job = jobs.submit(team=evaluation.team, user=evaluation.created_by, kind="quality", title="Check")
    jobs.finish(jobs.claim(job.id, "host@here:1"))
    made = {"team": evaluation.team, "created_by": evaluation.created_by, "version": evaluation.version}
    check = QualityCheck.objects.create(job=job, facts=facts or {}, **made)
    light = [round((0.2 if place < COUNT // 2 else 0.8) * SCALE) for place in range(COUNT - 1)]
    looks.path(evaluation.version, check.pk).write_bytes(b"".join(SAMPLE.pack(one, 0) for one in [*light, 65_535]))
    return check


def by_key(evaluation: Evaluation) -> dict[str, groups.Column]:
    return {line.key: line.column for line in figures.lines(evaluation)}


def test_every_column_of_few_values_or_of_numbers_makes_slices(evaluation: Evaluation) -> None:
    assert set(by_key(evaluation)) == {"site", "temperature", ways.SIZE, ways.SHAPE}
    assert ways.too_many(evaluation) == ["note"]


def test_a_slice_is_counted_as_the_predictions_are(evaluation: Evaluation) -> None:
    site = by_key(evaluation)["site"]
    n, hits = (
        Counter(SITES[number % 3] for number in range(4, COUNT)),
        Counter(SITES[number % 3] for number in range(4, COUNT) if right(number)),
    )
    assert {group.value: (group.n, group.right) for group in site.groups} == {name: (n[name], hits[name]) for name in SITES}


def test_the_surest_gap_comes_first_and_its_worst_group_leads(evaluation: Evaluation) -> None:
    first = figures.lines(evaluation)[0]
    assert first.key == "site" and first.worst and first.worst.group.value == "south" and first.worst.is_behind
    assert first.worst.behind == pytest.approx(1 - first.worst.group.accuracy)


def test_the_interval_of_the_gap_has_a_real_minus(evaluation: Evaluation) -> None:
    fifths = [line for line in figures.lines(evaluation) if line.key == "temperature"]
    gap = next(told for told in showing.key_figures(evaluation, fifths) if told.label == "Largest gap")
    assert gap.note.startswith("−") and "-" not in gap.note and gap.note.endswith("; may be chance")


def test_a_group_above_the_others_is_not_the_worst(evaluation: Evaluation) -> None:
    """Of a few images that are named better than the rest the interval may reach less far up than that of many that are not."""
    shape = groups.column("Image shape", {"about square": [146, 105], "upright": [13, 10]})
    behind = {one.group.value: one for one in figures.slices(shape)}
    assert behind["upright"].behind < 0 < behind["about square"].behind and behind["upright"].low > behind["about square"].low
    worst = showing.key_figures(evaluation, [figures.Line("@shape", shape)])[1]
    assert (worst.label, worst.value) == ("Worst group", "71.9 %") and "about square" in worst.note


def test_a_sure_gap_is_called_the_largest_of_those_alone(evaluation: Evaluation) -> None:
    wide = groups.column("day", {"monday": [5, 4], "tuesday": [5, 2]})
    sure = groups.column("shop", {"one": [400, 400], "two": [400, 360]})
    assert wide.gap and not wide.gap.is_sure
    lines = figures.in_order([figures.Line("day", wide), figures.Line("shop", sure)])
    gap = next(told for told in showing.key_figures(evaluation, lines) if told.label.endswith("gap"))
    assert (gap.label, gap.value) == ("Largest sure gap", "10.0")


def test_numbers_are_cut_into_fifths(evaluation: Evaluation) -> None:
    fifths = by_key(evaluation)["temperature"]
    assert sum(group.n for group in fifths.groups) == COUNT - 4 and len(fifths.groups) == 5


def test_images_are_sliced_by_their_size_and_shape(evaluation: Evaluation) -> None:
    found = by_key(evaluation)
    assert {group.value: group.n for group in found[ways.SIZE].groups} == {"8 px": 58, "16 px": 58}
    assert {group.value: group.n for group in found[ways.SHAPE].groups} == {"about square": 58, "wide, above 5 : 4": 58}


def test_brightness_is_known_once_the_version_was_checked(evaluation: Evaluation) -> None:
    assert ways.LIGHT not in by_key(evaluation)
    checked(evaluation)
    assert {group.value: group.n for group in by_key(evaluation)[ways.LIGHT].groups} == {"20 %": 56, "80 %": 59}


def test_reports_tell_size_and_brightness_too(evaluation: Evaluation) -> None:
    checked(evaluation)
    assert {column.name for column in groups.columns(evaluation)} == {"site", "temperature", "Image size", "Image shape", "Brightness"}


def test_two_ways_at_once_make_pairs(evaluation: Evaluation) -> None:
    found = figures.chosen(evaluation, "site", ways.SIZE)
    assert found and found.name == "site × Image size"
    n = Counter((SITES[number % 3], "16 px" if number % 2 else "8 px") for number in range(4, COUNT))
    assert {group.value: group.n for group in found.column.groups} == {f"{site} · {size}": count for (site, size), count in n.items()}


def test_one_class_alone_can_be_sliced(evaluation: Evaluation) -> None:
    found = figures.chosen(evaluation, "site", "", 1)
    n = Counter(SITES[number % 3] for number in range(4, COUNT) if number // 3 % 2)
    assert found and {group.value: group.n for group in found.column.groups} == dict(n)


def test_it_is_told_how_sure_the_network_is_on_a_group(evaluation: Evaluation) -> None:
    found = figures.chosen(evaluation, "site")
    scored = evaluation.scored
    assert found and scored is not None
    south = scored["probability"][scored["position"] % 3 == 1]
    assert next(one.sure for one in found.slices if one.group.value == "south") == pytest.approx(south.mean(), rel=1e-5)


def test_the_worst_mistakes_of_a_group_are_shown_first(evaluation: Evaluation) -> None:
    found, scored = figures.chosen(evaluation, "site"), evaluation.scored
    assert found and found.way and scored is not None
    rows = figures.worst_rows(evaluation, found.way, "south", None, 5)
    wrong = np.flatnonzero((scored["position"] % 3 == 1) & (scored["label"] != scored["predicted"]))
    assert scored["loss"][rows].tolist() == sorted(scored["loss"][wrong].tolist(), reverse=True)[:5]
    assert figures.worst_rows(evaluation, found.way, "north", None, 5) == []


def test_the_page_tells_groups_gap_and_mistakes(evaluation: Evaluation, viewer: User, signed_in: SignedIn) -> None:
    page = signed_in(viewer).get(f"/evaluations/{evaluation.pk}/groups/?by=site&group=south").content.decode()
    assert "Worst group" in page and "south" in page and "more than chance would give in one column" in page
    assert "not for the number of columns" in page
    assert "Mistakes in <bdi>south</bdi>" in page and "taken for" in page and "was not checked" in page


@pytest.mark.parametrize(
    ("query", "group", "wanted"),
    [
        ("by=site", "south", "?is=0%3Asouth"),
        ("by=site&of=b", "south", "?true=1&amp;is=0%3Asouth"),
        ("by=temperature", "", ""),
        ("by=@size", "8 px", ""),
        ("by=site&and=@size", "south · 8 px", ""),
    ],
)
def test_a_group_that_a_filter_tells_leads_to_its_images(
    evaluation: Evaluation, viewer: User, signed_in: SignedIn, query: str, group: str, wanted: str
) -> None:
    page = signed_in(viewer).get(f"/evaluations/{evaluation.pk}/groups/?{query}&group={quote(group)}").content.decode()
    found = re.findall(r'href="/evaluations/\w+/images/(\?[^"]*)">All images of this group', page)
    assert found == ([wanted] if wanted else [])


def test_those_are_as_many_as_the_group_has(evaluation: Evaluation, viewer: User, signed_in: SignedIn) -> None:
    client = signed_in(viewer)
    n = {group.value: group.n for group in by_key(evaluation)["site"].groups}
    for site in SITES:
        address = links.images_of(evaluation, ["site"], site, None)
        assert client.get(address).context["total"] == n[site]


def test_a_pair_of_columns_is_filtered_by_both() -> None:
    known = {"site": (0, ["north", ""]), "shop": (3, ["a", "b"])}
    assert links.cells_of(known, ["site", "shop"], "(empty) · b") == ((0, ""), (3, "b"))
    assert links.cells_of(known, ["site", "shop"], "south · b") == links.cells_of(known, ["site", "@size"], "north · 8 px") == ()


def test_a_mistake_of_a_group_leads_to_its_page(evaluation: Evaluation) -> None:
    rows = [3, 1]
    links_of = [each["link"] for each in showing.mistakes(evaluation, rows)]
    assert links_of == [f"/evaluations/{evaluation.pk}/images/{row}/" for row in rows]


def test_a_chart_says_of_how_many_groups_it_shows_the_worst(
    evaluation: Evaluation, viewer: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    column = groups.column("site", {f"shop {number}": [10, number % 10] for number in range(250)})
    monkeypatch.setattr(figures, "chosen", lambda *_: figures.Chosen("site", column, figures.slices(column), None))
    page = signed_in(viewer).get(f"/evaluations/{evaluation.pk}/groups/?by=site").content.decode()
    assert "The 16 worst of 250 groups." in page and "and 50 more groups, which are better" in page


def test_the_axis_is_read_straight_also_beside_long_names_on_a_phone(evaluation: Evaluation) -> None:
    across = charts.by_group("Image shape", figures.slices(groups.column("x", {"a": [20, 10], "b": [20, 15]})), 0.6)["layout"]["xaxis"]
    assert across["tickangle"] == 0 and across["ticktext"] == ["0 %", "", "50 %", "", "100 %"] and len(across["tickvals"]) == 5


def test_an_outsider_finds_nothing(evaluation: Evaluation, outsider: User, signed_in: SignedIn) -> None:
    assert signed_in(outsider).get(f"/evaluations/{evaluation.pk}/groups/").status_code == 404


@pytest.mark.parametrize(
    "query", ["by=nothing", "by=site&and=nothing", "by=site&of=zebra", "by=" + "x" * 3000, "by=site&group=elsewhere", "by=%00"]
)
def test_what_there_is_not_gets_a_sentence(evaluation: Evaluation, viewer: User, query: str, signed_in: SignedIn) -> None:
    answer = signed_in(viewer).get(f"/evaluations/{evaluation.pk}/groups/?{query}")
    assert answer.status_code == 200
    assert ("hoose" in answer.content.decode().split('class="figures"')[0]) == ("elsewhere" not in query)


def test_shortcuts_of_the_quality_report_stand_beside_the_groups(evaluation: Evaluation) -> None:
    told = {"by": "size", "accuracy": 0.8, "chance": 0.5, "images": 120, "suspicious": True}
    checked(evaluation, {"shortcuts": [told, {**told, "by": "ending", "suspicious": False}]})
    (shortcut,) = showing.shortcuts(evaluation)
    assert (shortcut["by"], shortcut["key"]) == ("size", ways.SIZE)


def test_an_evaluation_of_an_earlier_release_has_its_columns(evaluation: Evaluation) -> None:
    scored_path(evaluation.experiment.folder / evaluation.predictions).unlink()
    assert [line.key for line in figures.lines(evaluation)] == ["site", "temperature"]
    assert showing.context(evaluation, Asked())["earlier"]


def test_without_its_files_a_page_says_so(evaluation: Evaluation, viewer: User, signed_in: SignedIn) -> None:
    (evaluation.version.folder / "samples.bin").unlink()
    assert "Nothing to slice by" in signed_in(viewer).get(f"/evaluations/{evaluation.pk}/groups/").content.decode()


def test_an_erased_image_is_in_no_slice(evaluation: Evaluation) -> None:
    figures.keep_ahead(evaluation)
    old = bands.kept_in(evaluation.version).read_bytes()
    digest = places.digest_at(evaluation.version, 7)
    erase([evaluation.version.folder], digest)
    forgetting.forget(places.places(evaluation.team, digest)[0], lambda: None)
    fresh = Evaluation.objects.get(pk=evaluation.pk)
    assert sum(group.n for group in by_key(fresh)["site"].groups) == COUNT - 5
    assert sum(group.n for group in by_key(fresh)["temperature"].groups) == COUNT - 5
    assert bands.kept_in(fresh.version).read_bytes() != old


def test_of_a_large_version_no_page_reads_lines(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands, "LIGHT", 10)
    assert bands.of(evaluation.version) == bands.NOTHING
    figures.keep_ahead(evaluation)
    assert list(bands.of(evaluation.version).columns) == ["temperature"]


def test_a_page_that_comes_before_all_is_read_keeps_nothing_of_it(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands, "LIGHT", 10)
    assert len(by_key(evaluation)["temperature"].groups) > 5
    figures.keep_ahead(evaluation)
    assert len(by_key(evaluation)["temperature"].groups) == 5


def test_a_million_predictions_are_sliced_within_a_blink() -> None:
    n, draw = 1_280_000, np.random.default_rng(0)
    told = ways.Seen(np.arange(n), np.arange(n), draw.integers(0, 1000, n), draw.random(n) < 0.8, draw.random(n, np.float32))
    way = ways.of_codes("site", [str(value) for value in range(150)], draw.integers(0, 150, n).astype(np.uint8))(told)
    sides = draw.integers(100, 1280, n)
    assert way
    work: list[Callable[[], object]] = [
        lambda: figures.slices(groups.column("site", ways.count(way, told)), figures.confidence(way, told)),
        lambda: ways.banded("Image size", sides, " px"),
        lambda: ways.crossed(way, way._replace(values=way.values[:4], codes=way.codes % 4)),
    ]
    for one in work:
        assert min(seconds(one) for _ in range(3)) < 0.2


def seconds(work: Callable[[], object]) -> float:
    """Of this process alone, however busy the machine is."""
    began = time.process_time()
    work()
    return time.process_time() - began


def test_fifths_are_cut_as_cards_cut_them() -> None:
    values = np.random.default_rng(5).integers(0, 40, 997)
    known = numbers.Numbers()
    for value in values.tolist():
        known.add(str(value), 0)
    told, way = known.told("size"), ways.banded("size", values, "")
    assert told and way.values == list(told["values"])
    assert np.bincount(way.codes).tolist() == [counts[0] for counts in told["values"].values()]


def test_of_what_is_not_known_there_is_no_fifth() -> None:
    way = ways.banded("light", np.array([-1, 3, 3, -1, 9]), " %")
    assert way.values == ["3 %", "9 %"] and way.codes.tolist() == [-1, 0, 0, -1, 1]
    assert ways.banded("light", np.array([-1, -1]), " %").values == []
