"""`messages`, `machines`, `invocations`, `logs` and `items`."""

from __future__ import annotations

from decimal import Decimal

import pytest
from expect_samples import message, mismatches, pairs, seen

from harness.expect.matcher import clauses, unmet
from harness.expect.pairing import pair
from harness.expect.values import same
from harness.expect.wording import joined, quoted, size
from harness.scenario.matcher import Matcher
from harness.testing import an_invocation

MESSAGES = """\
  messages:
    - {subject: {contains: 2 buckets}, body: {contains: [.nef, "500"]}}
    - {subject: {contains: failed}, topic: ReportTopic}
"""
REPORT, ERROR = message("Usage: 2 buckets", ".nef 500"), message("Run failed")


def test_messages_match_in_any_order() -> None:
    assert mismatches(MESSAGES, seen(messages=(ERROR, REPORT))) == []


def test_the_nearest_message_and_the_part_that_differs_are_shown() -> None:
    near = message("Usage: 2 buckets", "total\n.jpg 3")
    observation = seen(messages=(near, ERROR))
    assert mismatches(MESSAGES, observation) == [
        '5: messages: message 1: the body does not contain ".nef" and does not contain "500" '
        '(the closest message is "Usage: 2 buckets")'
    ]
    assert pairs(MESSAGES, observation) == [('contains ".nef"\ncontains "500"', "total\n.jpg 3")]


def test_missing_and_extra_messages_say_how_many_there_are() -> None:
    assert mismatches(MESSAGES, seen(messages=(REPORT,))) == [
        '6: messages: message 2: expected one whose topic is ReportTopic, subject contains "failed", '
        "but none is left (1 message seen, 2 expected)"
    ]
    assert mismatches(MESSAGES, seen(messages=(REPORT, ERROR, message(None, "hello\nworld")))) == [
        '4: messages: message "hello": not expected (3 messages seen, 2 expected)'
    ]
    assert mismatches("  messages: []\n", seen(messages=(ERROR,))) == [
        '4: messages: message "Run failed": not expected (1 message seen, 0 expected)'
    ]


def test_a_message_that_fits_two_entries_is_given_to_the_one_that_needs_it() -> None:
    expect = "  messages:\n    - {subject: {contains: Run}}\n    - {subject: Run failed}\n"
    both, one = message("Run failed"), message("Run done")
    assert mismatches(expect, seen(messages=(both, one))) == []
    assert mismatches(expect, seen(messages=(one, both))) == []


def test_a_count_asks_for_so_many_and_none_forbids() -> None:
    twice = "  messages:\n    - {subject: Run failed, count: 2}\n"
    assert mismatches(twice, seen(messages=(ERROR, ERROR))) == []
    assert len(mismatches(twice, seen(messages=(ERROR,)))) == 1
    none = "  messages:\n    - {subject: {contains: Usage}}\n    - {body: {contains: secret}, count: 0}\n"
    assert mismatches(none, seen(messages=(REPORT,))) == []
    assert mismatches(none, seen(messages=(message("Usage", "a secret"),))) == [
        '6: messages: message "Usage": must not exist, because its body contains "secret"'
    ]


@pytest.mark.parametrize(
    ("expect", "found"),
    [
        ("{left: []}", ["4: machines: state machine report-1 still exists"]),
        ("{left: [report-1]}", []),
        ("{left: [{matches: '^report-'}]}", []),
        (
            "{left: [other]}",
            ['4: machines: state machines: expected one whose name is "other", seen report-1'],
        ),
        ("{left: {count: 1}}", []),
        ("{left: {count: 0}}", ["4: machines: state machines: expected 0 left, seen 1 (report-1)"]),
    ],
)
def test_machines(expect: str, found: list[str]) -> None:
    assert mismatches(f"  machines: {expect}\n", seen(machines_left=("report-1",))) == found


FUNCTIONS = {"u-list": "ListFunction", "u-put": "PutFunction"}


def test_invocations_by_logical_id() -> None:
    made = (an_invocation("u-list"), an_invocation("u-list", error="ValueError: no"), an_invocation("u-put"))
    observation = seen(invocations=made, functions=FUNCTIONS)
    expect = "  invocations:\n    ListFunction: 3\n    PutFunction: {min: 1, max: 2}\n    Other: 1\n"
    assert mismatches(expect, observation) == [
        "5: invocations: function ListFunction: expected 3, seen 2 (1 of them failed)",
        "7: invocations: function Other: the template has no function of this name; "
        "it has: ListFunction, PutFunction",
    ]


def test_logs_are_joined_per_function() -> None:
    made = (
        an_invocation("u-list", log="one\n"),
        an_invocation("u-put", log="x"),
        an_invocation("u-list", log="two\n"),
    )
    observation = seen(invocations=made, functions={**FUNCTIONS, "u-msg": "MessageFunction"})
    expect = (
        "  logs:\n"
        "    ListFunction: {contains: [one, two], matches: '(?s)one.*two'}\n"
        "    PutFunction: {not: {contains: x}}\n"
        "    MessageFunction: {contains: hello}\n"
    )
    assert mismatches(expect, observation) == [
        '6: logs: the log of PutFunction contains "x", but must not',
        '7: logs: the log of MessageFunction does not contain "hello" (it was never invoked)',
    ]


