"""YAML beyond JSON: merge keys, sets, binary values, escapes; and limits on them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.scenario.syntax import DEEPEST, MOST_VALUES, read

FILE = Path("x.yaml")
MERGE = """\
base: &base {x: 1, y: 2}
one: {<<: *base, y: 3}
several:
  x: 9
  <<: [*base, {y: 4, z: 5}]
quoted: {"<<": 1}
"""


def problems(text: str) -> list[str]:
    return [f"{p.where.line}:{p.where.column}: {p.message}; {p.remedy}" for p in read(text, FILE).problems]


def test_merge_keys_bring_what_a_mapping_lacks() -> None:
    document = read(MERGE, FILE)
    assert document.problems == ()
    assert document.data == {
        "base": {"x": 1, "y": 2},
        "one": {"x": 1, "y": 3},
        "several": {"x": 9, "y": 2, "z": 5},
        "quoted": {"<<": 1},
    }
    assert document.source.position("one", "y").line == 2


@pytest.mark.parametrize("text", ["a: {<<: 1}", "a: &a {<<: *a}", "a: {<<: [{x: 1}, 2]}"])
def test_only_mappings_are_merged(text: str) -> None:
    (said,) = problems(text)
    assert said.endswith("<< requires a mapping, or a list of mappings; write <<: *name, or quote '<<'")


def test_sets_and_binary_values_are_written_in_items() -> None:
    text = (
        'expect: {items: {T: {exact: [{a: !!set {x, y}, b: !!set [1, !!binary "aGk="], c: !!binary aGk=}]}}}'
    )
    document = read(text, FILE)
    assert document.problems == ()
    assert isinstance(document.data, dict)
    ((item,),) = [document.data["expect"]["items"]["T"]["exact"]]  # type: ignore[index,call-overload]
    assert item == {"a": frozenset("xy"), "b": frozenset([1, b"hi"]), "c": b"hi"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("run: {input: !!set [a]}", "1:14: !!set is allowed only in items; write a list or a string"),
        ("a: !!binary aGk=", "1:4: !!binary is allowed only in items; write a list or a string"),
        (
            "items: !!set [[a]]",
            "1:8: a set must contain strings, numbers or binary values; write !!set [a, b]",
        ),
        ("run: {name: !Ref x}", "1:13: the tag !Ref is not supported; remove it"),
        ("run: {input: !Ref [x]}", "1:14: the tag !Ref is not supported; remove it"),
        ("a: !!map [x, y]", "1:4: the tag !!map does not apply to a sequence; remove it"),
        ("a: !!seq {a: 1}", "1:4: the tag !!seq does not apply to a mapping; remove it"),
        ("a: !!str [x]", "1:4: the tag !!str does not apply to a sequence; remove it"),
        ("a: !!map x", "1:4: the tag !!map does not apply to a scalar; remove it"),
        ("<<: !!map x", "1:5: << requires a mapping, or a list of mappings; write <<: *name, or quote '<<'"),
        ("<<: !!seq x", "1:5: << requires a mapping, or a list of mappings; write <<: *name, or quote '<<'"),
        ("a: !!bool x", "1:4: 'x' is not a valid bool; correct it, or quote it to make it text"),
        ("a: !!int ''", "1:4: '' is not a valid int; correct it, or quote it to make it text"),
        ("items: !!set 1.5", "1:8: a set must contain strings, numbers or binary values; write !!set [a, b]"),
        ("items: !!set abc", "1:8: a set must contain strings, numbers or binary values; write !!set [a, b]"),
        (
            "items: &a !!set [*a]",
            "1:8: a set must contain strings, numbers or binary values; write !!set [a, b]",
        ),
        (
            'items: !!binary "%"',
            '1:8: a binary value must be base64; write, for example, !!binary "aGVsbG8="',
        ),
    ],
)
def test_where_they_have_no_meaning_they_are_refused(text: str, said: str) -> None:
    assert problems(text) == [said]


def test_json_writes_an_emoji_as_two_escapes() -> None:
    assert read(json.dumps({"a": "😀é"}), FILE).data == {"a": "😀é"}
    assert problems('{"a": "\\ud83d"}') == [
        "1:7: an escape is an unpaired surrogate; write the character itself"
    ]


@pytest.mark.parametrize("brackets", [DEEPEST + 1, 3000])
def test_what_is_nested_too_deep_is_refused_with_its_place(brackets: int) -> None:
    (said,) = problems("x: " + "[" * brackets + "]" * brackets)
    assert said.startswith("1:10")
    assert said.endswith("lists and mappings are nested more than 100 levels deep; use fewer levels")


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["l0: &l0 [x]", *(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9))]
    assert (
        f"the file has more than {MOST_VALUES:,} values; use fewer aliases" in problems("\n".join(lines))[0]
    )
