"""The subcommand `classify`: an archive or a folder of pictures through a network, as `predict` answers each of them."""

from __future__ import annotations

import hashlib
import shutil
import tarfile

import pytest

from classifier import predict
from classifier.cli.output import describe
from classifier.many import classify as module
from classifier.metrics.answers import NAMES, Answers
from tests.classifier.cli.conftest import process
from tests.classifier.images import write_zip

RULED = ("broken.png", b"\x89PNG\r\n\x1a\nbroken")


@pytest.fixture(scope="module")
def pictures(source):
    """{path: bytes} of nine pictures, one of them twice."""
    files = {str(path.relative_to(source)): path.read_bytes() for path in sorted(source.rglob("*.png"))[::7]}
    return files | {"again/twin.png": next(iter(files.values()))}


@pytest.fixture(scope="module")
def archive(pictures, tmp_path_factory):
    """Them, one that is none, and a text."""
    files = dict([*pictures.items(), RULED, ("notes.txt", b"of a trip")])
    return write_zip(tmp_path_factory.mktemp("sent") / "trip.zip", files)


@pytest.fixture
def classified(cli, trained, archive, tmp_path):
    """(the last event, the answers)."""
    said = cli("classify", trained, archive, "--out", tmp_path / "said", "--json")
    assert said.code == 0, said.err
    return said.lines[-1], Answers(tmp_path / "said")


def rows_of(answers):
    return {row.file: row for row in answers.page(1000)[0]}


def test_every_picture_is_answered_as_predict_answers_it(classified, cli, trained, pictures, tmp_path):
    event, answers = classified
    assert (event["event"], event["images"]) == ("classified", len(pictures)) and set(rows_of(answers)) == set(pictures)
    for name, data in pictures.items():
        (tmp_path / "one.png").write_bytes(data)
        top = cli("predict", trained, tmp_path / "one.png").lines[0]["top"]
        mine = [(answers.classes[place], odds) for place, odds in rows_of(answers)[name].top]
        assert [label for label, _ in mine] == [one["label"] for one in top]
        assert [odds for _, odds in mine] == pytest.approx([one["probability"] for one in top], abs=1e-3)


def test_counts_are_of_the_rows(classified):
    event, answers = classified
    best = [row.top[0][0] for row in rows_of(answers).values()]
    assert event["counts"] == [best.count(place) for place in range(len(event["classes"]))] and event["unsure"] == 0


def test_what_is_no_picture_is_refused_with_its_reason(classified):
    event, answers = classified
    refused = answers.refused(9)[0]
    assert [one.file for one in refused] == ["broken.png"] and refused[0].message.startswith("It ")
    assert event["refused"] == 1


def test_the_same_picture_twice_is_two_rows_of_one_image(classified):
    rows = rows_of(classified[1])
    twin = rows["again/twin.png"]
    assert sum(row.image == twin.image for row in rows.values()) == 2


@pytest.mark.parametrize("kind", ["folder", "tar"])
def test_a_folder_and_a_tar_are_answered_alike(kind, classified, cli, trained, archive, tmp_path):
    folder = tmp_path / "trip"
    shutil.unpack_archive(archive, folder)
    source = folder
    if kind == "tar":
        source = tmp_path / "trip.tar.gz"
        with tarfile.open(source, "w:gz") as tar:
            tar.add(folder, arcname=".")
    last = cli("classify", trained, source, "--out", tmp_path / "other", "--json").lines[-1]
    assert (last["counts"], last["refused"]) == (classified[0]["counts"], 1)
    mine, other = (rows_of(answers) for answers in (classified[1], Answers(tmp_path / "other")))
    assert {name: row.top[0][0] for name, row in mine.items()} == {name: row.top[0][0] for name, row in other.items()}


def test_below_the_threshold_an_answer_is_unsure_and_never_says_never(cli, trained, archive, tmp_path):
    all_unsure = cli("classify", trained, archive, "--out", tmp_path / "a", "--unsure-below", "0.9999999", "--json").lines[-1]
    assert all_unsure["unsure"] == all_unsure["images"] and set(all_unsure["counts"]) == {0}
    none = cli("classify", trained, archive, "--out", tmp_path / "b", "--unsure-below", "never", "--json").lines[-1]
    assert (none["unsure"], none["unsure_below"]) == (0, None)


def test_never_wins_over_what_the_run_keeps(cli, trained, archive, tmp_path):
    run = shutil.copytree(trained, tmp_path / "run")
    assert cli("unsure", run, "0.9999999").code == 0
    kept = cli("classify", run, archive, "--out", tmp_path / "a", "--json").lines[-1]
    never = cli("classify", run, archive, "--out", tmp_path / "b", "--unsure-below", "never", "--json").lines[-1]
    assert kept["unsure"] == kept["images"] and never["unsure"] == 0


def test_answers_are_the_same_pictures_for_another_network(classified, cli, trained, tmp_path):
    event, first = classified
    last = cli("classify", trained, first.folder, "--out", tmp_path / "other", "--unsure-below", "0.9999999", "--json").lines[-1]
    other = Answers(tmp_path / "other")
    assert last["unsure"] == event["images"] and last["refused"] == 1
    assert {name: row.image for name, row in rows_of(other).items()} == {name: row.image for name, row in rows_of(first).items()}
    assert (other.folder / "pack" / "index.bin").samefile(first.folder / "pack" / "index.bin")


