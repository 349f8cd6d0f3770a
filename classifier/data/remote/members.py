"""Objects as members of a tar: which of them are worth their bytes, and the blocks around those."""

from __future__ import annotations

from tarfile import BLOCKSIZE, DIRTYPE, PAX_FORMAT, TarInfo

from classifier.data.archive import MAX_MEMBER_BYTES, file_entry
from classifier.data.left import MARK
from classifier.data.names import folder_of
from classifier.data.problems import Unreadable
from classifier.data.remote.stores import Found

END = bytes(2 * BLOCKSIZE)
UNREADABLE = "\ufffd"


def is_folder(key: str, size: int) -> bool:
    """Whether an object stands for a folder alone, as web consoles make them."""
    return key.endswith("/") and not size


def cost(found: Found, name: str) -> int:
    """How many of its bytes are copied: none of what an import leaves out by its name or size."""
    return 0 if is_folder(name, found.size) or not is_read(name) or too_large(found, name) else found.size


def is_read(name: str) -> bool:
    """Whether an import opens a file of that name; the rest it lists, or knows for litter."""
    if folder_of(name):
        return True
    try:
        return file_entry(name, bytes).read is not None
    except Unreadable:
        return False


def too_large(found: Found, name: str) -> bool:
    """Over what one file may have; the tars of ImageNet are folders."""
    return found.size > MAX_MEMBER_BYTES and not folder_of(name)


def header(name: str, size: int, left: str = "") -> bytes:
    """The blocks before a member's bytes; `left` as in classifier.data.left."""
    member = TarInfo(name.replace("\0", UNREADABLE))
    member.size = size
    if is_folder(name, size) and not left:
        member.type = DIRTYPE
    if left:
        member.pax_headers = {MARK: left}
    return member.tobuf(PAX_FORMAT, "utf-8", "surrogateescape")


def padding(size: int) -> bytes:
    """What fills a member's last block."""
    return bytes(-size % BLOCKSIZE)
