"""Regular expressions in files: the same as in Python, but with bounded running time."""

import random
import re

import pytest

from harness.expect.matcher import unmet
from harness.expect.searching import TooCostly, is_found, is_whole
from harness.patterns import pattern
from harness.scenario.matcher import Matcher

ATOMS = (
    "a",
    "b",
    ".",
    "[ab]",
    "[^a]",
    "(a|b)",
    "(?:ab)",
    "^",
    "$",
    r"\b",
    "a*",
    "b+",
    "(a|ab)+",
    "(a+)+",
    "a?",
    "a{2}",
    "a{1,3}",
    r"\w",
    r"\s",
    "(a*)*",
    "\n",
    " ",
    "#",
    "(?=a)",
    "(?!b)",
    r"(a)\1",
    "(?i:a)",
)


@pytest.mark.parametrize("quick", [-1, pattern._QUICK])
def test_what_is_found_is_what_python_finds(quick: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pattern, "_QUICK", quick)
    draw = random.Random(3)
    for _ in range(3000):
        expression = "".join(draw.choice(ATOMS) for _ in range(draw.randint(1, 5)))
        text = "".join(draw.choice("aabb \nA#") for _ in range(draw.randint(0, 14)))
        assert is_found(expression, text) == (re.search(expression, text) is not None), (expression, text)
        assert is_whole(expression, text) == (re.fullmatch(expression, text) is not None), (expression, text)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("(a+)+$", "a" * 40 + "!"),
        ("(a+)+$", "a" * 50_000 + "!"),
        ("(a|a)*b", "a" * 5_000),
        ("a.*b.*c.*d", "a" * 50_000),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 100),
    ],
)
def test_what_would_take_years_ends(expression: str, text: str) -> None:
    assert not is_found(expression, text)


def test_what_cannot_be_bounded_is_said_and_matches_neither_way() -> None:
    expression, text = "(?=a)(a+)+$", "a" * 40 + "!"
    with pytest.raises(
        TooCostly, match=r"takes more than 5,000,000 steps for 41 characters; use no nested repeats"
    ):
        is_found(expression, text)
    for wanted in ({"matches": expression}, {"not": {"matches": expression}}):
        (said,) = unmet(Matcher.model_validate(wanted), text)
        assert said.startswith(
            "cannot be matched with /(?=a)(a+)+$/: this takes more than 5,000,000 steps for 41 characters"
        )
