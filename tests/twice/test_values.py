"""The first place at which two values differ."""

from __future__ import annotations

import pytest

from harness.twice.values import NOTHING, Place, first_place


@pytest.mark.parametrize(
    ("first", "second", "place"),
    [
        (1, 1, None),
        (1, 2, Place("", "1", "2")),
        (1, 1.0, Place("", "1", "1.0")),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, Place("a[1].b", "2", "3")),
        ({"a": 1}, {}, Place("a", "1", NOTHING)),
        ({}, {"a": None}, Place("a", NOTHING, "null")),
        ([1, 2], [1], Place("", "2 entries", "1 entries")),
        ([1], [2, 3], Place("[0]", "1", "2")),
        ('{"a": {"b": [1]}}', '{"a": {"b": [2]}}', Place("a.b[0]", "1", "2")),
        ('{"a": 1}', '{"a":1}', Place("", '{"a": 1}', '{"a":1}')),
        ("same\none", "same\nother", Place("", "one", "other")),
        ("same", "same\nmore", Place("", NOTHING, "more")),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', Place("", '{"a": 1, "b": 2}', '{"b": 2, "a": 1}')),
    ],
)
def test_first_place(first, second, place):
    assert first_place(first, second) == place


def test_a_long_text_is_shown_where_it_differs():
    place = first_place("x" * 1000 + "one", "x" * 1000 + "two")
    assert place is not None
    assert (place.first[-3:], place.second[-3:], len(place.first) < 200) == ("one", "two", True)
