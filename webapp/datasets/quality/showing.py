"""What the Quality page shows of a check: a card a kind with its worst images, the facts in words, the charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.http import Http404
from django.urls import reverse

from classifier.spec.quality import KINDS, PAIRED
from webapp.core.words import percent, plural, thousands
from webapp.datasets import packs
from webapp.datasets.addresses import links, shown_size
from webapp.datasets.drafts import overlay
from webapp.datasets.drafts.changing import NOTHING, said_of
from webapp.datasets.models import DatasetVersion, Draft, Sample
from webapp.datasets.quality import queries
from webapp.datasets.quality.words import KIND_WORDS, SHORTCUT_WORDS
from webapp.datasets.quality_models import Finding, QualityCheck
from webapp.datasets.queries import SPLIT_NAMES, split_counts

WORST = 6  # images of a kind on its card
MEANS = 60  # mean images that are shown at a time


class Shown(NamedTuple):
    """One image of a finding."""

    sample: Sample
    thumb: str
    image: str
    width: int
    height: int
    name: str  # of its class, as the draft has it
    split: str
    was: str  # what the draft changes of it: "taken out", "was bee"
    out: bool  # taken out by the draft
    relabelled: bool  # of another class by the draft
    said: bool  # the draft says something of this very image, not of its class alone


class Row(NamedTuple):
    """A finding with its images, and the class that it seems to be of."""

    finding: Finding
    first: Shown
    second: Shown | None
    seems: str

    @property
    def settled(self) -> bool:
        """Whether the draft changes one of its images already."""
        return bool(self.first.was or (self.second and self.second.was))

    @property
    def undoable(self) -> bool:
        """Whether what the draft says of its images can be taken back here."""
        return self.first.said or bool(self.second and self.second.said)

    @property
    def done(self) -> str:
        """What the draft does about it: "Taken out", "Right one labelled bee", "Moved to test"."""
        sides = [("Left one ", self.first), ("Right one ", self.second)] if self.second else [("", self.first)]
        told = [f"{side}{become(shown)}" for side, shown in sides if shown and shown.was]
        words = ", ".join(told)
        return words[:1].upper() + words[1:]

    @property
    def label_words(self) -> str:
        """What the button says that gives the first image the class it seems to be of."""
        return f"Label{' left' if self.second else ''} as {self.seems}"

    @property
    def sure(self) -> str:
        """How sure the classifier is of another class; for label errors alone."""
        return percent(self.finding.score, 0) if self.finding.kind == "label" else ""


def become(shown: Shown) -> str:
    """What the draft makes of an image that it changes."""
    if shown.out:
        return "taken out"
    return f"labelled {shown.name}" if shown.relabelled else f"moved to {shown.split}"


def rows(version: DatasetVersion, found: Sequence[Finding], draft: Draft | None = None) -> list[Row]:
    """The findings with what a page shows of their images, the draft's changes laid over them; in a few queries whatever their number."""
    positions = {position for finding in found for position in (finding.position, finding.other) if position is not None}
    samples = queries.samples(version, positions)
    try:
        sizes = packs.sizes(version, [sample.image for sample in samples.values()])
    except packs.Missing as error:  # deleted for good while this page was made
        raise Http404("The images of this dataset are not on this server.") from error
    said = said_of(draft, list(samples)) if draft else {}
    shown = {}
    for position, sample in samples.items():
        tile = {"name": version.classes[sample.label]["name"], "split": SPLIT_NAMES[sample.split], "was": "", "state": ""}
        if draft:
            overlay.lay(draft, sample, said.get(position, NOTHING), tile)
        shown[position] = of_sample(version, sample, tile, *sizes[sample.image], said=position in said)
    return [row(version, finding, shown) for finding in found if finding.position in shown]


def row(version: DatasetVersion, finding: Finding, shown: dict[int, Shown]) -> Row:
    second = shown.get(finding.other) if finding.other is not None else None
    seems = version.classes[finding.seems]["name"] if finding.seems is not None else ""
    return Row(finding, shown[finding.position], second, seems)


def of_sample(version: DatasetVersion, sample: Sample, tile: dict[str, str], width: int, height: int, *, said: bool) -> Shown:
    """A picture at a size known beforehand, with class and split."""
    thumb, image = links(version, sample.image).values()
    size, out = shown_size(width, height, small=version.small), tile["state"] == "removed"
    relabelled = tile["name"] != version.classes[sample.label]["name"]
    return Shown(sample, thumb, image, *size, tile["name"], tile["split"], tile["was"], out, relabelled, said)


