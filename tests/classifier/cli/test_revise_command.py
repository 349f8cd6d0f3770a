"""`python -m classifier revise`, and what trains on what it made."""

from __future__ import annotations

import json

from tests.classifier.cli.conftest import train_words


def changes(tmp_path, *lines):
    file = tmp_path / "changes.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def test_a_revision_ends_with_what_the_version_holds(cli, dataset, tmp_path):
    file = changes(tmp_path, {"op": "class", "from": "red", "to": "blue"}, {"op": "sample", "position": 3, "removed": True})
    last = cli("revise", dataset, "--changes", file, "--out", tmp_path / "v2", "--json").lines[-1]
    assert (last["event"], last["images"], sorted(last["classes"])) == ("revised", 59, ["blue", "green"])


def test_a_wrong_change_is_one_line_and_exit_2(cli, dataset, tmp_path):
    said = cli("revise", dataset, "--changes", changes(tmp_path, {"op": "class", "from": "pink", "to": "red"}), "--out", tmp_path / "v2")
    assert said.code == 2 and said.err == "changes.jsonl, line 1: there is no class 'pink'; there are blue, green, red.\n"


def test_a_training_on_a_revision_sees_nothing_of_what_was_taken_out(cli, dataset, tmp_path):
    lines = ({"op": "sample", "position": number, "removed": True} for number in range(0, 60, 4))
    made = cli("revise", dataset, "--changes", changes(tmp_path, *lines), "--out", tmp_path / "v2", "--json").lines[-1]
    assert cli(*train_words(tmp_path / "v2", tmp_path / "run", "epochs=1")).code == 0
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert result["dataset"]["id"] == made["id"] and result["dataset"]["counts"] == made["classes"]
    assert result["test"]["n"] == sum(count["test"] for count in made["classes"].values()) and made["images"] == 45
