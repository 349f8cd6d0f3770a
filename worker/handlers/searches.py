"""A learning rate is looked for: a few steps whose rate rises, of a network that nobody keeps."""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings

from classifier.spec.events import Event
from webapp.experiments import searches
from webapp.experiments.models import RateSearch
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job
from worker.handlers.base import Gone, Work


class FindRate(Work):
    """`classifier find-lr DATASET --config FILE`; it leaves nothing but its curve."""

    noun, last_event = "search", "rate_found"

    def __init__(self, job: Job, claim: Claim) -> None:
        super().__init__(job, claim)
        search = RateSearch.objects.select_related("version__dataset").filter(job=job).first()
        if search is None:
            raise Gone("What the learning rate was to be searched for was deleted before the search began.")
        self.search = search

    @property
    def log(self) -> Path:
        return self.search.config_path.with_suffix(".log")

    def arguments(self) -> list[str]:
        return ["find-lr", str(self.search.version.folder), "--config", str(self.search.config_path)]

    def told(self, message: str) -> str:
        """Without this server's folder in front of a file's name."""
        return message.replace(f"{settings.SYNSET_HOME}/", "")

    def prepare(self) -> None:
        self.search.config_path.parent.mkdir(parents=True, exist_ok=True)
        self.search.config_path.write_text(json.dumps(self.search.config, indent=1), encoding="utf-8")

    def end(self, last: Event) -> None:
        searches.found(self.search.id, last)

    def clear(self) -> None:
        """Its sentence and its curve stand in rows."""
        for path in (self.search.config_path, self.log):
            path.unlink(missing_ok=True)
