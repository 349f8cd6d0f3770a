"""A database that goes away between a commit and its answer has the rows: what was sent for them is not taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection

from tests.webapp.datasets.tus_kit import Program
from tests.webapp.datasets.uploads.kit import CONTENT, only_dataset
from webapp.accounts import actions as accounts
from webapp.datasets import actions
from webapp.datasets.models import Dataset
from webapp.datasets.queries import archive_path
from webapp.experiments import uploads
from webapp.experiments.models import WeightsFile
from webapp.jobs import actions as jobs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.SYNSET_HOME = tmp_path
    return tmp_path


@pytest.fixture
def own(editor: Any, actor_of: Any) -> Any:
    return actor_of(editor)


@contextmanager
def lost(monkeypatch: pytest.MonkeyPatch, *, committed: bool) -> Iterator[None]:
    """The connection breaks at the commit: after it took place, or before."""
    commit: Callable[[], None] = connection._commit

    def broken() -> None:
        if committed:
            commit()
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "_commit", broken)
        yield


def failed(own: Any, archive: Path) -> Dataset:
    """Its import found no images."""
    made = actions.create(own, "Animals", archive, "animals.zip")
    jobs.fail(jobs.claim(made.job_id, "host@here:1"), "It holds no images.", "no_images", retry=False)
    return Dataset.objects.get(pk=made.pk)


@pytest.mark.parametrize("committed", [True, False])
def test_the_archive_of_a_new_dataset_is_there_exactly_where_its_row_is(
    committed: bool, own: Any, archive: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OperationalError), lost(monkeypatch, committed=committed):
        actions.create(own, "Animals", archive, "animals.zip")
    assert [archive_path(dataset).read_bytes() for dataset in Dataset.objects.all()] == [archive.read_bytes()] * committed
    assert len(list((home / "datasets").iterdir())) == committed


@pytest.mark.parametrize("committed", [True, False])
def test_an_archive_that_replaces_another_is_the_newest_exactly_where_its_import_waits(
    committed: bool, own: Any, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, other = failed(own, archive), tmp_path / "other.zip"
    other.write_bytes(b"another")
    with pytest.raises(OperationalError), lost(monkeypatch, committed=committed):
        actions.replace_archive(own, dataset, other, "other.zip")
    assert (Dataset.objects.get().job.state == "queued") == committed
    assert archive_path(Dataset.objects.get()).read_bytes() == (other if committed else archive).read_bytes()


@pytest.mark.parametrize("committed", [True, False])
def test_uploaded_weights_are_there_exactly_where_their_row_is(
    committed: bool, own: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OperationalError), lost(monkeypatch, committed=committed):
        uploads.create(own, "Mine", SimpleUploadedFile("m.pth", b"numbers"), "m.pth")
    assert [file.upload.read_bytes() for file in WeightsFile.objects.all()] == [b"numbers"] * committed
    assert len(list((home / "weights").iterdir())) == committed


@pytest.mark.parametrize("committed", [True, False])
def test_an_upload_in_parts_is_whole_or_goes_on_where_it_was(committed: bool, editor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    program = Program({"Authorization": f"Bearer {accounts.create_token(editor, 'write', None)}"}, "/api/v1/uploads")
    path, create = program.begun(len(CONTENT)), actions.create
    program.send(path, 0, CONTENT[:1000])

    def create_and_lose(*args: Any, **named: Any) -> Dataset:
        with lost(monkeypatch, committed=committed):
            return create(*args, **named)

    with monkeypatch.context() as patch:
        patch.setattr(actions, "create", create_and_lose)
        assert program.send(path, 1000, CONTENT[1000:]).status == 503
    assert program.head(path).offset == (len(CONTENT) if committed else 1000)
    if not committed:
        program.send(path, 1000, CONTENT[1000:])
    assert program.head(path).headers["synset-dataset"] == only_dataset().id
