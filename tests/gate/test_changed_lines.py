"""The changed line that a finding is attached to."""

from __future__ import annotations

from pathlib import Path

from gate_project import NOTE

from harness.gate.changed_lines import Changed, Place
from harness.gate.finding import Finding

CODE, TEMPLATE = Path("src/app.py"), Path("template.yaml")
PLACES = (
    Place(CODE, 3),
    Place(TEMPLATE, 7, frozenset({"Reader"})),
    Place(TEMPLATE, 9, frozenset({"Writer"})),
)


def placed(message: str, *places: Place) -> Finding:
    return Changed(places).placed(Finding(NOTE, "a", message, ""), Path("a.yaml"))


def test_a_finding_is_where_the_function_changed_that_it_names() -> None:
    found = placed("GB-seconds of Writer: 1 before, 2 now", *PLACES)
    assert (found.file, found.line) == (TEMPLATE, 9)
    assert found.details == ("one of 3 changed places; the others: src/app.py:3, template.yaml:7",)


def test_a_finding_about_nothing_that_changed_is_at_the_first_line() -> None:
    found = placed("calls of s3:ListObjectsV2: 1 before, 2 now", *PLACES)
    assert (found.file, found.line) == (CODE, 3)
    assert placed("Writer").file == Path("a.yaml")
