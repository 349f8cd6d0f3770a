"""Checkpoints that are whole or not there, a manifest that knows their hashes, and whose folder it is."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from classifier.run import Entry, manifest, verified_state
from classifier.spec import runfile
from classifier.spec.errors import ClassifierError, InputError
from classifier.spec.events import Event, OnEvent
from classifier.spec.faults import fault
from classifier.training.files import flush_folder, read_json, write_atomically, write_json

BY_IMAGE = ("confusion", "watched")  # what a validation tells beside its figures
KEPT = 3  # newest checkpoints, beside the best one


class Owner:
    """This process's claim on a RUN folder: the newest claim holds, and older processes stop when they next look."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "owner.json"
        self.token = secrets.token_hex(16)

    def claim(self) -> None:
        """Takes the folder."""
        write_json(self.file, {"token": self.token, "pid": os.getpid(), "host": socket.gethostname()})

    def check(self) -> None:
        """Raises ClassifierError when another process has taken the folder since."""
        try:
            holder = read_json(self.file).get("token")
        except (OSError, ValueError, AttributeError):
            holder = None
        if holder != self.token:
            message = f"Another process has taken over {self.file.parent}; this one stops and writes nothing."
            raise ClassifierError(message, code="not_owner")


def on_processor(value: Any) -> Any:
    """The same nested state with every tensor copied to the processor, so that a file fits any device."""
    if isinstance(value, Tensor):
        return value.detach().cpu()
    if isinstance(value, dict):
        return {key: on_processor(item) for key, item in value.items()}
    return [on_processor(item) for item in value] if isinstance(value, list | tuple) else value


def serialised(state: dict[str, Any]) -> bytes:
    """The bytes of a checkpoint file."""
    stream = io.BytesIO()
    torch.save(on_processor(state), stream)
    return stream.getvalue()


def training_state(
    model: nn.Module, optimizer: Optimizer, epoch: int, step: int, sums: dict[str, Any] | None, average: nn.Module | None = None
) -> dict[str, Any]:
    """All that a training needs to go on: no generator's state, for every draw follows from (seed, epoch, step).

    epoch: epochs finished; step: steps done in all; sums: of the epoch under way, None between epochs; average: the moving
    average of the weights, which is what is used where there is one.
    """
    averaged = {} if average is None else {"average": plain_weights(average)}
    return {"model": plain_weights(model), "optimizer": optimizer.state_dict(), "epoch": epoch, "step": step, "sums": sums, **averaged}


def plain_weights(model: nn.Module) -> dict[str, Tensor]:
    """Every tensor of the network in the plain layout."""
    return {name: tensor.detach().contiguous() for name, tensor in model.state_dict().items()}


def better(challenger: Entry, holder: Entry | None) -> bool:
    """Whether a checkpoint beats the best so far: by validation top-1, ties by validation loss, further ties to the older."""
    if not challenger["whole"] or holder is None:
        return challenger["whole"]
    return standing(challenger) > standing(holder)


def standing(entry: Entry | Event) -> tuple[float, float]:
    """What checkpoints are compared by; without a validation split, the later one is better."""
    if entry["val_top1"] is None:
        return (-1.0, float(entry["epoch"]))
    loss = entry["val_loss"]
    return (entry["val_top1"], -loss if loss is not None else -float("inf"))


