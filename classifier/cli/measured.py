"""What was measured, as text: figures with their intervals, comparisons, probes, learning curves."""

from __future__ import annotations

from typing import Any

from classifier.spec.events import Event
from classifier.spec.probes import PROBES
from classifier.spec.words import plural

FIGURES = (
    ("Top-1", "top1"),
    ("Balanced accuracy", "balanced_accuracy"),
    ("Macro precision", "precision_macro"),
    ("Macro recall", "recall_macro"),
    ("Macro F1", "f1_macro"),
    ("Weighted F1", "f1_weighted"),
    ("Cohen's kappa", "kappa"),
    ("Matthews correlation", "mcc"),
    ("Mean ROC area", "roc_area_macro"),
    ("Mean average precision", "pr_area_macro"),
    ("Brier score", "brier"),
    ("Calibration error", "ece"),
    ("Loss", "loss"),
)


def percent(share: float | None) -> str:
    """A share of 1 in percent, or a dash for what is undefined."""
    return "–" if share is None else f"{100 * share:.1f} %"


def figure(value: float | None) -> str:
    """A loss, or a dash for what is undefined."""
    return "–" if value is None else f"{value:.4f}"


def measured_text(figures: dict[str, Any]) -> str:
    if not figures["n"]:
        return "no images, so nothing was measured"
    accuracy = f"accuracy {percent(figures['top1'])} of {plural(figures['n'], 'image')}"
    return f"{accuracy}, top-5 {percent(figures['top5'])}, loss {figure(figures['loss'])}"


def lines_of(figures: dict[str, Any]) -> list[str]:
    """Each figure on a line with its 95 % interval, then what the temperature is, and the speed."""
    lines = [f"  {words:23} {figure(figures[name])}{span_text(figures['intervals'].get(name))}" for words, name in FIGURES]
    fit = figures["calibration"]
    after = fit["temperature"] and f"{fit['temperature']:.2f}, by {plural(fit['n'], 'validation image')}"
    lines.append(f"  {'Temperature':23} {after or fit['why']}")
    rows = figures.get("speed", {}).get("batches", [])
    return lines + [f"  batch of {row['batch']:<14} {row['milliseconds']:.1f} ms, {row['images_per_second']:,.0f} images/s" for row in rows]


def span_text(span: list[float] | None) -> str:
    """ " (0.912 to 0.955)"."""
    return "" if span is None else f" ({span[0]:.3f} to {span[1]:.3f})"


def compared_text(event: Event) -> str:
    """A line for each run but the first."""
    return "\n".join(map(against_text, event["pairs"]))


def against_text(pair: dict[str, Any]) -> str:
    """ "b against a: +1.3 points (95 % interval -0.4 to +3.1), 12 fixed, 8 broken of 450 images, p = 0.503"."""
    low, high = pair["interval"]
    gap = (
        f"{100 * pair['difference']:+.1f} points (95 % interval {100 * low:+.1f} to {100 * high:+.1f})"
        if pair["n"]
        else "nothing in common"
    )
    changed = f"{pair['fixed']:,} fixed, {pair['broken']:,} broken of {plural(pair['n'], 'image')}"
    return f"{pair['second']} against {pair['first']}: {gap}, {changed}, p = {pair['p']:.3g}"


def probed_text(event: Event) -> str:
    """A line a probe, beside what is right without one."""
    n = max(1, event["n"])
    plain = f"As they are: {percent(event['right'] / n)} of {plural(event['n'], 'image')}"
    plain += f"; always the commonest class: {percent(event['commonest'])}."
    titles = {probe.name: (probe.title, probe.what) for probe in PROBES}
    lines = [f"{titles[one['probe']][0]}: {percent(one['right'] / n)} ({titles[one['probe']][1]})." for one in event["probes"]]
    return "\n".join([plain, *lines])


def grown_text(event: Event) -> str:
    """Which classes would gain the most from twice as many images."""
    mean, known = event["mean"], [row for row in event["classes"] if row["gain"] is not None]
    gain = f"{100 * (mean['doubled'] - mean['now']):.1f} points (95 % interval {100 * mean['low']:.1f} to {100 * mean['high']:.1f})"
    best = ", ".join(f"{row['label']} {100 * row['gain']:.1f}" for row in sorted(known, key=lambda row: -row["gain"])[:5])
    return f"Twice as many images of all classes would bring the mean recall about {gain}; the most: {best}."


def excited_text(event: Event) -> str:
    """What was looked at; the images of one filter, where one was asked for."""
    of = f" of {event['of']:,}, drawn evenly over the classes" if event["images"] < event["of"] else ""
    said = f"{plural(event['images'], 'validation image')}{of}, seen by {event['filters']:,} filters of {plural(event['layers'], 'layer')}."
    if "best" not in event:
        return said
    whole = f"Filter {event['filter']} of {event['layer']}: {figure(event['mean'])} on average, the most on"
    return "\n".join([said, whole, *(f"{figure(one['value'])}  {one['path']}{place(one, event['grid'])}" for one in event["best"])])


def place(one: Event, grid: list[int] | None) -> str:
    """Where on the layer's grid, counted from 1."""
    return "" if grid is None else f"  row {one['down'] + 1} of {grid[0]}, column {one['across'] + 1} of {grid[1]}"
