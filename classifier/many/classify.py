"""Every picture of an archive, a folder or earlier answers, by one network: the folder ANSWERS of `classifier.metrics.answers`.

The labels and probabilities are those of `predict`: the same decoding, the same size, the same views, in full precision.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifier.data.earlier import is_gone_on_with
from classifier.data.pack import Pack
from classifier.data.problems import left_out
from classifier.data.publish import abandoned, staged_for, staging, sync
from classifier.inference import Pace
from classifier.many.pictures import READING_SHARE, Pictures, forget, is_answers, packed, taken_over, write_lists
from classifier.metrics import answers
from classifier.metrics.answers import Answers
from classifier.metrics.scored import NO_CLASS
from classifier.predict import Predictor
from classifier.spec.errors import Interrupted
from classifier.spec.events import Event, OnEvent, ShouldStop, ignore, never
from classifier.spec.faults import fault

CHUNK_IMAGES = 512  # whose answers are brought to the disk together: so little a killed process loses
STAMP_LETTERS = 16
PART = "said-{}.part"  # in the pack's folder, which a later try takes over whole
KEPT = "Interrupted; what was read and said so far is kept. Run the same command again to go on."


def classify(
    load: Callable[[], Predictor],
    source: Path,
    out: Path,
    *,
    stamp: str,
    earlier: Sequence[Path] = (),
    keep: bool = False,
    on_event: OnEvent = ignore,
    should_stop: ShouldStop = never,
) -> Event:
    """Makes `out`, missing or empty, the ANSWERS of the pictures of `source`; gives the "classified" event that ends the command.

    The network is loaded once the pictures are read: by then the processes that decoded them, forked from this one, have ended.
    What a killed try to `out`, or to one of `earlier`, had read is gone on with, and what it had said where it was by a network of the
    same `stamp`; with `keep` an interrupted one leaves both. Raises InputError where there is no picture in it, Interrupted.
    """
    work = Classifying(load, hashlib.sha256(stamp.encode()).hexdigest()[:STAMP_LETTERS], on_event, should_stop)
    if (made := work.whole(earlier, out)) is not None:
        return made
    try:
        with staging(source, out, keep=lambda error: keep and is_gone_on_with(error)) as folder:
            begun = [*abandoned(out), *(each for place in earlier for each in staged_for(place))]
            return work.run(source, folder, begun)
    except Interrupted:
        raise Interrupted(KEPT) if keep else Interrupted("Interrupted; nothing of it was kept.") from None


@dataclass
class Classifying:
    """One source by one network, and who listens."""

    load: Callable[[], Predictor]
    stamp: str  # tells one network, and one threshold, from another
    on_event: OnEvent
    should_stop: ShouldStop

    def whole(self, earlier: Sequence[Path], out: Path) -> Event | None:
        """The last event of an earlier try that had come to its end: it becomes `out`. None where there is no such one."""
        for folder in earlier:
            try:
                known = Answers(folder)
            except (OSError, ValueError):
                continue
            if known.about["stamp"] == self.stamp:
                folder.rename(out)
                sync(out.parent)
                return event_of(known.about)
        return None

    def run(self, source: Path, folder: Path, begun: Sequence[Path]) -> Event:
        """Fills the folder."""
        if is_answers(source):
            pictures = taken_over(source, folder)
            said_before(begun, folder / "pack" / PART.format(self.stamp))
            forget(begun)
        else:
            pictures = packed(source, folder, begun, self.on_event, self.should_stop)
        predictor = self.load()
        about = self.written(folder, predictor, pictures, self.said(folder, predictor))
        for part in (folder / "pack").glob(PART.format("*")):
            part.unlink()
        return event_of(about)

    def said(self, folder: Path, predictor: Predictor) -> np.ndarray:
        """SAID of every image of the pack; those that an earlier try had on the disk are not asked for again."""
        pack, part = Pack.open(folder / "pack"), folder / "pack" / PART.format(self.stamp)
        self.on_event({"event": "stage", "stage": "classifying", "message": "Classifying"})
        with part.open("ab") as file:
            done = min(file.tell() // answers.SAID.itemsize, len(pack))
            file.truncate(done * answers.SAID.itemsize)
            pace = Pace("classifying", len(pack), self.scaled(done))
            while done < len(pack):
                rows = range(done, min(done + CHUNK_IMAGES, len(pack)))
                file.write(self.chunk(predictor, pack, rows, pace).tobytes())
                file.flush()
                os.fsync(file.fileno())
                done = rows.stop
                fault("classify")
        return np.fromfile(part, answers.SAID)

    def chunk(self, predictor: Predictor, pack: Pack, rows: range, pace: Pace) -> np.ndarray:
        """SAID of some images; of one that cannot be decoded it is empty."""
        spoilt = set[int]()

        def tell(event: Event) -> None:
            if event["event"] == "progress":
                pace(rows.start + event["done"])

        values = predictor.logits(pack, rows, on_event=tell, should_stop=self.should_stop, spoilt=spoilt.add)
        said = answers.said_of(values.numpy())
        said["best"][list(spoilt)] = NO_CLASS
        return said

    def scaled(self, before: int) -> OnEvent:
        """Tells the network's progress as that of the whole command; `before` were said by an earlier try, and count for no rate."""

        def tell(event: Event) -> None:
            rate = event["rate"] * (event["done"] - before) / max(1, event["done"])
            left = (event["total"] - event["done"]) / rate if rate else None
            fraction = READING_SHARE + (1 - READING_SHARE) * event["fraction"]
            self.on_event(event | {"fraction": fraction, "rate": rate, "eta_seconds": left})

        return tell

    def written(self, folder: Path, predictor: Predictor, pictures: Pictures, said: np.ndarray) -> dict[str, Any]:
        """All files but the pack; gives what answers.json says."""
        images = np.frombuffer(pictures.rows, np.uint32)
        rows = np.zeros(len(images), answers.ROW)
        rows["image"] = images
        for name in ("best", "probability"):
            rows[name] = said[name][images]
        pictures, rows = without_damaged(pictures, rows)
        told = answers.told_of(rows, predictor.unsure_below)
        write_lists(folder, pictures)
        np.save(folder / answers.ROWS, rows, allow_pickle=False)
        np.save(folder / answers.TOLD, told, allow_pickle=False)
        np.save(folder / answers.ORDER, answers.order_of(rows), allow_pickle=False)
        about = self.about(predictor, pictures, told) | {"small": Pack.open(folder / "pack").is_small}
        (folder / answers.ABOUT).write_text(json.dumps(about, ensure_ascii=False), "utf-8")
        return about

    def about(self, predictor: Predictor, pictures: Pictures, told: np.ndarray) -> dict[str, Any]:
        """answers.json."""
        run = predictor.run
        return {
            "format": answers.FORMAT,
            "stamp": self.stamp,
            "epoch": predictor.epoch,
            "classes": list(run.classes),
            "names": {label: run.names[label] for label in run.classes if label in run.names},
            **answers.counts_of(told, len(run.classes)),
            "unsure_below": predictor.unsure_below,
            "refused": len(pictures.refused),
            "ignored": pictures.ignored,
        }


