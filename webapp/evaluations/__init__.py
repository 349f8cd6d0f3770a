"""One checkpoint on one split: metrics, confusion matrix, predictions."""
