"""Entries are added to the text of a scenario, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.recording.editing import with_entry
from harness.scenario import syntax

PATH = Path("a.yaml")
FILE = """\
# a comment at the beginning
title: "Quoted"   # and one behind

expect:
  # why it is so
  execution: {status: SUCCEEDED}   # as it should
  path:
  - A
  - {repeat: [B,   C]}

  # about messages
  messages:
    - subject: |
        two
        lines
    - body: {contains: x}

run: {input: {a: 1}}
"""


def lines_that_differ(before: str, after: str) -> list[str]:
    kept = before.splitlines()
    return [line for line in after.splitlines() if line not in kept]


def test_an_entry_is_replaced_in_place():
    found = with_entry(FILE, PATH, ("expect", "path"), ["A", "D"])
    assert lines_that_differ(FILE, found) == ["  path: [A, D]"]
    assert found.startswith(FILE[: FILE.index("  path:")])
    assert found.endswith(FILE[FILE.index("\n  # about messages") :])


def test_an_entry_is_added_at_the_end_of_its_mapping():
    found = with_entry(FILE, PATH, ("expect", "machines"), {"left": []})
    assert found == FILE.replace("contains: x}\n", "contains: x}\n  machines: {left: []}\n")


def test_mappings_around_an_entry_are_made():
    found = with_entry("title: a\n", PATH, ("expect", "runs", "one", "path"), ["A"])
    assert found == "title: a\nexpect:\n  runs: {one: {path: [A]}}\n"
    assert with_entry("title: a", PATH, ("expect",), {"path": ["A"]}) == "title: a\nexpect:\n  path: [A]\n"


def test_what_is_in_braces_is_written_with_the_values_that_it_has():
    found = with_entry(FILE, PATH, ("expect", "execution", "error"), "E")
    assert "  execution: {status: SUCCEEDED, error: E}\n" in found
    found = with_entry("expect: {path: [A], polls: 3}\n", PATH, ("expect", "path"), ["B"])
    assert syntax.read(found, PATH).data == {"expect": {"path": ["B"], "polls": 3}}
    found = with_entry("title: a\nexpect: {}\nrun: {}\n", PATH, ("expect", "polls"), 3)
    assert found == "title: a\nexpect:\n  polls: 3\nrun: {}\n"


@pytest.mark.parametrize(
    "value",
    [
        "two\nlines\n",
        " first\n  second",
        "ends with blanks  \nand so on",
        "yes",
        "1",
        "a: b",
        "# no",
        "\ttab\n",
        "\u2028",
    ],
)
def test_texts_come_back_as_they_are(value):
    found = with_entry(FILE, PATH, ("expect", "execution"), {"error": value})
    data = syntax.read(found, PATH).data
    assert isinstance(data, dict)
    assert data["expect"]["execution"] == {"error": value}


def test_windows_ends_of_lines_and_odd_indents_are_understood():
    text = "title: a\r\nexpect:\r\n     path: [A]\r\n     polls: 1\r\n"
    found = with_entry(text, PATH, ("expect", "path"), ["B"])
    assert syntax.read(found, PATH).data == {"title": "a", "expect": {"path": ["B"], "polls": 1}}
