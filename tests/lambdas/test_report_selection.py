from typing import Any

import pytest

from usage_report.errors import BadInput
from usage_report.selection import Selection

NAMES = ["logs-b", "photos", "logs-a", "attic"]


def test_without_patterns_all_buckets_are_selected_in_order() -> None:
    assert Selection().select(NAMES) == ["attic", "logs-a", "logs-b", "photos"]


def test_exclude_takes_from_what_include_gives() -> None:
    assert Selection(("logs-*", "attic"), ("*-b",)).select(NAMES) == ["attic", "logs-a"]


def test_the_template_gives_the_patterns_separated_by_commas() -> None:
    assert Selection.of_template(" logs-*, attic ,", "") == Selection(("logs-*", "attic"), ())


@pytest.mark.parametrize(
    ("run_input", "selection"),
    [
        ({}, Selection(("a*",), ("b*",))),
        ({"include": ["x"]}, Selection(("x",), ("b*",))),
        ({"include": [], "exclude": []}, Selection()),
    ],
)
def test_the_input_overrides_what_it_names(run_input: Any, selection: Selection) -> None:
    assert Selection(("a*",), ("b*",)).overridden_by(run_input) == selection


@pytest.mark.parametrize(
    ("run_input", "problem"),
    [
        ([], "the input is a list, not an object"),
        (None, "the input is null, not an object"),
        ("photos", "the input is a string"),
        (3, "the input is a number"),
        ({"includes": ["a"], "b": 1}, 'the input has the unknown key "b", "includes"'),
        ({"include": "photos"}, '"include" is a string, not a list'),
        ({"exclude": [""]}, '"exclude" contains an empty pattern'),
        ({"exclude": ["a", {}]}, '"exclude" contains an object'),
    ],
)
def test_bad_input_is_refused_with_what_is_wrong_and_what_is_right(run_input: Any, problem: str) -> None:
    with pytest.raises(BadInput) as refusal:
        Selection().overridden_by(run_input)
    assert str(refusal.value).startswith(problem)
    assert '{"include": [patterns], "exclude": [patterns]}' in str(refusal.value)
