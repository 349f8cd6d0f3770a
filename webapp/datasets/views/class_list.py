"""The classes of a dataset with their images by split, searched and sorted, and what the draft makes of each."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.returning import back
from webapp.datasets import drafts, queries
from webapp.datasets.drafts import cutting, overlay
from webapp.datasets.forms import SEARCH_LENGTH
from webapp.datasets.models import Dataset, Edit
from webapp.datasets.uploads import begin
from webapp.datasets.views import browse, drafting, looking
from webapp.datasets.views.looking import Look

Entry = dict[str, Any]
COLUMNS = {"name": "Class", "train": "Train", "validation": "Validation", "test": "Test", "all": "All"}
SORTS = frozenset((*COLUMNS, *(f"-{key}" for key in COLUMNS)))


class Asked(NamedTuple):
    """What is looked for in names, and by which column the rows stand: "-" before it for the greatest first, "" as they are numbered."""

    q: str
    sort: str

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        """What an address asks for; an order that there is not is none."""
        sort = query.get("sort", "")
        return cls(query.get("q", "")[:SEARCH_LENGTH].replace("\0", "").strip(), sort if sort in SORTS else "")

    def query(self, **other: str) -> str:
        """As it stands in an address, with other values for some."""
        return urlencode({name: value for name, value in {**self._asdict(), **other}.items() if value})


@require_safe
@allowed("dataset.read")
def classes(request: Request, id: str) -> HttpResponse:
    """The classes; while one searches or sorts, their table alone."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    seen = looking.look(request, dataset)
    if seen is None:
        return render(request, "datasets/importing.html", browse.import_context(dataset))
    asked = Asked.of(request.GET)
    if request.htmx:  # type: ignore[attr-defined]
        response = render(request, "datasets/_class_answer.html", table(seen, asked))
        response["HX-Replace-Url"] = address_of(seen, asked)
        return response
    version = seen.version
    context = browse.tab_context(dataset, version, "classes", seen) | looking.labelling(seen) | table(seen, asked)
    context |= {**changes(seen), **cutting.form(version, seen.over)}
    if seen.editable:
        context |= {"adding": begin.adding_to(dataset)} | browse.additions(seen)
        context["add_label"] = request.GET.get("add", "")
    return render(request, "datasets/classes.html", context)


def address_of(seen: Look, asked: Asked, **other: str) -> str:
    query = asked.query(**other)
    page = reverse("datasets:classes", args=[seen.version.dataset_id])
    return f"{page}?{query}" if query else page


def changes(seen: Look) -> dict[str, Any]:
    """What becomes of classes in the draft, in words."""
    return {"becoming": overlay.class_words(seen.over) if seen.over else []}


def table(seen: Look, asked: Asked) -> dict[str, Any]:
    """The rows that are asked for, as many as a page names, and the heads that sort them."""
    version = seen.version
    page = reverse("datasets:detail", args=[version.dataset_id])  # once, not for each of a thousand classes
    found = listed(version.classes, asked)
    become = overlay.classes_become(seen.over) if seen.over else {}
    shown = found[: browse.SHOWN_CLASSES]
    return {
        "dataset": version.dataset,
        "version": version,
        "asked": asked,
        "found": len(found),
        "rows": [
            {**entry, "number": number, "address": f"{page}?label={number}", "total": total(entry), "become": become.get(number, "")}
            for number, entry in shown
        ],
        "most": max(map(total, version.classes), default=0),
        "changeable": seen.editable,
        "columns": [column(seen, asked, key) for key in COLUMNS],
    }


def column(seen: Look, asked: Asked, key: str) -> dict[str, Any]:
    """The head of a column: names begin at A, counts with the greatest; once more turns the order round."""
    first, second = (key, f"-{key}") if key == "name" else (f"-{key}", key)
    on = asked.sort in (first, second)
    return {
        "key": key,
        "words": COLUMNS[key],
        "by": key if on else "",
        "direction": "descending" if asked.sort.startswith("-") else "ascending",
        "url": address_of(seen, asked, sort=second if asked.sort == first else first),
        "end": key != "name",
    }


def listed(entries: list[Entry], asked: Asked) -> list[tuple[int, Entry]]:
    """(number, class) of those whose name or label has the words in it, in the order that is asked for."""
    words = asked.q.casefold()
    found = [(number, entry) for number, entry in enumerate(entries) if words in f"{entry['name']}\n{entry['label']}".casefold()]
    if not asked.sort:
        return found
    key = asked.sort.removeprefix("-")

    def value(pair: tuple[int, Entry]) -> Any:
        entry = pair[1]
        return str(entry["name"]).casefold() if key == "name" else total(entry) if key == "all" else entry[key]

    return sorted(found, key=value, reverse=asked.sort.startswith("-"))


def total(entry: Entry) -> int:
    return sum(entry[split] for split in queries.SPLIT_NAMES)


@require_POST
@allowed("dataset.edit")
def change_class(request: Request, id: str) -> HttpResponse:
    """Renames, merges or takes out a class in the draft; a script gets the table and the draft's bar as they are then, or why not."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    try:
        edit = changed(request, dataset)
    except InputError as error:
        if request.htmx:  # type: ignore[attr-defined]
            return render(request, "datasets/_class_trouble.html", {"trouble": error.message})
        messages.error(request, error.message)
        return redirect(back(request, reverse("datasets:classes", args=[id])))
    words = drafting.sentence(edit)
    seen = looking.look(request, dataset) if request.htmx else None  # type: ignore[attr-defined]
    if seen is None:
        messages.success(request, words)
        return redirect(back(request, reverse("datasets:classes", args=[id])))
    shown = looking.bar(seen) | table(seen, asked_on(request)) | changes(seen)
    response = render(request, "datasets/_class_changed.html", shown | {"tab": "classes"})
    response["HX-Retarget"], response["HX-Reswap"] = "#class-table", "outerHTML"
    return response


def changed(request: Request, dataset: Dataset) -> Edit:
    """Does what the form asks for. Raises InputError for what cannot be."""
    label, to, do = (request.POST.get(name, "").replace("\0", "") for name in ("class", "to", "do"))
    if do == "merge" and "class" not in request.POST:  # of the boxes, of which none may be ticked
        labels = [label.replace("\0", "") for label in request.POST.getlist("classes")]
        return drafts.merge_classes(request.actor, dataset, labels, to.strip())
    if do == "merge":
        return drafts.merge_class(request.actor, dataset, label, to.strip())
    if do == "remove":
        return drafts.remove_class(request.actor, dataset, label)
    return drafts.rename_class(request.actor, dataset, label, to)


def asked_on(request: HttpRequest) -> Asked:
    """What the page asks for on which the form stands."""
    try:
        query = urlsplit(request.headers.get("HX-Current-URL", "")).query
    except ValueError:  # no address, and by now the class is changed
        query = ""
    return Asked.of(QueryDict(query))
