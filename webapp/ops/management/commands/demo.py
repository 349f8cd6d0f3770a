"""manage.py demo [--exit]: everything on this machine, and a network trained on sample images while one watches."""

from __future__ import annotations

import logging
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from classifier.spec.errors import ConfigError
from webapp.ops.demo.client import Refused
from webapp.ops.demo.walk import USER, Account, demo_account, walk
from webapp.ops.supervisor import Supervisor, run_tree, say
from webapp.ops.tree import address

INTERRUPTED = 130
log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Runs everything, uploads the sample, trains on it and shows the report. --exit stops at the end."
    requires_system_checks = ()
    done = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--exit", action="store_true", help="stop everything once the report is complete")

    def handle(self, *args: Any, exit: bool, **options: Any) -> None:
        status = run_tree(lambda supervisor: self.begin(supervisor, exit))
        sys.exit(status if status or self.done else INTERRUPTED)

    def begin(self, supervisor: Supervisor, exit: bool) -> None:
        """Tells where to watch, and starts the walk beside the supervisor's loop."""
        account = demo_account()
        self.tell(f"dashboard: {address()}", f"login: {USER} {account.password}")
        threading.Thread(target=self.go, args=(supervisor, account, exit), name="demo", daemon=True).start()

    def go(self, supervisor: Supervisor, account: Account, exit: bool) -> None:
        """The walk; its failure stops the tree with a sentence."""
        try:
            outcome = walk(address(), account)
        except (Refused, ConfigError, OSError) as error:
            self.fail(supervisor, str(error))
        except Exception:
            log.exception("The demo failed unexpectedly")
            self.fail(supervisor, "The demo failed unexpectedly; the lines above and the logs say where.")
            raise
        else:
            self.finish(supervisor, account, f"test accuracy: {outcome.accuracy:.3f}", outcome.report, exit)

    def fail(self, supervisor: Supervisor, sentence: str) -> None:
        """Says why, unless it was merely interrupted."""
        if supervisor.exit_status is None:
            say(f"{sentence} The logs are in {supervisor.tree.logs}.")
            supervisor.stop(1)

    def finish(self, supervisor: Supervisor, account: Account, accuracy: str, report: str, exit: bool) -> None:
        """The closing lines."""
        self.done = True
        self.tell(accuracy, f"dashboard: {address()}", f"report: {report}", f"login: {USER} {account.password}")
        if exit:
            supervisor.stop(0)

    def tell(self, *lines: str) -> None:
        """To stdout at once, plain."""
        self.stdout.write("\n".join(lines))
        self.stdout.flush()
