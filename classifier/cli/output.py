"""Events as text: lines for what happened, a bar for how far it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TextIO

from classifier.cli.measured import compared_text, excited_text, figure, grown_text, lines_of, measured_text, percent, probed_text
from classifier.spec.events import Event
from classifier.spec.words import plural

BAR_CELLS = 24
MOST_NAMED = 5  # classes


def duration(seconds: float) -> str:
    """Whole seconds as 1:02:03, or 2:03 under an hour."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def stage_text(event: Event) -> str:
    return str(event.get("message") or event["stage"])


def epoch_text(event: Event) -> str:
    best = ", best so far" if event.get("best") else ""
    return (
        f"epoch {event['epoch']}/{event['epochs']}: loss {figure(event['train_loss'])}, "
        f"validation loss {figure(event['val_loss'])}, accuracy {percent(event['val_top1'])}, "
        f"{event['images_per_second']:,.0f} images/s{best}"
    )


def validation_text(event: Event) -> str:
    figures = f"validation loss {figure(event['val_loss'])}, accuracy {percent(event['val_top1'])}"
    return f"epoch {event['epoch']}/{event['epochs']}, after {100 * event['part']:.0f} % of it: {figures}"


def problem_text(event: Event) -> str:
    return f"{'taken' if event['taken'] else 'left out'}: {event['file']}: {event['message']}"


def imported_text(event: Event) -> str:
    shares = {split: sum(counts.get(split, 0) for counts in event["classes"].values()) for split in ("train", "validation", "test")}
    left_out = sum(not problem["taken"] for problem in event["problems"])
    return (
        f"{plural(event['images'], 'image')} in {plural(len(event['classes']), 'class')}: "
        f"{', '.join(f'{count:,} {split}' for split, count in shares.items())}; "
        f"{left_out} left out, {plural(len(event['problems']) - left_out, 'warning')}, {event['ignored']} ignored."
    )


def revised_text(event: Event) -> str:
    return f"{plural(event['images'], 'image')} in {plural(len(event['classes']), 'class')}, {event['id'][:12]}."


def peeked_text(event: Event) -> str:
    """How many would be added, and how names are read that do not say their encoding."""
    lines = [f"{event['images']:,} of {plural(event['of'], 'image')} to add, {event['left']:,} left out."]
    lines += [f"new columns: {', '.join(event['columns'])}"] if event["columns"] else []
    readings = (event["names_in"] or {}).get("readings", [])
    lines += [f"names {'in' if place else 'read as'} {row['encoding']}: {', '.join(row['examples'])}" for place, row in enumerate(readings)]
    return "\n".join(lines)


def erased_text(event: Event) -> str:
    samples, datasets = sum(len(told["positions"]) for told in event["datasets"]), len(event["datasets"])
    text = f"Erased: {samples:,} sample{'s' * (samples != 1)} in {datasets:,} dataset{'s' * (datasets != 1)}"
    if answers := event.get("answers"):
        rows = sum(len(told["rows"]) for told in answers)
        text += f", {plural(rows, 'row')} in {plural(len(answers), 'folder')} of answers"
    return f"{text}."


def inspected_text(event: Event) -> str:
    """The layout in a few lines: what it is, its classes, what is left out and why."""
    lines = [event["message"]]
    for label, counts in list(event["classes"].items())[:20]:
        name = f" ({event['names'][label]})" if label in event["names"] else ""
        lines.append(f"  {label}{name}: {sum(counts.values()):,}")
    if len(event["classes"]) > 20:
        lines.append(f"  … and {plural(len(event['classes']) - 20, 'more class')}")
    for entry in event["left"]:
        what = "taken" if entry["taken"] else "left out"
        lines.append(f"{what}, {plural(entry['count'], 'file')}: {entry['first'][0]}: {entry['message']}")
    lines += [f"table {row['file']}: {row['words']}" for row in event["tables"][:20]]
    return "\n".join(lines)


def finished_text(event: Event) -> str:
    if not event["test"]["n"]:
        return f"The dataset has no test images, so nothing was tested. The run is in {event['run']}."
    return f"Test: {measured_text(event['test'])}. The run is in {event['run']}."


def evaluated_text(event: Event) -> str:
    told = f"{event['split'].capitalize()}: {measured_text(event)}."
    return "\n".join([told, *(lines_of(event) if event["n"] and "intervals" in event else [])])


def unsure_text(event: Event) -> str:
    if event["below"] is None:
        return "It answers always."
    return f"It says that it is unsure where the best class has less than {percent(event['below'])}."


def explained_text(event: Event) -> str:
    """ "apple 98.1 %: why.png"."""
    return f"{event['label']} {event['probability']:.1%}, explained in {event['out']}"


def exported_text(event: Event) -> str:
    return f"{event['file']}: {event['bytes']:,} bytes, {event['format']}, epoch {event['epoch']}."


