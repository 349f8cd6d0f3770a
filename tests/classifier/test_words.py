"""Sentences that have to be short."""

from __future__ import annotations

from classifier.spec.words import shortened


def test_a_sentence_that_fits_stays_as_it_is() -> None:
    assert shortened("The disk is full.", 17) == "The disk is full."


def test_a_longer_one_ends_behind_a_whole_word_with_an_ellipsis() -> None:
    assert shortened("The disk is full.", 16) == "The disk is …"
    assert shortened("The disk is full.", 13) == "The disk is …"
    assert shortened("The disk is full.", 12) == "The disk …"


def test_what_has_no_spaces_is_cut_where_the_room_ends() -> None:
    assert shortened("a" * 20, 10) == "a" * 9 + "…"


def test_what_hides_a_key_is_not_cut_off() -> None:
    text = "refused Authorization: Bearer … by the server"
    assert {shortened(text, most)[-12:] for most in (32, 33)} == {"on: Bearer …", ": Bearer … …"}


def test_no_length_is_exceeded() -> None:
    text = "one two three  four\nfive sixteen"
    assert all(len(shortened(text, most)) <= most for most in range(2, 40))
