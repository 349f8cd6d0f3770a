"""The training loop: one for every device and precision, readable from top to bottom."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import torch

from classifier.data.dataset import Dataset
from classifier.data.folds import folded
from classifier.data.load import Images, hold_what_fits, readable
from classifier.data.part import part_of
from classifier.run import Run, learnable
from classifier.spec.config import TrainConfig
from classifier.spec.errors import Interrupted
from classifier.spec.events import Event, OnEvent, ShouldStop, finite, ignore, never
from classifier.spec.faults import fault
from classifier.spec.sizes import growing_size
from classifier.spec.words import plural
from classifier.training import finetuning
from classifier.training import folder as folders
from classifier.training.cores import own_threads
from classifier.training.devices import determinism
from classifier.training.divergence import refuse_no_number
from classifier.training.ending import finish
from classifier.training.extraction import compute_features
from classifier.training.files import read_json
from classifier.training.keeping import good_state, keep_last, keep_step
from classifier.training.looking import by_image, due_inside, look, look_due, tell_images, validated, validation_due
from classifier.training.memory import keep_freed_memory
from classifier.training.optim import set_learning_rate
from classifier.training.order import derived_seed, generator
from classifier.training.preflight import preflight
from classifier.training.rates import learning_rate, rows_watched, stalled
from classifier.training.settings import refuse_unwatched
from classifier.training.setup import Training, Watch, refuse_untrainable, resolved, set_up
from classifier.training.statistics import renew
from classifier.training.step import FEWEST, augmented, learn, steps_of, usual_network, usual_size
from classifier.training.thawing import thaw
from classifier.training.validate import not_validated

CHECKPOINT_SECONDS = 300.0  # inside a long epoch, at least so often


def train(
    dataset_folder: Path,
    run_folder: Path,
    config: TrainConfig | None,
    *,
    restart: bool = False,
    on_event: OnEvent = ignore,
    should_stop: ShouldStop = never,
    should_finish: ShouldStop = never,
) -> dict[str, Any]:
    """Trains a network on a DATASET into a RUN, or goes on with that RUN; gives the `finished` event that ends the command.

    config None: the one that the RUN began with, or the defaults. Raises InputError and ConfigError for what the user
    gave, Interrupted when asked to stop (a checkpoint is kept), and ClassifierError "nan_loss" when training diverged.
    `should_finish` ends it after the epoch under way, with its test and its result.
    """
    keep_freed_memory()
    folders.refuse_foreign(run_folder)
    run = None if restart else folders.existing(run_folder)
    begun = run.config if config is None and run is not None else folders.as_begun(config or TrainConfig(), run)
    dataset = folded(learnable(Dataset.open(dataset_folder), run), begun.folds, begun.fold)
    dataset.tell_left_out(on_event)
    refuse_untrainable(dataset)
    wanted = begun if config is None and run is not None else resolved(dataset, begun, run)
    if run is not None:
        folders.refuse_other_settings(run, dataset, wanted)
        if (run_folder / "result.json").exists():
            return told_again(run, on_event)
    else:
        refuse_unwatched(wanted, len(dataset.indices("validation")))
    with determinism(wanted.deterministic), own_threads():
        training = set_up(
            part_of(dataset, wanted.most_images, wanted.seed),
            run_folder,
            wanted,
            run,
            Watch(on_event, should_stop, should_finish),
            restart=restart,
        )
        preflight(training)
        make_ready(training)
        run_epochs(training)
        keep_last(training)
        return finish(training)


def told_again(run: Run, on_event: OnEvent) -> dict[str, Any]:
    """The end of a training that has ended before, with its epochs."""
    result = read_json(run.folder / "result.json")
    for row in result["history"]:
        on_event({"event": "epoch", **row})
    return {"event": "finished", "run": str(run.folder), "test": result["test"]}


def make_ready(training: Training) -> None:
    """Brings images into memory and settles what holds for the whole process."""
    t = training
    t.watch.on_event({"event": "stage", "stage": "decoding", "message": f"Decoding {len(t.labels):,} training images"})
    if t.device.type == "cuda":
        torch.backends.cudnn.benchmark = not t.config.deterministic  # batches keep their shape
        torch.set_float32_matmul_precision("high")
    if t.config.on_features and not t.finetuning:
        compute_features(t)
    hold_images(t)


def hold_images(training: Training) -> None:
    """Decodes what fits the memory, and tells what cannot be decoded."""
    t = training
    splits = [images for images in (t.images, t.validation) if isinstance(images, Images)]
    hold_what_fits(splits, t.watch.should_stop, lambda done, total: tell_images(t, "decoding", 0.0, done, total))
    tell_spoilt(t)


def run_epochs(training: Training) -> None:
    """Trains and validates until the last epoch, or until validation has not improved for long enough."""
    t = training
    layout = ("channels-last" if t.plan.channels_last else "contiguous") + (", compiled" if t.plan.compiled else "")
    message = f"Training {t.config.model} for {plural(t.config.epochs, 'epoch')} at {t.side} px in {t.plan.precision}, {layout}"
    t.watch.on_event({"event": "stage", "stage": "training", "message": message})
    t.progress.start(t.progress.work.done(t.step, t.epoch))
    while t.epoch < t.config.epochs and not stalled(rows_watched(t), t.config.early_stopping, t.config.min_change):
        if asked_to_finish(t):
            break
        if finetuning.due(t):
            finetuning.begin(t)
            hold_images(t)
        fault("epoch_start")
        end_epoch(t, train_epoch(t, t.epoch + 1))


def asked_to_finish(training: Training) -> bool:
    """Whether no further epoch is wanted; the first one always is."""
    asked = training.epoch > 0 and training.watch.should_finish()
    if asked:
        message = f"Finishing after epoch {training.epoch} of {training.config.epochs}, as asked."
        training.watch.on_event({"event": "log", "level": "info", "message": message})
    return asked


def train_epoch(training: Training, epoch: int) -> dict[str, float]:
    """The steps of one epoch from where the last process left off; gives sums over all of its images.

    Nothing here waits for the device but the read-out when progress is due, and at the end.
    """
    t, c = training, training.config
    before = t.sums or {"loss": 0.0, "right": 0.0, "images": 0.0, "seconds": 0.0}
    # loss × images, right ones, images; on the device, so that adding to them does not wait for it
    sums = torch.tensor([before["loss"], before["right"], before["images"]], dtype=sum_type(t.device), device=t.device)
    clock = Clock(before["seconds"])
    side = growing_size(epoch, c.epochs, c.first_size, t.side) if c.first_size else 0
    thaw(t, epoch)
    t.model.train()
    t.trace.begin()
    network = t.stepped(t.model)
    whole = steps_of(t, epoch)
    usual, most = usual_network(t, network), usual_size(whole)
    steps = whole[t.step - (epoch - 1) * t.steps_per_epoch :]
    for positions, raw in zip(steps, t.trace.fed(t.images.batches(steps)), strict=True):
        # all chance of a step, here and in dropout, comes from its number: an interrupted training repeats none and skips none
        chance = generator(c.seed, "augment", t.step)
        torch.manual_seed(derived_seed(c.seed, "dropout", t.step))
        positions, raw = readable(t.images, positions, raw)
        if len(positions) < FEWEST:
            t.step += 1
            continue
        images, target = augmented(t, positions, raw, chance, side)

        rate = learning_rate(t, t.step)
        set_learning_rate(t.optimizer, rate)
        told = learn(t, usual if len(target) == most else network, images, target)
        sums += told[:3]
        t.step += 1
        t.trace.add(t.step, rate, told)
        if t.average is not None:
            t.average.after_step(t.model, t.step)
        fault("step")
        if look_due(t, epoch):
            t.trace.keep()
            clock.leave_out(look(t, epoch, sums))
            t.trace.begin()
        stopping = t.watch.should_stop()
        saving = clock.checkpoint_due() or due_inside(t, epoch, c.snapshot_every)
        if stopping or t.progress.due() or saving:
            so_far = read_out(t, sums, clock.seconds(), epoch)  # waits for the device
            tell_step(t, epoch, so_far)
            if stopping:
                stop_here(t, so_far)
            if saving:
                keep_step(t, so_far)
                clock.restart_checkpoint()
                t.trace.begin()
    return read_out(t, sums, clock.seconds(), epoch)


def sum_type(device: torch.device) -> torch.dtype:
    """float64, where the device has it."""
    return torch.float32 if device.type == "mps" else torch.float64


class Clock:
    """Seconds of training in one epoch, those before a resume included, and since the last checkpoint."""

    def __init__(self, before: float) -> None:
        self.before, self.started = before, time.monotonic()
        self.saved = self.started

    def seconds(self) -> float:
        return self.before + time.monotonic() - self.started

    def leave_out(self, seconds: float) -> None:
        """What was no training."""
        self.before -= seconds

    def checkpoint_due(self) -> bool:
        return time.monotonic() - self.saved >= CHECKPOINT_SECONDS

    def restart_checkpoint(self) -> None:
        self.saved = time.monotonic()


def read_out(training: Training, sums: torch.Tensor, seconds: float, epoch: int) -> dict[str, float]:
    """The sums as numbers; raises ClassifierError "nan_loss" where the loss is no number any more."""
    loss, right, images = sums.tolist()
    training.trace.keep()
    refuse_no_number(training, loss, epoch)
    return {"loss": loss, "right": right, "images": images, "seconds": seconds}


def tell_step(training: Training, epoch: int, sums: dict[str, float]) -> None:
    """A progress event, if one is due."""
    t, work = training, training.progress.work
    if not t.progress.due():
        return
    speed = round(sums["images"] / max(sums["seconds"], 1e-9), 1)
    t.progress.tell(
        "training", work.done(t.step, epoch - 1), count=t.step, total=work.steps, unit="steps",
        rate=round(speed * t.steps_per_epoch / work.train_images, 3), epoch=epoch, epochs=t.config.epochs, step=t.step, steps=work.steps,
        train_loss=sums["loss"] / sums["images"], images_per_second=speed, lr=learning_rate(t, t.step - 1),
    )  # fmt: skip


def tell_spoilt(training: Training) -> None:
    """Names images that cannot be decoded; ends the training where they are too many."""
    for spoilt in training.spoilt:
        spoilt.tell()


def stop_here(training: Training, sums: dict[str, float]) -> None:
    """Keeps this very step, then raises Interrupted."""
    keep_step(training, sums)
    raise Interrupted(f"Interrupted at step {training.step:,} of {training.progress.work.steps:,}; a checkpoint was kept. "
                      "Run the same command again to go on.")  # fmt: skip


def end_epoch(training: Training, sums: dict[str, float]) -> None:
    """Validates, keeps a checkpoint, then tells: whoever hears of an epoch may rely on it."""
    t = training
    t.epoch, t.sums = t.epoch + 1, None
    if t.average is not None and t.average.after_epoch(t.model, t.epoch):
        renew(t, t.average.model)
    found = validated(t) if validation_due(t) else not_validated()
    tell_spoilt(t)
    state = good_state(t, t.epoch, None)
    if found.confusion is not None and len(t.validation_labels):
        refuse_no_number(t, found.loss, t.epoch, "validation loss")
    row: Event = {
        "event": "epoch",
        "epoch": t.epoch,
        "epochs": t.config.epochs,
        "step": t.step,
        "train_loss": sums["loss"] / sums["images"],
        "train_top1": sums["right"] / sums["images"],
        "val_loss": found.loss,
        "val_top1": found.top1,
        "val_top5": found.top5,
        "lr": learning_rate(t, t.step - 1),
        "images_per_second": round(sums["images"] / max(sums["seconds"], 1e-9), 2),
        "seconds": round(sums["seconds"], 3),
    }
    row = finite(row)
    row |= {"best": t.history.improves(row)} | by_image(t, found)
    t.history.append(row)  # before the checkpoint: one that is there finds all its rows
    if row["best"] or t.config.snapshot_every < 1 or t.epoch % t.config.snapshot_every == 0:
        t.store.save(state, whole=True, val_top1=row["val_top1"], val_loss=row["val_loss"])
    t.watch.on_event(row)
