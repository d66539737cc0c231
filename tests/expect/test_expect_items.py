"""Items with sets and binary values, and large numbers of items."""

from __future__ import annotations

import time
from collections.abc import Sequence
from decimal import Decimal

from harness.expect import BUILT_IN
from harness.expect.compare import compare
from harness.expect.values import comparable, same
from harness.scenario.load import parse
from harness.testing.observations import observed

TEXT = "title: x\nexpect: {{items: {{T: {0}}}}}\n"


def summaries(wanted: str, items: Sequence[dict[str, object]]) -> list[str]:
    scenario = parse(TEXT.format(wanted), BUILT_IN)
    return [m.summary for m in compare(scenario, observed(tables={"T": items}))]


SEEN: dict[str, object] = {
    "pk": "a",
    "texts": frozenset(["x", "y"]),
    "numbers": frozenset([1, Decimal("2.5")]),
    "binary": b"hello",
    "binaries": frozenset([b"x", b"\xff"]),
}
WANTED = (
    'pk: a, texts: !!set [y, x], numbers: !!set [2.5, 1.0], binary: !!binary "aGVsbG8=", '
    'binaries: !!set [!!binary "/w==", !!binary "eA=="]'
)


def test_sets_and_binary_values_match() -> None:
    assert summaries(f"{{exact: [{{{WANTED}}}], contain: [{{texts: !!set [x, y]}}]}}", [SEEN]) == []


def test_a_set_is_no_list_and_bytes_are_no_text() -> None:
    for wrong in ("texts: [x, y]", "texts: !!set [x]", "binary: hello", 'binary: !!binary "aGVsbG9v"'):
        (said,) = summaries(f"{{contain: [{{{wrong}}}]}}", [SEEN])
        assert f"the closest differs in {wrong.partition(':')[0]}" in said


def test_the_mismatch_shows_sets_in_order() -> None:
    (said,) = summaries("{exact: [{pk: a, n: !!set [10, 9]}]}", [{"pk": "a", "n": frozenset([10, 9, 1])}])
    assert said == 'table T: no item like {"pk":"a","n":[9,10]}; the closest differs in n'


def test_comparable_values_are_equal_when_they_are_the_same() -> None:
    values = [1, 1.0, Decimal(1), True, "1", None, [1], (1.0,), {"a": 1}, {"a": True}, b"1", frozenset([1])]
    for one in values:
        for two in values:
            assert (comparable(one) == comparable(two)) is same(one, two), (one, two)


def test_thousands_of_exact_items_are_compared_at_once() -> None:
    rows = [{"pk": f"k{n}", "n": n, "list": [n, str(n)]} for n in range(3000)]
    wanted = ", ".join(f"{{pk: k{n}, n: {n}, list: [{n}, '{n}']}}" for n in reversed(range(3000)))
    scenario = parse(TEXT.format(f"{{exact: [{wanted}]}}"), BUILT_IN)
    begin = time.process_time()
    assert compare(scenario, observed(tables={"T": rows})) == ()
    rows[7] = {"pk": "k7", "n": 8, "list": []}
    (mismatch,) = compare(scenario, observed(tables={"T": rows}))
    assert mismatch.summary.endswith("the closest differs in list and n")
    assert time.process_time() - begin < 5  # comparing all pairs took 100 s
