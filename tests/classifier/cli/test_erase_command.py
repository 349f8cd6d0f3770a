"""`python -m classifier erase`, and what trains and is measured without what was erased."""

from __future__ import annotations

import json
import shutil

import pytest

from classifier.data.dataset import Dataset
from tests.classifier.cli.conftest import train_words


@pytest.fixture
def erased(cli, dataset, tmp_path):
    """(a copy of the dataset of which one training image was erased, the command's last event)."""
    folder = tmp_path / "data"
    shutil.copytree(dataset, folder)
    data = Dataset.open(folder)
    position = int(data.indices("train")[0])
    digest = data.pack.index["sha256"][data.images[position]].tobytes().hex()
    return folder, cli("erase", folder, "--image", digest, "--json").lines[-1]


def test_it_tells_where_the_image_was(erased):
    folder, last = erased
    assert last["event"] == "erased" and [told["dataset"] for told in last["datasets"]] == [str(folder)]
    assert len(last["datasets"][0]["positions"]) == 1


def test_an_image_that_is_not_there_is_one_line_and_exit_2(cli, dataset):
    said = cli("erase", dataset, "--image", "ab" * 32)
    assert said.code == 2 and said.err == "No image of these datasets has the content hash abababababab…; nothing was changed.\n"


def test_a_training_leaves_it_out_and_says_so(cli, erased, tmp_path):
    folder, _ = erased
    said = cli(*train_words(folder, tmp_path / "run", "epochs=1"), "--json")
    assert said.code == 0 and "1 image was erased and is left out." in [line.get("message") for line in said.lines]
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert sum(count["train"] for count in result["dataset"]["counts"].values()) == len(Dataset.open(folder).indices("train"))


def test_an_evaluation_of_an_earlier_network_leaves_it_out(cli, erased, trained, tmp_path):
    folder, _ = erased
    shutil.copytree(trained, tmp_path / "run")
    last = cli("evaluate", tmp_path / "run", "--data", folder, "--split", "train", "--json").lines[-1]
    assert last["n"] == len(Dataset.open(folder).indices("train"))
