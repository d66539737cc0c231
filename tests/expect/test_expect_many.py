"""Thousands of rows and messages: the same results as comparing all pairs, with few comparisons."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from harness.expect.bits import Distances, bits_of, bits_where, first_of, places_of
from harness.expect.item_index import ItemIndex
from harness.expect.matcher import failed, unmet
from harness.expect.pairing import pair, pair_places
from harness.expect.text_index import TextIndex
from harness.scenario.matcher import Matcher


def paired(distances: Sequence[Sequence[int]], seen: int) -> tuple[dict[int, int | None], list[int]]:
    """The closest match for each missing row, and the rest, found by comparing all pairs repeatedly."""
    taken: dict[int, int] = {}

    def find(w: int, tried: set[int]) -> bool:
        fits = [s for s in range(seen) if distances[w][s] == 0 and s not in tried]
        for s in sorted(fits, key=lambda s: s in taken):
            tried.add(s)
            if s not in taken or find(taken[s], tried):
                taken[s] = w
                return True
        return False

    missing = [w for w in range(len(distances)) if not find(w, set())]
    left = [s for s in range(seen) if s not in taken]
    nearest: dict[int, int | None] = dict.fromkeys(missing)
    for _, w, s in sorted((distances[w][s], w, s) for w in missing for s in left):
        if nearest[w] is None and s not in nearest.values():
            nearest[w] = s
    return nearest, [s for s in left if s not in nearest.values()]


@pytest.mark.parametrize("seed", range(300))
def test_pairs_are_those_of_looking_at_each(seed: int) -> None:
    chance = random.Random(seed)
    wanted, seen, clauses = chance.randint(0, 7), chance.randint(0, 7), chance.randint(0, 4)
    met = [[[chance.random() < 0.5 for _ in range(seen)] for _ in range(clauses)] for _ in range(wanted)]
    own = [chance.randint(0, 2) * (seed % 2) for _ in range(seen)]
    far = [[sum(not c[s] for c in met[w]) + own[s] for s in range(seen)] for w in range(wanted)]
    sizes = [(n, bits_of([s for s in range(seen) if own[s] == n])) for n in sorted(set(own))]
    found = pair_places(
        wanted,
        seen,
        lambda w: bits_where([distance == 0 for distance in far[w]]),
        lambda w: Distances(clauses, [bits_where(c) for c in met[w]], sizes),
    )
    nearest, rest = paired(far, seen)
    assert (dict(found.missing), list(found.extra)) == (nearest, rest)
    by_distance = pair(range(wanted), range(seen), lambda w, s: far[w][s])
    assert by_distance == found


def test_sets_of_places() -> None:
    for places in ([], [0], [3, 70], list(range(0, 400, 3))):
        assert list(places_of(bits_of(places))) == places
        assert bits_where([n in places for n in range(401)]) == bits_of(places)
    assert first_of(bits_of([70, 9])) == 9


class Counted(str):
    """A string that counts its comparisons."""

    compared = 0
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_items_that_all_differ_are_not_compared_with_each_other() -> None:
    Counted.compared = 0
    index = ItemIndex([{"id": Counted(f"row-{n}"), "name": Counted("x")} for n in range(500)])
    for n in range(500):
        wanted = {"id": Counted(f"row-{n}"), "name": Counted("y")}
        assert not index.having(wanted)
        assert index.nearest(wanted) == n
        assert index.distances(wanted).nearest(index.all) == (1, n)
    assert Counted.compared < 10 * 500


@pytest.mark.parametrize(
    "given",
    [
        {"equals": "ab"},
        {"equals": "ab", "contains": ["a", "b", "c"]},
        {"contains": "a", "matches": "b+$"},
        {"contains": "a", "not": {"contains": "b"}},
        {"not": {"matches": r"(a+)+\1x"}},
    ],
)
def test_texts_are_matched_as_one_by_one(given: dict[str, object]) -> None:
    matcher = Matcher.model_validate(given)
    texts = ["ab", "abc", None, "", "b", "ab", "ac", "a" * 200 + "b"]
    reasons = [len(unmet(matcher, text)) for text in texts]
    index, every = TextIndex(texts), (1 << len(texts)) - 1
    assert [failed(matcher, text) for text in texts] == reasons
    assert list(places_of(index.fitting(matcher, every))) == [n for n, few in enumerate(reasons) if not few]
    met = index.met(matcher)
    assert [len(met) - sum(bits >> n & 1 for bits in met) for n in range(len(texts))] == reasons
