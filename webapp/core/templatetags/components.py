"""The parts that pages are made of: each a tag here, its markup in templates/components/, its states on /styleguide.

Keyword arguments that a tag does not name become attributes: `data_key="n"` is data-key="n", `hx_get=url` is hx-get.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.forms.utils import flatatt
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

register = template.Library()

CARD_END = "card_end"  # where a card's nested tag leaves what stands at the right of its head


def attributes(named: dict[str, Any]) -> SafeString:
    """{"data_key": "n", "hidden": True} → ` data-key="n" hidden`; None, False and "" leave an attribute out."""
    told = {name.replace("_", "-"): value for name, value in named.items() if value is not None and value is not False and value != ""}
    return flatatt(told)


def markup(context: template.Context, name: str, **values: Any) -> SafeString:
    """components/<name>.html with these values alone, so that no part depends on the page around it."""
    assert context.template
    found = context.template.engine.get_template(f"components/{name}.html")
    return mark_safe(found.render(context.new({**values, "csrf_token": context.get("csrf_token")})).strip())


def classes(base: str, **modifiers: Any) -> str:
    """ "button", primary=True → "button button--primary"."""
    return " ".join([base, *(f"{base}--{name}" for name, on in modifiers.items() if on)])


@register.simple_tag(takes_context=True)
def button(
    context: template.Context,
    label: str,
    href: str = "",
    kind: str = "plain",
    *,
    post: str = "",
    small: bool = False,
    wide: bool = False,
    icon: str = "",
    icon_only: bool = False,
    key: str = "",
    disabled: bool = False,
    note: str = "",
    **extra: Any,
) -> SafeString:
    """A link with `href`, a form of its own with `post`, else a button; kind: plain, primary, danger or quiet.

    `key` presses it by keyboard; `note` is a size in grey behind the label. One primary button a page.
    """
    keys = {"data-key": key, "data-key-label": extra.pop("key_label", label)} if key else {}
    named = {"aria-label": label} if icon_only else {}
    link = bool(href) and not disabled
    off = {} if not disabled else {"aria-disabled": "true"} if href else {"disabled": True}
    look = classes("button", **({} if kind == "plain" else {kind: True}), small=small, wide=wide, icon=icon_only)
    css = f"{look} {extra.pop('css', '')}".strip()
    rest = attributes({**named, **keys, **off, **extra, "href": href if link else None, "class": css})
    return markup(context, "button", label=label, href=href, post=post, icon=icon, icon_only=icon_only, note=note, attributes=rest)


@register.simple_tag(takes_context=True)
def field(context: template.Context, bound: Any) -> SafeString:
    """A field of a Django form: label above, hint below, the error in the hint's place."""
    id = bound.id_for_label
    wrong = bound.errors[0] if bound.errors else ""
    mark = f"{id}_error" if wrong else f"{id}_helptext"
    return markup(context, "field", label=bound.label, id=id, control=bound, hint=bound.help_text, error=wrong, hint_id=mark)


@register.simple_tag(takes_context=True)
def explain(context: template.Context, label: str, words: str, id: str) -> SafeString:
    """A question mark beside a label; pressed, it shows the element of that id, which holds the words and is hidden at first."""
    return markup(context, "explain", label=label, words=words, id=id)


@register.simple_block_tag(takes_context=True)
def plain_field(
    context: template.Context, content: SafeString, label: str, id: str, hint: str = "", error: str = "", css: str = "", **extra: Any
) -> SafeString:
    """The same around a control written by hand, which has that id and aria-describedby="ID-hint"."""
    rest = attributes(extra)
    return markup(
        context, "field", label=label, id=id, control=content, hint=hint, error=error, hint_id=f"{id}-hint", css=css, attributes=rest
    )


@register.simple_tag(takes_context=True)
def check(
    context: template.Context, label: str, name: str, value: str = "", checked: bool = False, note: str = "", **extra: Any
) -> SafeString:
    """A checkbox with its label; `note` is a count or a unit in grey behind it."""
    rest = attributes({"name": name, "value": value, "checked": checked, **extra})
    return markup(context, "check", label=label, note=note, attributes=rest)


@register.simple_tag(takes_context=True)
def search_field(
    context: template.Context, label: str, name: str = "q", value: str = "", placeholder: str = "", **extra: Any
) -> SafeString:
    """A search input; its label is read out, its placeholder seen. `key="/"` focuses it."""
    if key := extra.pop("key", ""):
        extra |= {"data-key": key, "data-key-label": "Search"}
    rest = attributes({"name": name, "value": value, "placeholder": placeholder or label, **extra})
    return markup(context, "search_field", label=label, attributes=rest)


