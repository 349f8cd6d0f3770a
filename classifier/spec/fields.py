"""The fields of the configuration as people meet them: label, unit, usual range, help, and what each takes."""

from __future__ import annotations

from dataclasses import dataclass

from classifier.spec.augment_fields import augment_fields
from classifier.spec.checks import (
    MOST_FOLDS,
    Check,
    device_name,
    epochs_list,
    epochs_or_share,
    fold_count,
    frozen_depth,
    measured,
    model_name,
    number,
    one_of,
    or_null,
    truth,
    weights_source,
    whole,
)
from classifier.spec.schedules import SCHEDULES

OPTIMIZERS = ("sgd", "adam", "adamw", "nadam", "radam", "adagrad", "adadelta", "rmsprop", "muon")
RESIZES = ("squash", "crop", "fill", "half_crop")
CHANNELS = ("color", "grey")
NORMALISATIONS = ("imagenet", "data")
FEATURES = ("once", "each")
TTA = ("flip", "ten_crop")
PRECISIONS = ("auto", "fp32", "bf16")
DEPTHS = ("convnext", "efficientnet", "maxvit", "swin_transformer")  # families whose blocks can be left out
LOSSES = ("cross_entropy", "focal", "binary")
CLASS_WEIGHTS = ("balanced", "effective")
SAMPLINGS = ("over", "under")
ON_NAN = ("stop", "go_back")


@dataclass(frozen=True)
class Field:
    """One field as people meet it: what it is called, its unit, its usual range, and what it does."""

    label: str
    check: Check
    unit: str = ""
    usual: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()


