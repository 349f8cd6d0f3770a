"""What other apps do with a finished evaluation. They register in their `apps.py`: this app imports none of them."""

from __future__ import annotations

from django.utils.module_loading import import_string

from webapp.evaluations.models import Evaluation

when_done: set[str] = set()  # dotted names of functions (evaluation) -> None, imported when they are first needed


def tell_done(evaluation: Evaluation) -> None:
    """Call each of them, inside the transaction that ends the job."""
    for name in sorted(when_done):
        import_string(name)(evaluation)
