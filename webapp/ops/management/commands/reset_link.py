"""manage.py reset_link NAME; stdout is the address alone."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from webapp.accounts.actions import printed_reset_link
from webapp.accounts.models import User
from webapp.ops.database import migrate
from webapp.ops.tree import address


def public_address() -> str:
    """Where people reach the server: behind the TLS proxy by its first name, else where it listens."""
    return f"https://{settings.ALLOWED_HOSTS[0]}" if settings.HTTPS and settings.ALLOWED_HOSTS[0] != "*" else address().rstrip("/")


class Command(BaseCommand):
    help = "Prints a one-time address at which a person sets a new password. It ends in 24 hours."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        migrate()
        person = User.objects.filter(username=name, is_active=True).first()
        if person is None:
            raise CommandError(f"There is nobody called {name}, or the account is switched off.")
        self.stdout.write(public_address() + reverse("accounts:reset", args=[printed_reset_link(person)]))
