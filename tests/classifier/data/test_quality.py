"""The check of a dataset: what it finds in small sets that have one thing wrong, and what it leaves alone."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.data.quality import apart, judging, near
from classifier.data.quality.check import check
from classifier.data.quality.repeats import Pairs, same_bytes
from classifier.data.revise import revise
from classifier.spec.errors import InputError, Interrupted
from classifier.spec.quality import KINDS, MOST_FINDINGS, SCALE, SIDES, UNKNOWN
from tests.classifier.images import encoded, write_zip

Files = dict[str, bytes]
LABELS = ("ant", "bee")


def scene(seed: int, width: int = 120, height: int = 90, tint: tuple[int, int, int] = (0, 0, 0)) -> Image.Image:
    """A picture of soft patches with some grain, unlike that of any other seed."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(40, 216, (6, 8, 3), dtype=np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    pixels = np.asarray(coarse, np.int16) + random.integers(-12, 13, (height, width, 3)) + np.array(tint)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def jpeg(image: Image.Image, quality: int = 92) -> bytes:
    stream = BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def plain(each: int = 12, **options: Any) -> Files:
    """Two classes with nothing wrong, split already."""
    files = {}
    for number, label in enumerate(LABELS):
        for index in range(each):
            split = ("train", "train", "validation", "test")[index % 4]
            files[f"{split}/{label}/{index:02d}.jpg"] = jpeg(scene(1000 * number + index, **options))
    return files


@pytest.fixture
def checked(tmp_path: Path):
    """What a check says of these files, findings by kind as (path, other path, class, score)."""

    def run(files: Files, **options: Any) -> dict[str, Any]:
        folder = tmp_path / "data"
        import_dataset(write_zip(tmp_path / "set.zip", files), folder, **options)
        check(folder, tmp_path / "found.json")
        told = json.loads((tmp_path / "found.json").read_text("utf-8"))
        dataset = Dataset.open(folder)
        by_kind: dict[str, list[tuple[str, str | None, str | None, float]]] = {kind: [] for kind in KINDS}
        for kind, position, other, label, score in told["findings"]:
            named = (
                dataset.path(position),
                None if other is None else dataset.path(other),
                None if label is None else dataset.classes[label],
            )
            by_kind[kind].append((*named, score))
        return {**told, "found": by_kind}

    return run


def looks_of(file: Path) -> np.ndarray:
    """[N, 2]: light and certainty of each sample, not-a-number where it was not looked at."""
    stored = np.fromfile(file, "<u2").reshape(-1, 2)
    return np.where(stored == UNKNOWN, np.nan, stored / SCALE)


