"""An archive is shown as it is understood; somebody agrees or corrects, and then it is imported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from classifier.data.inspection import inspect_source
from classifier.spec.errors import ConfigError, InputError
from tests.classifier.images import picture, raw_zip, write_zip
from webapp.accounts.models import AuditEntry
from webapp.accounts.permissions import Forbidden
from webapp.datasets import actions, options, previews, queries
from webapp.datasets.models import Dataset
from webapp.jobs import actions as jobs
from worker.handlers.imports import Import
from worker.handlers.inspects import Inspect

SignedIn = Callable[[Any], Client]
TABLE = "file,breed,fur\n" + "".join(f"{n}.png,{'ab'[n % 2]},{'xy'[n // 4]}\n" for n in range(8))


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """Eight pictures in a folder, and a table about them."""
    return write_zip(tmp_path / "pets.zip", {**{f"in/{n}.png": picture(n) for n in range(8)}, "pets.csv": TABLE.encode()})


@pytest.fixture
def looking(owner: Any, actor_of: Any, listed: Path) -> Dataset:
    """A dataset whose archive is to be looked at."""
    return actions.create(actor_of(owner), "Pets", listed, "pets.zip", {"look": True})


def looked(dataset: Dataset, archive: Path) -> Dataset:
    """What a worker does when it has looked."""
    found = inspect_source(archive)
    jobs.finish(jobs.claim(dataset.job_id, "host@here:1"), also=lambda: previews.looked_at(dataset.id, found))
    return Dataset.objects.select_related("job", "team").get(pk=dataset.pk)


@pytest.fixture
def shown(looking: Dataset, listed: Path) -> Dataset:
    """One that waits for a word."""
    return looked(looking, listed)


def decide(client: Client, dataset: Dataset, **fields: Any) -> Any:
    return client.post(reverse("datasets:decide", args=[dataset.id]), fields)


def test_an_archive_is_looked_at_first_where_that_was_asked_for(looking: Dataset) -> None:
    assert (looking.job.kind, looking.job.state, looking.options) == ("inspect", "queued", {"split": "70/15/15", "seed": 0, "group": None})


def test_an_archive_is_imported_at_once_where_nobody_asked(waiting: Dataset) -> None:
    assert waiting.job.kind == "import"


def test_the_form_asks_to_look_first(owner: Any, signed_in: SignedIn, listed: Path) -> None:
    client = signed_in(owner)
    assert 'name="look" value="1" checked' in client.get(reverse("datasets:new")).content.decode()
    with listed.open("rb") as file:
        client.post(reverse("datasets:upload"), {"name": "Pets", "archive": file, "look": "1"})
    assert Dataset.objects.get().job.kind == "inspect"


def test_after_the_look_an_import_waits_for_a_word(shown: Dataset) -> None:
    assert (shown.job.kind, shown.job.state) == ("import", "paused")
    assert previews.is_waiting(shown) and queries.newest_version(shown) is None


def test_the_page_shows_classes_columns_folders_and_what_is_left_out(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    page = signed_in(owner).get(reverse("datasets:detail", args=[shown.id])).content.decode()
    assert "A table says what each image shows: pets.csv" in page and "Import these images" in page
    assert '<option value="breed" selected>' in page and "<bdi>in</bdi>" in page


def test_the_page_shows_what_a_pattern_keeps_together_and_takes_another(
    looking: Dataset, listed: Path, owner: Any, signed_in: SignedIn
) -> None:
    Dataset.objects.update(options=looking.options | {"group": r"\.png"})
    looking.refresh_from_db()
    found = inspect_source(listed, group=looking.options["group"])
    jobs.finish(jobs.claim(looking.job_id, "host@here:1"), also=lambda: previews.looked_at(looking.id, found))
    client, address = signed_in(owner), reverse("datasets:detail", args=[looking.id])
    page = client.get(address).content.decode()
    assert "8 images in 1 group; the largest, .png, has 8." in page and "One group holds more than half" in page
    assert r'value="\.png"' in page
    decide(client, looking, do="look", pattern="[0-3]")
    again = Dataset.objects.get()
    assert (again.options["group"], again.job.kind) == ("[0-3]", "inspect")
    assert Inspect(again.job, jobs.claim(again.job_id, "host@here:1")).arguments()[-2:] == ["--group", "[0-3]"]


def test_a_wrong_pattern_is_told_and_nothing_is_decided(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    client = signed_in(owner)
    decide(client, shown, do="import", pattern="(")
    assert "is not a regular expression" in client.get(reverse("datasets:detail", args=[shown.id])).content.decode()
    assert Dataset.objects.get().job.state == "paused"


def test_the_page_says_what_the_import_will_keep(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    Dataset.objects.filter(pk=shown.pk).update(options=shown.options | {"alike": True, "most": 500})
    page = signed_in(owner).get(reverse("datasets:detail", args=[shown.id])).content.decode()
    assert "its import keeps images that look alike together, at most 500 images a class." in page


def test_a_source_without_labels_is_shown_with_the_reason(owner: Any, actor_of: Any, tmp_path: Path, signed_in: SignedIn) -> None:
    archive = write_zip(tmp_path / "loose.zip", {f"{n}.png": picture(n) for n in range(4)})
    dataset = looked(actions.create(actor_of(owner), "Loose", archive, "loose.zip", {"look": True}), archive)
    page = signed_in(owner).get(reverse("datasets:detail", args=[dataset.id])).content.decode()
    assert "Nothing says what these images show" in page and "Import these images" not in page
    decide(signed_in(owner), dataset, do="look", kind="unlabelled")
    dataset.refresh_from_db()
    assert dataset.options["choose"] == {"kind": "unlabelled"} and dataset.job.kind == "inspect"


def test_what_is_taken_with_a_warning_is_not_said_to_be_left_out(owner: Any, actor_of: Any, tmp_path: Path, signed_in: SignedIn) -> None:
    files = {f"{label}/{n}.png": picture(10 * place + n) for place, label in enumerate(("Cat", "cat", "dog")) for n in range(3)}
    archive = write_zip(tmp_path / "a.zip", files)
    dataset = looked(actions.create(actor_of(owner), "Cats", archive, "a.zip", {"look": True}), archive)
    page = signed_in(owner).get(reverse("datasets:detail", args=[dataset.id])).content.decode()
    assert "Taken, but look" in page and "is a class beside &#x27;Cat&#x27;" in page
    assert 'id="understood-left"' not in page


def test_where_nothing_says_the_class_one_click_says_what_mostly_does(
    owner: Any, actor_of: Any, tmp_path: Path, signed_in: SignedIn
) -> None:
    archive = write_zip(tmp_path / "loose.zip", {f"{'cd'[n % 2]}{n}.png": picture(n) for n in range(4)})
    dataset = looked(actions.create(actor_of(owner), "Loose", archive, "loose.zip", {"look": True}), archive)
    page = signed_in(owner).get(reverse("datasets:detail", args=[dataset.id])).content.decode()
    assert "Take the classes from the file names" in page and "Take them without labels, to be labelled here" in page
    decide(signed_in(owner), dataset, offer="names", kind="")
    dataset.refresh_from_db()
    assert dataset.options["choose"] == {"kind": "names"} and dataset.job.kind == "inspect"


def test_a_level_is_offered_with_folders_of_it(owner: Any, actor_of: Any, tmp_path: Path, signed_in: SignedIn) -> None:
    files = {f"{kind}/{sort}/{n}.png": picture(n) for kind, sort in (("fruit", "apple"), ("herb", "dill")) for n in range(3)}
    archive = write_zip(tmp_path / "deep.zip", files)
    dataset = looked(actions.create(actor_of(owner), "Deep", archive, "deep.zip", {"look": True}), archive)
    page = signed_in(owner).get(reverse("datasets:detail", args=[dataset.id])).content.decode()
    assert "level 1, the topmost: fruit, herb" in page and "level 2: apple, dill" in page


def test_a_column_is_offered_with_some_of_its_cells(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    page = signed_in(owner).get(reverse("datasets:detail", args=[shown.id])).content.decode()
    assert '<option value="breed" selected>breed: a, b</option>' in page and ">file: 0.png, 1.png, 2.png</option>" in page


def test_the_first_button_of_the_preview_only_looks_again(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    """Which Enter in a field presses: nothing is imported by it."""
    page = signed_in(owner).get(reverse("datasets:detail", args=[shown.id])).content.decode()
    form = page[page.index('id="preview"') :]
    assert form.index('value="look"') < form.index('value="import"')


def test_a_level_alone_says_that_folders_are_the_classes(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    decide(signed_in(owner), shown, do="look", kind="", level="1")
    shown.refresh_from_db()
    assert shown.options["choose"] == {"kind": "folders", "level": 1}


def test_who_follows_the_look_is_sent_to_the_preview(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    answer = signed_in(owner).get(reverse("datasets:status", args=[shown.id]))
    assert answer.headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("page", ["/", "/queue/", "/datasets/"])
def test_other_pages_say_that_it_waits_for_somebody(page: str, shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    text = signed_in(owner).get(page).content.decode()
    assert "Waits for you" in text and reverse("datasets:detail", args=[shown.id]) in text


def test_a_viewer_sees_it_and_decides_nothing(shown: Dataset, viewer: Any, actor_of: Any, signed_in: SignedIn) -> None:
    page = signed_in(viewer).get(reverse("datasets:detail", args=[shown.id])).content.decode()
    assert "A table says" in page and "Import these images" not in page
    with pytest.raises(Forbidden):
        previews.take(actor_of(viewer), shown, {})


def test_what_is_agreed_to_is_imported(shown: Dataset, owner: Any, signed_in: SignedIn, pokes: list[tuple[str, str]]) -> None:
    decide(signed_in(owner), shown, do="import", path="file", label="breed")
    shown.refresh_from_db()
    assert (shown.job.kind, shown.job.state) == ("import", "queued") and "choose" not in shown.options


def test_a_correction_goes_with_the_import(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    decide(signed_in(owner), shown, do="import", path="file", label="fur", group="-", leave=["in/old"])
    shown.refresh_from_db()
    assert shown.options["choose"] == {"label": "fur", "leave": ["in/old"]} and shown.job.state == "queued"


def test_folders_that_the_page_does_not_show_are_typed_and_kept(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    decide(signed_in(owner), shown, do="look", leave=["in"], leave_more="far/below/\r\n\r\n  an other \r\nin")
    shown.refresh_from_db()
    assert shown.options["choose"] == {"leave": ["in", "far/below", "an other"]}


def test_typed_folders_stand_in_their_field_again(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    Dataset.objects.filter(pk=shown.pk).update(options=shown.options | {"choose": {"leave": ["in", "far/below", "other"]}})
    page = signed_in(owner).get(reverse("datasets:detail", args=[shown.id])).content.decode()
    assert ">far/below\nother</textarea>" in page and 'value="in" aria-label="Leave in out" checked' in page


def test_too_many_folders_are_refused_not_forgotten(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    many = "\n".join(f"f{n}" for n in range(1001))
    page = signed_in(owner).post(reverse("datasets:decide", args=[shown.id]), {"do": "import", "leave_more": many}, follow=True)
    assert "expected at most 1,000 folders to leave out; 1,001 came" in page.content.decode() and previews.is_waiting(shown)


def test_a_nul_in_a_typed_folder_is_refused() -> None:
    with pytest.raises(ConfigError) as error:
        options.checked({"choose": {"leave": ["a\0b"]}})
    assert error.value.fields["choose"] == "holds a NUL character; leave it out"


def test_the_encoding_of_names_is_chosen_by_how_each_reads_them(owner: Any, actor_of: Any, tmp_path: Path, signed_in: SignedIn) -> None:
    names = [f"{word}/{n}.png".encode("cp866") for word in ("кот", "пёс") for n in range(2)]
    archive = raw_zip(tmp_path / "pets.zip", [{"name": name, "data": picture(n)} for n, name in enumerate(names)])
    dataset = looked(actions.create(actor_of(owner), "Pets", archive, "pets.zip", {"look": True}), archive)
    client = signed_in(owner)
    page = client.get(reverse("datasets:detail", args=[dataset.id])).content.decode()
    assert "as found: Cyrillic, DOS: кот" in page and '<option value="cp1251">Cyrillic, Windows: ' in page
    decide(client, dataset, do="look", encoding="cp1251")
    dataset.refresh_from_db()
    assert dataset.options["choose"] == {"encoding": "cp1251"}
    assert '{"encoding": "cp1251"}' in Inspect(dataset.job, jobs.claim(dataset.job_id, "host@here:1")).arguments()


def test_an_encoding_that_is_said_beforehand_is_a_correction() -> None:
    assert options.checked({"encoding": "CP866"})["choose"] == {"encoding": "cp866"} and "choose" not in options.checked({"encoding": ""})
    with pytest.raises(ConfigError) as error:
        options.checked({"encoding": "klingon"})
    assert '"klingon" came' in error.value.fields["encoding"]


def test_a_correction_is_kept_until_it_is_taken_back(shown: Dataset, owner: Any, signed_in: SignedIn, listed: Path) -> None:
    decide(signed_in(owner), shown, do="look", label="fur")
    shown.refresh_from_db()
    again = looked(shown, listed)
    decide(signed_in(owner), again, do="look", label="fur")
    again.refresh_from_db()
    assert again.options["choose"] == {"label": "fur"}


def test_folders_of_a_level_are_chosen(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    decide(signed_in(owner), shown, do="look", kind="folders", level="1", label="fur")
    shown.refresh_from_db()
    assert shown.options["choose"] == {"kind": "folders", "level": 1}


@pytest.fixture
def beside(owner: Any, actor_of: Any, tmp_path: Path) -> Dataset:
    """Class folders with a table of patients beside them and one of other images, looked at."""
    paths = [f"{label}/{label}{n}.png" for label in ("cat", "dog") for n in range(4)]
    rows = "".join(f"{path},p{n // 2},{'xy'[n % 2]},{30 + n % 3}\n" for n, path in enumerate(paths))
    tables = {"meta.csv": f"image,patient,site,age\n{rows}".encode(), "weather.csv": b"day,rain\nmonday,3\ntuesday,4\n"}
    archive = write_zip(tmp_path / "scans.zip", {**{path: picture(n) for n, path in enumerate(paths)}, **tables})
    return looked(actions.create(actor_of(owner), "Scans", archive, "scans.zip", {"look": True}), archive)


def test_the_page_says_what_each_table_is_used_for_or_why_it_is_not(beside: Dataset, owner: Any, signed_in: SignedIn) -> None:
    page = signed_in(owner).get(reverse("datasets:detail", args=[beside.id])).content.decode()
    assert "Each class is a folder, and meta.csv tells more of the images" in page
    assert "names the image by image; group patient" in page
    assert "not used: no column of it names these images" in page


def test_a_group_is_chosen_beside_class_folders(beside: Dataset, owner: Any, signed_in: SignedIn) -> None:
    decide(signed_in(owner), beside, do="look", path="image", group="site")
    beside.refresh_from_db()
    assert beside.options["choose"] == {"kind": "folders", "group": "site"}


def test_a_table_is_chosen_to_stand_beside_a_level_of_folders(beside: Dataset, owner: Any, signed_in: SignedIn) -> None:
    decide(signed_in(owner), beside, do="look", kind="folders", level="1", table="meta.csv", label="site", split="-")
    beside.refresh_from_db()
    assert beside.options["choose"] == {"kind": "folders", "level": 1, "table": "meta.csv"}


def test_a_class_column_that_is_chosen_takes_the_place_of_class_folders(beside: Dataset, owner: Any, signed_in: SignedIn) -> None:
    decide(signed_in(owner), beside, do="look", label="site")
    beside.refresh_from_db()
    assert beside.options["choose"] == {"label": "site"}


def test_a_decision_that_comes_late_is_refused_in_words(shown: Dataset, owner: Any, actor_of: Any) -> None:
    previews.take(actor_of(owner), shown, {})
    for act in (previews.take, previews.look_again):
        with pytest.raises(InputError, match="does not wait for a decision any more"):
            act(actor_of(owner), shown, {})


def test_a_choice_of_unknown_words_is_refused(shown: Dataset, owner: Any, actor_of: Any) -> None:
    with pytest.raises(ConfigError, match="choose"):
        previews.take(actor_of(owner), shown, {"magic": 1})
    assert previews.is_waiting(Dataset.objects.get(pk=shown.pk))


def test_who_let_it_be_imported_stands_in_the_log(shown: Dataset, owner: Any, actor_of: Any) -> None:
    previews.take(actor_of(owner), shown, {})
    assert AuditEntry.objects.order_by("-id").values_list("verb", flat=True)[0] == "dataset.take"


def test_who_had_it_looked_at_again_stands_in_the_log(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    signed_in(owner).post(reverse("datasets:decide", args=[shown.id]), {"do": "look", "kind": "unlabelled"})
    entry = AuditEntry.objects.order_by("-id")[0]
    assert (entry.verb, entry.subject_id) == ("dataset.look", shown.pk)


def test_one_that_nobody_wants_is_cancelled_and_can_be_tried_again(shown: Dataset, owner: Any, actor_of: Any) -> None:
    assert jobs.request_cancel(shown.job) == "cancelled"
    shown.refresh_from_db()
    assert not previews.is_waiting(shown)
    actions.retry(actor_of(owner), shown)
    assert (shown.job.kind, shown.inspection) == ("import", None)


def test_an_archive_whose_import_failed_can_be_looked_at(failed: Dataset, owner: Any, signed_in: SignedIn) -> None:
    client, address = signed_in(owner), reverse("datasets:retry", args=[failed.id])
    assert f'action="{address}?look=1"' in client.get(reverse("datasets:detail", args=[failed.id])).content.decode()
    client.post(f"{address}?look=1")
    failed.refresh_from_db()
    assert failed.job.kind == "inspect"


# The list of findings


def test_findings_are_taken_along_as_csv(failed: Dataset, owner: Any, signed_in: SignedIn) -> None:
    actions.add_problems(failed.id, [{"file": "=1+1.png", "rule": "truncated", "message": "It is cut short.", "taken": False}])
    answer = signed_in(owner).get(reverse("datasets:problems-csv", args=[failed.id]), {"rule": "truncated"})
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0] == "file,rule,taken,message,hint" and lines[-1].startswith("'=1+1.png,truncated,left out,It is cut short.")


def test_the_whole_list_is_read_in_slices(failed: Dataset, owner: Any, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.datasets.views.problems.CSV_ROWS", 2)
    rows = [{"file": f"{n}.png", "rule": "tiny", "message": "It is tiny.", "taken": True} for n in range(5)]
    actions.add_problems(failed.id, rows)
    answer = signed_in(owner).get(reverse("datasets:problems-csv", args=[failed.id]), {"rule": "tiny"})
    assert len(b"".join(answer.streaming_content).splitlines()) == 6


def test_findings_are_found_by_file_name(failed: Dataset, owner: Any, signed_in: SignedIn) -> None:
    rows = [{"file": f"{name}.png", "rule": "tiny", "message": "It is tiny.", "taken": True} for name in ("wren", "rook")]
    actions.add_problems(failed.id, rows)
    page = signed_in(owner).get(reverse("datasets:problems", args=[failed.id]), {"q": "WREN"}).content.decode()
    assert "wren.png" in page and "rook.png" not in page


def test_a_column_of_images_to_be_cut_shows_where_there_are_any(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    client, address = signed_in(owner), reverse("datasets:detail", args=[shown.id])
    assert "To be cut" in client.get(address).content.decode()
    for counts in shown.inspection["classes"].values():
        counts["train"], counts["open"] = counts["train"] + counts["open"], 0
    shown.save(update_fields=["inspection"])
    assert "To be cut" not in client.get(address).content.decode()


FACES = {
    "looked": 48,
    "shown": 1,
    "pictures": [{"path": "a/me.jpg", "faces": 2, "image": "data:image/webp;base64,AA", "width": 240, "height": 320}],
}


def test_faces_are_looked_for_where_they_are_to_be_blurred(owner: Any, signed_in: SignedIn, listed: Path) -> None:
    with listed.open("rb") as file:
        signed_in(owner).post(reverse("datasets:upload"), {"name": "Pets", "archive": file, "look": "1", "blur_faces": "1"})
    job = Dataset.objects.get().job
    assert "--faces" in Inspect(job, jobs.claim(job.id, "host@here:1")).arguments()


def test_the_page_shows_some_images_with_their_faces_blurred(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    Dataset.objects.filter(pk=shown.pk).update(inspection=shown.inspection | {"faces": FACES})
    page = signed_in(owner).get(reverse("datasets:detail", args=[shown.id])).content.decode()
    assert "1 of the 48 images that were looked at shows faces" in page and "2 faces" in page and 'src="data:image/webp;base64,AA"' in page


def test_the_page_says_where_no_faces_were_found(shown: Dataset, owner: Any, signed_in: SignedIn) -> None:
    Dataset.objects.filter(pk=shown.pk).update(inspection=shown.inspection | {"faces": {"looked": 1, "shown": 0, "pictures": []}})
    assert (
        "none of the 1 image that was looked at shows faces"
        in signed_in(owner).get(reverse("datasets:detail", args=[shown.id])).content.decode()
    )


def test_the_import_that_was_agreed_to_blurs_them(shown: Dataset) -> None:
    Dataset.objects.filter(pk=shown.pk).update(options=shown.options | {"blur_faces": True})
    assert "--blur-faces" in Import(shown.job, jobs.Claim(shown.job_id, "host@here:1", 1, 1, "import")).arguments()


def test_faces_that_cannot_be_found_here_are_refused_at_the_field(owner: Any, signed_in: SignedIn, listed: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(options, "detector_file", lambda: None)
    with listed.open("rb") as file:
        page = signed_in(owner).post(reverse("datasets:upload"), {"name": "Pets", "archive": file, "blur_faces": "1"})
    assert page.status_code == 422 and "the detector is not installed" in page.content.decode() and not Dataset.objects.exists()
