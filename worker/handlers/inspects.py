"""An uploaded archive is looked at: what its import would make of it, for somebody to agree or to correct."""

from __future__ import annotations

import json

from classifier.spec.events import Event
from webapp.datasets import previews
from worker.handlers.imports import Import


class Inspect(Import):
    """`classifier inspect ARCHIVE`; it leaves nothing but what it found. Archive, limits and words are those of an import."""

    noun, last_event = "look at the archive", "inspected"

    def arguments(self) -> list[str]:
        options = self.dataset.options
        choose = ["--choose", json.dumps(options["choose"])] if options.get("choose") else []
        faces = ["--faces"] if options.get("blur_faces") else []
        group = ["--group", options["group"]] if options.get("group") else []
        return ["inspect", str(self.archive()), "--brief", *self.fetch(), *choose, *faces, *group]

    def before_end(self, last: Event) -> None:
        """Nothing is staged."""

    def end(self, last: Event) -> None:
        self.downloaded()
        last["message"] = self.told(str(last["message"]))
        previews.looked_at(self.dataset.id, last)
