"""As what the chosen images of a map can be labelled."""

from __future__ import annotations

from typing import Any

from webapp.accounts.actor import Request
from webapp.datasets.views import looking
from webapp.evaluations.models import Evaluation


def labelling(request: Request, evaluation: Evaluation) -> dict[str, Any]:
    """Whether they can be, and the classes of the dataset as it is now: one may be called otherwise since it was measured."""
    look = looking.look(request, evaluation.version.dataset)
    return looking.labelling(look) if look else {"editable": False}