FIELDS: dict[str, Field] = {
    "model": Field("Model", model_name, help="the network to train"),
    "weights": Field(
        "Weights",
        or_null(weights_source),
        help="what it starts from: nothing, the published weights, a file, or an earlier run (RUN@EPOCH: one of its kept epochs)",
    ),
    "freeze": Field(
        "Freeze",
        or_null(frozen_depth),
        help="keep all but the last layer as the weights have it, or so many stages (a number or a share) from the image on",
        choices=("backbone",),
    ),
    "unfreeze": Field(
        "Thaw a stage after",
        or_null(whole(1, 10_000, "1 to 5")),
        unit="epochs",
        usual="1 to 5",
        help="after so many epochs the last frozen stage learns too, then the one before it, and so on; empty: frozen to the end",
    ),
    "layer_decay": Field(
        "Rate a stage deeper",
        or_null(number(0, 1, "0.65 to 0.9", above=True)),
        usual="0.65 to 0.9",
        help="each stage learns at this share of the rate of the one behind it, so that what is near the image changes least; empty: alike",
    ),
    "features": Field(
        "Features",
        or_null(one_of(*FEATURES)),
        help="once: what the frozen part makes of each image (with flip of its mirror too) is computed once; each: anew in each step",
        choices=FEATURES,
    ),
    "finetune": Field(
        "Fine-tune for the last",
        or_null(whole(1, 10_000, "3 to 20")),
        unit="epochs",
        usual="3 to 20",
        help="for the last so many epochs all of the network learns, from the best head on; kept where validation is better",
    ),
    "finetune_rate": Field(
        "Rate of fine-tuning",
        or_null(number(0, 100, "0.00005 to 0.001", above=True)),
        usual="0.00005 to 0.001",
        help="highest rate while fine-tuning, of the last layer; empty: picked by optimiser and batch size",
    ),
    "image_size": Field(
        "Image size", or_null(whole(8, 1024, "32 to 384")), unit="pixels", usual="32 to 384", help="images are brought to this square"
    ),
    "first_size": Field(
        "First size",
        or_null(whole(8, 1024, "half the image size")),
        unit="pixels",
        usual="half the image size",
        help="training images grow from this size to the image size over two thirds of the epochs: faster; empty: all alike",
    ),
    "eval_size": Field(
        "Evaluation size",
        or_null(whole(8, 1536, "the image size or a seventh more")),
        unit="pixels",
        usual="the image size or a seventh more",
        help="validation, test and predictions see this size; a larger one makes up for the larger things that random windows show",
    ),
    "resize": Field(
        "Resizing",
        or_null(one_of(*RESIZES)),
        help="how an oblong image becomes a square; empty: small ones squashed, of photographs windows in training and the middle after",
        choices=RESIZES,
    ),
    "channels": Field("Colours", one_of(*CHANNELS), help="grey: the same brightness in all three channels", choices=CHANNELS),
    "normalisation": Field(
        "Normalisation",
        or_null(one_of(*NORMALISATIONS)),
        help="mean and deviation of colours: ImageNet's, or measured on the training images; empty: those of the published weights",
        choices=NORMALISATIONS,
    ),
    "tta": Field(
        "Views when tested",
        or_null(one_of(*TTA)),
        help="test, evaluation and prediction average over the image and its mirror, or over ten crops; takes twice or ten times as long",
        choices=TTA,
    ),
    "most_images": Field(
        "Images, at most",
        or_null(whole(2, 10**9, "1,000 to 50,000")),
        unit="training images",
        usual="1,000 to 50,000",
        help="the same share of each class, and of validation and test images at least 500; empty: all",
    ),
    "folds": Field("Cross-validation", fold_count, help="train and validation are cut anew into so many parts, of which one validates"),
    "fold": Field("Fold", or_null(whole(1, MOST_FOLDS)), help="the part that validates; empty: each of them, an experiment apiece"),
    "epochs": Field("Epochs", whole(1, 100_000, "5 to 100"), usual="5 to 100", help="how often each training image is seen"),
    "batch_size": Field(
        "Batch size",
        measured(whole(1, 8192, "16 to 256")),
        unit="images",
        usual="16 to 256",
        help="images in one step; empty: the largest power of two that fits the memory and is no slower, measured",
    ),
    "accumulate": Field(
        "Batches a step",
        whole(1, 1024, "1 to 16"),
        usual="1 to 16",
        help="gradients of so many batches make one step, as one large batch would that does not fit the memory",
    ),
    "learning_rate": Field(
        "Learning rate",
        or_null(number(0, 100, "0.0001 to 0.1", above=True)),
        usual="0.0001 to 0.1",
        help="highest rate, after the warm-up; empty: picked by optimiser and batch size",
    ),
    "optimizer": Field(
        "Optimiser",
        one_of(*OPTIMIZERS),
        help="AdamW forgives more, SGD can end higher; Muon moves kernels, and AdamW the rest",
        choices=OPTIMIZERS,
    ),
    "weight_decay": Field(
        "Weight decay",
        or_null(number(0, 10, "0.0001 to 0.05")),
        usual="0.0001 to 0.05",
        help="pulls weights to zero; never norms and biases",
    ),
    "clip_norm": Field(
        "Clip gradients",
        or_null(number(0, 1e6, "1 to 5", above=True)),
        usual="1 to 5",
        help="gradients longer than this, all weights together, are shortened to it",
    ),
    "momentum": Field("Momentum", number(0, 0.9999, "0.9"), usual="0.9", help="of SGD, RMSprop and Muon alone"),
    "nesterov": Field("Nesterov", truth, help="momentum that looks a step ahead; of SGD alone"),
    "warmup_epochs": Field(
        "Warm-up", or_null(number(0, 1000, "0 to 5")), unit="epochs", usual="0 to 5", help="the rate rises from zero over these"
    ),
    "schedule": Field("Schedule", one_of(*SCHEDULES), help="how the rate falls after the warm-up", choices=SCHEDULES),
    "decay_factor": Field(
        "Decay factor",
        or_null(number(0, 1, "0.1 to 0.5", above=True)),
        usual="0.1 to 0.5",
        help="what the rate is multiplied by: at each step or milestone, on a plateau, or each epoch where it falls exponentially",
    ),
    "decay_epochs": Field(
        "Decay every",
        or_null(number(0, 100_000, "5 to 30", above=True)),
        unit="epochs",
        usual="5 to 30",
        help="of the step schedule; on a plateau, how many epochs without a better validation loss are borne",
    ),
    "milestones": Field(
        "Milestones",
        or_null(epochs_list),
        unit="epochs",
        usual="30, 60, 80",
        help="epochs after which the multi-step schedule lowers the rate",
    ),
    "decay_power": Field(
        "Decay power", or_null(number(0, 10, "0.5 to 2", above=True)), usual="0.5 to 2", help="of the polynomial and the inverse schedule"
    ),
    "label_smoothing": Field(
        "Label smoothing", number(0, 0.9, "0 to 0.1"), usual="0 to 0.1", help="takes this share of certainty from the true label"
    ),
    "augment": Field("Augmentation", augment_fields, help="random changes to training images; flips are off for small grey images"),
    "class_weights": Field(
        "Class weights",
        or_null(one_of(*CLASS_WEIGHTS)),
        help="balanced: rare classes count as much as common ones; effective: somewhat less than that",
        choices=CLASS_WEIGHTS,
    ),
    "loss": Field(
        "Loss",
        one_of(*LOSSES),
        help="cross-entropy; focal, in which images that are right already count less; or binary, each class against the rest",
        choices=LOSSES,
    ),
    "focal_gamma": Field(
        "Focal gamma", number(0, 10, "0.5 to 5"), usual="0.5 to 5", help="of the focal loss: how much less; 0 is cross-entropy"
    ),
    "sampling": Field(
        "Sampling",
        or_null(one_of(*SAMPLINGS)),
        help="over: an epoch shows images of rare classes more often; under: it leaves images of common ones out, others each time",
        choices=SAMPLINGS,
    ),
    "dropout": Field(
        "Dropout",
        or_null(number(0, 0.95, "0 to 0.5")),
        usual="0 to 0.5",
        help="the share of features before the last layer that each step leaves out; empty: as the network was published",
    ),
    "stochastic_depth": Field(
        "Stochastic depth",
        or_null(number(0, 0.95, "0.1 to 0.3")),
        usual="0.1 to 0.3",
        help="how often the last block is left out, earlier ones less often; empty: as the network was published",
    ),
    "validate_every": Field(
        "Validate every",
        epochs_or_share,
        unit="epochs",
        usual="1 to 10",
        help="how often the validation images are looked at, 0.25: four times an epoch; the best checkpoint is of the end of an epoch",
    ),
    "snapshot_every": Field(
        "Checkpoint every",
        epochs_or_share,
        unit="epochs",
        usual="1 to 10",
        help="how often the weights are kept, beside the best epoch's and the last; 0.25: four times an epoch, of which the newest stay",
    ),
    "early_stopping": Field(
        "Early stopping",
        or_null(whole(1, 10_000, "5 to 20")),
        unit="epochs",
        usual="5 to 20",
        help="stop after so many epochs without a better validation loss",
    ),
    "min_change": Field(
        "Minimal change",
        number(0, 100, "0 to 0.01"),
        usual="0 to 0.01",
        help="a validation loss is better where it is lower by more than this",
    ),
    "ema": Field(
        "Weight average",
        or_null(number(0, 0.99999, "0.99 to 0.9999", above=True)),
        usual="0.99 to 0.9999",
        help="validate and keep a moving average of the weights with this decay; empty: the weights themselves",
    ),
    "swa_from": Field(
        "Average epochs from",
        or_null(whole(1, 100_000, "three quarters of the epochs")),
        unit="epoch",
        usual="three quarters of the epochs",
        help="from this epoch on the mean of the weights after each is validated and kept (SWA); best at a fixed rate",
    ),
    "precision": Field(
        "Precision", one_of(*PRECISIONS), help="auto measures which is fastest; bf16 computes in half the bits", choices=PRECISIONS
    ),
    "on_nan": Field(
        "On divergence",
        one_of(*ON_NAN),
        help="when the loss is no number: stop, or go back to the last good checkpoint with half the rate, at most twice",
        choices=ON_NAN,
    ),
    "seed": Field("Seed", whole(0, 2**31 - 1), help="the same seed gives the same order and augmentation"),
    "device": Field("Device", device_name, help="auto takes a free GPU, else the processor"),
    "deterministic": Field("Deterministic", truth, help="bit for bit repeatable on one device; somewhat slower"),
}
