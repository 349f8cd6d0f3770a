"""What `python -m classifier peek` leaves of images that are to be added, in the standard library's terms, so that the web reads it.

FOLDER/
  images.json       {"images": [[SHA256 in hex, path, label, row, width, height], …] by path, "of": images of the source,
                    "left": the first problems of images that would not be added, "left_count": how many,
                    "whole": whether all were looked at, "small": whether all are small ones,
                    "names_in": how names are read that do not say their encoding, as `inspect` tells it, or null,
                    "columns": those of their tables that the version lacks and would get}
  thumbs.bin, thumbs_index.bin, index.bin, jpeg.bin    as of a pack (classifier.spec.packfile), by row. Photographs are kept whole up to
                    MOST_PICTURE_BYTES; of others, and of small images, the thumbnail alone: their offset lies behind every file's end
"""

from __future__ import annotations

from typing import Final

IMAGES: Final = "images.json"
MOST_IMAGES: Final = 5_000  # of one source that are looked at, the first ones of the archive
MOST_SECONDS: Final = 120.0  # after which no further one is read
MOST_PICTURE_BYTES: Final = 256 << 20  # of one source
MOST_LEFT: Final = 100  # problems that are named
