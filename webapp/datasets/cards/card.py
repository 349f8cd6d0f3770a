"""A card as titles, facts and tables: the page, the Markdown and the HTML file are written from the same one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils import timezone

from classifier.spec.quality import KINDS
from webapp.core.words import bytes_size, plural, thousands
from webapp.datasets import files as archives
from webapp.datasets.cards import cuts, files
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.quality import queries as checks
from webapp.datasets.quality import showing
from webapp.datasets.quality.words import KIND_WORDS
from webapp.datasets.queries import SPLIT_NAMES, split_counts
from webapp.datasets.rules import rule_of
from webapp.datasets.sealing import described

MOST_CLASSES = 5_000  # that a card names one by one
LAYOUTS = {
    "folders": "class folders",
    "manifest": "a table of the images",
    "imagenet": "ImageNet's lists",
    "idx": "idx files",
    "cifar": "CIFAR's batches",
    "stl": "STL-10's files",
    "svhn": "SVHN's files",
    "matlab": "MATLAB's lists",
    "names": "the names of the files",
    "drawn": "files that draw what each image shows",
    "unlabelled": "no labels: they were given here",
}
CHANGED = {"relabelled": "relabelled", "moved": "moved to another split", "removed": "taken out", "added": "added"}
BY_SPLIT = ["Train", "Validation", "Test", "All"]
KEPT = "Upright, in RGB or grey, without EXIF, places or other metadata of the files that came."
NOTED = "Upright, in RGB or grey. Of EXIF the {} became columns; nothing else that the files told of themselves is kept."


class Table(NamedTuple):
    """Columns by name, of which those behind the first `texts` hold numbers."""

    title: str
    head: list[str]
    rows: list[list[str]]
    note: str = ""
    texts: int = 1


class Section(NamedTuple):
    """Facts as (name, value), sentences, tables, and lines to be typed as they are."""

    title: str
    facts: list[tuple[str, str]]
    sentences: list[str] = []
    tables: list[Table] = []
    commands: list[str] = []


class Card(NamedTuple):
    """What is known of a version; `description` is Markdown that the team wrote."""

    title: str
    description: str
    licence: str
    sections: list[Section]


def card_of(version: DatasetVersion) -> Card:
    """Raises packs.Missing where the version's files are gone."""
    dataset, looked, about = version.dataset, files.looked_up(version), described(version.folder)
    sections = [
        origin(dataset, version, about),
        pictures(version, looked, exif_of(about)),
        classes(version),
        *groups(looked["groups"]),
        imported(dataset, version, about),
        quality(version),
    ]
    return Card(f"{dataset.name}, version {version.number}", dataset.description, dataset.licence, sections)


def origin(dataset: Dataset, version: DatasetVersion, about: dict[str, Any]) -> Section:
    """What it is called, and where it came from."""
    facts = [
        ("Team", dataset.team.name),
        ("Uploaded", by_whom(date(dataset.created_at), dataset.created_by)),
        ("Source", f"{archives.shown_name(dataset.archive_name)}, {bytes_size(dataset.archive_bytes)}"),
        ("Sealed", by_whom(date(version.sealed_at), version.created_by)),
        ("Made from", made_from(version)),
        ("Hash of its rows (sha256)", version.fingerprint),
    ]
    return Section("What it is", facts)


def made_from(version: DatasetVersion) -> str:
    """ "the import", "version 2: 3 relabelled, 1 taken out"."""
    if version.parent is None:
        return "the import"
    told = [f"{thousands(version.changes[kind])} {words}" for kind, words in CHANGED.items() if version.changes.get(kind)]
    told += [f"{plural(version.changes['renamed'], 'class')} renamed"] if version.changes.get("renamed") else []
    return f"version {version.parent.number}: {', '.join(told) or 'no image changed'}"


def date(moment: Any) -> str:
    return f"{timezone.localtime(moment):%d %B %Y}".lstrip("0")


def by_whom(when: str, user: Any) -> str:
    return f"{when}, by {user}" if user else when


def exif_of(about: dict[str, Any]) -> list[str]:
    """What of cameras' notes became columns, at the import or with images that were added later."""
    options = about.get("options", {})
    return [*options.get("exif", ()), *options.get("exif_added", ())]


