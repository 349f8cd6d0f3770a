"""Static files: ours, and single files of installed packages, so that no third-party asset is copied into the repository."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

PLOTLY = "vendor/plotly.min.js"
PACKAGE_FILES = {PLOTLY: ("plotly", "package_data/plotly.min.js")}  # URL below /static/ → (package, file)


def package_file(package: str, name: str) -> Path:
    """The file inside an installed package, found without importing it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"The package {package} is not installed; run `make run` or install requirements.txt.")
    return Path(spec.origin).parent / name


class OneFileStorage(FileSystemStorage):
    """A storage that holds one file under the name of its URL."""

    def __init__(self, url_name: str, path: Path) -> None:
        super().__init__(location=path.parent)
        self.url_name, self.file_path = url_name, path

    def path(self, name: str) -> str:
        return str(self.file_path)


class PackageFileFinder(BaseFinder):
    """Finds PACKAGE_FILES for collectstatic and runserver."""

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file's path, or nothing."""
        found = [str(package_file(*PACKAGE_FILES[path]))] if path in PACKAGE_FILES else []
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, Storage]]:
        """Every file with the storage that opens it."""
        for url_name, (package, name) in PACKAGE_FILES.items():
            yield url_name, OneFileStorage(url_name, package_file(package, name))


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise is untyped
    """Names with a content hash (cached for ever), also inside ES modules' imports; compressed beside."""

    support_js_module_import_aggregation = True
    manifest_strict = False
