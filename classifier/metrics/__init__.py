"""From counts and stored predictions to figures, intervals and calibration. numpy only, so that the web computes them too.

Everything adds sums and counts and divides once: the tallies of two batches, added, are the tally of one.
Accuracies are fractions of 1. What is undefined (0/0) is None, never NaN.
"""

from classifier.metrics.agreement import Agreement, agreement
from classifier.metrics.calibration import CalibrationBins, calibration_bins
from classifier.metrics.counts import (
    balanced_accuracy,
    confusion,
    dense,
    macro_f1,
    majority_baseline,
    most_confused,
    per_class,
    sparse,
    top1,
)
from classifier.metrics.curves import path_of as curves_path
from classifier.metrics.curves import read_curves, write_curves
from classifier.metrics.detail import Detail, detail
from classifier.metrics.intervals import wilson, wilson_f1
from classifier.metrics.predictions import Prediction, predictions, read_predictions, write_rows
from classifier.metrics.probabilities import cross_entropy, softmax, top_k, true_rank
from classifier.metrics.scored import Scored, read_scored, scored_rows, write_scored
from classifier.metrics.scored import path_of as scored_path
from classifier.metrics.tally import Tally, summary, tally

__all__ = [
    "Agreement",
    "CalibrationBins",
    "Detail",
    "Prediction",
    "Scored",
    "Tally",
    "agreement",
    "balanced_accuracy",
    "calibration_bins",
    "confusion",
    "cross_entropy",
    "curves_path",
    "dense",
    "detail",
    "macro_f1",
    "majority_baseline",
    "most_confused",
    "per_class",
    "predictions",
    "read_curves",
    "read_predictions",
    "read_scored",
    "scored_path",
    "scored_rows",
    "softmax",
    "sparse",
    "summary",
    "tally",
    "top1",
    "top_k",
    "true_rank",
    "wilson",
    "wilson_f1",
    "write_curves",
    "write_rows",
    "write_scored",
]