def cards(version: DatasetVersion, check: QualityCheck) -> list[dict[str, Any]]:
    """A card for each kind that was found, what spoils most first."""
    found = [kind for kind in KINDS if check.counts.get(kind)]
    worst: dict[str, list[Finding]] = {kind: [] for kind in found}
    for finding in Finding.objects.filter(of=check, kind__in=found, rank__lt=WORST).order_by("rank"):
        worst[finding.kind].append(finding)
    everything = rows(version, [finding for findings in worst.values() for finding in findings[: most(findings[0].kind)]])
    by_kind: dict[str, list[Row]] = {kind: [] for kind in found}
    for made in everything:
        by_kind[made.finding.kind].append(made)
    return [{"kind": kind, "words": KIND_WORDS[kind], "count": check.counts[kind], "rows": by_kind[kind]} for kind in found]


def most(kind: str) -> int:
    """How many findings a card shows: a pair takes the room of two."""
    return WORST // 2 if kind in PAIRED else WORST


class Judged(NamedTuple):
    """Whose labels a classifier judged that had not seen them."""

    images: int
    of: int  # that could have been
    accuracy: float | None  # of the classifier
    reason: str  # why no label was doubted

    @property
    def part(self) -> str:
        """ "20,000 of 1,000,000 images were judged"; empty where all were, or none."""
        return f"{thousands(self.images)} of {plural(self.of, 'image')} were judged" if not self.reason and self.images < self.of else ""


def judged(check: QualityCheck) -> Judged:
    """As the check told it; one of before did not say how many images have a label."""
    told = check.facts.get("judged", {})
    images = told.get("images", 0)
    return Judged(images, told.get("of", check.facts.get("images", images)), told.get("accuracy"), told.get("reason", ""))


def clean(check: QualityCheck) -> list[str]:
    """The kinds of which nothing was found, by their titles; not those that were not looked for, nor labels where none were judged."""
    found = judged(check)
    looked_for = (kind for kind in KINDS if kind in check.counts and (kind != "group_leak" or check.grouped is not None))
    kinds = [kind for kind in looked_for if not check.counts[kind] and not (kind == "label" and found.reason)]
    return [f"{KIND_WORDS[kind].title} ({found.part})" if kind == "label" and found.part else KIND_WORDS[kind].title for kind in kinds]


def leaking(version: DatasetVersion, check: QualityCheck) -> list[str]:
    """Which splits share images or groups, a sentence each: "37 of 156 test images also stand in train"."""
    counts, grouped = split_counts(version), check.grouped or {}
    told = []
    for side, number in check.leaks.items():
        early, _, late = side.partition("-")
        if number:
            told.append(f"{thousands(number)} of {plural(counts[late], f'{late} image')} also stand in {early}")
        if torn := grouped.get(side):
            told.append(queries.leak_words(counts[late], 0, torn, early, late))
    return told


def shortcuts(check: QualityCheck) -> list[dict[str, Any]]:
    """What tells the class by itself, the strongest first."""
    found = sorted(check.facts.get("shortcuts", []), key=lambda told: -told["accuracy"])
    return [{**told, "words": SHORTCUT_WORDS.get(told["by"], told["by"])} for told in found]


def uneven(version: DatasetVersion, check: QualityCheck) -> dict[str, Any] | None:
    """The largest and the smallest class by name, where they differ by much."""
    told = check.facts.get("imbalance")
    if not told or not told["suspicious"]:
        return None
    (largest, most_images), (smallest, fewest) = told["largest"], told["smallest"]
    names = {"largest": version.classes[largest]["name"], "smallest": version.classes[smallest]["name"]}
    return {**names, "most": most_images, "fewest": fewest, "ratio": told["ratio"]}


def means(version: DatasetVersion, check: QualityCheck, start: int = 0) -> dict[str, Any]:
    """Mean images of classes from the `start`th that is kept, each as the address of a picture in itself; where the next ones are."""
    stored = QualityCheck.objects.filter(pk=check.pk).values_list("means", flat=True).first() or []
    known = [told for told in stored if told["class"] < len(version.classes)]
    here = [{"name": version.classes[m["class"]]["name"], "address": f"data:image/png;base64,{m['png']}"} for m in known[start:][:MEANS]]
    end = start + len(here)
    following = f"{reverse('datasets:quality', args=[version.dataset_id])}?means={end}" if end < len(known) else ""
    return {"means": here, "means_next": following, "means_kept": len(known)}
