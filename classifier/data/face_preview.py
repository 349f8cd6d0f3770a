"""Some images of a source as an import that blurs faces would keep them, for who wants to see that first."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from classifier.data.archive import Entry, Source, open_source
from classifier.data.convert import as_picture
from classifier.data.decode import decode
from classifier.data.faces import blur, faces
from classifier.data.problems import Unreadable
from classifier.spec.errors import Interrupted
from classifier.spec.events import ShouldStop

MOST_LOOKED = 48  # images, from all over the source
MOST_SHOWN = 6
SIDE = 320  # pixels of what is shown


def some_faces(
    source: Path, paths: Sequence[str], tell: Callable[[int], None], should_stop: ShouldStop, encoding: str = ""
) -> dict[str, Any]:
    """{"looked", "shown", "pictures": [{"path", "faces", "image": a data address, "width", "height"}]} of some of the images at `paths`.

    `tell` is told how many images were looked at; `encoding` is that of
    names that do not say theirs, as they were read for `paths`.
    """
    wanted = set(paths[:: max(1, -(-len(paths) // MOST_LOOKED))])
    looked, pictures = 0, list[dict[str, Any]]()
    opened = open_source(Path(source), encoding)
    try:
        for entry in opened.entries():
            if should_stop():
                raise Interrupted("Interrupted; nothing was changed. Run the same command again.")
            if entry.kind == "image" and entry.path in wanted:
                wanted.discard(entry.path)
                looked += 1
                pictures += shown(opened, entry)
            tell(looked)  # of what is only passed too: who is silent for long is taken for hung
            if not wanted or len(pictures) == MOST_SHOWN:
                break
    finally:
        opened.close()
    return {"looked": looked, "shown": len(pictures), "pictures": pictures}


def shown(source: Source, entry: Entry) -> list[dict[str, Any]]:
    """The image with its faces blurred; none of one without faces, or that cannot be read."""
    try:
        pixels = decode(bytes_of(source, entry), entry.path).pixels
    except (Unreadable, MemoryError):
        return []
    boxes = faces(pixels)
    if not len(boxes):
        return []
    image = as_picture(blur(pixels, boxes))
    image.thumbnail((SIDE, SIDE))
    file = BytesIO()
    image.save(file, "WEBP", quality=70)
    address = f"data:image/webp;base64,{b64encode(file.getvalue()).decode()}"
    return [{"path": entry.path, "faces": len(boxes), "image": address, "width": image.width, "height": image.height}]


def bytes_of(source: Source, entry: Entry) -> bytes:
    """Of an image of the source; may raise Unreadable."""
    if entry.key is not None:
        return source.read(entry.key)
    return entry.read() if entry.read else b""
