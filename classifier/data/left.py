"""Objects of a bucket that could not be copied: they stand in the copy as empty members with a mark, and the import lists them.

A mark is one of these words and no sentence, so that a tar which somebody made says nothing of its own here.
"""

from __future__ import annotations

from tarfile import TarInfo

from classifier.data.problems import Unreadable

MARK = "SYNSET.left"  # of a member's extended header
RULE = "not_copied"
SAID = {
    "gone": "was gone from the bucket when its turn came",
    "changed": "was changed in the bucket while it was copied",
    "refused": "may be listed in the bucket but not read, with this connection's key",
    "stored_away": "lies in the bucket's cold storage; bring it back there first",
    "too_large": "is larger than a file may be; it was not copied",
}


def check_left(member: TarInfo) -> None:
    """Raises Unreadable for a member that stands for an object which is not here."""
    if (words := SAID.get(member.pax_headers.get(MARK, ""))) is not None:
        raise Unreadable(RULE, words)
