"""What comes after the command of an import or a sealing: its rows go into the database, which takes a while where they are many."""

from __future__ import annotations

import time

from webapp.datasets.sealing import CHUNK_ROWS
from webapp.jobs import actions as jobs
from webapp.jobs.actions import Claim, NewEvent
from worker.relay import ALMOST

TELL_SECONDS = 0.5


class Saving:
    """The fence of each chunk, called in its transaction; tells how many of the rows are in, and the time left.

    Raises LostClaim as the fence does.
    """

    def __init__(self, claim: Claim, rows: int) -> None:
        self.claim, self.rows = claim, rows
        self.calls = 0
        self.began = self.told = time.monotonic()

    def __call__(self) -> None:
        jobs.fence(self.claim)
        done = min(self.rows, max(0, self.calls - 1) * CHUNK_ROWS)  # the first call is of the version itself
        self.calls += 1
        if done and time.monotonic() - self.told >= TELL_SECONDS:
            self.tell(done)

    def tell(self, done: int) -> None:
        self.told = time.monotonic()
        rate = done / (self.told - self.began)
        left = (self.rows - done) / rate
        stage = f"saving: {done:,} of {self.rows:,} images"
        at = {"done": done, "total": self.rows, "unit": "images", "rate": rate}
        told = NewEvent("progress", {"progress": ALMOST, "eta_seconds": left, "stage": stage, **at})
        jobs.record(self.claim, [told], progress=ALMOST, eta=left, stage=stage)
