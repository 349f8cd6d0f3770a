"""Everything that one training holds, put together from a dataset, a folder and a configuration."""

from __future__ import annotations

import heapq
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from classifier.data import load
from classifier.data.augment import Augment, Normalisation
from classifier.data.dataset import Dataset
from classifier.data.load import Images
from classifier.data.spoilt import Spoilt
from classifier.data.statistics import channel_statistics
from classifier.models.build import build
from classifier.models.freezing import freeze_stages, frozen_count
from classifier.models.regularise import set_dropout, set_stochastic_depth
from classifier.models.weights import load_weights
from classifier.run import Run, put_in
from classifier.spec.config import TrainConfig
from classifier.spec.defaults import PICKED
from classifier.spec.errors import InputError
from classifier.spec.events import Event, OnEvent, ShouldStop, ignore, never
from classifier.spec.packfile import UNLABELLED
from classifier.spec.work import each, validations
from classifier.training import folder as folders
from classifier.training.average import Average, average_for
from classifier.training.batch import with_batch
from classifier.training.checkpoint import History, Owner, Store
from classifier.training.devices import Plan, choose_device, describe
from classifier.training.features import Features, tail_of
from classifier.training.finetuning import whole_network
from classifier.training.losses import make_criterion
from classifier.training.optim import make_optimizer
from classifier.training.order import derived_seed, steps_per_epoch
from classifier.training.pictures import prepared, training_pictures, validation_pictures
from classifier.training.plans import planned
from classifier.training.progress import Progress, Work
from classifier.training.settings import IMAGENET, pick_normalisation, resolve
from classifier.training.sight import Sight
from classifier.training.trace import Trace

EVAL_BATCH = 256  # at most so many images a validation step; no gradients are held, so it may exceed the batch size


class Watch(NamedTuple):
    """Who listens to a training, and who may end it."""

    on_event: OnEvent = ignore
    should_stop: ShouldStop = never  # asked at each step: keep it and leave
    should_finish: ShouldStop = never  # asked between epochs: no further one, then the end as usual


class Picked:
    """Passes events on, and keeps what was said of settings that were left open, now or when the run began."""

    def __init__(self, on_event: OnEvent, run: Run | None) -> None:
        self.on_event, self.messages = on_event, list[str](run.about.get("picked", []) if run else [])

    def __call__(self, event: Event) -> None:
        self.messages += [event["message"]] if event["event"] == "picked" else []
        self.on_event(event)


@dataclass
class Training:
    """One training under way. `epoch` and `step` count what is finished; `sums` is of the epoch under way after a resume."""

    folder: Path
    dataset: Dataset
    config: TrainConfig  # resolved
    device: torch.device
    plan: Plan
    normalisation: Normalisation
    model: nn.Module
    optimizer: Optimizer
    criterion: nn.Module
    images: Images | Features
    labels: Tensor  # int64 [train images], on the device
    sizes: Tensor  # float32 [train images, 2], height and width, on the processor
    small: bool  # all images are small: shifted, where photographs get random windows
    validation: Images | Features
    validation_labels: Tensor
    augment: Augment
    store: Store
    history: History
    looks: History  # validations inside epochs
    trace: Trace  # what each step told
    progress: Progress
    watch: Watch
    spoilt: list[Spoilt]  # of the training and the validation images
    average: Average | None = None
    compiled: nn.Module | None = None  # the network as torch.compile made it, once its plan has that
    later_plan: Plan | None = None  # of the fine-tuning, where it differs
    finetuning: bool = False  # the whole network learns, after its head alone did
    setbacks: int = 0  # times the loss was no number; each halves the learning rate
    epoch: int = 0
    step: int = 0
    sums: dict[str, Any] | None = field(default=None)

    @property
    def side(self) -> int:
        """The training size in pixels."""
        assert self.config.image_size is not None
        return self.config.image_size

    @property
    def sight(self) -> Sight:
        """How its images become what the network sees."""
        return Sight(self.config, self.augment, self.normalisation, self.small, len(self.dataset.classes))

    @property
    def steps_per_epoch(self) -> int:
        return self.progress.work.steps_per_epoch

    @property
    def kept_model(self) -> nn.Module:
        """What is validated and used later: the average of the weights where one is made."""
        return self.model if self.average is None else self.average.model

    def stepped(self, model: nn.Module) -> nn.Module:
        """What of the network is computed in a step: all of it, or what follows the features that were computed once."""
        return tail_of(model) if isinstance(self.images, Features) else model


