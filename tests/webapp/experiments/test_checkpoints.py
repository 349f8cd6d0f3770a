"""What a RUN folder keeps, and what its checkpoints are called: said in one place."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from classifier.spec import runfile
from webapp.experiments import checkpoints

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("checkpoint", "short", "called", "at_length"),
    [
        ("best", "best", "best checkpoint", "best checkpoint"),
        ("last", "last", "last checkpoint", "last checkpoint"),
        ("7", "epoch 7", "epoch 7", "checkpoint of epoch 7"),
    ],
)
def test_a_checkpoint_is_called_the_same_everywhere(checkpoint, short, called, at_length):
    told = (checkpoints.short(checkpoint), checkpoints.called(checkpoint), checkpoints.at_length(checkpoint))
    assert told == (short, called, at_length)


def test_a_file_is_found_by_its_entry_and_never_outside_of_its_folder(tmp_path):
    folder = tmp_path / "run"
    (folder / runfile.CHECKPOINTS).mkdir(parents=True)
    name = runfile.name_of(7, 123, whole=True)
    assert (name, runfile.name_of(7, 123, whole=False)) == ("epoch-0007.pt", "step-0000123.pt")
    (folder / runfile.CHECKPOINTS / name).write_bytes(b"weights")
    (tmp_path / "secret.pt").write_bytes(b"another's")
    (folder / runfile.MANIFEST).write_text(json.dumps({"checkpoints": [{"file": name, "epoch": 7, "whole": True}]}))
    (entry,) = checkpoints.entries_in(folder)
    assert checkpoints.file_of(folder, entry) == folder / "checkpoints" / name
    for none in ({"file": "../../secret.pt"}, {"file": "gone.pt"}, {}, None):
        assert checkpoints.file_of(folder, none) is None


def test_nobody_else_knows_how_the_files_are_called():
    said = re.compile(r"""/ "(?:manifest\.json|checkpoints)"|f"epoch-\{|f"step-\{""")
    files = [path for room in ("classifier", "webapp", "worker") for path in (ROOT / room).rglob("*.py")]
    knows = {path.relative_to(ROOT).as_posix() for path in files if said.search(path.read_text(encoding="utf-8"))}
    hub = {"classifier/spec/local_weights.py", "classifier/models/weights.py"}  # torch's own folder of published weights
    assert knows - hub == {"classifier/spec/runfile.py"}
