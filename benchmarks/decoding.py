"""The ceiling of an import: the pictures of an archive decoded and brought to thumbnails, by a process on every core, and nothing else.

python -m benchmarks.decoding ARCHIVE     prints {"images_per_second"}; the files lie in memory before the clock starts
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
import zipfile
from io import BytesIO
from pathlib import Path

from PIL import Image

from classifier.data.collect import worker_count
from classifier.data.thumbnails import THUMBNAIL_QUALITY
from classifier.spec.packfile import SMALL_IMAGE_PIXELS, THUMBNAIL_SIDE

FILES: list[bytes] = []  # which the processes have from their parent
CHUNK = 16


def thumbnail(number: int) -> int:
    """Bytes of one picture's thumbnail: a PNG of a small one, else a JPEG."""
    with Image.open(BytesIO(FILES[number])) as opened:
        image = opened.convert("RGB")
    out = BytesIO()
    if image.width * image.height <= SMALL_IMAGE_PIXELS:
        image.save(out, "PNG", compress_level=1)
    else:
        image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.HAMMING, reducing_gap=2.0)
        image.save(out, "JPEG", quality=THUMBNAIL_QUALITY)
    return len(out.getvalue())


def main() -> None:
    with zipfile.ZipFile(Path(sys.argv[1])) as archive:
        FILES.extend(archive.read(name) for name in archive.namelist() if name.lower().endswith((".jpg", ".jpeg", ".png")))
    with multiprocessing.get_context("fork").Pool(worker_count()) as pool:
        started = time.monotonic()
        for _ in pool.imap_unordered(thumbnail, range(len(FILES)), CHUNK):
            pass
        seconds = time.monotonic() - started
    print(json.dumps({"images_per_second": len(FILES) / seconds}))


if __name__ == "__main__":
    main()
