"""Wildcards match as OSC says, and none takes long."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from latent_terrain.engine.sources.osc.patterns import LONGEST, matching

NAMES = ["gain-1", "gain-2", "gain-12", "sine-1", "out"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("gain-1", ["gain-1"]),
        ("gain", []),
        ("gain-?", ["gain-1", "gain-2"]),
        ("gain-*", ["gain-1", "gain-2", "gain-12"]),
        ("*", NAMES),
        ("*-1", ["gain-1", "sine-1"]),
        ("*1*", ["gain-1", "gain-12", "sine-1"]),
        ("gain-[2-9]", ["gain-2"]),
        ("gain-[!2-9]", ["gain-1"]),
        ("gain-[9-2]", ["gain-2"]),
        ("gain[-]1", ["gain-1"]),
        ("{out,sine-1}", ["sine-1", "out"]),
        ("{gain-1,gain-12}", ["gain-1", "gain-12"]),
        ("gain-{1,12}", ["gain-1", "gain-12"]),
        ("gain-{1,1}2", ["gain-12"]),
        ("", []),
    ],
)
def test_a_pattern_finds_the_names_it_fits(pattern: str, found: list[str]) -> None:
    assert matching(pattern, NAMES) == found


@pytest.mark.parametrize("pattern", ["gain-[1", "gain-1]", "{out", "out}", "[]", "{}", "gain-[1-", "*" * (LONGEST + 1)])
def test_a_pattern_that_is_none_finds_nothing(pattern: str) -> None:
    assert matching(pattern, NAMES) == []


@given(some.text("ab*?", max_size=12), some.lists(some.text("ab", max_size=8), max_size=5))
def test_stars_and_question_marks_find_what_a_regular_expression_finds(pattern: str, names: list[str]) -> None:
    expression = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))
    assert matching(pattern, names) == [name for name in names if expression.fullmatch(name)]


def test_a_pattern_made_to_take_for_ever_is_through_at_once() -> None:
    assert matching("*a" * (LONGEST // 2 - 1) + "*b", ["a" * 64] * 10) == []