def pictures(version: DatasetVersion, looked: dict[str, Any], exif: Sequence[str] = ()) -> Section:
    """How many images there are, how large, and as what they are kept; `exif`: what of their cameras' notes became columns."""
    counts, kinds = split_counts(version), looked["kinds"]
    kept = [plural(kinds[name], noun) for name, noun in (("photographs", "photograph"), ("small", "small image")) if kinds[name]]
    endings = [f"{thousands(number)} {name or 'without an ending'}" for name, number in looked["endings"].items()]
    grey = f"; {thousands(kinds['grey'])} grey" if kinds["grey"] else ""
    facts = [
        ("Images", thousands(version.images)),
        ("By split", " · ".join(f"{name} {thousands(counts[name])}" for name in SPLIT_NAMES)),
        *(side(name, *looked["sizes"][name]) for name in looked["sizes"]),
        ("Kept as", f"{', '.join(kept)}{grey}; {bytes_size(version.bytes)} for all versions together"),
        ("Files that came", ", ".join(endings)),
        ("Test split", opened(version)),
    ]
    if version.erased:
        facts.append(("Erased", f"{plural(version.erased, 'image')}: counted above and in the tables, and not there any more"))
    return Section("Images", facts, [NOTED.format(" and ".join(exif)) if exif else KEPT])


def side(name: str, least: int, half: int, most: int) -> tuple[str, str]:
    """How wide or high the images are."""
    return name.capitalize(), f"{most:,} pixels" if least == most else f"{least:,} to {most:,} pixels, half of them up to {half:,}"


def opened(version: DatasetVersion) -> str:
    """How often somebody was shown a result on it."""
    times = version.test_opened
    return "never looked at" if not times else f"a result on it was shown {'once' if times == 1 else f'{times:,} times'}"


def classes(version: DatasetVersion) -> Section:
    """Each class with its images by split."""
    shown = version.classes[:MOST_CLASSES]
    with_names = any(entry["name"] != entry["label"] for entry in version.classes)
    rows = [[entry["label"], *([entry["name"]] if with_names else []), *by_split([entry[name] for name in SPLIT_NAMES])] for entry in shown]
    more = len(version.classes) - len(shown)
    note = f"{thousands(more)} more are not named here." if more else ""
    head = ["Class", *(["Name"] if with_names else []), *BY_SPLIT]
    table = Table("", head, rows, note, texts=2 if with_names else 1)
    return Section("Classes", [("Classes", thousands(len(version.classes)))], [], [table])


def by_split(counts: list[int]) -> list[str]:
    """Three numbers and their sum."""
    return [thousands(number) for number in (*counts, sum(counts))]


def groups(found: list[dict[str, Any]]) -> list[Section]:
    """Counts by each column of few values that came with the images."""
    if not found:
        return []
    tables = [group_table(told["column"], told["values"]) for told in found]
    words = "Columns that came with the images: those of few values, and numbers by fifths. Of a small group a figure says little."
    return [Section("Groups", [], [words], tables)]


def group_table(column: str, values: dict[str, list[int]]) -> Table:
    """The values of one column."""
    return Table(column, ["Value", *BY_SPLIT], [[value or "(empty)", *by_split(counts)] for value, counts in values.items()])


def imported(dataset: Dataset, version: DatasetVersion, about: dict[str, Any]) -> Section:
    """How the source was understood, how its splits were cut since, and what the import told about single files."""
    facts = [("Classes told by", LAYOUTS.get(about.get("layout", ""), about.get("layout") or "class folders"))]
    facts += cuts.facts(version, about)
    facts += [("Columns besides", ", ".join(about["columns"]))] if about.get("columns") else []
    facts += [("Files that were no data", thousands(dataset.ignored_count))]
    rows = [[rule_of(rule).words, thousands(count)] for rule, count in sorted(dataset.problem_rules.items(), key=lambda item: -item[1])]
    tables = [Table("Problems of the import", ["What", "Files"], rows, "Each is named with its file on the tab Problems.")] if rows else []
    return Section("The import", facts, [] if rows else ["The import found nothing to say about any file."], tables)


def quality(version: DatasetVersion) -> Section:
    """What the newest check of this version found."""
    check = checks.newest_done(version)
    if check is None:
        return Section("Quality", [], ["This version was not checked for copies, leaks between splits and wrong labels."])
    leaks = [f"{sentence}." for sentence in showing.leaking(version, check)]
    rows = [[KIND_WORDS[kind].title, thousands(check.counts[kind])] for kind in KINDS if check.counts.get(kind)]
    facts = [("Checked", by_whom(date(check.job.finished_at), check.created_by))] if check.job.finished_at else []
    tables = [Table("", ["Finding", "How many"], rows)] if rows else []
    judged = showing.judged(check)
    labels = [f"Labels of {judged.part}; of the others' nothing is known."] if judged.part else [judged.reason] if judged.reason else []
    return Section("Quality", facts, [*(leaks or ["The check found no image that stands in two splits."]), *labels], tables)
