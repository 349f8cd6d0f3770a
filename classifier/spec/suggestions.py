"""What `suggest` writes: what a network says of every image of a dataset, the least certain first, in the standard library's terms.

    FILE.bin   RECORD records, one an image: its position in samples.bin, the class that the network names, how sure it is of it

The class is a place in the `classes` of the `suggested` event. Records are ordered by probability, equal ones by position, so
that those who label begin where a person tells the network most (uncertainty sampling: Lewis and Gale, 1994).
"""

from __future__ import annotations

import struct
from typing import Final

RECORD: Final = struct.Struct("<IIf")  # position, class, probability of 0..1
