"""What a reader sends: an archive with its options, or the filters of a gallery."""

from __future__ import annotations

from typing import Any

from django import forms

from webapp.core.forms import ReadableForm
from webapp.datasets import options
from webapp.datasets.models import DatasetVersion, Split

NO_LIMIT = 10_000  # characters a field takes at all; what is allowed is said by actions
SEARCH_LENGTH = 200
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
        help_text="A regular expression over paths; what it matches stays in one split, for example ^[^_]+ for a patient's number.",
    )

    alike = forms.BooleanField(required=False, label="Keep images that look alike in one split")
    least = forms.CharField(max_length=NO_LIMIT, required=False, label="Least images a class")
    most = forms.CharField(max_length=NO_LIMIT, required=False, label="Most images a class")
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
    """Class, splits and a piece of a path. What is not understood filters nothing."""

    label = forms.IntegerField(required=False, min_value=0, label="Class")
    split = forms.TypedMultipleChoiceField(coerce=int, required=False, choices=Split.choices)
    q = forms.CharField(required=False, max_length=SEARCH_LENGTH)
    after = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)

    def __init__(self, data: Any, version: DatasetVersion) -> None:
        super().__init__(data)
        self.classes = len(version.classes)

    def clean_label(self) -> int | None:
        """A class that there is."""
        label: int | None = self.cleaned_data["label"]
        return label if label is None or label < self.classes else None

    def chosen(self) -> dict[str, Any]:
        """The filters that hold, as `queries.samples` takes them."""
        self.is_valid()
        found = self.cleaned_data
        splits = found.get("split") or []
        search = str(found.get("q") or "").replace("\0", "")
        return {
            "label": found.get("label"),
            "split": splits if 0 < len(splits) < len(Split.choices) else None,
            "search": search,
            "after": found.get("after"),
        }