def said_before(begun: Sequence[Path], part: Path) -> None:
    """A copy of what the best of the tries had said of the same pictures: its writer may live on without knowing that it lost the work."""
    found = [file for folder in begun if (file := folder / "pack" / part.name).is_file()]
    if best := max(found, key=lambda file: file.stat().st_size, default=None):
        shutil.copyfile(best, part)


def without_damaged(pictures: Pictures, rows: np.ndarray) -> tuple[Pictures, np.ndarray]:
    """Without those that the network could not be shown, whose stored bytes are damaged: they are refused."""
    bad = rows["best"][:, 0] == NO_CLASS
    if not bad.any():
        return pictures, rows
    named = [pictures.names[int(place)] for place in np.flatnonzero(bad)]
    why = [left_out(name, "unreadable", "cannot be decoded: its stored bytes are damaged. Send it again") for name in named]
    kept = [int(place) for place in np.flatnonzero(~bad)]
    names = type(pictures.names)(pictures.names[place] for place in kept)
    rest = type(pictures.rows)("I", (pictures.rows[place] for place in kept))
    return Pictures(names, rest, [*pictures.refused, *why], pictures.ignored), rows[~bad]


def event_of(about: dict[str, Any]) -> Event:
    """The "classified" event."""
    told = {name: about[name] for name in ("images", "unsure", "unsure_below", "refused", "ignored", "epoch", "classes", "names", "counts")}
    return {"event": "classified", **told}
