"""JSONPath: Jayway's answers, AWS's own where they were recorded, and no path that holds the engine."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from random_paths import random_document, random_path
from states_support import machine_of, run

from harness.json_types import Json
from harness.patterns.pattern import Pattern
from harness.states import InvalidDefinition, parse
from harness.states.errors import QueryError
from harness.states.query.choice_rules import COMPARISONS
from harness.states.query.jsonpath.path import JsonPath, place
from harness.states.query.jsonpath.search import TooCostly
from harness.states.query.jsonpath.steps import InvalidPath

CASES: dict[str, Any] = json.loads(Path(__file__).with_name("jsonpath_cases.json").read_text("utf-8"))
"""A document and paths: with their values, without a match, and rejected as invalid. They were compared with
Jayway JsonPath 3.0.0, whose rules they follow, except where AWS was observed to differ."""

SECONDS = 5.0


def shown(value: object) -> str:
    return value[:30] if isinstance(value, str) else ""


def find(path: str, document: Json) -> Json:
    return JsonPath(path).find(document)


@pytest.mark.parametrize(("path", "expected"), CASES["values"], ids=shown)
def test_the_value_of_a_path(path: str, expected: Json) -> None:
    assert json.dumps(find(path, CASES["document"])) == json.dumps(expected)


@pytest.mark.parametrize("path", CASES["leading_nowhere"])
def test_a_path_that_leads_nowhere(path: str) -> None:
    with pytest.raises(QueryError):
        find(path, CASES["document"])


@pytest.mark.parametrize("path", CASES["refused"])
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(InvalidPath):
        JsonPath(path)


ITEMS: Json = {"a": [{"x": 1, "y": 2}, {"x": 1}, {"x": 2, "y": "ann"}], "t": "text"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.no[*]", []),  # recorded: a wildcard, slice or filter behind nothing
        ("$.no.such[1:].b", []),
        ("$.a[9]", None),  # recorded: an index beyond the array
        ("$.[?(@.x < 2)].y", []),
        ("$.a.[?(@.x < 2)].y", [2]),
        ("$.a[?(@.y==ann)].x", [2]),
        ("$.a[?(@.y == ann)].x ", [2]),
        ("$.a[(@.length-1)].x", 2),
        ("$.a[(@.length - 3)].y", 2),
        ("$.a[?(@.x==1)].length()", [2, 1]),
        ("$.t.length()", None),
        ("$.a.length()", 3),
    ],
)
def test_what_aws_does_where_jayways_versions_differ(path: str, expected: Json) -> None:
    machine = machine_of(("P", {"Type": "Pass", "Parameters": {"v.$": path}}))
    output = run(machine, ITEMS).output
    assert output is not None
    assert output.value == {"v": expected}


def test_a_backslash_before_a_double_quote_stays_in_a_name_in_single_quotes() -> None:
    document: Json = {r"a\"b": "recorded", 'a"b': "unescaped", "it's": 1, "tab\t": 2, "é": 3}
    assert find(r"""$['a\"b']""", document) == "recorded"
    assert find(r"""$["a\"b"]""", document) == "unescaped"
    assert find(r"$['it\'s']", document) == 1
    assert find(r"$['tab\t']", document) == 2
    assert find(r"$['\u00e9']", document) == 3
    names = find(r"$['it\'s', 'tab\t']", document)
    assert names == {"it's": 1, "tab\t": 2}


@pytest.mark.parametrize(
    "path",
    [
        "$..a",
        "$.a,b",
        "$.a:b",
        "$.a?",
        "$.a@b",
        "$.a[*]",
        "$.a[0:1]",
        "$.a[0,1]",
        "$.a[0]x",
        "$.a[?(@.x)]",
        "$['a','b']",
        "$.a.length()",
        "$.a[(@.length-1)]",
    ],
)
def test_only_a_plain_path_is_a_reference_path(path: str) -> None:
    assert not JsonPath(path).is_reference
    with pytest.raises(InvalidDefinition, match="/States/P/ResultPath"):
        parse(machine_of(("P", {"Type": "Pass", "ResultPath": path})))


@pytest.mark.parametrize("path", ["$", "$.a", "$['a b'].c[0]", "$.[0]", "$.a-b", "$['a:b,c']"])
def test_a_reference_path_names_one_place(path: str) -> None:
    assert JsonPath(path).is_reference


def deep(levels: int) -> Json:
    value: Json = []
    for _ in range(levels - 1):
        value = [value]
    return value


WIDE: Json = list(range(30_000))
LETTERS: Json = [{"s": "a" * 40 + "b", "l": [1]}] * 2_000


@pytest.mark.parametrize(
    ("path", "document", "found"),
    [
        ("$[-2147483648:2]", WIDE, 30_002),
        ("$[0:2147483647]", WIDE, 30_000),
        ("$..*", deep(1_000), 999),
        ("$" + "[*]" * 900, deep(1_000), 1),
        ("$[?(@.s =~ /(a+)+$/)]", LETTERS, 0),
        ("$[?(@.s =~ /(a|a)*b/)]", LETTERS, 2_000),
        ("$[?(@.s =~ /(a*)*(a*)*(a*)*b/)]", LETTERS, 2_000),
        ("$[?(" + "!" * 5_000 + "(@.s))]", LETTERS, 2_000),
        ("$[?(" + "(" * 55 + "@.s" + ")" * 55 + ")]", LETTERS, 2_000),
        ("$[?(@.l" + "[?(@.l" * 20 + ")]" * 20 + ")]", LETTERS, 2_000),
    ],
    ids=shown,
)
def test_a_path_over_large_data(path: str, document: Json, found: int) -> None:
    began = time.process_time()
    assert len(list(find(path, document))) == found  # type: ignore[arg-type]
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("$..*..*..*..*", deep(1_000)),
        ("$" + "[0,0]" * 60, deep(1_000)),
        ("$[?(@ in $)]", WIDE),
        ("$[?($..x)]", WIDE),
        ("$[?($ == $)]", WIDE),
        ("$[?(" + "@.s==1||" * 5_000 + "@.s==1)]", LETTERS),
        ("$[?(@.s =~ /(?=a)(a+)+c/)]", LETTERS),
    ],
    ids=shown,
)
def test_a_path_that_multiplies_fails_soon(path: str, document: Json) -> None:
    began = time.process_time()
    with pytest.raises(TooCostly, match="visits more than 500000 values"):
        find(path, document)
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    "path",
    [
        "$[-113667776004:2]",
        "$[99999999999]",
        "$[?(" + "(" * 5_000 + "@.a" + ")" * 5_000 + ")]",
        "$[?(@.a" + "[?(@.a" * 400 + ")]" * 400 + ")]",
        "$[?(@.a in " + "[" * 5_000 + "]" * 5_000 + ")]",
        "$.sum(" * 400 + "1" + ")" * 400,
        "$[" * 5_000,
    ],
    ids=shown,
)
def test_a_path_that_is_too_much_is_refused(path: str) -> None:
    with pytest.raises(InvalidPath):
        JsonPath(path)


def test_random_paths_end_soon_and_only_in_our_errors() -> None:
    chance = random.Random(13)
    found = 0
    for _ in range(2_000):
        path, document = random_path(chance), random_document(chance)
        began = time.process_time()
        try:
            json.dumps(find(path, document))
            found += 1
        except (InvalidPath, QueryError):
            pass
        assert time.process_time() - began < SECONDS, path
    assert 500 < found < 1_900


@pytest.mark.parametrize(
    ("pattern", "flags", "matching", "other"),
    [
        ("a.c", "", "abc", "abcd"),
        ("(ab|c)+d?", "", "abcabd", "abcb"),
        ("[^a-c]{2,3}", "", "xyz", "xa"),
        (r"\d+\.\d*", "", "12.", "1x2"),
        ("ABC", "i", "abc", "abd"),
        ("a b  # comment", "x", "ab", "a b"),
        (".*", "s", "a\nb", None),
        (r"^\bword\b$", "", "word", "words"),
        ("a{3}", "", "aaa", "aa"),
        ("a{2,}?b", "", "aaab", "ab"),
        (r"\Qa.b\E", "", "a.b", "axb"),
        ("(?<name>x)y", "", "xy", "x"),
        ("(?i)X", "", "x", "y"),
        (r"(a)\1", "", "aa", "ab"),
        ("(?!b)[a-c]", "", "a", "b"),
        ("x*+y", "", "xxy", "xx"),
        ("", "", "", "a"),
        ("a||b", "", "", "c"),
        (r"[\]x]+", "", "]x", "y"),
    ],
)
def test_a_pattern_matches_the_whole_text(pattern: str, flags: str, matching: str, other: str | None) -> None:
    spent: list[int] = []
    assert Pattern(pattern, flags).matches(matching, spent.append)
    assert other is None or not Pattern(pattern, flags).matches(other, spent.append)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a*c", "abc", True),
        ("a*c", "ac", True),
        ("*a*", "bab", True),
        ("ab*bc", "abc", False),
        ("*.log", "x.log", True),
        ("*.log", "x.log2", False),
        (r"a\*c", "abc", False),
        (r"\*\**", "**x", True),
        ("", "", True),
        ("*", "", True),
        ("**", "x", True),
        ("*a" * 200 + "b", "a" * 100_000, False),
        ("a*" * 200, "a" * 100_000, True),
    ],
)
def test_string_matches_needs_no_more_than_one_look(pattern: str, text: str, expected: bool) -> None:
    began = time.process_time()
    assert COMPARISONS["StringMatches"](text, pattern) is expected
    assert time.process_time() - began < SECONDS


def test_a_value_is_placed_at_any_depth() -> None:
    path = JsonPath("$" + ".a" * 3_000)
    placed = place({}, path, 1)
    for _ in range(3_000):
        assert isinstance(placed, dict)
        placed = placed["a"]
    assert placed == 1