@register.simple_tag(takes_context=True)
def copy_field(context: template.Context, label: str, value: str, id: str, hint: str = "") -> SafeString:
    """A text to take along, with its Copy button."""
    return markup(context, "copy_field", label=label, value=value, id=id, hint=hint)


@register.simple_block_tag(takes_context=True)
def card(
    context: template.Context,
    content: SafeString,
    title: str = "",
    note: Any = "",
    id: str = "",
    label: str = "",
    css: str = "",
    **extra: Any,
) -> SafeString:
    """A section with a line around it; `{% card_end %}` inside it stands at the right of its head.

    `id` is the section's own; its heading's is made of it or of the title, so two equal titles on a page need ids.
    """
    end = context.render_context.get(CARD_END, "")
    context.render_context[CARD_END] = ""
    heading = f"{id or slugify(title)}-title"
    rest = attributes({"id": id, **extra})
    return markup(context, "card", content=content, title=title, note=note, end=end, heading=heading, label=label, css=css, attributes=rest)


@register.simple_block_tag(takes_context=True)
def card_end(context: template.Context, content: SafeString) -> str:
    """What stands at the right of the head of the card around it: a switch, a link, a small button."""
    context.render_context[CARD_END] = content
    return ""


@register.simple_block_tag(takes_context=True)
def chart(
    context: template.Context,
    content: SafeString,
    title: str,
    figure: str,
    id: str,
    *,
    size: str = "curve",
    note: str = "",
    waiting: str = "",
    words: str = "",
    bare: bool = False,
    height: int | None = None,
    **extra: Any,
) -> SafeString:
    """A chart's frame, of its final size before it is drawn: charts.js draws the figure with that id into it.

    size: curve, middle, low, classes, matrix or scatter. `waiting` stands there while there is no figure; `words` describe
    it until charts.js knows better. Content stands below: a note, a scrubber. `{% card_end %}` holds its switch.
    `bare` leaves the card out, for a chart within another one. `height` is the figure's own in pixels where it has one, which
    depends on how much it shows: it counts in place of the size's.
    """
    end = context.render_context.get(CARD_END, "")
    context.render_context[CARD_END] = ""
    host = attributes({"id": id, "data-chart": figure, "role": "img", "aria-label": words or f"{title}, drawn below", **extra})
    named = {"title": title, "note": note, "end": end, "heading": f"{id}-title"}
    return markup(context, "chart", content=content, size=size, waiting=waiting, host=host, bare=bare, height=height, **named)


@register.simple_block_tag(takes_context=True)
def legend(context: template.Context, content: SafeString) -> SafeString:
    """Names of curves in one line; `{% legend_entry %}` inside."""
    return markup(context, "legend", content=content)


@register.simple_tag(takes_context=True)
def legend_entry(context: template.Context, label: str, tone: str = "") -> SafeString:
    """One curve's name; tone: "", accent, good or dots."""
    return markup(context, "legend_entry", label=label, css=classes("legend__entry", **({tone: True} if tone else {})))


@register.simple_block_tag(takes_context=True)
def segmented(context: template.Context, content: SafeString, label: str, fieldset: bool = False, **extra: Any) -> SafeString:
    """A row of choices of which one holds; `{% segment %}` inside, or with `fieldset` `{% radio %}`.

    `chart="HOST"` lets them switch that chart.
    """
    if host := extra.pop("chart", ""):
        extra["data-chart-switch"] = host
    return markup(context, "segmented", content=content, label=label, fieldset=fieldset, attributes=attributes(extra))


@register.simple_tag(takes_context=True)
def segment(context: template.Context, label: str, href: str = "", on: bool = False, **extra: Any) -> SafeString:
    """One choice: a link with `href`, else a button; `on` marks the one that holds."""
    state = {"aria-current": "true" if on else None} if href else {"type": "button", "aria-pressed": "true" if on else "false"}
    return markup(context, "segment", label=label, href=href, attributes=attributes({"href": href, **state, **extra}))


@register.simple_tag(takes_context=True)
def radio(context: template.Context, label: str, name: str, value: str = "", checked: bool = False, **extra: Any) -> SafeString:
    """One choice of a form, in a `{% segmented "Whose" fieldset=True %}`."""
    return markup(context, "radio", label=label, attributes=attributes({"name": name, "value": value, "checked": checked, **extra}))
