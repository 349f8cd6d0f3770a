"""What goes in and comes out about datasets whose images nobody sends."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from webapp.api.fields import EXIF_WORDS, NAME_LENGTH, Encoding, Exif, Group, Shares, Text
from webapp.api.schemas import Given
from webapp.datasets.options import KNOWN


class Options(Given):
    """How it is to be imported, as of an upload."""

    name: Annotated[Text, Field(max_length=NAME_LENGTH)] = Field(
        "", description="What it is called; by the archive or the folder unless given."
    )
    split: Shares = Field("70/15/15", description="Shares of train, validation and test, for splits that it does not bring.")
    seed: int = Field(0, ge=0, lt=2**32, description="The same seed cuts the same splits.", examples=[0])
    group: Group = Field("", description="A regular expression; files with the same match stay in one split.", examples=[""])
    alike: bool = Field(False, description="Images that look nearly the same stay in one split.", examples=[False])
    blur_faces: bool = Field(False, description="Faces that a detector finds are blurred in what is kept.", examples=[False])
    exif: Exif = Field("", description=EXIF_WORDS, examples=[""])
    least: int | None = Field(None, ge=1, description="Classes with fewer images are left out.", examples=[None])
    most: int | None = Field(None, ge=1, description="Of larger classes so many images.", examples=[None])
    encoding: Encoding = Field("", description="Of names that do not say theirs; found out unless given.", examples=[""])
    look: bool = Field(
        False, description="Only look at it first: `GET /datasets/{id}/preview` tells how it is understood.", examples=[False]
    )

    def chosen(self) -> dict[str, Any]:
        """What was given, as an import takes it."""
        return {name: value for name in (*KNOWN, "look") if (value := getattr(self, name)) not in (None, "", False)}


class FromAddress(Options):
    """An archive that this server downloads."""

    address: Annotated[Text, Field(max_length=4_000)] = Field(
        description="Of a zip or tar, http or https, at a public server.", examples=["ADDRESS"]
    )


class FromFolder(Options):
    """A folder of this server."""

    root: Annotated[Text, Field(max_length=4_000)] = Field(
        description="One that the administrator opened (SYNSET_ROOTS).", examples=["/srv/images"]
    )
    folder: Annotated[Text, Field(max_length=4_000)] = Field("", description="Below it, by its path from there.", examples=["birds/2026"])


class FolderList(Schema):
    """Folders that may be imported from: the roots, or what stands in one."""

    root: str | None = Field(description="Null where the roots themselves are listed.", examples=["/srv/images"])
    folder: str = Field(examples=["birds"])
    folders: list[str] = Field(description="The roots, or the names of the folders in it.", examples=[["2025", "2026"]])
    files: int = Field(description="Directly in it.")
    more: bool = Field(description="Whether there are more folders than are listed.")
