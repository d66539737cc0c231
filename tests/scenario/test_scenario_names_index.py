"""Duplicate names are found without comparing all pairs, in the same order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations

import pytest

from harness.numbered import Pattern
from harness.scenario.bucket_rules import Entries, repeated
from harness.scenario.names_index import Names
from harness.scenario.source import KeyPath

PARTS = ["a", "1", "b", "{n}", "{n:02}"]


def each_with_each(entries: Entries) -> Iterator[tuple[KeyPath, str]]:
    single: dict[str, int] = {}
    many = [n for n, (_, names) in enumerate(entries) if names.count is not None]
    for n, (at, names) in enumerate(entries):
        if names.count is None and names.text in single:
            yield at, names.text
        elif names.count is None:
            single[names.text] = n
    for n in many:
        for name, m in single.items():
            if name in entries[n][1]:
                yield entries[max(n, m)][0], name
    for n, m in combinations(many, 2):
        if (name_of_both := entries[n][1].overlap(entries[m][1])) is not None:
            yield entries[m][0], name_of_both


@pytest.mark.parametrize("seed", range(400))
def test_repeated_names_are_those_of_comparing_each(seed: int) -> None:
    chance = random.Random(seed)
    texts = ["".join(chance.choices(PARTS, k=chance.randint(1, 4))) for _ in range(chance.randint(0, 8))]
    entries: Entries = [
        ((n,), Pattern(text, chance.choice([None, 1, 3, 12]))) for n, text in enumerate(texts)
    ]
    assert list(repeated(entries)) == list(each_with_each(entries))
    names = Names(pattern for _, pattern in entries)
    for name in ("a1", "a01", "1", "11", "a1b", "b"):
        assert (name in names) == any(name in pattern for _, pattern in entries)
