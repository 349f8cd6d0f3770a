"""manage.py create_user NAME --team TEAM --role owner|editor|viewer."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classifier.spec.errors import ConfigError
from webapp.accounts.actions import create_user
from webapp.accounts.models import Role
from webapp.ops.database import migrate


def asked_password() -> str:
    """From SYNSET_PASSWORD, or typed twice."""
    if "SYNSET_PASSWORD" in os.environ:
        return os.environ["SYNSET_PASSWORD"]
    try:
        first, second = getpass("Password: "), getpass("Again: ")
    except (EOFError, KeyboardInterrupt):
        raise CommandError("No password came. Type one, or set SYNSET_PASSWORD.") from None
    if first != second:
        raise CommandError("The two passwords differ. Run the command again.")
    return first


class Command(BaseCommand):
    help = "Makes a person's account, and the team when it is new. The password comes from a prompt or SYNSET_PASSWORD."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--team", required=True)
        parser.add_argument("--role", required=True, choices=Role.values)

    def handle(self, *args: Any, name: str, team: str, role: str, **options: Any) -> None:
        migrate()
        try:
            create_user(name, team, role, asked_password())
        except ConfigError as error:
            raise CommandError(error.message) from None
        self.stdout.write(f"{name} is {role} in team {team}.")