def checked_text(event: Event) -> str:
    fits = f"fits {', '.join(event['fits'])}" if event["fits"] else f"fits no network of the catalogue; it begins with {event['keys'][0]}"
    holds = f"{plural(event['tensors'], 'tensor')}, {plural(event['parameters'], 'parameter')}, {', '.join(event['dtypes'])}"
    return f"{event['file']}: {holds}; {fits}."


def rate_text(event: Event) -> str:
    rates = [point["rate"] for point in event["curve"]]
    return f"Suggested learning rate: {event['suggested']:g} (tried {rates[0]:.3g} to {rates[-1]:.3g}; --json gives the curve)."


def listed_text(event: Event) -> str:
    """What lies directly in a folder of a bucket, a name a line."""
    return "\n".join((event["message"], *(f"  {name}/" for name in event["folders"]), *(f"  {name}" for name in event["archives"])))


def quality_text(event: Event) -> str:
    found = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in event["counts"].items() if count)
    return f"{plural(event['images'], 'image')} checked: {found or 'nothing found'}. See {event['file']}."


def suggested_text(event: Event) -> str:
    return f"{event['images']:,} images, the least certain first, in {event['file']}."


def classified_text(event: Event) -> str:
    """How many were named what, the commonest first."""
    named = sorted(zip(event["counts"], event["classes"], strict=True), key=lambda pair: -pair[0])
    most = [f"{count:,} {event['names'].get(label, label)}" for count, label in named[:MOST_NAMED] if count]
    others = sum(count for count, _ in named[MOST_NAMED:])
    parts = [*most, *([f"{others:,} of other classes"] if others else []), *([f"{event['unsure']:,} unsure"] if event["unsure"] else [])]
    return f"{plural(event['images'], 'picture')}: {', '.join(parts)}. {event['refused']:,} refused."


def mapped_text(event: Event) -> str:
    return f"{event['points']:,} images in the network's space, {event['arranged']:,} of them arranged, in {event['file']}."


TEXTS: dict[str, Callable[[Event], str]] = {
    "stage": stage_text,
    "epoch": epoch_text,
    "validation": validation_text,
    "log": lambda event: str(event["message"]),
    "weights": lambda event: str(event["message"]),
    "preflight": lambda event: str(event["message"]),
    "picked": lambda event: str(event["message"]),
    "problem": problem_text,
    "imported": imported_text,
    "revised": revised_text,
    "erased": erased_text,
    "peeked": peeked_text,
    "inspected": inspected_text,
    "listed": listed_text,
    "finished": finished_text,
    "evaluated": evaluated_text,
    "compared": compared_text,
    "verified": lambda event: str(event["words"]),
    "exported": exported_text,
    "explained": explained_text,
    "unsure": unsure_text,
    "checked": checked_text,
    "rate_found": rate_text,
    "quality": quality_text,
    "suggested": suggested_text,
    "classified": classified_text,
    "probed": probed_text,
    "grown": grown_text,
    "mapped": mapped_text,
    "excited": excited_text,
}


def describe(event: Event) -> str:
    """The event as a line, empty for kinds that only programs need."""
    text = TEXTS.get(event["event"])
    return "\n".join(map(printable, text(event).splitlines())) if text else ""


def printable(text: str) -> str:
    """The text without control characters: a file's name must not steer the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def bar_text(event: Event, columns: int) -> str:
    """A progress event in at most so many columns: stage, bar, share, speed and time left."""
    share = min(1.0, max(0.0, event["fraction"]))
    full = round(share * BAR_CELLS)
    parts = [event["stage"], "━" * full + "─" * (BAR_CELLS - full), f"{100 * share:.0f} %"]
    if "epoch" in event:
        parts.insert(1, f"epoch {event['epoch']}/{event.get('epochs', '?')}")
    speed, unit = (event["images_per_second"], "images") if event.get("images_per_second") else (event.get("rate"), event["unit"])
    parts += [f"{speed:,.0f} {unit}/s"] if speed else []
    parts += [f"{duration(event['eta_seconds'])} left"] if event.get("eta_seconds") is not None else []
    return "  ".join(parts)[:columns]


class Lines:
    """Each event that says something, on a line of its own."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def __call__(self, event: Event) -> None:
        text = describe(event)
        if text:
            self.stream.write(text + "\n")
            self.stream.flush()


class Bar(Lines):
    """The same lines, with a bar under them that progress events redraw in place."""

    shown = False

    def __call__(self, event: Event) -> None:
        self.clear()
        if event["event"] == "progress":
            self.draw(bar_text(event, shutil.get_terminal_size().columns - 1))
        else:
            super().__call__(event)

    def draw(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()
        self.shown = True

    def clear(self) -> None:
        """Leaves the line empty, the cursor at its start."""
        if self.shown:
            self.stream.write("\r\x1b[2K")
            self.stream.flush()
            self.shown = False
