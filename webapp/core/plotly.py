"""What Plotly's bundle would write into a page by itself, which the Content-Security-Policy forbids."""

from __future__ import annotations

import re
from functools import cache

from webapp.core.finders import PACKAGE_FILES, PLOTLY, package_file

MAP_STYLE = re.compile(r'getElementById\("([0-9a-f]{64})"\)')


@cache
def map_style_id() -> str:
    """The id of the style element for maps. We draw none: where an element has this id, the bundle writes no style of its own.

    It changes with the bundle, so it is read from the installed one.
    """
    found = MAP_STYLE.search(package_file(*PACKAGE_FILES[PLOTLY]).read_text(encoding="utf-8"))
    return found[1] if found else "map-style"
