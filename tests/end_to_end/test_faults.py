"""Faults from the file to the report: each documented fault fires, and unused faults are reported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from documentation import blocks

from harness.engine.moto.engine import MotoEngine
from harness.expect.project import expectations_of
from harness.report.model import Result
from harness.scenario.load import parse
from harness.session import Session
from harness.settings_reading import load_settings

ROOT = Path(__file__).parents[2]
SEED = """
seed:
  buckets:
    photos: {objects: [{key: cat.jpg, size: 2 MiB}, {key: a.txt, size: 1 B}]}
    secret: {}
"""


def shown() -> list[str]:
    """The `faults` entries in the documentation."""
    first = blocks("yaml", "how-to/faults.md")[0]
    assert first.startswith("faults:\n")
    return first.splitlines()[1:]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(MotoEngine()) as session:
        yield session


def play(session: Session, *entries: str) -> Result:
    faults = "\n".join(entries)
    anything = "{invocations: {CreateStateMachineFunction: {min: 1}}}"
    text = f"title: t{SEED}faults:\n{faults}\nexpect: {anything}\n"
    settings = load_settings(ROOT, {})
    return session.run(parse(text, expectations_of(settings), ROOT / "scenarios" / "x.yaml"), settings)


@pytest.mark.parametrize("entry", shown())
def test_a_fault_that_the_documentation_shows_happens(session: Session, entry: str) -> None:
    result = play(session, entry)
    assert result.outcome == "passed", [m.summary for m in result.mismatches] or result.reason
    assert result.observation is not None
    assert result.observation.fired[0] > 0


def test_faults_that_never_happen_fail_the_scenario_at_their_lines(session: Session) -> None:
    result = play(
        session,
        "  - {call: s3:ListObjectsV2, bucket: secret, nth: 9, error: AccessDenied}",
        "  - {task: sns:publish, state: Publish, delay: 1 s}",
        "  - {function: ListObjectsFunction, state: Nowhere, twice: true}",
    )
    assert result.outcome == "failed"
    assert [(m.where.line, m.expectation) for m in result.mismatches] == [(7, "faults"), (9, "faults")]
    assert result.observation is not None
    assert result.observation.fired == {0: 0, 1: 1, 2: 0}


def test_faults_are_those_of_one_scenario(session: Session) -> None:
    refused = "  - {task: sns:publish, state: Publish, error: InternalError}"
    assert play(session, refused).observation.runs[0].execution.status == "FAILED"  # type: ignore[union-attr]
    slow = "  - {task: sns:publish, delay: 1 s}"
    assert play(session, slow).observation.runs[0].execution.status == "SUCCEEDED"  # type: ignore[union-attr]
