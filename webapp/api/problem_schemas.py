"""What goes in and comes out about files that an import left out or warned of."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema
from pydantic import Field

from webapp.api.fields import Text
from webapp.api.paging import Page
from webapp.api.schemas import AN_ID, Given, ProblemOut
from webapp.datasets.forms import SEARCH_LENGTH


class ProblemPage(Page):
    """Which problems, from where."""

    rule: Annotated[Text, Field(max_length=40)] = Field("", description="Of that rule alone, such as `truncated`.")
    q: Annotated[Text, Field(max_length=SEARCH_LENGTH)] = Field("", description="Of files with that in their path.")


class ProblemList(Schema):
    items: list[ProblemOut]
    next: str | None = Field(description="The cursor of the next page, or null at the end.")


class Leave(Given):
    """Whether they are left as they are."""

    left: bool = Field(True, description="false: the home page reminds of them again.")


class Left(Schema):
    """Whether the problems are left as they are."""

    id: str = Field(examples=[AN_ID])
    left: bool = Field(examples=[True])
