#!/usr/bin/env python
"""Synset's commands: `python manage.py up`, `demo`, `create_user`, `create_token` and Django's own."""

import os
import sys


def main() -> None:
    """Runs one command; what the settings, the disk or the database do not allow is said in a sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    from django.core.management import execute_from_command_line

    from webapp.core.trouble import TROUBLE, sentence

    try:
        execute_from_command_line(sys.argv)
    except TROUBLE as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(sentence(error))


if __name__ == "__main__":
    main()
