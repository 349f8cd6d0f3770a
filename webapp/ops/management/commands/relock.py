"""`manage.py relock`: what is kept under lock is locked with the SECRET_KEY of now, so that an older one may be forgotten."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from classifier.spec.words import plural
from webapp.datasets import connections


class Command(BaseCommand):
    help = "Lock the keys of connections with SECRET_KEY, where one of SECRET_KEY_FALLBACKS locked them."

    def handle(self, *args: Any, **options: Any) -> None:
        count, lost = connections.relock_all()
        self.stdout.write(f"{plural(count, 'connection')} locked with SECRET_KEY; those in SECRET_KEY_FALLBACKS are not needed for them.")
        for connection in lost:
            self.stderr.write(f"{connection.team}: {connection.name} opens with no key that is left; an owner gives it its key again.")
