"""More parts of pages: what tells a state, what frames a page's parts and what floats. See components.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString

from webapp.core import words
from webapp.core.templatetags.components import attributes, classes, markup

register = template.Library()


@register.simple_tag(takes_context=True)
def pill(context: template.Context, text: str, tone: str = "", dot: bool = False, **extra: Any) -> SafeString:
    """A word of state; tone is "", accent, good, warn or bad. With `href` it is a filter."""
    css = classes("pill", **({tone: True} if tone else {}), dot=dot)
    return markup(context, "pill", text=text, href=extra.get("href"), attributes=attributes({"class": css, **extra}))


@register.simple_tag(takes_context=True)
def state_pill(context: template.Context, job: Any, position: int | None = None) -> SafeString:
    """The pill of a job: Waiting with its position, Training, Pausing, Paused, Done, Failed, Cancelled."""
    text, tone = words.state(job.kind, job.state, position, asked=getattr(job, "asked_words", ""))
    return pill(context, text, tone, dot=True)


@register.simple_tag(takes_context=True)
def progress(
    context: template.Context,
    fraction: float | None,
    label: str,
    size: str = "",
    *,
    title: str = "",
    note: str = "",
    left: float | None = None,
    **extra: Any,
) -> SafeString:
    """A progress bar; without a fraction its length is unknown. With `title` a line above tells it, with the seconds left."""
    value = None if fraction is None else f"{fraction:.4f}"
    css = classes("progress", **({size: True} if size else {}))
    bar = attributes({"class": css, "max": "1", "value": value, "aria-label": label, **extra})
    return markup(context, "progress", bar=bar, title=title, note=note, left=left)


@register.simple_tag(takes_context=True)
def empty(
    context: template.Context,
    title: str,
    words: str,
    picture: str = "image",
    url: str = "",
    button: str = "",
    *,
    post: str = "",
    kind: str = "primary",
    extra: SafeString | str = "",
) -> SafeString:
    """What belongs here, why it is worth it, and the one button that starts it (a link, or a form with `post`)."""
    named = {"title": title, "words": words, "picture": picture, "url": url, "button": button, "post": post}
    return markup(context, "empty", **named, kind=kind, extra=extra)


@register.simple_tag(takes_context=True)
def figure(context: template.Context, label: str, value: Any, unit: str = "", note: Any = "", tone: str = "", id: str = "") -> SafeString:
    """A key figure: its name, value, unit or interval, and what it was measured on."""
    return markup(context, "figure", label=label, value=value, unit=unit, note=note, tone=tone, id=id)


@register.simple_tag(takes_context=True)
def sparkline(context: template.Context, values: Iterable[float | None], label: str = "") -> SafeString:
    """A line of stored values, 110 × 28, highest on top; nothing with fewer than two."""
    return markup(context, "sparkline", points=words.spark_points([value for value in values if value is not None]), label=label)


@register.simple_block_tag(takes_context=True)
def notice(context: template.Context, content: SafeString, tone: str = "", title: str = "", icon: str = "", **extra: Any) -> SafeString:
    """A sentence that needs an eye; tone: "", good, warn or bad. Buttons in it stand below the words."""
    css = classes("notice", **({tone: True} if tone else {}))
    return markup(context, "notice", content=content, title=title, icon=icon, attributes=attributes({"class": css, **extra}))


@register.simple_block_tag(takes_context=True)
def table(context: template.Context, content: SafeString, kinds: str = "stack", css: str = "", box: str = "", **extra: Any) -> SafeString:
    """A table in a box of its own that scrolls; `{% column %}`s in its head.

    kinds: "stack" makes each row lines of label and value on a phone (each td has data-label; the td with class "act" holds its
    button), "pairs" puts two of those beside each other, "rows" marks the row under the pointer, "bulk" has a check box first,
    "figures" keeps its head in sight. box: tall.
    """
    look = classes("table", **dict.fromkeys(kinds.split(), True))
    around = classes("table-box", **({box: True} if box else {}))
    return markup(context, "table", content=content, box=around, attributes=attributes({"class": f"{look} {css}".strip(), **extra}))


@register.simple_tag(takes_context=True)
def column(
    context: template.Context,
    label: str,
    key: str = "",
    *,
    by: str = "",
    direction: str = "ascending",
    url: str = "",
    end: bool = False,
    tight: bool = False,
    unseen: bool = False,
    **extra: Any,
) -> SafeString:
    """The head of a column. With `url` it sorts; `by` is the key of the column that the table is sorted by now.

    With an `id` its link has the id ID-link: the focus stays on it when the table is fetched anew.
    """
    sort = direction if key and key == by else None
    css = " ".join(name for name, on in (("end", end), ("tight", tight), (extra.pop("css", ""), True)) if on and name)
    rest = attributes({"scope": "col", "class": css, "aria-sort": sort, **extra})
    link_id = f"{extra['id']}-link" if url and extra.get("id") else ""
    return markup(context, "column", label=label, url=url, unseen=unseen, link_id=link_id, attributes=rest)


@register.simple_block_tag(takes_context=True)
def tabs(context: template.Context, content: SafeString, label: str) -> SafeString:
    """The parts of one thing, each a page; `{% tab %}` inside."""
    return markup(context, "tabs", content=content, label=label)


@register.simple_tag(takes_context=True)
def tab(context: template.Context, label: str, href: str, on: bool = False, count: int | None = None) -> SafeString:
    """One part, with how many things are in it."""
    return markup(context, "tab", label=label, href=href, on=on, count=count)


@register.simple_block_tag(takes_context=True)
def dialog(context: template.Context, content: SafeString, id: str, title: str = "", css: str = "", label: str = "") -> SafeString:
    """A dialog that `data-dialog="ID"` opens; Escape and a `<form method="dialog">` close it, and focus returns.

    `label` names it where no title is seen.
    """
    return markup(context, "dialog", content=content, id=id, title=title, css=css, label=label)


@register.simple_block_tag(takes_context=True)
def fold(context: template.Context, content: SafeString, title: str = "", note: str = "", inside: bool = False, **extra: Any) -> SafeString:
    """What opens on a click: a card of its own, or `inside` another one."""
    return markup(context, "fold", content=content, title=title, note=note, inside=inside, attributes=attributes(extra))


@register.simple_tag(takes_context=True)
def confirm_dialog(context: template.Context, id: str, title: str, words: str, post: str, button: str, keep: str = "Keep it") -> SafeString:
    """A question before something that costs: what goes and what stays, then Keep it or do it."""
    return markup(context, "confirm_dialog", id=id, title=title, words=words, post=post, button=button, keep=keep)


@register.simple_block_tag(takes_context=True)
def menu(context: template.Context, content: SafeString, label: str, css: str = "", face: SafeString | str = "") -> SafeString:
    """What opens from a button: arrows go through its `{% menu_item %}`s, Escape closes it."""
    return markup(context, "menu", content=content, label=label, css=css, face=face)


@register.simple_tag(takes_context=True)
def menu_item(
    context: template.Context, label: str, href: str = "", *, post: str = "", shortcut: str = "", why: str = "", **extra: Any
) -> SafeString:
    """A link, a form of its own with `post`, or a button; `shortcut` shows its key. `why` it cannot be chosen stands below it then."""
    if why:
        href, post, extra = "", "", {**extra, "aria-disabled": "true"}
    extra = {"class": f"menu__item {extra.pop('css', '')}".strip(), "href": href, **extra}
    rest = attributes(extra if href or post else {"type": "button", **extra})
    return markup(context, "menu_item", label=label, href=href, post=post, shortcut=shortcut, why=why, attributes=rest)


@register.simple_tag(takes_context=True)
def toast(
    context: template.Context, text: str, tone: str = "", *, post: str = "", fields: Iterable[tuple[str, str]] = (), button: str = "Undo"
) -> SafeString:
    """A short message in the corner; tone: "", good, warn or bad, or a level of Django's messages.

    With `post` it stays, and its button sends the fields there.
    """
    tone = {"error": "bad", "warning": "warn", "success": "good", "info": "", "debug": ""}.get(tone, tone)
    css = classes("toast", **({tone: True} if tone else {}))
    return markup(context, "toast", text=text, css=css, post=post, fields=list(fields), button=button)


@register.simple_tag(takes_context=True)
def skeleton(context: template.Context, shape: str = "line", count: int = 1) -> SafeString:
    """A place holder of the final size; shape: line, title, card, row or tile."""
    return markup(context, "skeleton", shapes=[shape] * count)
