"""manage.py up: Redis, web, workers and keeper as one process tree, until Ctrl-C."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from webapp.accounts.actions import setup_code
from webapp.ops.supervisor import run_tree
from webapp.ops.tree import address


class Command(BaseCommand):
    help = "Runs everything on this machine. Ctrl-C stops it in order."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(run_tree(lambda _: self.announce()))

    def announce(self) -> None:
        """Where to look, and while there is no account, where to make the owner's."""
        self.stdout.write(f"dashboard: {address()}")
        if code := setup_code():
            self.stdout.write(f"make the owner's account, once, at: {address()}setup/{code}/")
        self.stdout.flush()
