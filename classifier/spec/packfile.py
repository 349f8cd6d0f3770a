"""How a DATASET folder lies on disk, in the standard library's terms, so that the web reads it without torch.

    DATASET/
      dataset.json     id, classes, names, counts, images, problems, ignored, options (see `classifier.data.dataset`)
      samples.bin      SAMPLE records, one a sample: which image, which class, which split (IN_NO_SPLIT: taken out of this version)
      paths.txt        one line a sample, in the same order: its path inside SOURCE, JSON-quoted
      groups.bin       where groups or ties were used: uint32 a sample, the first one that must stay on its side of a split
      pack/            keyed by content hash, append-only; a version made from another has a link to it
        index.bin      INDEX records, one an image: where its pixels lie, its size, its content hash
        pixels.bin     small images: raw uint8 [height, width, channels], one after another
        jpeg.bin       photographs: JPEG bytes, one after another
        thumbs.bin     thumbnails as whole files (JPEG; PNG for small images), one after another
        thumbs_index.bin  THUMB records, parallel to index.bin
        journal.jsonl  only while it is imported: how much of these is on the disk for good (`classifier.data.journal`)
All integers little-endian. numpy views of the same records are in `classifier.data.pack`.
"""

from __future__ import annotations

import struct
from typing import Final

FORMAT_VERSION: Final = 1

INDEX: Final = struct.Struct("<QIHHBB2x32s")  # offset, length (bytes), width, height, channels, storage, sha256
THUMB: Final = struct.Struct("<QIHH")  # offset, length (bytes), width, height
SAMPLE: Final = struct.Struct("<IIBxxx")  # image (row of index.bin), class, split
# The same records by name, for who reads them as arrays: (field, type as numpy writes it).
INDEX_FIELDS: Final = [
    *(("offset", "<u8"), ("length", "<u4"), ("width", "<u2"), ("height", "<u2")),
    *(("channels", "u1"), ("storage", "u1"), ("pad", "V2"), ("sha256", "V32")),
]
THUMB_FIELDS: Final = INDEX_FIELDS[:4]
SAMPLE_FIELDS: Final = [("image", "<u4"), ("label", "<u4"), ("split", "u1"), ("pad", "V3")]

GROUPS_FILE: Final = "groups.bin"
JOURNAL_FILE: Final = "journal.jsonl"

IN_NO_SPLIT: Final = 255  # the split of a sample that is left aside, or was taken out of the version

UNLABELLED: Final = "unlabelled"  # the class of images that nobody has labelled yet; no training learns it

STORAGE_PIXELS: Final = 0
STORAGE_JPEG: Final = 1
ERASED: Final = 0x80  # added to the storage of an image that was erased: zeros lie where its pixels were (`classifier.data.erase`)
STORAGE_BYTE: Final = 17  # where in an INDEX record that stands
ERASED_PATH: Final = "erased"  # what stands in paths.txt for its samples

SMALL_IMAGE_PIXELS: Final = 64 * 64  # up to here an image is kept as raw pixels, and shown pixelated
THUMBNAIL_SIDE: Final = 192  # longest side of a photograph's thumbnail, in pixels
