"""What other apps do when a training has ended well, and the pages that they have below this app's. They register in their `apps.py`:
this app imports none of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils.module_loading import import_string

from webapp.experiments.models import Experiment

# Dotted names of functions (experiment, result.json's content, RUN folder) -> None, imported when they are first needed.
when_finished: set[str] = set()
pages_from: set[str] = set()  # dotted names of modules with `urlpatterns`, whose names and addresses join this app's


def tell_finished(experiment: Experiment, result: dict[str, Any], run_folder: Path) -> None:
    """Call each of them, inside the transaction that ends the job."""
    for name in sorted(when_finished):
        import_string(name)(experiment, result, run_folder)