def test_a_picture_that_is_erased_goes_with_all_of_its_rows(classified, cli, trained, dataset, pictures, tmp_path):
    event, answers = classified
    twin = rows_of(answers)["again/twin.png"]
    names = {name for name, row in rows_of(answers).items() if row.image == twin.image}
    shutil.copytree(dataset, tmp_path / "data")
    wanted = ["--image", hashlib.sha256(pictures["again/twin.png"]).hexdigest(), "--answers", answers.folder]
    last = cli("erase", tmp_path / "data", *wanted, "--json").lines[-1]
    assert [len(told["rows"]) for told in last["answers"]] == [2]
    now = Answers(answers.folder)
    assert set(rows_of(now)) == set(pictures) - names and b"twin" not in (answers.folder / NAMES).read_bytes()
    assert (now.about["images"], now.about["erased"]) == (event["images"] - 2, 2) and sum(now.about["counts"]) == event["images"] - 2
    again = cli("erase", tmp_path / "data", *wanted, "--json").lines[-1]  # which changes nothing
    assert again == last and Answers(answers.folder).about == now.about
    assert describe(last).endswith(", 2 rows in 1 folder of answers.")
    other = cli("classify", trained, answers.folder, "--out", tmp_path / "next", "--json").lines[-1]
    assert other["images"] == event["images"] - 2 and set(rows_of(Answers(tmp_path / "next"))) == set(pictures) - names


def test_chunks_change_nothing(classified, cli, trained, archive, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CHUNK_IMAGES", 2)
    said = cli("classify", trained, archive, "--out", tmp_path / "parts", "--json")
    parts = rows_of(Answers(tmp_path / "parts"))
    for name, row in rows_of(classified[1]).items():
        assert parts[name].top[0][1] == pytest.approx(row.top[0][1], abs=1e-5)
    told = [line["fraction"] for line in said.lines if line["event"] == "progress"]
    assert told == sorted(told) and told[-1] == 1


def asked_of(monkeypatch):
    """How many images the network is shown from now on."""
    shown, real = [], predict.logits

    def counted(model, pack, rows, **how):
        shown.extend(rows)
        return real(model, pack, rows, **how)

    monkeypatch.setattr(predict, "logits", counted)
    return shown


def test_one_that_is_killed_goes_on_behind_what_was_said(classified, cli, trained, archive, tmp_path, monkeypatch):
    """All pictures were read and said when it was killed, before anything was published."""
    killed = process("classify", trained, archive, "--out", tmp_path / "try.1", "--json", env={"FAULT": "classify:kill"})
    assert killed.code == -9
    shown = asked_of(monkeypatch)
    said = cli("classify", trained, archive, "--out", tmp_path / "try.2", "--earlier", tmp_path / "try.1", "--json")
    assert said.code == 0 and shown == [] and said.lines[-1]["counts"] == classified[0]["counts"]
    assert max(line.get("kept", 0) for line in said.lines if line["event"] == "progress") > 0
    assert sorted(path.name for path in tmp_path.glob("*try*")) == ["try.2"]
    assert not list((tmp_path / "try.2" / "pack").glob("*.part")) and rows_of(Answers(tmp_path / "try.2")) == rows_of(classified[1])


def test_so_does_one_over_earlier_answers(classified, cli, trained, tmp_path, monkeypatch):
    first = classified[1].folder
    killed = process("classify", trained, first, "--out", tmp_path / "try.1", "--json", env={"FAULT": "classify:kill"})
    assert killed.code == -9
    shown = asked_of(monkeypatch)
    said = cli("classify", trained, first, "--out", tmp_path / "try.2", "--earlier", tmp_path / "try.1", "--json")
    assert said.code == 0 and shown == [] and said.lines[-1]["counts"] == classified[0]["counts"]


def test_another_network_is_asked_anew(cli, trained, archive, tmp_path, monkeypatch):
    process("classify", trained, archive, "--out", tmp_path / "try.1", "--json", env={"FAULT": "classify:kill"})
    other = shutil.copytree(trained, tmp_path / "run")
    shown = asked_of(monkeypatch)
    assert cli("classify", other, archive, "--out", tmp_path / "try.2", "--earlier", tmp_path / "try.1", "--json").code == 0
    assert len(shown) > 0


def test_a_try_that_was_whole_becomes_the_answers(classified, cli, trained, archive, tmp_path, monkeypatch):
    shown = asked_of(monkeypatch)
    last = cli("classify", trained, archive, "--out", tmp_path / "late", "--earlier", classified[1].folder, "--json").lines[-1]
    assert last == classified[0] and shown == [] and not classified[1].folder.exists()


def test_without_a_picture_it_says_what_came_instead(cli, trained, tmp_path):
    empty = write_zip(tmp_path / "trip.zip", dict([RULED]))
    said = cli("classify", trained, empty, "--out", tmp_path / "said")
    assert said.code == 2 and "There is no picture in trip.zip that can be read" in said.err and "broken.png: It" in said.err
    assert list(tmp_path.glob("*said*")) == []


def test_a_run_and_a_source_or_a_model_and_a_source(cli, trained, archive, tmp_path):
    alone = cli("classify", archive, "--out", tmp_path / "said")
    both = cli("classify", trained, archive, "--model", "resnet18", "--out", tmp_path / "said")
    assert {alone.code, both.code} == {2} and "Name a RUN and a SOURCE" in alone.err and "Name a RUN and a SOURCE" in both.err


@pytest.mark.parametrize("text", ["1", "0", "nan", "often"])
def test_a_threshold_that_is_none_is_refused(text, cli, trained, archive, tmp_path):
    said = cli("classify", trained, archive, "--out", tmp_path / "said", "--unsure-below", text)
    assert said.code == 2 and "--unsure-below must be a probability" in said.err


def test_on_a_terminal_it_says_the_commonest_classes(classified):
    from classifier.cli.output import describe

    event = classified[0]
    words = describe(event | {"unsure": 2})
    assert words.startswith(f"{event['images']} pictures: ") and "2 unsure. 1 refused." in words