ITEMS = ({"id": "a", "n": 1, "x": Decimal("1.5")}, {"id": "b", "n": 2, "tags": {"s", "t"}})


@pytest.mark.parametrize(
    ("expect", "found"),
    [
        ("{UsageTable: {count: 2}}", []),
        ("{UsageTable: {count: 3}}", ["4: items: table UsageTable: expected 3 items, seen 2"]),
        ("{UsageTable: {contain: [{id: a, n: 1.0}, {x: 1.5}]}}", []),
        (
            "{UsageTable: {contain: [{id: b, n: 1}]}}",
            ['4: items: table UsageTable: no item like {"id":"b","n":1}; the closest differs in id'],
        ),
        (
            "{UsageTable: {exact: [{id: a, n: 1, x: 1.5}]}}",
            [r'4: items: table UsageTable: not expected: "{\"id\":\"b\",\"n\":2,\"tags\":[\"s\",\"t\"]}"'],
        ),
        (
            "{UsageTable: {exact: [{id: b, n: 2}, {id: a, n: 1, x: 1.5}]}}",
            ['4: items: table UsageTable: no item like {"id":"b","n":2}; the closest differs in tags'],
        ),
        (
            "{Other: {count: 1}}",
            ["4: items: table Other: no table of this name exists at the end; tables: UsageTable"],
        ),
    ],
)
def test_items(expect: str, found: list[str]) -> None:
    assert mismatches(f"  items: {expect}\n", seen(rows=ITEMS)) == found


@pytest.mark.parametrize(
    ("matcher", "text", "reasons"),
    [
        ("a", "a", ()),
        ("a", "b", ('is "b", not "a"',)),
        ({"equals": "a\nb\nc"}, "a\nb\nx", ("differs from line 3 on",)),
        ({"equals": "a\nb"}, "a\nb\nc", ("differs from line 3 on",)),
        ({"contains": ["a", "b"]}, "a", ('does not contain "b"',)),
        ({"matches": "^a.c$"}, "abc", ()),
        ({"matches": "^a.c$"}, "abcd", ("does not match /^a.c$/",)),
        ({"not": {"contains": ["a", "b"]}}, "ab", ('contains "a" and contains "b", but must not',)),
        ({"not": {"contains": ["a", "b"]}}, "a", ()),
        ("a", None, ("is missing",)),
        ({"not": "a"}, None, ()),
    ],
)
def test_matchers(matcher: object, text: str | None, reasons: tuple[str, ...]) -> None:
    assert unmet(Matcher.model_validate(matcher), text) == reasons


def test_clauses_say_everything_that_is_asked() -> None:
    every = {"equals": "e", "contains": "c", "matches": "m", "not": {"contains": "n"}}
    asked = clauses(Matcher.model_validate(every))
    assert asked == ('is "e"', 'contains "c"', "matches /m/", 'not: contains "n"')


def test_what_is_left_is_paired_with_what_is_nearest() -> None:
    left = pair([10, 20, 30], [12, 29, 10], lambda a, b: abs(a - b))
    assert left.missing == ((20, 12), (30, 29))
    assert left.extra == ()
    assert pair([1], [], lambda a, b: 1).missing == ((1, None),)
    assert pair([], [5], lambda a, b: 1).extra == (5,)


def test_values_are_the_same_when_they_say_the_same() -> None:
    assert same({"a": [1, None]}, {"a": [Decimal(1), None]})
    assert same(0.1, Decimal("0.1"))
    assert not same(1, True)
    assert not same("1", 1)
    assert not same({"a": 1}, {"a": 1, "b": 2})
    assert not same([1, 2], [2, 1])


@pytest.mark.parametrize(
    ("size_bytes", "unit", "text"),
    [
        (0, "", "0 B"),
        (1023, "", "1,023 B"),
        (1536, "", "1.5 KiB"),
        (2 * 1024**2, "MiB", "2 MiB"),
        (512 * 1024, "MiB", "0.5 MiB"),
        (1, "MiB", "1 B"),
        (12_000_000_000, "GB", "12 GB"),
        (1024**5, "", "1 PiB"),
        (1000, "B", "1,000 B"),
    ],
)
def test_sizes_are_exact(size_bytes: int, unit: str, text: str) -> None:
    assert size(size_bytes, unit) == text


def test_words() -> None:
    assert joined(["a"]) == "a"
    assert joined(["a", "b", "c"], "or") == "a, b or c"
    assert quoted("a\nb") == r'"a\nb"'
    assert len(quoted("x" * 500)) == 82
