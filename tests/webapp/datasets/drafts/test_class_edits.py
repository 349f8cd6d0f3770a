"""Classes are renamed, merged and taken out in a draft, and the splits cut anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Actor
from webapp.datasets import drafts, history
from webapp.datasets.drafts import classes
from webapp.datasets.drafts.file import changes
from webapp.datasets.labelling import naming
from webapp.datasets.models import Dataset, DatasetVersion, Draft, DraftSample

Seal = Callable[[], DatasetVersion]


def labels(dataset: Dataset) -> list[str]:
    draft = drafts.current(dataset)
    assert draft
    return [known.label for known in classes.living(draft)]


def total(version: DatasetVersion) -> dict[str, int]:
    return {entry["label"]: entry["train"] + entry["validation"] + entry["test"] for entry in version.classes}


def test_a_class_is_called_in_one_unicode_form(actor: Actor, dataset: Dataset) -> None:
    assert drafts.rename_class(actor, dataset, "ant", "fourmi ge\u0301ante").did["to"] == "fourmi géante"


@pytest.fixture
def as_a_mac_writes(version: DatasetVersion) -> str:
    """The class of the ants has this label in a version that an older Synset sealed."""
    version.classes[0]["label"] = version.classes[0]["name"] = "ge\u0301ante"
    version.save()
    return "ge\u0301ante"


@pytest.mark.parametrize("typed", ["géante", "ge\u0301ante"])
def test_a_class_of_a_version_is_found_in_whatever_unicode_form(typed: str, as_a_mac_writes: str, actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [9], label=typed)
    assert labels(dataset) == [as_a_mac_writes, "bee", "cow"] and DraftSample.objects.get(position=9).label == 0


def test_no_class_is_called_as_another_in_another_unicode_form(as_a_mac_writes: str, actor: Actor, dataset: Dataset) -> None:
    with pytest.raises(InputError, match="There is a class géante already"):
        drafts.rename_class(actor, dataset, "bee", "géante")
    drafts.rename_class(actor, dataset, as_a_mac_writes, "géante")  # itself may
    assert labels(dataset) == ["géante", "bee", "cow"]


def test_a_renamed_class_takes_its_images_along_and_no_row(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.rename_class(actor, dataset, "ant", "wood ant")
    assert labels(dataset) == ["wood ant", "bee", "cow"] and not DraftSample.objects.exists()
    assert total(seal()) == {"bee": 8, "cow": 8, "wood ant": 8}


def test_a_merged_class_becomes_the_other(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.merge_class(actor, dataset, "ant", "bee")
    assert labels(dataset) == ["bee", "cow"] and total(seal()) == {"bee": 16, "cow": 8}


def test_a_class_goes_with_its_images(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.remove_class(actor, dataset, "ant")
    assert labels(dataset) == ["bee", "cow"] and total(seal()) == {"bee": 8, "cow": 8}


def test_an_image_of_a_class_that_went_can_be_kept_by_a_label(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.remove_class(actor, dataset, "ant")
    drafts.change(actor, dataset, [0], label="bee")
    assert total(seal()) == {"bee": 9, "cow": 8}


def test_two_classes_swap_their_names(actor: Actor, dataset: Dataset, version: DatasetVersion, seal: Seal) -> None:
    for label, to in (("ant", "x"), ("bee", "ant"), ("x", "bee")):
        drafts.rename_class(actor, dataset, label, to)
    made = seal()
    path = version.samples.get(position=0).path
    assert path.startswith("ant/") and made.classes[made.samples.get(position=0).label]["label"] == "bee"


def test_what_was_relabelled_follows_its_class(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.change(actor, dataset, [0], label="wasp")
    drafts.rename_class(actor, dataset, "wasp", "hornet")
    drafts.merge_class(actor, dataset, "cow", "hornet")
    drafts.change(actor, dataset, [1], label="hornet")
    assert total(seal()) == {"ant": 6, "bee": 8, "hornet": 10}


def test_what_was_relabelled_goes_with_a_class_that_is_taken_out_later(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.change(actor, dataset, [0], label="cow")
    drafts.remove_class(actor, dataset, "cow")
    assert total(seal()) == {"ant": 7, "bee": 8}


def test_each_of_them_is_undone_as_one(actor: Actor, dataset: Dataset) -> None:
    drafts.rename_class(actor, dataset, "ant", "wood ant")
    drafts.rename_class(actor, dataset, "wood ant", "ant")
    drafts.merge_class(actor, dataset, "ant", "bee")
    drafts.remove_class(actor, dataset, "cow")
    found = []
    for _ in range(4):
        drafts.undo(actor, dataset)
        found.append(labels(dataset))
    assert found == [["bee", "cow"], ["ant", "bee", "cow"], ["wood ant", "bee", "cow"], ["ant", "bee", "cow"]]
    draft = drafts.current(dataset)
    assert draft and draft.is_empty


def test_a_class_that_is_called_as_before_is_no_change(actor: Actor, dataset: Dataset) -> None:
    drafts.rename_class(actor, dataset, "ant", "wood ant")
    drafts.rename_class(actor, dataset, "wood ant", "ant")
    draft = drafts.current(dataset)
    assert draft and draft.is_empty and not list(changes(draft))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda actor, dataset: drafts.rename_class(actor, dataset, "ant", "bee"), "There is a class bee already. Merge ant into it"),
        (lambda actor, dataset: drafts.rename_class(actor, dataset, "ant", " ant "), "is called ant already"),
        (lambda actor, dataset: drafts.rename_class(actor, dataset, "ant", ""), "A class needs a name"),
        (lambda actor, dataset: drafts.rename_class(actor, dataset, "wolf", "x"), "There is no class 'wolf'"),
        (lambda actor, dataset: drafts.merge_class(actor, dataset, "ant", "ant"), "two different classes"),
        (lambda actor, dataset: drafts.merge_class(actor, dataset, "ant", "wolf"), "There is no class 'wolf'"),
    ],
)
def test_what_cannot_be_is_said(change: Callable[..., object], words: str, actor: Actor, dataset: Dataset) -> None:
    with pytest.raises(InputError, match=words):
        change(actor, dataset)
    assert drafts.current(dataset) is None


def test_the_last_class_stays(actor: Actor, dataset: Dataset) -> None:
    drafts.merge_class(actor, dataset, "ant", "bee")
    drafts.remove_class(actor, dataset, "cow")
    with pytest.raises(InputError, match="This is the last class"):
        drafts.remove_class(actor, dataset, "bee")


def test_the_splits_are_cut_anew_and_what_was_moved_by_hand_stays(
    actor: Actor, dataset: Dataset, version: DatasetVersion, seal: Seal
) -> None:
    drafts.resplit(actor, dataset, {"split": "50/25/25", "seed": 5}, keep_test=False)
    moved = version.samples.exclude(split=2).order_by("position").values_list("position", flat=True)[0]
    drafts.change(actor, dataset, [moved], split=2)
    made = seal()
    assert made.samples.get(position=moved).split == 2 and sum(entry["train"] for entry in made.classes) in (11, 12)


def test_a_wrong_share_is_named_at_its_field(actor: Actor, dataset: Dataset) -> None:
    with pytest.raises(ConfigError) as error:
        drafts.resplit(actor, dataset, {"split": "50/50", "seed": "x"}, keep_test=False)
    assert set(error.value.fields) == {"split", "seed"}


def test_several_classes_are_merged_by_one_edit_and_come_back_by_one(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    edit = drafts.merge_classes(actor, dataset, ["ant", "cow"], "bee")
    assert labels(dataset) == ["bee"] and edit.did == {"classes": ["ant", "cow"], "merged": True, "to": "bee"}
    drafts.undo(actor, dataset)
    assert labels(dataset) == ["ant", "bee", "cow"]
    drafts.merge_classes(actor, dataset, ["ant", "bee"], "ant")
    assert total(seal()) == {"ant": 16, "cow": 8}


def test_all_that_are_merged_are_looked_up_at_once(actor: Actor, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, living = list[int](), classes.living

    def looked(draft: Draft) -> list[classes.Known]:
        looks.append(draft.pk)
        return living(draft)

    monkeypatch.setattr(classes, "living", looked)
    drafts.merge_classes(actor, dataset, ["ant", "bee"], "insect")
    of_two = len(looks)
    drafts.undo(actor, dataset)
    drafts.merge_classes(actor, dataset, ["ant", "bee", "cow"], "insect")
    assert len(looks) == 2 * of_two and labels(dataset) == ["insect"]


def test_several_classes_become_a_new_one(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    edit = drafts.merge_classes(actor, dataset, ["bee", "ant", "bee"], "  insect ")
    assert labels(dataset) == ["insect", "cow"] and edit.did["classes"] == ["bee", "ant"]
    assert total(seal()) == {"cow": 8, "insect": 16}


def test_classes_are_merged_into_one_that_is_meant_by_its_readable_name(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:
    version.classes[2]["name"] = "a brown cow"
    version.save()
    drafts.merge_classes(actor, dataset, ["ant", "bee"], "a brown cow")
    assert labels(dataset) == ["cow"]


@pytest.mark.parametrize(
    ("chosen", "into", "why"),
    [
        ([], "insect", "Choose two classes or more"),
        (["ant"], "insect", "Choose two classes or more"),
        (["ant"], "ant", "cannot be merged into itself"),
        (["ant", "wolf"], "bee", "There is no class 'wolf'"),
        (["ant", "bee"], "\0", "A class needs a name"),
        (["ant", "bee"], "", "A class needs a name"),
    ],
)
def test_what_cannot_be_merged_is_said(chosen: list[str], into: str, why: str, actor: Actor, dataset: Dataset) -> None:
    with pytest.raises(InputError, match=why):
        drafts.merge_classes(actor, dataset, chosen, into)
    assert drafts.current(dataset) is None


def test_what_was_merged_before_goes_along(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.merge_class(actor, dataset, "ant", "bee")
    drafts.merge_classes(actor, dataset, ["bee", "cow"], "animal")
    assert total(seal()) == {"animal": 24}


def test_the_history_of_an_image_names_the_class_that_it_was_merged_from(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:
    drafts.merge_classes(actor, dataset, ["ant", "bee"], "insect")
    assert [step.words for step in history.steps(dataset, 0)][-1] == "merged its class ant into insect"
    assert [step.words for step in history.steps(dataset, 9)][-1] == "merged its class bee into insect"
    assert len(history.steps(dataset, 17)) == 1
    assert naming.since(dataset, "bee", version.sealed_at) == "insect" and naming.since(dataset, "cow", version.sealed_at) == "cow"