class Store:
    """The checkpoints of one RUN folder, written by the process that owns it."""

    def __init__(self, folder: Path, owner: Owner, on_event: OnEvent) -> None:
        self.folder, self.owner, self.on_event = folder, owner, on_event
        self.files = folder / runfile.CHECKPOINTS
        self.files.mkdir(parents=True, exist_ok=True)

    def entries(self) -> list[Entry]:
        """What the manifest names; a broken manifest counts as empty and is said."""
        try:
            return manifest(self.folder)
        except (OSError, ValueError) as error:
            self.warn(f"manifest.json cannot be read and is left aside: {error}.")
            return []

    def warn(self, message: str) -> None:
        self.on_event({"event": "log", "level": "warning", "message": message})

    def save(self, state: dict[str, Any], *, whole: bool, val_top1: float | None = None, val_loss: float | None = None) -> Entry | None:
        """Publishes a checkpoint and gives its entry; on a full disk warns, keeps the old ones and gives None."""
        self.owner.check()
        name = runfile.name_of(state["epoch"], state["step"], whole=whole)
        data = serialised(state)
        entry = Entry(file=name, sha256=hashlib.sha256(data).hexdigest(), epoch=state["epoch"], step=state["step"], whole=whole,
                      best=False, val_top1=val_top1, val_loss=val_loss)  # fmt: skip
        try:
            fault("checkpoint_write")
            write_atomically(self.files / name, data)
            fault("checkpoint_publish")
            self.publish(entry)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            self.warn(f"The disk is full: checkpoint {name} was not kept, the ones before it were. Free space in {self.folder}.")
            return None
        return entry

    def publish(self, entry: Entry) -> None:
        """Names the checkpoint in the manifest, then removes the files that it no longer names."""
        self.owner.check()
        older = [e for e in self.entries() if e["step"] < entry["step"] or (e["step"] == entry["step"] and e["whole"] != entry["whole"])]
        holder = next((e for e in older if e["best"]), None)
        if better(entry, holder):
            entry["best"] = True
            older = [{**e, "best": False} for e in older]
        recent = [*older, entry][-KEPT:]
        kept = [e for e in [*older, entry] if e in recent or e["best"]]
        write_json(self.folder / runfile.MANIFEST, {"checkpoints": kept})
        self.remove_all_but({e["file"] for e in kept})
        self.on_event(checkpoint_event(entry))

    def remove_all_but(self, names: set[str]) -> None:
        """Deletes checkpoint files that nothing names, left-over temporary ones too."""
        for path in self.files.iterdir():
            if path.name not in names:
                path.unlink(missing_ok=True)

    def newest_good(self) -> dict[str, Any] | None:
        """The newest checkpoint whose hash agrees; each damaged one is said and dropped. None where there is none."""
        entries = self.entries()
        while entries:
            try:
                state = verified_state(self.folder, entries[-1])
            except InputError as error:
                self.warn(f"{error.message} The one before it is used.")
                self.drop(entries.pop())
            else:
                return state
        return None

    def drop(self, lost: Entry) -> None:
        """Takes a damaged checkpoint out of the manifest and says which is best now."""
        left = [e for e in self.entries() if e["file"] != lost["file"]]
        if lost["best"]:
            whole = [e for e in left if e["whole"]]
            best = max(whole, key=standing, default=None)
            left = [{**e, "best": e is best} for e in left]
        write_json(self.folder / runfile.MANIFEST, {"checkpoints": left})


def checkpoint_event(entry: Entry) -> Event:
    """What is told of a published checkpoint."""
    return {"event": "checkpoint", **{name: entry[name] for name in ("epoch", "step", "file", "sha256", "best")}}


class History:
    """The epoch events so far, in history.jsonl, or others; rows that no kept checkpoint reached are taken back on resume.

    A row is added behind the others and never written again, and of matrices and single images, which are most of it, nothing stays
    in memory: a thousandth validation costs what the first one did. With an `owner` the process that owns the folder alone writes.
    """

    def __init__(self, folder: Path, name: str = "history.jsonl", by: str = "epoch", owner: Owner | None = None) -> None:
        self.file, self.by, self.owner = folder / name, by, owner
        self.rows: list[Event] = []  # without BY_IMAGE

    def load(self, reached: int) -> list[Event]:
        """Takes the rows up to that epoch (or what else they are told by), and cuts off what follows them in the file."""
        self.rows, end = [], 0
        for row, behind in self.lines():
            if row[self.by] > reached:
                break
            self.rows.append(light(row))
            end = behind
        if self.file.exists() and self.file.stat().st_size > end:
            self.check()
            os.truncate(self.file, end)
        return self.rows

    def told(self) -> Iterator[Event]:
        """The rows as they were told, whole, one at a time."""
        return (row for row, _ in self.lines())

    def lines(self) -> Iterator[tuple[Event, int]]:
        """(row, where it ends in the file) up to the first line that is no whole JSON: a file cut short by a crash."""
        end = 0
        try:
            file = self.file.open("rb")
        except FileNotFoundError:
            return
        with file:
            for line in file:
                try:
                    row = json.loads(line)
                except ValueError:
                    return
                end += len(line)
                if not line.endswith(b"\n"):
                    return
                yield row, end

    def improves(self, row: Event) -> bool:
        """Whether a new row is better than every row so far: by validation top-1, ties by validation loss."""
        return all(standing(row) > standing(earlier) for earlier in self.rows)

    def append(self, row: Event) -> None:
        """Adds the row of an epoch, for good before it is told; where the disk is full none of it stays. Raises OSError."""
        self.check()
        line, begun = json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n", self.file.exists()
        with self.file.open("ab", buffering=0) as file:
            before = file.tell()
            try:
                while line:
                    line = line[file.write(line) :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(before)
                raise
        if not begun:
            flush_folder(self.file.parent)
        self.rows.append(light(row))

    def check(self) -> None:
        """Raises ClassifierError when another process has taken the folder since."""
        if self.owner is not None:
            self.owner.check()


def light(row: Event) -> Event:
    """The row without what it tells of single classes and images."""
    return {name: value for name, value in row.items() if name not in BY_IMAGE}
