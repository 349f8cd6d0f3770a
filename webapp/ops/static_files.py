"""Collects the static files when a source changed since the last start."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

# Files of django-htmx that no page asks for: its htmx 4, and long forms whose comments look like imports of nothing.
UNUSED = ["*-4.js", "*-4.min.js", "hx-*-2.js"]


def fingerprint() -> str:
    """Changes with the name, size or time of any source file."""
    rows = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            rows.append(f"{name} {stat.st_size} {stat.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


def collect() -> None:
    """collectstatic, unless the last one saw the same sources."""
    mark, now = settings.STATIC_ROOT / ".fingerprint", fingerprint()
    if mark.exists() and mark.read_text() == now:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True, ignore_patterns=UNUSED)
    mark.write_text(now)
