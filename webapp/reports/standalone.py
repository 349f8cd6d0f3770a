"""One HTML file that opens anywhere, also offline: the page with its styles, scripts, charts and pictures inside.

Its own Content-Security-Policy names each inline part by hash, so nothing else runs and nothing is fetched.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from webapp.core.finders import PLOTLY
from webapp.core.plotly import map_style_id
from webapp.datasets import packs
from webapp.reports.blocks.showing import about_pictures
from webapp.reports.blocks.weight import FRAME_BYTES, plotly_bytes
from webapp.reports.models import Report, Snapshot
from webapp.reports.outside import image_at, shared_report

STYLES = (
    "css/tokens.css",
    "css/base.css",
    "css/components.css",
    "css/charts.css",
    "css/experiments.css",
    "css/comparing.css",
    "css/reports.css",
)
PLOTLY_STYLE = "css/plotly-host.css"
MODULES = ("js/charts.js", "js/pinch.js", "js/tables.js", "js/paper.js", "js/theme.js")
LIBRARY = mark_safe(secrets.token_hex(32))  # stands for the library in what the template makes; nobody who writes a text can know it
CLOSING = re.compile(r"<(?=/script|/style|script|!--)", re.IGNORECASE)  # what would end or confuse an inline element


class Inline(NamedTuple):
    """An inline element, and its hash for the policy."""

    element: SafeString
    source: str


def static_text(name: str) -> str:
    """A static file's text."""
    found = finders.find(name)
    if found is None:
        raise FileNotFoundError(f"The static file {name} is missing from this installation.")
    return Path(found).read_text(encoding="utf-8")


@cache
def inline(opening: str, *names: str) -> Inline:
    """Static files as one inline element. A browser hashes the text as parsed, so line ends are plain and no end tag hides in it."""
    tag = opening.split()[0]
    text = "\n".join(static_text(name) for name in names).replace("\r\n", "\n").replace("\r", "\n")
    text = CLOSING.sub(r"\\x3c" if tag == "script" else r"\\3c ", text)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Inline(mark_safe(f"<{opening}>{text}</{tag}>"), f"'sha256-{digest}'")  # our own files


def policy(scripts: Iterable[Inline], styles: Iterable[Inline]) -> str:
    """Nothing but these parts, and pictures from inside the file."""
    return (
        f"default-src 'none'; script-src {' '.join(part.source for part in scripts)}; "
        f"style-src {' '.join(part.source for part in styles)}; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def data_uri(report: Report, image: int | None) -> str:
    """The thumbnail of an image as an address that holds it; empty where there is none."""
    if image is None:
        return ""
    try:
        data, media_type = packs.thumbnail(report.evaluation.version, image)
    except packs.Missing:
        return ""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def standalone(report: Report, *, with_groups: bool = False) -> list[bytes]:
    """The whole file, in three parts: the charts' library in the middle is nearly all of it, and the same for every file."""
    evaluation = report.evaluation
    shown = shared_report(
        report,
        lambda place: data_uri(report, image_at(evaluation, place)),
        lambda number, place, image: data_uri(report, image.image),
        with_groups=with_groups,
    )
    return whole(vars(shown))


def frozen(snapshot: Snapshot) -> list[bytes]:
    """A snapshot as such a file: its page as it was kept, with the pictures that are still there inside."""
    evaluation, report = snapshot.report.evaluation, snapshot.report

    def held(match: re.Match[str]) -> str:
        place = int(match["place"])
        if match["blocks"]:
            return data_uri(report, snapshot.pictures[place] if place < len(snapshot.pictures) else None)
        return data_uri(report, image_at(evaluation, place))

    own = re.compile(rf'[^"\s]*/reports/snapshots/{re.escape(snapshot.pk)}/images/(?P<blocks>blocks/)?(?P<place>\d{{1,9}})\b')
    body = mark_safe(own.sub(held, snapshot.body))  # made by `freeze` from our own template
    return whole({"title": snapshot.title, "frozen": snapshot, "body": body})


def whole(shown: dict[str, Any]) -> list[bytes]:
    """The file around what is shown, in three parts."""
    plotly, modules = inline("script", PLOTLY), [inline('script type="module"', name) for name in MODULES]
    style, plotly_style = inline(f'style id="{map_style_id()}"', *STYLES), inline('style id="plotly.js-style-global"', PLOTLY_STYLE)
    parts = {"style": style, "plotly_style": plotly_style}
    elements = {name: part.element for name, part in parts.items()} | {"modules": [module.element for module in modules]}
    rules = policy([plotly, *modules], [style, plotly_style])
    text = render_to_string("reports/standalone.html", {**shown, **elements, "plotly": LIBRARY, "policy": rules})
    before, after = text.split(LIBRARY)
    return [before.encode(), library(), after.encode()]


@cache
def library() -> bytes:
    """The charts' library as an element; held once, however many take files at the same moment."""
    return inline("script", PLOTLY).element.encode()


def about_bytes(report: Report) -> int:
    """About how large the file is, without making it."""
    pictures = sum(1 for row in report.evaluation.mistakes if row.get("image") is not None) + about_pictures(report)
    each = 1_500 if report.evaluation.version.small else 9_000
    return plotly_bytes() + FRAME_BYTES + pictures * each


def file_name(report: Report) -> str:
    """A name that any file system takes."""
    return f"{slugify(report.title)[:80] or 'report'}.html"