def first_two(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [row[:2] for row in rows]


def test_a_sound_set_has_no_findings(checked):
    told = checked(plain())
    assert sum(told["counts"].values()) == 0 and told["findings"] == []
    assert told["leaks"] == dict.fromkeys(SIDES, 0)


def test_a_test_image_that_was_saved_again_in_train_leaks(checked):
    files = plain()
    files["train/ant/copy.jpg"] = jpeg(scene(3), quality=60)  # 03.jpg stands in test
    told = checked(files)
    assert first_two(told["found"]["near_leak"]) == [("train/ant/copy.jpg", "test/ant/03.jpg")]
    assert told["leaks"]["train-test"] == 1 and told["counts"]["leak"] == 0


def test_a_smaller_copy_leaks_too(checked):
    files = plain()
    files["train/ant/small.jpg"] = jpeg(scene(3).resize((84, 63), Image.Resampling.LANCZOS))
    assert first_two(checked(files)["found"]["near_leak"]) == [("train/ant/small.jpg", "test/ant/03.jpg")]


def test_the_very_same_file_in_two_splits_leaks(checked):
    files = plain()
    files["train/ant/copy.jpg"] = files["test/ant/03.jpg"]
    told = checked(files)
    assert first_two(told["found"]["leak"]) == [("train/ant/copy.jpg", "test/ant/03.jpg")]
    assert told["leaks"] == {"train-validation": 0, "train-test": 1, "validation-test": 0}


def test_each_test_image_counts_once_however_often_it_was_copied(checked):
    files = plain()
    for number in range(3):
        files[f"train/ant/copy{number}.jpg"] = jpeg(scene(3), quality=60 + 10 * number)
    told = checked(files)
    assert told["leaks"]["train-test"] == 1 and told["counts"]["near_leak"] == 3


@pytest.mark.parametrize("first", ["train", "validation", "test"])
def test_an_image_in_all_three_splits_leaks_between_each_two_of_them(checked, first):
    files = plain()
    files |= {f"{split}/ant/{'a' if split == first else 'b'}.jpg": jpeg(scene(500)) for split in ("train", "validation", "test")}
    told = checked(files)
    assert told["leaks"] == {"train-validation": 1, "train-test": 1, "validation-test": 1}
    assert {row[0].split("/")[0] for row in told["found"]["leak"]} == {"train", "validation"}
    assert all(row[1].startswith("test/") for row in told["found"]["leak"])


def test_what_looks_like_an_image_that_stands_in_two_splits_leaks_into_both(checked):
    files = plain()
    files |= {"train/ant/early.jpg": jpeg(scene(500), quality=60), "train/ant/again.jpg": jpeg(scene(500), quality=60)}
    files |= {f"{split}/ant/late.jpg": jpeg(scene(500)) for split in ("validation", "test")}
    told = checked(files)
    assert told["leaks"] == {"train-validation": 1, "train-test": 1, "validation-test": 1}
    assert sorted(first_two(told["found"]["near_leak"])) == [
        ("train/ant/again.jpg", "test/ant/late.jpg"),
        ("train/ant/early.jpg", "test/ant/late.jpg"),
    ]


def test_a_group_that_stands_in_two_splits_leaks(tmp_path: Path):
    import_dataset(
        write_zip(
            tmp_path / "set.zip",
            {f"{label}/{n:02d}.jpg": jpeg(scene(40 * side + n)) for side, label in enumerate(LABELS) for n in range(12)},
        ),
        tmp_path / "data",
        group=r"/(\d\d)",
    )
    data = Dataset.open(tmp_path / "data")
    moved = next(place for place in data.indices("train").tolist() if data.path(place).startswith("ant"))
    (tmp_path / "changes.jsonl").write_text(json.dumps({"op": "sample", "position": moved, "split": "test"}))
    revise(tmp_path / "data", tmp_path / "changes.jsonl", tmp_path / "next")
    check(tmp_path / "next", tmp_path / "found.json")
    told = json.loads((tmp_path / "found.json").read_text("utf-8"))
    twin = next(place for place in range(len(data)) if place != moved and data.path(place)[4:] == data.path(moved)[4:])
    assert [row[1:3] for row in told["findings"] if row[0] == "group_leak"] == [[twin, moved]]
    assert told["grouped"] == {"train-validation": 0, "train-test": 1, "validation-test": 0} and told["leaks"] == dict.fromkeys(SIDES, 0)


def test_where_nothing_was_to_stay_together_no_group_is_looked_for(checked):
    assert checked(plain(4))["grouped"] is None


def test_one_image_with_two_labels_names_the_other_label(checked):
    files = plain()
    files["train/bee/same.jpg"] = files["train/ant/00.jpg"]
    files["train/bee/again.jpg"] = jpeg(scene(1), quality=60)
    told = checked(files)
    assert {row[2] for row in told["found"]["two_labels"]} <= set(LABELS) and told["counts"]["two_labels"] == 1
    assert {told["found"]["near_two_labels"][0][0], told["found"]["near_two_labels"][0][1]} == {"train/bee/again.jpg", "train/ant/01.jpg"}


def test_an_unlabelled_twin_takes_nothing_from_a_labelled_image(checked):
    files = plain()
    files["train/unlabelled/same.jpg"] = files["train/ant/00.jpg"]
    files["test/unlabelled/same.jpg"] = files["train/ant/01.jpg"]
    files["test/unlabelled/again.jpg"] = jpeg(scene(1), quality=60)
    found = checked(files)["found"]
    said = [row for kind in ("leak", "near_leak", "two_labels", "near_two_labels", "duplicate") for row in found.get(kind, [])]
    assert not [row for row in said if "train/ant" in row[0]]


def test_twins_of_one_class_and_split_are_found_once(checked):
    files = plain()
    files["train/ant/twin.jpg"] = files["train/ant/00.jpg"]
    files["train/ant/nearly.jpg"] = jpeg(scene(1), quality=60)
    told = checked(files)
    assert first_two(told["found"]["duplicate"]) == [("train/ant/twin.jpg", "train/ant/00.jpg")]
    assert told["counts"]["near_duplicate"] == 1


def test_a_scene_in_other_light_is_another_picture(checked):
    files = plain()
    files["train/ant/night.jpg"] = jpeg(scene(3).point(lambda value: value // 2))
    assert checked(files)["counts"]["near_leak"] == 0


def test_dark_bright_blurred_and_empty_images_stand_out(checked):
    files = plain(16)
    files["train/ant/dark.jpg"] = jpeg(scene(70).point(lambda value: value // 5))
    files["train/ant/bright.jpg"] = jpeg(scene(71).point(lambda value: 205 + value // 5))
    files["train/ant/blurred.jpg"] = jpeg(scene(72).filter(ImageFilter.GaussianBlur(5)))
    files["train/ant/blank.jpg"] = jpeg(Image.new("RGB", (120, 90), (130, 130, 130)))
    found = checked(files)["found"]
    names = {kind: [row[0].rsplit("/")[-1] for row in found[kind]] for kind in ("dark", "bright", "blurred", "flat")}
    assert names["dark"] == ["dark.jpg"] and names["bright"] == ["bright.jpg"] and names["flat"] == ["blank.jpg"]
    assert names["blurred"][0] == "blurred.jpg"


def test_an_image_of_quite_another_size_or_shape_stands_out(checked):
    files = plain()
    files["train/ant/huge.jpg"] = jpeg(scene(80, 600, 450))
    files["train/ant/long.jpg"] = jpeg(scene(81, 240, 60))
    found = checked(files)["found"]
    assert [row[0] for row in found["odd_size"]] == ["train/ant/huge.jpg"]
    assert [row[0] for row in found["odd_aspect"]] == ["train/ant/long.jpg"]


def test_digits_on_black_are_not_called_dark(checked):
    files = {}
    for number in range(24):
        pixels = np.zeros((28, 28), np.uint8)
        pixels[4 + number % 9 : 10 + number % 9, 3 + number : 5 + number] = 255 - number
        stream = BytesIO()
        Image.fromarray(pixels).save(stream, "PNG")
        files[f"{LABELS[number % 2]}/{number}.png"] = stream.getvalue()
    assert checked(files)["counts"]["dark"] == 0


def test_digits_that_are_merely_alike_are_no_copies(checked):
    files = {}
    for number in range(24):
        pixels = np.zeros((28, 28), np.uint8)
        pixels[4 + number % 3 : 24 - number // 8, 12 + number % 2 : 15 + number % 2] = 255 - 4 * number
        files[f"{LABELS[number % 2]}/{number}.png"] = encoded(Image.fromarray(pixels))
    told = checked(files)
    assert told["counts"]["near_leak"] + told["counts"]["near_duplicate"] < 6


def test_a_size_that_tells_the_class_is_a_shortcut(checked):
    files = {f"ant/{number}.jpg": jpeg(scene(number, 120, 90)) for number in range(20)}
    files |= {f"bee/{number}.png": jpeg(scene(100 + number, 140, 90)) for number in range(20)}
    told = {entry["by"]: entry for entry in checked(files)["shortcuts"]}
    assert told["size"]["suspicious"] and told["size"]["accuracy"] == 1.0 and told["size"]["chance"] == 0.5
    assert told["ending"]["suspicious"] and not told["border"]["suspicious"]


def striped(seed: int, direction: int) -> Image.Image:
    """Stripes down or across, of colours and widths of the seed."""
    random = np.random.default_rng(seed)
    wave = 100 + 80 * np.sin(np.arange(120) / random.uniform(2, 5) + random.uniform(0, 6))
    pixels = np.broadcast_to(wave[None, :] if direction else wave[:, None], (120, 120))[..., None] * random.uniform(0.6, 1.2, 3)
    return Image.fromarray((pixels + random.integers(-12, 13, (120, 120, 3))).clip(0, 255).astype(np.uint8))


def test_a_swapped_label_is_doubted(checked):
    files = {f"{label}/{number}.jpg": jpeg(striped(number, place)) for place, label in enumerate(LABELS) for number in range(24)}
    files["ant/wrong.jpg"] = jpeg(striped(200, 1))
    told = checked(files)
    assert told["judged"]["accuracy"] > 0.9 and told["judged"]["reason"] == ""
    assert [(row[0], row[2]) for row in told["found"]["label"]] == [("ant/wrong.jpg", "bee")]


def test_a_look_alike_is_no_lesson_for_the_trial_of_its_twin(checked):
    """Twenty scenes that have nothing in common, each saved four times: only its twins could tell the class of one."""
    files = {f"{LABELS[n % 2]}/{n:02d}-{q}.jpg": jpeg(scene(n), quality=q) for n in range(20) for q in (70, 78, 86, 94)}
    told = checked(files)["judged"]
    assert told["accuracy"] < 0.8 and "too much alike" in told["reason"]


@pytest.mark.parametrize(("group", "told"), [(None, True), (r"/(\d+)-", False)])
def test_a_group_is_no_lesson_for_the_trial_of_one_of_it(checked, group, told):
    """Ten things, eight pictures of each behind other things: what these have in common tells the thing, and nothing else the class."""
    names = {f"{LABELS[n % 2]}/{n}-{view}.jpg": (n, 1000 + 10 * n + view) for n in range(10) for view in range(8)}
    files = {name: jpeg(Image.blend(scene(thing), scene(before), 0.3)) for name, (thing, before) in names.items()}
    found = checked(files, group=group)
    assert (found["judged"]["accuracy"] > 0.8) is told and found["counts"]["near_duplicate"] == 0


def test_twins_of_one_unlabelled_image_are_on_one_side(checked, monkeypatch):
    told, judge = {}, judging.label_errors

    def judged(dataset, belongs, steps):
        told.update({dataset.path(place): int(belongs[place]) for place in range(len(dataset))})
        return judge(dataset, belongs, steps)

    monkeypatch.setattr(judging, "label_errors", judged)
    twins = ("test/unlabelled/0.jpg", "train/ant/twin.jpg", "train/bee/twin.jpg")  # a pair names the first of each image
    files = {f"train/{LABELS[number % 2]}/{number}.jpg": jpeg(scene(number)) for number in range(12)}
    checked(files | {"train/unlabelled/1.jpg": jpeg(scene(91))} | dict.fromkeys(twins, jpeg(scene(90))))
    assert len({told[path] for path in twins}) == 1 and len(set(told.values())) == 14


def test_copies_and_look_alikes_are_on_one_side_by_steps():
    pairs = (repeats_of([(0, 3)]), repeats_of([(3, 5), (1, 4)]))
    assert apart.belonging(None, pairs, 7).tolist() == [0, 1, 2, 0, 1, 0, 6]
    assert apart.belonging(np.array([9, 9, 2, 3, 4, 5, 2]), pairs, 7).tolist() == [0, 0, 2, 0, 0, 0, 2]
    assert apart.belonging(None, (), 3).tolist() == [0, 1, 2]


def repeats_of(pairs: list[tuple[int, int]]) -> Pairs:
    first, second = np.array(pairs).T
    return Pairs(first, second, np.ones(len(pairs)))


def test_a_class_that_all_belongs_together_is_not_judged(checked):
    files = {f"ant/{number}.jpg": jpeg(striped(number, 0)) for number in range(24)}
    files |= {f"bee/{number}.jpg": jpeg(striped(number, 1)) for number in range(24)}
    files |= {f"cow/{number}.jpg": jpeg(scene(1), quality=70 + number) for number in range(24)}
    told = checked(files)
    assert (told["judged"]["images"], told["judged"]["of"]) == (48, 72) and told["counts"]["label"] == 0


def test_classes_that_nothing_tells_apart_are_not_doubted(checked):
    told = checked(plain(12))
    assert told["counts"]["label"] == 0 and "too much alike" in told["judged"]["reason"]


def test_the_facts_count_every_sample(checked):
    told = checked(plain())
    assert {name: sum(spread["counts"]) for name, spread in told["distributions"].items()} == dict.fromkeys(
        ("size", "aspect", "brightness"), 24
    )
    assert told["distributions"]["size"]["median"] == 120 and [mean["class"] for mean in told["means"]] == [0, 1]
    assert not told["imbalance"]["suspicious"]


def test_classes_of_very_different_size_are_told(checked):
    files = plain()
    files |= {f"train/ant/more{number}.jpg": jpeg(scene(500 + number)) for number in range(90)}
    told = checked(files)["imbalance"]
    assert told["suspicious"] and told["largest"][0] == 0 and told["smallest"][0] == 1


def test_images_without_a_label_are_no_class_of_imbalance_and_shortcuts(checked):
    files = plain()
    files |= {f"train/unlabelled/{number}.png": jpeg(scene(500 + number, 140, 90)) for number in range(130)}
    told = checked(files)
    assert told["unlabelled"] == 130 and told["imbalance"] == {"largest": [0, 6], "smallest": [0, 6], "ratio": 1.0, "suspicious": False}
    assert {entry["images"] for entry in told["shortcuts"]} == {24} and not any(entry["suspicious"] for entry in told["shortcuts"])


def test_a_set_that_nobody_has_labelled_has_no_imbalance_and_no_shortcut(checked):
    told = checked({f"unlabelled/{number}.jpg": jpeg(scene(number)) for number in range(12)} | {"bee/0.jpg": jpeg(scene(90))})
    assert told["unlabelled"] == 12 and told["shortcuts"] == [] and not (told["imbalance"] or {}).get("suspicious")


def test_every_pair_within_the_radius_is_a_candidate():
    random = np.random.default_rng(0)
    base = random.integers(0, 2**63, 500, dtype=np.uint64)
    flips = np.zeros(500, np.uint64)
    for place in range(500):
        for bit in random.choice(64, near.RADIUS, replace=False):
            flips[place] |= np.uint64(1) << np.uint64(bit)
    hashes = np.concatenate((base, base ^ flips))
    found = {tuple(sorted(pair)) for one, other in near.candidates(hashes) for pair in zip(one.tolist(), other.tolist(), strict=True)}
    assert {(place, place + 500) for place in range(500)} <= found


def test_ten_thousand_equal_hashes_cost_no_square():
    pairs = sum(len(one) for one, _ in near.candidates(np.zeros(10_000, np.uint64)))
    assert pairs <= len(near.BANDS) * near.NEIGHBOURS * 10_000


def test_each_repeat_is_paired_with_the_first():
    pairs = same_bytes(np.array([5, 2, 5, 7, 2, 5]))
    assert sorted(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [(0, 2), (0, 5), (1, 4)]


def test_a_file_names_no_more_than_so_many_of_a_kind():
    from classifier.data.quality.finding import Findings

    many = Findings.of("dark", np.arange(MOST_FINDINGS + 5), np.arange(MOST_FINDINGS + 5, dtype=float))
    rows = many.worst().rows()
    assert len(rows) == MOST_FINDINGS and rows[0] == ["dark", MOST_FINDINGS + 4, None, None, MOST_FINDINGS + 4]


def test_the_same_set_gives_the_same_file(tmp_path):
    import_dataset(write_zip(tmp_path / "set.zip", plain()), tmp_path / "data")
    for name in ("one.json", "two.json"):
        check(tmp_path / "data", tmp_path / name)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


def test_a_check_that_is_stopped_leaves_no_file(tmp_path):
    import_dataset(write_zip(tmp_path / "set.zip", plain()), tmp_path / "data")
    with pytest.raises(Interrupted):
        check(tmp_path / "data", tmp_path / "found.json", should_stop=lambda: True)
    assert not list(tmp_path.glob("*found*"))


def test_progress_never_falls_and_tells_the_stages(tmp_path):
    import_dataset(write_zip(tmp_path / "set.zip", plain()), tmp_path / "data")
    events: list[dict[str, Any]] = []
    last = check(tmp_path / "data", tmp_path / "found.json", on_event=events.append)
    shares = [event["fraction"] for event in events if event["event"] == "progress"]
    assert shares == sorted(shares) and shares[-1] <= 1
    assert [event["stage"] for event in events if event["event"] == "stage"][:2] == ["looking", "comparing"]
    assert last["event"] == "quality" and last["images"] == 24


def test_a_thumbnail_that_is_spoilt_is_left_out(tmp_path):
    import_dataset(write_zip(tmp_path / "set.zip", plain()), tmp_path / "data")
    thumbs = tmp_path / "data" / "pack" / "thumbs.bin"
    data = bytearray(thumbs.read_bytes())
    data[:200] = bytes(200)
    thumbs.write_bytes(data)
    assert check(tmp_path / "data", tmp_path / "found.json")["images"] == 24


@pytest.mark.parametrize(
    ("data", "out", "words"), [("none", "x.json", "is no Synset dataset"), ("data", "none/x.json", "There is no folder")]
)
def test_what_cannot_be_checked_is_said(tmp_path, data, out, words):
    import_dataset(write_zip(tmp_path / "set.zip", plain()), tmp_path / "data")
    with pytest.raises(InputError, match=words):
        check(tmp_path / data, tmp_path / out)


def test_images_that_were_taken_out_are_not_looked_at_and_positions_stay_those_of_the_version(tmp_path):
    files = plain()
    files["train/ant/00.jpg"] = files["test/ant/03.jpg"]  # a leak that is taken out
    files["train/bee/08.jpg"] = files["test/bee/07.jpg"]  # and one that stays
    import_dataset(write_zip(tmp_path / "set.zip", files), tmp_path / "data")
    whole = Dataset.open(tmp_path / "data")
    at = {whole.path(position): position for position in range(len(whole))}
    (tmp_path / "changes.jsonl").write_text(json.dumps({"op": "sample", "position": at["train/ant/00.jpg"], "removed": True}))
    revise(tmp_path / "data", tmp_path / "changes.jsonl", tmp_path / "next")
    check(tmp_path / "next", tmp_path / "found.json")
    told = json.loads((tmp_path / "found.json").read_text("utf-8"))
    leaks = [row[1:3] for row in told["findings"] if row[0] == "leak"]
    assert told["images"] == len(whole) - 1 and leaks == [[at["train/bee/08.jpg"], at["test/bee/07.jpg"]]]


def test_light_and_certainty_of_every_image_lie_beside_the_file(tmp_path: Path, checked):
    files = {f"train/{label}/{n:02d}.png": encoded(colour(n, label), "PNG") for label in LABELS for n in range(15)}
    checked(files)
    looked = looks_of(tmp_path / "found.looks")
    assert looked.shape == (30, 2) and not np.isnan(looked).any()
    assert np.abs(looked[:15, 0] - [(40 + 10 * n) / 255 for n in range(15)]).max() < 0.01


def colour(number: int, label: str) -> Image.Image:
    """Grey that grows with the number, with a corner that tells the class."""
    grey = 40 + 10 * number
    image = Image.new("RGB", (96, 96), (grey, grey, grey))
    image.putpixel((0, 0) if label == "ant" else (95, 95), (255, 0, 0))
    return image


def test_samples_that_a_version_took_out_are_not_known(tmp_path: Path):
    import_dataset(write_zip(tmp_path / "set.zip", plain()), tmp_path / "data")
    (tmp_path / "changes.jsonl").write_text('{"op": "sample", "position": 3, "removed": true}\n')
    revise(tmp_path / "data", tmp_path / "changes.jsonl", tmp_path / "second")
    check(tmp_path / "second", tmp_path / "found.json")
    light = looks_of(tmp_path / "found.looks")[:, 0]
    assert np.flatnonzero(np.isnan(light)).tolist() == [3] and len(light) == 24
