"""The subcommand `check`: its last line, its file, and what it says on bad words."""

from __future__ import annotations

import json

from classifier.spec.quality import KINDS


def test_a_check_tells_its_counts_and_writes_its_file(cli, dataset, tmp_path):
    last = cli("check", dataset, "--out", tmp_path / "found.json", "--json").lines[-1]
    assert last["event"] == "quality" and set(last["counts"]) == set(KINDS)
    assert json.loads((tmp_path / "found.json").read_text("utf-8"))["images"] == last["images"]


def test_a_check_of_no_dataset_is_refused(cli, tmp_path):
    said = cli("check", tmp_path, "--out", tmp_path / "found.json")
    assert said.code == 2 and "is no Synset dataset" in said.err


def test_a_check_needs_a_file_to_write(cli, dataset):
    said = cli("check", dataset)
    assert said.code == 2 and "--out" in said.err
