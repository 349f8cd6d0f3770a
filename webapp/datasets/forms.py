"""What a reader sends: an archive with its options, or the filters of a gallery."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from classifier.spec.quality import KINDS
from webapp.core.forms import ReadableForm
from webapp.datasets import options
from webapp.datasets.browsing.listing import Listing
from webapp.datasets.browsing.wanted import SORTS, Wanted
from webapp.datasets.models import Split

NO_LIMIT = 10_000  # characters a field takes at all; what is allowed is said by actions
SEARCH_LENGTH = 200
MOST_PIXELS = 2**16  # a side of an image
MOST_POSITION = 2**31 - 1
MOST_CELLS = 20  # filters by metadata
ONE_ARCHIVE = "One archive at a time makes a dataset; {count} files came. Pack the images into one, or send each in a form of its own."


class UploadForm(ReadableForm):
    """A new dataset. The rules of name and options are those of `actions.create`, which names each wrong field."""

    name = forms.CharField(max_length=NO_LIMIT, help_text="Taken from the file; change it as you like.")
    archive = forms.FileField(label="Archive", allow_empty_file=True)
    split = forms.CharField(
        max_length=NO_LIMIT,
        required=False,
        initial=options.DEFAULTS["split"],
        label="Split",
        help_text="Percent for train / validation / test, where the archive has no such folders.",
    )
    seed = forms.CharField(
        max_length=NO_LIMIT, required=False, initial="0", label="Seed", help_text="A whole number; the same one cuts the same split."
    )
    group = forms.CharField(
        max_length=NO_LIMIT,
        required=False,
        label="Group pattern",
        help_text="A regular expression over paths; images with the same match, or first bracket in it, stay in one split: "
        "([^/_]+)_[^/]*$ takes what stands before the first _ of a file's name.",
    )

    alike = forms.BooleanField(required=False, label="Keep images that look alike in one split")
    least = forms.CharField(max_length=NO_LIMIT, required=False, label="Least images a class")
    most = forms.CharField(max_length=NO_LIMIT, required=False, label="Most images a class")
    blur_faces = forms.BooleanField(required=False, label="Blur faces")
    exif = forms.CharField(max_length=NO_LIMIT, required=False, label="Keep of EXIF")
    look = forms.BooleanField(required=False, label="Show me first how it is understood")

    def clean_archive(self) -> Any:
        """The one archive; more at a time would go unnoticed."""
        count = len(self.files.getlist("archive")) if hasattr(self.files, "getlist") else 1
        if count > 1:
            raise forms.ValidationError(ONE_ARCHIVE.format(count=count))
        return self.cleaned_data["archive"]

    def import_options(self) -> dict[str, Any]:
        """The options that were filled in."""
        given = {name: self.cleaned_data.get(name, "") for name in options.KNOWN}
        found = {name: value for name, value in given.items() if value}
        return found | ({"look": True} if self.cleaned_data.get("look") else {})


class ReplaceForm(UploadForm):
    """Another archive for a dataset that has its name and options."""

    name = None  # type: ignore[assignment]


class GalleryFilter(ReadableForm):
    """Filters and order of a gallery, and the place in it. What is not understood filters nothing."""

    label = forms.IntegerField(required=False, min_value=0, label="Class")
    split = forms.TypedMultipleChoiceField(coerce=int, required=False, choices=Split.choices)
    q = forms.CharField(required=False, max_length=SEARCH_LENGTH)
    min = forms.IntegerField(required=False, min_value=1, max_value=MOST_PIXELS)
    max = forms.IntegerField(required=False, min_value=1, max_value=MOST_PIXELS)
    finding = forms.ChoiceField(required=False, choices=[(kind, kind) for kind in KINDS])
    sort = forms.ChoiceField(required=False, choices=list(SORTS.items()))
    after = forms.IntegerField(required=False, min_value=0, max_value=MOST_POSITION)
    before = forms.IntegerField(required=False, min_value=0, max_value=MOST_POSITION)
    at = forms.IntegerField(required=False, min_value=0, max_value=MOST_POSITION)

    def __init__(self, data: QueryDict, classes: int) -> None:
        super().__init__(data)
        self.query = data
        self.classes = classes

    def clean_label(self) -> int | None:
        """A class that there is."""
        label: int | None = self.cleaned_data["label"]
        return label if label is None or label < self.classes else None

    def wanted(self) -> Wanted:
        """The filters that hold."""
        self.is_valid()
        found = self.cleaned_data
        splits = sorted(found.get("split") or [])
        return Wanted(
            label=found.get("label"),
            splits=tuple(splits) if len(splits) < len(Split.choices) else (),
            search=str(found.get("q") or "").replace("\0", "").strip(),
            least=found.get("min"),
            most=found.get("max"),
            finding=found.get("finding") or "",
            cells=cells_of(self.query),
            changed=bool(self.query.get("changed")),
            sort=found.get("sort") or "",
        )

    def place(self, listing: Listing, rows: int) -> tuple[int, int]:
        """(where the page begins, how many stand on it): at a place of the list, behind an image, or before one."""
        self.is_valid()
        found = self.cleaned_data
        if (after := found.get("after")) is not None:
            return listing.behind(after), rows
        if (before := found.get("before")) is not None:
            end = listing.of(before)
            return max(0, end - rows), min(end, rows)
        return min(found.get("at") or 0, len(listing)), rows


def cells_of(query: QueryDict) -> tuple[tuple[int, str], ...]:
    """What `is=COLUMN:VALUE` says, and fields of text `in-COLUMN=PART`; once for each column at most."""
    fields = ((name.removeprefix("in-"), query.getlist(name)[-1].strip()) for name in query if name.startswith("in-"))
    typed = [f"{column}:{text}" for column, text in fields if text]
    pairs = (text.partition(":") for text in [*query.getlist("is"), *typed][:MOST_CELLS] if len(text) <= NO_LIMIT)
    return tuple(
        {
            int(column): cell for column, colon, cell in pairs if colon and column.isascii() and column.isdecimal() and len(column) < 4
        }.items()
    )
