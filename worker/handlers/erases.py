"""An image is erased wherever its team has it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from classifier.spec.events import Event
from webapp.core import remains
from webapp.datasets.erasing import asking, forgetting
from webapp.datasets.erasing.places import Place, places
from webapp.datasets.models import Erasure
from webapp.jobs import actions as jobs
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job
from worker.handlers.base import Gone, Work


class Erase(Work):
    """`classifier erase FOLDER… --image SHA256` over every version of every dataset that holds it; then what rows know of it.

    Each step may be done again, so another attempt makes whole what this one began.
    """

    noun, last_event = "erasure", "erased"

    def __init__(self, job: Job, claim: Claim) -> None:
        super().__init__(job, claim)
        erasure = Erasure.objects.select_related("dataset", "team").filter(job=job).first()
        if erasure is None:
            raise Gone("The dataset was deleted for good before its image was erased, and with it the image.")
        self.erasure = erasure
        self.places: list[Place] = places(erasure.team, erasure.digest)
        if not self.places:
            raise Gone("No dataset of the team has this image any more.")

    @property
    def log(self) -> Path:
        return self.erasure.dataset.folder / "erase.txt"

    def arguments(self) -> list[str]:
        folders = [str(folder) for place in self.places for folder in place.folders]
        return ["erase", *folders, "--image", self.erasure.digest]

    def told(self, message: str) -> str:
        """Without this server's folder in front of a file's name."""
        return message.replace(f"{settings.SYNSET_HOME}/", "")

    def before_end(self, last: Event) -> None:
        for place in self.places:
            forgetting.forget(place, lambda: jobs.fence(self.claim))
        remains.settle()

    def end(self, last: Event) -> None:
        told = [forgetting.told(place) for place in self.places]
        saw = [use._asdict() for use in asking.saw(self.places)]
        Erasure.objects.filter(pk=self.erasure.pk).update(places=told, saw=saw)
