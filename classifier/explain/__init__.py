"""Why a network says what it says: maps over an image, every layer's weights and activations, and what a filter looks for."""

from __future__ import annotations

from classifier.explain.command import explain
from classifier.explain.explainer import Explainer, Explanation

__all__ = ["Explainer", "Explanation", "explain"]
