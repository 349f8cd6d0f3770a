#!/usr/bin/env python
"""Synset's commands: `python manage.py up`, `demo`, `create_user`, `create_token` and Django's own."""

import os
import sys


def main() -> None:
    """Runs one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
