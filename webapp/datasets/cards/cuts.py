"""How a version's images came to their splits, and what was done to all of them: from what stands beside its rows, not from the upload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from webapp.core.words import thousands
from webapp.datasets.draft_models import Draft
from webapp.datasets.drafts.cutting import grouped
from webapp.datasets.models import DatasetVersion

Facts = list[tuple[str, str]]


def facts(version: DatasetVersion, about: Mapping[str, Any]) -> Facts:
    """Splits, what stays together in them, how many images a class keeps, and faces; `about` is the version's dataset.json."""
    options = about.get("options", {})
    found = [("Splits", splits(version, options))] if options.get("split") else []
    found += [("Kept together", together)] if (together := kept_together(version, options)) else []
    found += [("Images a class", size)] if (size := sizes(options)) else []
    return found + ([("Faces", faces(version))] if options.get("blur_faces") else [])


def splits(version: DatasetVersion, options: Mapping[str, Any]) -> str:
    """As the source gave them, or as they were cut since, by the newest cut of the versions that this one was made from."""
    known, added = cuts(version), 0
    for made in lineage(version):
        if made.pk in known:
            return after_cut(made, known[made.pk]) + later(added)
        added += made.changes.get("added", 0)
    return f"as the source gives them; what it lacks was cut {shares(options['split'])}, seed {options.get('seed', 0)}" + later(added)


def after_cut(made: DatasetVersion, cut: Mapping[str, Any]) -> str:
    """Of the version whose draft asked for the cut."""
    if cut.get("keep_test") and made.parent:
        kept = f"the test split stayed as in version {made.parent.number}"
        return f"train and validation cut anew {shares(cut['shares'][:2])}, seed {cut['seed']}, in version {made.number}; {kept}"
    return f"cut anew {shares(cut['shares'])}, seed {cut['seed']}, in version {made.number}"


def later(added: int) -> str:
    if not added:
        return ""
    its, it, comes = ("its", "it", "that was added since is") if added == 1 else ("their", "them", "that were added since are")
    return f"; {thousands(added)} {comes} where {its} source, {its} group or the dataset's own shares put {it}"


def lineage(version: DatasetVersion) -> Iterator[DatasetVersion]:
    """The version, then what it was made from, back to the import."""
    known = {made.pk: made for made in DatasetVersion.objects.filter(dataset=version.dataset_id, ready=True).select_related("parent")}
    at: DatasetVersion | None = known.get(version.pk)
    while at is not None:
        yield at
        at = known.get(at.parent_id) if at.parent_id else None


def cuts(version: DatasetVersion) -> dict[int, dict[str, Any]]:
    """{version: the cut that its draft asked for} of the dataset."""
    rows = Draft.objects.filter(dataset=version.dataset_id, version__isnull=False, resplit__isnull=False)
    return {made: cut for made, cut in rows.values_list("version_id", "resplit") if cut}


def kept_together(version: DatasetVersion, options: Mapping[str, Any]) -> str:
    """Empty where nothing was to stay on one side of a split."""
    told = [f"paths alike in {options['group']}"] if options.get("group") else []
    told += [f"images of one {options['column']}"] if options.get("column") else []
    told += ["images that look alike"] if options.get("alike") else []
    return ", ".join(told) or ("images of one group, as a column of the source's table says" if grouped(version) else "")


def sizes(options: Mapping[str, Any]) -> str:
    told = [f"at least {options['least']:,}"] if options.get("least") else []
    told += [f"at most {options['most']:,}"] if options.get("most") else []
    return " and ".join(told) + ("; smaller classes, and what larger ones have too much, were left out" if told else "")


def faces(version: DatasetVersion) -> str:
    """How many images have some that were found, as the import and later additions told."""
    found = version.dataset.problem_rules.get("faces_blurred", 0)
    return f"blurred where some were found, in {thousands(found)} of the files that came; not every face is found"


def shares(values: list[float]) -> str:
    """ "70/15/15"."""
    return "/".join(f"{share:g}" for share in values)
