"""A download of a version, read to its end by nobody but a counter: what memory a web process needs for it.

python -m benchmarks.downloading HOME DATASET FORM     prints {"bytes", "seconds", "rows"}; the caller looks at its memory
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.wide_visits import start


def version_of(home: Path, data: Path) -> Any:
    """A sealed version whose folder is that DATASET."""
    from webapp.accounts.models import Team, User
    from webapp.datasets.models import Dataset, DatasetVersion
    from webapp.datasets.sealing import class_rows, described
    from webapp.jobs.models import Job

    made = {"team": Team.objects.create(name="Large"), "created_by": User.objects.create(username="large")}
    job = Job.objects.create(kind="import", queue="host", title="Large", state="succeeded", **made)
    dataset = Dataset.objects.create(name="Large", job=job, archive_name="large.zip", **made)
    dataset.folder.mkdir(parents=True)
    (dataset.folder / "data").symlink_to(data)
    about = described(data)
    told = {"fingerprint": about["id"], "images": about["images"], "classes": class_rows(about)}
    return DatasetVersion.objects.create(dataset=dataset, number=1, **told)


def main() -> None:
    home, data, form = Path(sys.argv[1]), Path(sys.argv[2]).resolve(), sys.argv[3]
    home.mkdir(parents=True, exist_ok=True)
    start(home, "sqlite")
    from webapp.datasets.downloads.kinds import WAYS

    version, began = version_of(home, data), time.monotonic()
    total = sum(map(len, WAYS[form].make(version).parts))
    print(json.dumps({"bytes": total, "seconds": time.monotonic() - began, "rows": version.images}))


if __name__ == "__main__":
    main()
