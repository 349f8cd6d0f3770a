"""Why nothing says what images show, and what can be done about it, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from classifier.data.layouts.gather import Tables, is_answers
from classifier.data.layouts.others import FileNames
from classifier.data.layouts.roles import questions
from classifier.data.layouts.tables import Table
from classifier.data.layouts.unread import spreadsheet
from classifier.data.survey import Survey

TO_LABEL = ' Images without labels can be imported to be labelled: --choose \'{"kind": "unlabelled"}\'.'
FROM_NAMES = ' Their names seem to say it: --choose \'{"kind": "names"}\'.'
MATLAB = " {} is a file of MATLAB's whose form is not known here; write what it says as a CSV with the columns path and label beside it."
READ = " {} was read, but no column of it names these images beside a class."
SEVERAL = (
    " By {} the images show several classes each, and an image has one here; boxes are not cut out. Cut them out into one folder a class, "
    "or write a table with the columns path and label."
)
QUESTIONS = (
    " {} says yes or no in {} columns ({}), of which several may be true of an image, and an image has one class here. One of them can be "
    'the class: --choose \'{{"label": "{}"}}\'.'
)
PARQUET = " {} is a table of parquet's, which is not read; save it as metadata.csv or metadata.jsonl beside the images."
ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson", ".manifest", ".json")
SHOWN = 5  # columns that are named


def unused(found: Survey, tables: Tables) -> str:
    """What is said of a table that stands there and does not help."""
    if tables.several:
        return SEVERAL.format(tables.several[0])
    if asked := next((said for manifest in tables.naming if (said := of_questions(manifest.table))), ""):
        return asked
    tables_first = sorted((path for path in found.tables if not is_answers(path)), key=lambda path: (path.lower().endswith(".json"), path))
    table = next((path for path in tables_first if path.lower().endswith(ENDINGS)), "")
    if table:
        return READ.format(table)
    matlab = found.matlab or next((path for path in sorted(found.tables) if path.lower().endswith(".mat")), "")
    if matlab:
        return MATLAB.format(matlab)
    return parquet(found) or spreadsheet(found)


def parquet(found: Survey) -> str:
    path = found.others.get("parquet", "")
    return PARQUET.format(path) if path else ""


def of_questions(table: Table) -> str:
    columns = questions(table)
    return QUESTIONS.format(table.path, len(columns), listed(columns), columns[0]) if columns else ""


def listed(columns: Sequence[str]) -> str:
    return ", ".join(columns[:SHOWN]) + (", …" if len(columns) > SHOWN else "")


def hint(found: Survey) -> str:
    """What may be chosen where nothing says what images show."""
    return FROM_NAMES if FileNames().tells(found.sample) else TO_LABEL
