"""A visitor of a running server in Chromium, whose session the database that was filled for it has."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

WINDOW = {"width": 1440, "height": 900}


@contextmanager
def visitor(base: str, told: dict[str, Any]) -> Iterator[Page]:
    """A page of who has the `cookie` that `benchmarks.scored` told."""
    from playwright.sync_api import sync_playwright  # comes with what tests need: the other rows run without it

    from tests.browser.conftest import FLAGS, NAMES

    name, value = told["cookie"]
    with sync_playwright() as started:
        path = next(filter(None, map(shutil.which, NAMES)))
        browser = started.chromium.launch(executable_path=path, args=FLAGS)
        context = browser.new_context(base_url=base, viewport=WINDOW)  # type: ignore[arg-type]
        context.add_cookies([{"name": name, "value": value, "url": base}])
        yield context.new_page()
        browser.close()