def refuse_untrainable(dataset: Dataset) -> None:
    """Raises InputError where there is nothing to learn from."""
    if dataset.unlabelled or dataset.classes == [UNLABELLED]:
        refuse_unlabelled(dataset)
    if len(dataset.classes) < 2:
        count = len(dataset.classes)
        raise InputError(f"{dataset.folder} has {count} class; a classifier needs at least 2. Import images of more classes.")
    if len(dataset.indices("train")) < 2:
        raise InputError(f"{dataset.folder} has fewer than 2 training images. Import more images, or give train a larger share.")


def refuse_unlabelled(dataset: Dataset) -> None:
    """Raises InputError where so few images are labelled that no two classes are left."""
    labelled = [label for label in dataset.classes if label != UNLABELLED]
    if len(labelled) < 2:
        have = f"only '{labelled[0]}' has labelled images" if labelled else "none of its images is labelled"
        raise InputError(f"In {dataset.folder} {have}; a classifier needs at least 2 classes. Label more images first.")


def is_small(dataset: Dataset) -> bool:
    """Whether all training images are kept as raw pixels."""
    return load.all_small(dataset.pack, dataset.images[dataset.indices("train")])


def resolved(dataset: Dataset, config: TrainConfig, run: Run | None = None) -> TrainConfig:
    """The configuration with what data and model decide; where it leaves something to be picked, a run goes on as it began."""
    images = min(len(dataset.indices("train")), config.most_images or sys.maxsize)
    if run is not None:
        config = replace(config, **{name: getattr(run.config, name) for name in (*PICKED, "image_size") if getattr(config, name) is None})
        images = images if run.config.on_features else sys.maxsize
    return resolve(config, dataset.typical_size, small=is_small(dataset), grey=dataset.grey, images=images)


def new_model(config: TrainConfig, classes: int) -> nn.Module:
    """The network in fp32 on the processor, its first weights a function of the seed."""
    assert config.image_size is not None
    torch.manual_seed(derived_seed(config.seed, "weights"))
    model = build(config.model, classes, image_size=config.image_size)
    if config.dropout is not None:
        set_dropout(model, config.dropout)
    if config.stochastic_depth is not None:
        set_stochastic_depth(model, config.stochastic_depth)
    return model


def give_weights(model: nn.Module, config: TrainConfig, watch: Watch) -> None:
    """Loads the weights that the training starts from, if any."""
    if config.weights is not None:
        load_weights(model, config.weights, name=config.model, on_event=watch.on_event, should_stop=watch.should_stop)


def sizes_seen(dataset: Dataset, rows: np.ndarray, config: TrainConfig) -> Tensor:
    """float32 [N, 2]: height and width of what each training image shows, before it was squeezed to a square.

    A resize mode gives squares, whatever the image was.
    """
    sizes = load.sizes_of(dataset.pack, rows)
    return torch.ones_like(sizes) if config.resize else sizes


def chosen_normalisation(dataset: Dataset, config: TrainConfig, run: Run | None, should_stop: ShouldStop) -> Normalisation:
    """Mean and deviation of the colours: those that the run began with, else as the configuration has it."""
    if run is not None:
        return run.normalisation
    if config.normalisation == "data":
        assert config.image_size is not None
        rows = dataset.images[dataset.indices("train")]
        return channel_statistics(
            Images(dataset.pack, rows, config.image_size, prepared(load.squeezed, config), torch.device("cpu")), should_stop
        )
    return IMAGENET if config.normalisation == "imagenet" else pick_normalisation(config)


