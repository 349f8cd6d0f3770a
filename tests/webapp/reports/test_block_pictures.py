"""Images of blocks outside the team: by the report's link, in its file, in a snapshot; and none of what was erased."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from classifier.spec.errors import ConfigError
from tests.webapp.evaluations.conftest import evaluated  # noqa: F401 (fixture)
from webapp.accounts.actor import actor_in
from webapp.datasets import packs
from webapp.datasets.models import Sample
from webapp.reports import actions, erasing, standalone
from webapp.reports.actions import freezing
from webapp.reports.blocks import galleries, weight
from webapp.reports.models import Block, Report, Snapshot


@pytest.fixture
def report(evaluated) -> Report:  # noqa: F811
    return Report.objects.get()


@pytest.fixture
def gallery(report, editor) -> Block:
    return actions.add(actor_in(editor, via="session"), report, "gallery", title="Look", choices={"what": "unsure", "shown": 8})


@pytest.fixture
def shared(report, gallery, editor) -> str:
    return f"/shared/{actions.share(actor_in(editor, via='session'), report, 7)[1]}/"


def test_a_stranger_sees_the_pictures_of_its_blocks_and_no_others(shared, client, editor):
    text = client.get(shared).content.decode()
    assert re.findall(r"blocks/1/images/(\d+)", text) == [str(place) for place in range(6)]
    assert client.get(f"{shared}blocks/1/images/0")["Content-Type"] in ("image/png", "image/jpeg")
    wrong = ["blocks/1/images/6", "blocks/0/images/0", "blocks/2/images/0", "blocks/99999999999999999999/images/0"]
    assert [client.get(shared + place).status_code for place in wrong] == [404] * 4


def test_the_list_that_its_pictures_are_of_is_put_together_once(shared, client, monkeypatch):
    made, asked = galleries.made, []
    monkeypatch.setattr(galleries, "made", lambda what: asked.append(what) or made(what))
    galleries.first.cache_clear()  # as whoever composed it left it
    client.get(shared)
    assert {client.get(f"{shared}blocks/1/images/{place}").status_code for place in range(6)} == {200} and len(asked) == 1


def test_a_block_that_is_taken_out_takes_its_pictures_along(shared, gallery, client, editor):
    actions.remove(actor_in(editor, via="session"), gallery)
    assert client.get(f"{shared}blocks/1/images/0").status_code == 404 and "Look" not in client.get(shared).content.decode()


def test_the_file_holds_the_pictures(report, gallery):
    text = b"".join(standalone.standalone(report)).decode()
    section = text[text.index('id="block-1"') :]
    assert section[: section.index("</section>")].count('src="data:image/') == 6
    assert standalone.about_bytes(report) - standalone.about_bytes(Report(evaluation=report.evaluation)) == 8 * 1_500


def test_the_file_is_no_larger_than_was_reckoned_before_its_blocks_were_kept(report, gallery):
    made = len(b"".join(standalone.standalone(report)))
    reckoned = weight.of_file(report, [gallery.options])
    assert reckoned - 12 * weight.PICTURE_BYTES - weight.FRAME_BYTES < made < reckoned + weight.FRAME_BYTES


def test_images_that_would_make_the_file_too_large_are_refused_with_what_to_do(report, gallery, editor, monkeypatch):
    acting, choices = actor_in(editor, via="session"), {"what": "unsure", "shown": 8}
    monkeypatch.setattr(weight, "MOST_BYTES", weight.of_file(report, [gallery.options]))
    with pytest.raises(ConfigError) as refused:
        actions.add(acting, report, "gallery", choices=choices)
    words = refused.value.fields["shown"]
    assert words.startswith("would make the report's file ") and "show fewer images here, or take another block of images out" in words
    assert Block.everything.count() == 1 and actions.change(acting, gallery, title="Look", text="", choices=choices).saved  # for itself
    assert actions.add(acting, report, "text", text="Words weigh nothing.", choices={}).kind == "text"
    monkeypatch.setattr(weight, "MOST_BYTES", 0)
    assert actions.change(acting, gallery, title="Look", text="", choices=choices).wrong.keys() == {"shown"}
    assert actions.change(acting, gallery, title="Called otherwise", text="").saved


def test_the_page_says_at_the_field_that_the_file_would_be_too_large(report, editor, signed_in, monkeypatch):
    monkeypatch.setattr(weight, "MOST_BYTES", 5)
    answer = signed_in(editor).post(f"/reports/{report.id}/blocks/add/", {"kind": "gallery", "what": "unsure", "shown": "8"})
    assert answer.status_code == 422 and "and it may have 5 bytes" in answer.content.decode()


def test_thirty_galleries_of_photographs_are_more_than_a_file_takes(report, monkeypatch):
    lengths = np.zeros(10, packs.THUMB_DTYPE)
    lengths["length"] = 6_500  # as thumbnails of photographs have it
    monkeypatch.setattr(packs, "mapped", lambda path, dtype: lengths)
    assert weight.of_pictures(report.evaluation.version, list(range(10)) * 3) == 30 * (8_668 + weight.PICTURE_BYTES)
    assert weight.plotly_bytes() + weight.of_pictures(report.evaluation.version, [0] * 48) * 30 > weight.MOST_BYTES


@pytest.fixture
def kept(report, gallery, editor) -> Snapshot:
    return freezing.freeze(actor_in(editor, via="session"), report)


def test_a_snapshot_keeps_its_pictures_whatever_becomes_of_the_block(kept, gallery, editor, viewer, signed_in):
    address = f"/reports/snapshots/{kept.id}/images/blocks/"
    assert kept.body.count(address) == len(kept.pictures) == 6
    actions.remove(actor_in(editor, via="session"), gallery)
    assert signed_in(viewer).get(f"{address}5")["Content-Type"] in ("image/png", "image/jpeg")
    assert signed_in(viewer).get(f"{address}6").status_code == 404
    assert "Look" in signed_in(viewer).get(f"/reports/snapshots/{kept.id}/").content.decode()


def test_the_file_of_a_snapshot_holds_its_pictures_and_asks_for_none(kept, gallery, editor):
    actions.remove(actor_in(editor, via="session"), gallery)
    text = b"".join(standalone.frozen(kept)).decode()
    section = text[text.index('id="block-1"') :]
    assert section[: section.index("</section>")].count('src="data:image/') == 6
    assert "/reports/snapshots/" not in text and "As it stood" in text and kept.digest[:16] in text
    kept.pictures[2] = None  # as an erasure leaves it
    assert b"".join(standalone.frozen(kept)).count(b'src="data:image/') == text.count('src="data:image/') - 1


def test_what_was_chosen_otherwise_is_another_snapshot(kept, gallery, report, editor):
    actor = actor_in(editor, via="session")
    assert freezing.freeze(actor, report) == kept
    actions.add(actor, report, "text", text="More to say", choices={})
    other = freezing.freeze(actor, Report.objects.get())
    assert other != kept and "More to say" in other.body


def test_a_snapshot_forgets_the_picture_of_an_image_that_is_erased(kept, report, viewer, signed_in):
    version, image = report.evaluation.version, kept.pictures[2]
    positions = list(Sample.objects.filter(version=version, image=image).values_list("position", flat=True))
    erasing.forget(version.dataset, positions, ["red/none.png"])
    left = Snapshot.objects.get()
    assert left.pictures[2] is None and left.pictures[:2] == kept.pictures[:2]
    assert left.digest == freezing.digest_of(left.id, left.body, left.manifest, left.pictures) != kept.digest
    assert signed_in(viewer).get(f"/reports/snapshots/{kept.id}/images/blocks/2").status_code == 404


def test_what_is_erased_while_it_is_frozen_is_not_in_it(gallery, report, editor, monkeypatch):
    """The gallery is drawn anew: by then the image is not among the predictions any more."""
    draw, drawn = freezing.draw, []

    def erased(id, report):
        made = draw(id, report)
        if not drawn:
            erasing.forget(report.evaluation.version.dataset, [0], ["red/none.png"])
        drawn.append(made)
        return made

    monkeypatch.setattr(freezing, "draw", erased)
    freezing.freeze(actor_in(editor, via="session"), report)
    assert len(drawn) == 2


def test_the_name_of_an_erased_image_goes_from_blocks(gallery, report, editor):
    actor = actor_in(editor, via="session")
    actions.change(actor, gallery, title="Such as red/1.png", text="Look at `red/1.png` again", choices={"what": "unsure"})
    moves = Report.objects.get().moves
    erasing.forget(report.evaluation.version.dataset, [1], ["red/1.png"])
    left = Block.objects.get()
    assert not [words for words in (left.title, left.text, left.html) if "red/1.png" in words] and Report.objects.get().moves > moves


def test_a_pack_that_is_gone_is_said(gallery, shared, report, client, viewer, signed_in):
    folder: Path = report.evaluation.version.folder
    folder.rename(folder.with_name("elsewhere"))
    assert client.get(f"{shared}blocks/1/images/0").status_code == 404
    assert signed_in(viewer).get(f"/reports/{report.id}/").status_code == 200
