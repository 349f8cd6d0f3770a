"""An image is erased wherever its team has it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import transaction

from classifier.spec.events import Event
from webapp.core import remains
from webapp.datasets import hooks
from webapp.datasets.erasing import asking, corrected, forgetting
from webapp.datasets.erasing.places import Place, places_of
from webapp.datasets.models import Erasure
from webapp.jobs import actions as jobs
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job
from worker.handlers.base import Gone, Work


class Erase(Work):
    """`classifier erase FOLDER… --image SHA256` over every version of every dataset that holds it, and over what else keeps it; then what
    rows know of it.

    Each step may be done again, so another attempt makes whole what this one began.
    """

    noun, last_event = "erasure", "erased"

    def __init__(self, job: Job, claim: Claim) -> None:
        super().__init__(job, claim)
        erasure = Erasure.objects.select_related("dataset", "team").filter(job=job).first()
        if erasure is None:
            raise Gone("The dataset was deleted for good before its image was erased, and with it the image.")
        self.erasure = erasure
        self.elsewhere: list[hooks.Elsewhere] = []
        self.places: list[Place] = places_of(erasure.team, erasure.hashes)
        if not self.places:
            raise Gone("No dataset of the team has this image any more.")

    @property
    def log(self) -> Path:
        return self.erasure.dataset.folder / "erase.txt"

    def arguments(self) -> list[str]:
        folders = dict.fromkeys(str(folder) for place in self.places for folder in place.folders)
        also = ["--also", *self.erasure.also] if self.erasure.also else []
        answers = [str(kept.folder) for kept in self.elsewhere]
        return ["erase", *folders, "--image", self.erasure.digest, *also, *(["--answers", *answers] if answers else [])]

    def prepare(self) -> None:
        """Rows forget first the names that the command takes out of files: behind it nobody knows them."""
        with transaction.atomic():
            jobs.fence(self.claim)
            hooks.tell_names_erased(self.erasure.team, self.erasure.hashes)
        self.elsewhere = hooks.elsewhere(self.erasure.team, self.erasure.hashes)

    def told(self, message: str) -> str:
        """Without this server's folder in front of a file's name."""
        return message.replace(f"{settings.SYNSET_HOME}/", "")

    def before_end(self, last: Event) -> None:
        for place in self.places:
            forgetting.forget(place, lambda: jobs.fence(self.claim))
        corrected.forget(self.erasure.team, self.erasure.hashes, lambda: jobs.fence(self.claim))
        hooks.tell_counted_anew(self.erasure.team, self.erasure.hashes)
        remains.settle()

    def end(self, last: Event) -> None:
        told = [forgetting.told(place) for place in self.places]
        saw = [use._asdict() for use in asking.saw(self.places)]
        names = ("address", "id", "name", "words")
        elsewhere = [{name: getattr(kept, name) for name in names} for kept in self.elsewhere]
        Erasure.objects.filter(pk=self.erasure.pk).update(places=told, saw=saw, elsewhere=elsewhere)