def set_up(dataset: Dataset, folder: Path, config: TrainConfig, run: Run | None, watch: Watch, *, restart: bool) -> Training:
    """Claims the folder, finds the state to go on from, and readies model and images. `config` is resolved.

    Whatever can be wrong with what the user gave is found before the folder is touched.
    """
    model, device = new_model(config, len(dataset.classes)), choose_device(config.device)
    frozen = frozen_count(model, config.freeze)
    if run is None:
        give_weights(model, config, watch)
    folder.mkdir(parents=True, exist_ok=True)
    owner = Owner(folder)
    owner.claim()
    if restart:
        folders.clear(folder)
    store, history = Store(folder, owner, watch.on_event), History(folder, owner=owner)
    state = store.newest_good()
    if state is not None:
        put_in(model, state["model"])
    elif run is not None:
        give_weights(model, config, watch)
    if config.unfreeze is None:
        freeze_stages(model, frozen)  # else each epoch does: the optimiser is to know what will thaw
    begun_on, picked = describe(device), Picked(watch.on_event, run)
    images = len(dataset.indices("train"))
    plan, later = planned(run, config, model, device, images, picked)
    config = with_batch(config, model, plan, device, images, picked)
    normalisation = chosen_normalisation(dataset, config, run, watch.should_stop)
    about = folders.about(dataset, config, normalisation, plan, device, later) | {"device": begun_on, "picked": picked.messages}
    about |= {"parameters": sum(each.numel() for each in model.parameters())}
    folders.write_beginning(folder, config, about)
    training = assembled(dataset, folder, config, model, device, plan, normalisation, store, history, watch)
    training.later_plan = later
    restore(training, state)
    return training


def assembled(
    dataset: Dataset, folder: Path, config: TrainConfig, model: nn.Module, device: torch.device, plan: Plan,
    normalisation: Normalisation, store: Store, history: History, watch: Watch,
) -> Training:  # fmt: skip
    """The parts together: model on its device, optimiser, images of both splits."""
    assert config.image_size is not None and isinstance(config.augment, dict)
    model = model.to(device, memory_format=plan.memory_format)  # type: ignore[call-overload]
    train, validation = dataset.indices("train"), dataset.indices("validation")
    rows, small = dataset.images[train], is_small(dataset)
    counts = each(np.bincount(dataset.labels[train], minlength=len(dataset.classes)).tolist(), config.sampling)
    steps = steps_per_epoch(sum(counts), config.batch * config.accumulate)
    work = Work(
        config.epochs,
        steps,
        sum(counts),
        round(len(validation) * validations(config) / config.epochs),
        len(dataset.indices("test")),
        looks=(1 + config.augment["flip"]) if config.on_features else 0,
        finetuned=config.finetune or 0,
    )
    images = training_pictures(dataset, rows, config, device, small=small, still=config.on_features)
    validated = validation_pictures(dataset, config, device)
    pairs = ((train, images), (validation, validated))
    return Training(
        folder=folder, dataset=dataset, config=config, device=device, plan=plan,
        normalisation=normalisation, model=model, optimizer=make_optimizer(model, config),
        criterion=make_criterion(config, counts, device),
        images=images, labels=torch.from_numpy(dataset.labels[train]).to(device), sizes=sizes_seen(dataset, rows, config), small=small,
        validation=validated, validation_labels=torch.from_numpy(dataset.labels[validation]).to(device),
        augment=Augment(**config.augment), store=store, history=history,
        looks=History(folder, "validations.jsonl", "step", store.owner), trace=Trace(folder, device, watch.on_event, store.owner),
        progress=Progress(work, watch.on_event), watch=watch,
        spoilt=[Spoilt(dataset, indices, watch.on_event, of.spoilt) for indices, of in pairs],
        average=average_for(model, config.ema, config.swa_from), setbacks=folders.setbacks(folder),
    )  # fmt: skip


def restore(training: Training, state: dict[str, Any] | None) -> None:
    """Goes on from a checkpoint's state; the epochs so far are told again. The model has its weights already."""
    if state is not None:
        if training.config.finetune and state["step"] > training.config.head_epochs * training.steps_per_epoch:
            whole_network(training)
        training.optimizer.load_state_dict(state["optimizer"])
        training.epoch, training.step, training.sums = state["epoch"], state["step"], state["sums"]
        if training.average is not None:
            put_in(training.average.model, state["average"])
        message = f"Going on after epoch {training.epoch} of {training.config.epochs}, step {training.step}."
        training.watch.on_event({"event": "log", "level": "info", "message": message})
    training.trace.cut(training.step)
    training.looks.load(training.step)
    training.history.load(training.epoch)
    for row in heapq.merge(training.looks.told(), training.history.told(), key=lambda row: row["step"]):
        training.watch.on_event(row)
