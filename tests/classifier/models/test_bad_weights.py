"""Every weights file that is wrong, odd or hostile, as the training reads it: within limits, and nothing in it runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from classifier.data.importer import import_dataset
from tests.classifier import bad_weights as bad
from tests.classifier import images
from tests.classifier.archives import packed
from tests.classifier.bad_weights import Make, damaged, saved, state, tensors, with_tensor
from tests.classifier.box import Box

MARK = "ran"  # the folder that a pickle's code would make


class Row(NamedTuple):
    """A file and the words that refuse it; without any it is taken."""

    make: Make
    refused: str = ""
    name: str = "w.pth"


TWO = {f"{way}, {said}": (way == "zip", change) for way in ("zip", "old stream") for said, change in {
    "cut by half": lambda data: data[: len(data) // 2],
    "cut by a byte": lambda data: data[:-1],
    "a tail of zeros": lambda data: data[:-70_000] + bytes(70_000),
}.items()}  # fmt: skip
SEND = r"state_dict\(\)"
MARKED = {"head.weight": bad.Hostile(MARK)}
HEADER = '{"head.weight":{"dtype":"F32","shape":[%s],"data_offsets":[0,%s]}}'
REFUSED = {
    "a pickle that runs code, zip": Row(saved(lambda: MARKED), f"never run.*{SEND}"),
    "a pickle that runs code, old stream": Row(saved(lambda: MARKED, zipped=False), f"never run.*{SEND}"),
    "a pickle that runs code, plain": Row(bad.plain_pickle(MARK), f"is a pickle of something else.*{SEND}"),
    "a whole model": Row(saved(lambda: bad.build("small_cnn", 2, image_size=32)), f"whole model.*{SEND}"),
    "TorchScript": Row(bad.script, f"TorchScript.*{SEND}", "w.pt"),
    **{said: Row(damaged(change, zipped=zipped), "damaged") for said, (zipped, change) in TWO.items()},
    "empty": Row(bad.raw(b""), "is empty"),
    "zeros": Row(bad.raw(bytes(1000)), "is no weights file"),
    "a page": Row(bad.raw(images.HTML), "is no weights file"),
    "a huge shape over one number": Row(saved(lambda: {"head.weight": torch.zeros(1).expand(10**12)}), "declares 1000000000000 numbers"),
    "a huge storage, old stream": Row(bad.huge_old_storage, "more numbers than the file holds"),
    "a huge storage, zip": Row(bad.repacked(0, lambda data: data.replace(bad.COUNT, bad.HUGE), bad.three_hundred), "damaged"),
    "one storage under thousands of names": Row(saved(bad.many_views), "more numbers than the file holds"),
    "thousands of tiny tensors": Row(saved(bad.many_tiny), r"holds 20,001 tensors or more.*20,000 at most"),
    "thousands of tiny tensors, old stream": Row(
        saved(bad.many_tiny, zipped=False), r"holds 20,001 tensors or more.*20,000 at most"
    ),
    "a table of names longer than any network's, safetensors": Row(
        bad.raw((9 * 2**20).to_bytes(8, "little") + b"{" + b" " * 9 * 2**20), "longer table of its tensors", "w.safetensors"
    ),
    "compressed storage": Row(bad.repacked(8, bytes), "compressed inside.*save it again with torch.save"),
    "a zip bomb": Row(bad.zip_bomb, "compressed inside"),
    "NaN": Row(with_tensor("head.bias", lambda old: old * torch.nan), "NaN or infinity in head.bias"),
    "infinity": Row(with_tensor("head.bias", lambda old: old + torch.inf), "NaN or infinity in head.bias"),
    "another architecture": Row(saved(lambda: state(2, "squeezenet1_1")), r"does not fit.*features\.0\.0\.weight.*Choose the model"),
    "another width": Row(
        with_tensor("features.0.0.weight", lambda old: torch.zeros(16, 3, 3, 3)), r"features\.0\.0\.weight \(\[16, 3, 3, 3\] in place of"
    ),
    "a name of thousands of lines": Row(
        saved(lambda: {**state(), "a name\nof ": torch.zeros(1), "a name\n" * 5000: torch.zeros(1)}),
        r"it has a name of, a name a name[ a-z]{,160}…, which small_cnn has not",
    ),
    "NaN under a long name": Row(saved(lambda: {"a name\n" * 5000: torch.ones(1) * torch.nan}), r"in a name[ a-z]{,160}…: that"),
    "a list": Row(saved(lambda: [torch.zeros(3)]), f"holds a list.*{SEND}"),
    "no tensors": Row(saved(lambda: {"epoch": 1}), f"holds no tensors.*{SEND}"),
    "sparse": Row(with_tensor("head.weight", lambda old: old.to_sparse()), "sparse, quantised or complex tensor in head.weight"),
    "sparse of a huge shape": Row(
        saved(lambda: {"head.weight": torch.sparse_coo_tensor(torch.tensor([[1]]), torch.ones(1), (10**12,))}), "sparse|more numbers"
    ),
    "safetensors, a huge header": Row(tensors('{"a":1}', 2**40), "no sound safetensors file", "w.safetensors"),
    "safetensors, a huge shape": Row(tensors(HEADER % (10**12, 16), body=bytes(16)), "no sound safetensors file", "w.safetensors"),
    "safetensors, offsets behind the end": Row(tensors(HEADER % (10**9, 4 * 10**9), body=bytes(16)), "no sound", "w.safetensors"),
    "safetensors, overlap": Row(tensors(bad.OVERLAP, body=bytes(24)), "no sound safetensors file", "w.safetensors"),
    "safetensors, cut": Row(bad.safe(lambda data: data[:-9]), "no sound safetensors file", "w.safetensors"),
    "safetensors, a tail of zeros": Row(bad.safe(lambda data: data[:-70_000] + bytes(70_000)), "ends in zeros", "w.safetensors"),
    "safetensors, cut in its header": Row(bad.safe(lambda data: data[:50]), "no sound safetensors file", "w.safetensors"),
    "safetensors, NaN": Row(bad.safe_nan, "NaN or infinity in head.bias", "w.safetensors"),
}  # fmt: skip
TAKEN = {
    "another number of classes": Row(saved(lambda: state(7))),
    "a module. prefix": Row(saved(lambda: {f"module.{name}": value for name, value in state().items()})),
    "nested under a key": Row(saved(lambda: {"epoch": 3, "model": {"state_dict": state()}})),
    "half precision": Row(saved(lambda: {name: value.half() if value.is_floating_point() else value for name, value in state().items()})),
    "old stream": Row(saved(state, zipped=False)),
    "safetensors": Row(bad.safe(), name="w.safetensors"),
}
ROWS = REFUSED | TAKEN
DANGEROUS = {"a huge storage, old stream", "a zip bomb"}  # the rest is quicker in this process


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    import_dataset(packed("zip", {})(folder / "pets.zip"), folder / "data")
    return folder / "data"


@pytest.mark.filterwarnings("ignore:Validating sparse", "ignore:Sparse")
@pytest.mark.parametrize("case", ROWS)
def test_weights_come_to_a_good_end(case: str, dataset: Path, tmp_path: Path) -> None:
    row, box = ROWS[case], Box(tmp_path)
    row.make(box.uploads / row.name)
    shutil.copytree(dataset, box.uploads / "data")
    settings = ("model=small_cnn", "image_size=16", "epochs=1", "batch_size=4", "device=cpu", f"weights={box.uploads / row.name}")
    words = [word for setting in settings for word in ("--set", setting)]
    said = box.watched("train", box.uploads / "data", "--out", box.target, *words, apart=case in DANGEROUS)
    assert (said.code == 2) == bool(row.refused), said.end
    assert not list(tmp_path.rglob(MARK))
    if row.refused:
        assert row.name in said.error and list(said.end["fields"]) == ["weights"]
        assert re.search(row.refused, said.error), said.error
