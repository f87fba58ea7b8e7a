"""Answers are kept for the state they were made of, and for no more memory than was allowed."""

from __future__ import annotations

from vibekanban.core.kept import BESIDE, Answers


def test_an_answer_is_given_for_the_state_it_was_made_of_alone() -> None:
    answers = Answers(10_000)
    answers.keep("mine", 1, "first", 5)
    assert (answers.get("mine", 1), answers.get("mine", 2), answers.get("yours", 1)) == ("first", None, None)


def test_a_newer_answer_takes_the_place_of_the_one_before() -> None:
    answers = Answers(10_000)
    answers.keep("mine", 1, "first", 500)
    answers.keep("mine", 2, "second", 700)
    assert (answers.get("mine", 1), answers.get("mine", 2), answers.size) == (None, "second", 700 + BESIDE)


def test_memory_is_bounded_and_what_nobody_asks_for_goes_first() -> None:
    answers = Answers(10 * (1000 + BESIDE))
    answers.keep("asked for", 1, "answer", 1000)
    for number in range(1000):
        assert answers.get("asked for", 1) == "answer"
        answers.keep(number, 1, "answer", 1000)
        assert answers.size <= 10 * (1000 + BESIDE)
    assert (answers.get(999, 1), answers.get(0, 1)) == ("answer", None)


def test_what_is_larger_than_all_room_is_not_kept_and_leaves_the_others() -> None:
    answers = Answers(10_000)
    answers.keep("small", 1, "answer", 10)
    answers.keep("huge", 1, "answer", 10_000)
    assert (answers.get("small", 1), answers.get("huge", 1)) == ("answer", None)


def test_without_room_nothing_is_kept() -> None:
    answers = Answers(0)
    answers.keep("mine", 1, "", 0)
    assert answers.get("mine", 1) is None
