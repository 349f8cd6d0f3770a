"""The page that compares experiments."""

from __future__ import annotations

import os
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from classifier.metrics import wilson
from classifier.metrics.scored import forget, path_of
from tests.webapp.evaluations.comparing.kit import dataset_of, measured, trained, version_of
from webapp.evaluations.comparing import page, pairs
from webapp.evaluations.comparing.table import Figure
from webapp.evaluations.models import Evaluation
from webapp.jobs import actions as jobs
from webapp.jobs.models import Attempt


@pytest.fixture
def compare(signed_in, viewer):
    """The page's answer for a viewer."""

    def ask(*experiments, **more):
        ids = [each if isinstance(each, str) else each.id for each in experiments]
        return signed_in(viewer).get(reverse("experiments:compare"), {"of": ids, **more})

    return ask


def text_of(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_two_networks_are_held_against_each_other_image_by_image(compare, pair) -> None:
    detail = compare(*pair).context["detail"]
    assert (detail.counts.both_right, detail.counts.broken, detail.counts.fixed, detail.counts.both_wrong) == (20, 2, 6, 2)
    assert "B mends 6 mistakes of A and makes 2 of its own; 2 images are wrong with both." in detail.words
    assert "may be chance (p = 0.289)" in detail.words  # by hand: 2 × (1 + 8 + 28) ÷ 2⁸


def test_each_figure_has_its_interval_and_what_it_was_measured_on(compare, pair) -> None:
    shown = text_of(compare(*pair))
    assert "test split of Animals v1, 95 % intervals" in shown
    assert "73.3 % ± 15.1" in shown and "86.7 % ± 12.2" in shown and "+13.3" in shown


def test_each_chart_says_of_which_images_it_is(compare, pair) -> None:
    shown = text_of(compare(*pair))
    assert "Curves validation split of each, 30 images; train loss of what is learnt from" in shown
    assert "Change by class B minus A, points of recall on 30 images that both judged, 95 % intervals" in shown


def test_the_table_by_class_is_not_sorted_by_intervals(compare, pair) -> None:
    table = compare(*pair).content.decode().partition('id="classes"')[2]
    heads = {name: "data-unsorted" in told for told, name in re.findall(r"<th([^>]*)>([^<]+)</th>", table)}
    assert heads["95 % interval"] and not heads["Change"]


def test_f1_is_told_as_a_score_as_on_every_other_page(compare, pair) -> None:
    answer = compare(*pair)
    for line in answer.context["lines"]:
        assert f"{line.macro_f1.value:.3f} {line.macro_f1.half_score}".strip() in text_of(answer)
    told = Figure(0.9719, (0.9567, 0.9871))
    assert (told.score, told.half_score) == ("0.972", "± 0.015") and (Figure(None).score, Figure(None).half_score) == ("–", "")


def test_a_loss_has_its_interval_where_one_was_kept(compare, pair) -> None:
    second = Evaluation.objects.get(experiment=pair[1])
    second.result |= {"intervals": {"loss": [0.4, 0.6]}}
    second.save()
    assert [line.loss_half for line in compare(*pair).context["lines"]] == ["", "± 0.100"]
    assert f"{second.result['loss']:.3f} ± 0.100" in text_of(compare(*pair))


def test_figures_of_all_classes_have_the_interval_of_their_own_page(compare, pair) -> None:
    kept = {"f1_macro": [0.7, 0.9], "balanced_accuracy": [0.75, 0.85], "top1": [0.1, 0.2]}
    second = Evaluation.objects.get(experiment=pair[1])
    second.result |= {"intervals": kept}
    second.save()
    first, second = compare(*pair).context["lines"]
    assert (second.macro_f1.interval, second.balanced.interval) == ((0.7, 0.9), (0.75, 0.85))
    assert first.macro_f1.value and (first.macro_f1.half, first.balanced.half) == ("", "")  # none was counted when it was measured
    assert second.top1.interval == pytest.approx(wilson(26, 30))


def test_only_what_differs_is_told_and_no_folder_of_the_server(compare, pair) -> None:
    answer = compare(*pair)
    rows = {row.name: row.values for row in answer.context["differences"].rows}
    assert rows == {"learning_rate": ["0.001", "0.01"], "weights": ["none", "mine.pth"]}
    assert "/srv/secret" not in answer.content.decode() and "4 fields equal" not in rows
    assert answer.context["differences"].equal == 3


def test_what_was_measured_as_it_was_trained_speaks_and_another_way_is_told(compare, pair, animals) -> None:
    at = {"split": "validation", "checkpoint": "best"}
    for experiment in pair:
        job = jobs.submit(team=animals.team, user=animals.created_by, kind="evaluate", title="validation")
        plain = measured(experiment, {}, job=job, **at)
        measured(experiment, {0: 1}, job=job, views="flip", **at)
    lines = compare(*pair, on="validation").context["lines"]
    assert lines[1].evaluation == plain and [line.how for line in lines] == ["", ""]
    Evaluation.objects.filter(pk=plain.pk).delete()
    answer = compare(*pair, on="validation")
    assert [line.how for line in answer.context["lines"]] == ["", ", with its mirror image"]
    assert "best checkpoint, with its mirror image" in text_of(answer)


def test_the_checkpoint_of_an_epoch_is_called_so(compare, pair) -> None:
    Evaluation.objects.update(checkpoint="7")
    assert "checkpoint of epoch 7" in text_of(compare(*pair))


def test_what_it_cost_is_the_time_of_all_attempts(compare, pair) -> None:
    """One that was paused for the night and went on took more than its last hour."""
    job = pair[1].job
    Attempt.objects.filter(job=job).delete()
    begun = job.started_at
    for fence, minutes in ((1, 50), (2, 10)):
        ended = begun + timedelta(minutes=minutes)
        made = Attempt.objects.create(job=job, number=fence, fence=fence + 10, owner="device@here:1", ended_at=ended)
        Attempt.objects.filter(pk=made.pk).update(started_at=begun)
    assert [line.cost.seconds for line in compare(*pair).context["lines"]][1] == 3600


def test_parameters_are_those_that_the_run_counted(compare, pair) -> None:
    """The catalogue's are with a head of a thousand classes."""
    (pair[1].folder / "run.json").write_text('{"parameters": 150000}')
    assert [line.cost.parameters for line in compare(*pair).context["lines"]] == [407_176, 150_000]


def test_one_that_still_runs_has_no_time_yet(compare, pair, animals) -> None:
    running = trained(animals.versions.get(), "Running", ended=False)
    jobs.claim(running.job_id, "device@here:1")
    assert compare(pair[0], running).context["lines"][1].cost.seconds is None


def test_the_first_one_is_the_one_that_the_others_are_held_against(compare, pair) -> None:
    counts = compare(pair[1], pair[0]).context["detail"].counts
    assert (counts.broken, counts.fixed) == (6, 2)


def test_several_are_corrected_for_their_number_and_one_is_shown_in_detail(compare, pair, animals) -> None:
    third = trained(animals.versions.get(), "Third")
    measured(third, {})
    answer = compare(*pair, third, **{"with": third.id})
    lines = answer.context["lines"]
    assert [line.letter for line in lines] == ["A", "B", "C"]
    assert lines[2].against.p == pytest.approx(2 * 2 / 2**8) and lines[1].against.p == pytest.approx(2 * 37 / 2**8)
    detail = answer.context["detail"]
    assert detail.letters == ("A", "C") and detail.counts.fixed == 8
    assert detail.key_figures[3].value == "0.016" and detail.words.endswith("more than chance would give (p = 0.016).")  # and not 0.008


def test_images_of_each_outcome_are_shown_the_largest_change_first(compare, pair) -> None:
    gallery = compare(*pair, show="fixed").context["gallery"]
    assert [flip.position for flip in gallery.page.rows] == [5, 4, 3, 2, 1, 0]  # the later ones were said surer
    flip = gallery.page.rows[0]
    assert (flip.true, flip.first.name, flip.second.name, flip.first.right, flip.second.right) == ("Cow", "Ant", "Cow", False, True)
    assert flip.path == "cow/05.png" and flip.thumb.endswith("/versions/1/images/5/thumb")


def test_an_image_on_which_they_part_leads_to_its_page_with_both_networks(compare, pair) -> None:
    answer = compare(*pair, show="fixed")
    gallery = answer.context["gallery"]
    second = Evaluation.objects.get(experiment=pair[1])
    rows = second.scored["position"].tolist()
    wanted = [f"/evaluations/{second.id}/images/{rows.index(flip.position)}/?beside={pair[0].id}" for flip in gallery.page.rows]
    assert [flip.link for flip in gallery.page.rows] == wanted and f'href="{wanted[0]}"' in answer.content.decode()


def test_each_outcome_has_an_id_so_that_the_focus_comes_back_to_it(compare, pair) -> None:
    text = compare(*pair).content.decode()
    assert re.findall(r'<a [^>]*id="flips-([\w-]+)"', text) == ["broken", "fixed", "both-wrong"]


def test_a_class_narrows_the_images(compare, pair) -> None:
    gallery = compare(*pair, show="fixed", **{"class": "bee"}).context["gallery"]
    assert ({flip.true for flip in gallery.page.rows}, gallery.label) == ({"Bee"}, "Bee")
    assert [n for _, n, _, _ in gallery.shown] == [0, 2, 1]  # broken, fixed, both wrong of bees: 1 and 4 fixed, 7 wrong with both


def test_a_part_of_the_page_is_the_images_alone(compare, pair, monkeypatch) -> None:
    monkeypatch.setattr("webapp.evaluations.comparing.flips.AT_ONCE", 4)
    first = compare(*pair, show="fixed", part="flips")
    assert b"<html" not in first.content and first.content.count(b'class="shot"') == 4
    rest = compare(*pair, show="fixed", part="more", **{"from": "4"})
    assert rest.content.count(b'class="shot"') == 2 and b"shots__more" not in rest.content


@pytest.fixture
def joins(monkeypatch) -> list[int]:
    """Grows by one whenever two files are joined, and by nothing when their images are asked for again."""
    made: list[int] = []
    monkeypatch.setattr(pairs, "join", lambda *sources, join=pairs.join: made.append(1) or join(*sources))
    return made


def test_who_scrolls_through_the_images_has_two_files_joined_once(compare, pair, joins, monkeypatch) -> None:
    monkeypatch.setattr("webapp.evaluations.comparing.flips.AT_ONCE", 2)
    shown = [compare(*pair, show="fixed", part="more", **{"from": start}).context["gallery"].page for start in ("0", "2", "4")]
    assert [[flip.position for flip in page.rows] for page in shown] == [[5, 4], [3, 2], [1, 0]]
    assert compare(*pair, show="broken", part="more").context["gallery"].page.n == 2 and len(joins) == 1


def test_a_file_that_is_written_anew_is_joined_anew(compare, pair, joins) -> None:
    """In the same moment, as its clock has it: an erased image may not come back from what was kept."""
    evaluation = Evaluation.objects.get(experiment=pair[0])
    file = path_of(pair[0].folder / evaluation.predictions)
    assert compare(*pair, show="fixed", part="more").context["gallery"].page.n == 6
    before = file.stat()
    forget(file, evaluation.scored["position"] == 3)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    page = compare(*pair, show="fixed", part="more").context["gallery"].page
    assert 3 not in [flip.position for flip in page.rows] and page.n == 5 and len(joins) == 2


def test_an_erased_image_is_in_no_comparison(compare, pair) -> None:
    evaluation = Evaluation.objects.get(experiment=pair[0])
    file = path_of(pair[0].folder / evaluation.predictions)
    gone = evaluation.scored["position"] == 3
    forget(file, gone)
    detail = compare(*pair).context["detail"]
    assert detail.counts.n == 29 and detail.counts.fixed == 5
    assert "Compared are the 29 images that both judged and that are still there." in detail.notes


def test_versions_are_not_ranked_and_meet_on_the_images_of_both(compare, pair, animals) -> None:
    labels = [at % 3 for at in range(30)]
    labels[4] = 2  # was a bee
    later = trained(version_of(animals, 2, labels, test=24), "Later")
    measured(later, {0: 1})
    answer = compare(pair[0], later)
    assert "These figures are of different images (Animals v1, Animals v2) and rank nothing." in answer.context["unranked"]
    counts = answer.context["detail"].counts
    assert (counts.n, counts.fixed, counts.both_wrong) == (23, 6, 1)  # 24 in both test splits, but for the one of another class
    assert any("1 image of another class" in note for note in answer.context["detail"].notes)


def test_a_class_that_was_renamed_between_the_versions_is_the_same_class(compare, pair, animals, monkeypatch) -> None:
    later = trained(version_of(animals, 2), "Later")
    evaluation = measured(later, {0: 1})
    for row in evaluation.result["per_class"]:
        row["label"] = {"cow": "ox"}.get(row["label"], row["label"])
    evaluation.save()
    monkeypatch.setattr("webapp.evaluations.comparing.pairs.new_names", lambda before, after: {"cow": "ox"})
    detail = compare(pair[0], later).context["detail"]
    assert (detail.counts.n, detail.counts.fixed) == (30, 7) and [row.label for row in detail.classes] == ["ant", "bee", "cow"]
    assert not any("another class" in note for note in detail.notes)


def test_an_older_network_can_be_measured_on_the_later_version(compare, pair, animals) -> None:
    version = version_of(animals, 2)
    later = trained(version, "Later")
    measured(later, {}), measured(pair[0], {0: 1}, version)
    answer = compare(pair[0], later, on="test@2")
    assert ("test@2", "test split of version 2", True) in answer.context["choices"]
    assert answer.context["unranked"] == "" and answer.context["detail"].counts.fixed == 1


def test_one_that_was_measured_as_configured_speaks_before_other_views(compare, pair, animals) -> None:
    version = version_of(animals, 2)
    later = trained(version, "Later")
    measured(later, {}), measured(pair[0], {0: 1}, version)
    measured(pair[0], {}, version, views="flip"), measured(pair[1], {}, version, raw=True)
    lines = compare(pair[0], pair[1], later, on="test@2").context["lines"]
    assert (lines[0].evaluation.views, lines[0].top1.value, lines[0].how) == ("", pytest.approx(29 / 30), "")
    assert lines[1].how == ", weights without average"  # what was measured alone speaks, and says so


def test_different_datasets_have_no_image_in_common(compare, pair, editor) -> None:
    other = trained(dataset_of(editor, "Others").versions.get(), "Other")
    measured(other, {})
    shown = text_of(compare(pair[0], other))
    assert "They were measured on different datasets, so that no image is the same." in shown
    assert "not the same images" in shown  # beside the difference of both figures


def test_predictions_of_an_earlier_release_are_told_as_such(compare, pair) -> None:
    path_of(pair[1].folder / Evaluation.objects.get(experiment=pair[1]).predictions).unlink()
    assert "Of Faster single predictions are not kept in columns. Evaluate it again" in text_of(compare(*pair))


def test_one_that_still_trains_is_compared_by_its_curves(compare, pair, animals) -> None:
    running = trained(animals.versions.get(), "Running", ended=False)
    answer = compare(pair[0], running)
    assert "not measured yet" in text_of(answer) and len(answer.context["curves"]["val_top1"].figure["data"]) == 2
    assert answer.context["differences"].as_ran is False


def test_one_alone_asks_for_a_second(compare, pair) -> None:
    answer = compare(pair[0])
    assert "One alone says little" in text_of(answer) and [e.name for e in answer.context["offered"].same] == ["Faster"]


def test_none_leads_to_the_list(compare) -> None:
    assert "Choose what to compare" in text_of(compare())


def test_more_than_twenty_are_cut_with_a_sentence(compare, animals) -> None:
    every = [trained(animals.versions.get(), f"run {number}") for number in range(22)]
    answer = compare(*every)
    assert len(answer.context["lines"]) == 20 and "The last 2 of those that were chosen are left out." in text_of(answer)


@pytest.mark.parametrize("more", [{"on": "all@x"}, {"on": "test@99"}, {"with": "\0"}, {"show": "x"}, {"class": "no\0ne"}, {"from": "-1"}])
def test_wrong_values_fall_back_or_say_that_nothing_is_there(compare, pair, more) -> None:
    assert compare(*pair, **more).status_code == 200


@pytest.mark.parametrize("id", ["", "x", "../..", "0" * 20])
def test_what_is_not_there_is_not_found(compare, pair, id) -> None:
    assert compare(pair[0], id).status_code == 404


def test_another_teams_is_not_found(signed_in, outsider, pair) -> None:
    assert signed_in(outsider).get(reverse("experiments:compare"), {"of": [pair[0].id]}).status_code == 404


def test_what_is_ticked_in_the_list_becomes_an_address(signed_in, viewer, pair) -> None:
    sent = signed_in(viewer).post(reverse("experiments:compare"), {"experiment": [each.id for each in pair]})
    assert sent["Location"] == f"/experiments/compare/?of={pair[0].id}&of={pair[1].id}"
    assert "Compare" in text_of(signed_in(viewer).get("/experiments/"))


def test_names_are_text(compare, animals) -> None:
    nasty = trained(animals.versions.get(), "<b>x</b>")
    answer = compare(nasty, trained(animals.versions.get(), "y"))
    assert b"<b>x</b>" not in answer.content


def test_the_p_value_is_said_shortly() -> None:
    assert [page.chance(p) for p in (0.5, 0.0341, 0.0004)] == ["0.500", "0.034", "< 0.001"]
