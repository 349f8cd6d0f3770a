"""manage.py create_token USER [--scope read|write] [--days N]; stdout is the token alone."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classifier.spec.errors import ConfigError
from webapp.accounts.actions import create_token
from webapp.accounts.models import Scope, User
from webapp.ops.database import migrate


class Command(BaseCommand):
    help = "Makes a token for programs and prints it, once. It never does more than its owner's role."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--scope", choices=Scope.values, default=Scope.READ.value)
        parser.add_argument("--days", type=int, help="ends after so many days (default: it does not)")

    def handle(self, *args: Any, user: str, scope: str, days: int | None, **options: Any) -> None:
        migrate()
        owner = User.objects.filter(username=user).first()
        if owner is None:
            raise CommandError(f"There is nobody called {user}. Make the account first with manage.py create_user.")
        try:
            self.stdout.write(create_token(owner, scope, days, name="made on the command line", via="command"))
        except ConfigError as error:
            raise CommandError(error.message) from None
