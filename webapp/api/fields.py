"""The kinds of values that bodies are made of. What the actions would refuse is refused here, so that one answer names all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from classifier.spec.errors import ConfigError
from webapp.datasets import options
from webapp.datasets.drafts import reading
from webapp.evaluations.actions import check_wanted
from webapp.experiments.actions import checked_config

NAME_LENGTH = 120
OF_FIELDS = "fields"  # the type of an error that has a sentence for several fields


def plain_text(value: str) -> str:
    """Text that every database and page can hold: no NUL and other control characters, no half of a surrogate pair."""
    if any(ord(letter) < 32 or 0xD800 <= ord(letter) <= 0xDFFF or ord(letter) == 127 for letter in value):
        raise ValueError("must be plain text without control characters")
    return value


def as_word(value: Any) -> Any:
    """A whole number as text: `3` and `"3"` name the same checkpoint."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9 else value


def passes(check: Callable[[Any], object]) -> AfterValidator:
    """Leaves a value as it is; `check` raises ValueError where it is wrong."""

    def keep(value: Any) -> Any:
        check(value)
        return value

    return AfterValidator(keep)


def config(value: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    """A configuration as it was given; each of its wrong fields is named by itself."""
    try:
        checked_config((info.context or {})["request"].actor.team, value)
    except ConfigError as error:
        raise PydanticCustomError(OF_FIELDS, "is wrong", {"fields": error.fields}) from None
    return value


def split_name(value: str) -> None:
    """ValueError unless the split can be evaluated."""
    wanted("split", value, "best")


def checkpoint_name(value: str) -> None:
    """ValueError unless a checkpoint may be called so."""
    wanted("checkpoint", "test", value)


def views_name(value: str) -> None:
    """ValueError unless there are such views."""
    wanted("views", "test", "best", value)


def wanted(field: str, split: str, checkpoint: str, views: str = "") -> None:
    """The sentence of `check_wanted` about one field as a ValueError."""
    try:
        check_wanted(split, checkpoint, views)
    except ConfigError as error:
        raise ValueError(error.fields[field]) from None


Text = Annotated[str, AfterValidator(plain_text)]
Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH), AfterValidator(plain_text)]
Word = Annotated[str, BeforeValidator(as_word), Field(max_length=64), AfterValidator(plain_text)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Config = Annotated[dict[str, Any], AfterValidator(config)]
Shares = Annotated[Text, Field(max_length=40), passes(options.split)]
Group = Annotated[Text, Field(max_length=options.MAX_PATTERN), passes(options.group)]
Encoding = Annotated[Text, Field(max_length=40), passes(options.encoding)]
Exif = Annotated[Text, Field(max_length=100), passes(options.exif)]
AddedExif = Annotated[Text, Field(max_length=100), passes(reading.exif)]
ADDED_EXIF_WORDS = "what cameras noted that becomes columns: date, camera, place (GPS), by comma; none; empty: as the dataset's import."
EXIF_WORDS = "What of a camera's notes becomes columns: date, camera, place (GPS), by comma; empty: none."
SplitName = Annotated[Word, passes(split_name)]
CheckpointName = Annotated[Word, passes(checkpoint_name)]
ViewsName = Annotated[Word, passes(views_name)]
