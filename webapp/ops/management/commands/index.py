"""`manage.py index`: large versions that an older Synset sealed can be sorted by path and filtered by their metadata too."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand

from classifier.spec.words import plural
from webapp.datasets.browsing import indexing


class Command(BaseCommand):
    help = "Make what galleries sort and filter by, for versions that were sealed before it was made with them. May be run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for version in indexing.lacking():
            began = time.monotonic()
            indexing.build(version)
            count += 1
            took = time.monotonic() - began
            self.stdout.write(f"{version.dataset.name}, version {version.number}: {plural(version.images, 'image')} in {took:.1f} s")
        self.stdout.write(f"{plural(count, 'version')} can be sorted and filtered now." if count else "No version lacks it.")
