"""The invariants that are about any workflow, on both sides of each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sweep_samples import SCENARIO, attempts, seen

from harness.expect.model import Mismatch
from harness.settings import SettingsError
from harness.sweep.invariants import (
    DEFAULT,
    MAX_ATTEMPTS,
    MAX_REQUESTS,
    aws_would_allow_it,
    ends_within,
    fault_fires,
    load_invariants,
    retries_are_bounded,
)
from harness.testing import a_call, an_execution, an_invocation, played

REQUEST = replace(a_call("s3:ListObjectsV2", "SlowDown", Bucket="photos"), attempts=5)


@pytest.mark.parametrize(("took_s", "wrong"), [(60, []), (61, ["run-1 took 61 s, more than 60 s"])])
def test_it_ends_in_time(took_s: float, wrong: list[str]) -> None:
    assert list(ends_within(60)(played(seen(an_execution(took_s=took_s))))) == wrong


def test_one_that_waits_for_people_may_take_so_much_longer_than_it_does() -> None:
    usual, late = seen(an_execution(took_s=100)), seen(an_execution(took_s=161))
    assert list(ends_within(60)(played(usual, usual))) == []
    assert list(ends_within(60)(played(late, usual))) == ["run-1 took 161 s, more than 160 s"]
    assert list(ends_within(60)(played(late, seen(an_execution(took_s=60))))) == [
        "run-1 took 161 s, more than 60 s"
    ]


def test_it_ends_at_all() -> None:
    (wrong,) = ends_within(60)(played(seen(), outcome="error", reason="run run-1 did not end"))
    assert "run run-1 did not end" in wrong


@pytest.mark.parametrize(("expectation", "count"), [("permissions", 1), ("limits", 1), ("faults", 0)])
def test_aws_would_allow_it(expectation: str, count: int) -> None:
    mismatch = Mismatch(expectation, SCENARIO.position("title"), "AWS would refuse this: ...")
    found = list(aws_would_allow_it(played(seen(), mismatches=(mismatch,))))
    assert found == ["AWS would refuse this: ..."] * count


@pytest.mark.parametrize(("fired", "count"), [({0: 1}, 0), ({0: 0}, 1)])
def test_the_fault_happens(fired: dict[int, int], count: int) -> None:
    assert len(list(fault_fires(played(seen(fired=fired))))) == count


def test_pauses_between_attempts() -> None:
    patient = an_execution(history=attempts((0, 1), (2, 3), (5, 6)))
    hasty = an_execution(machine="machine", history=attempts((0, 1), (1, 2)))
    assert list(retries_are_bounded(played(seen(patient)))) == []
    assert list(retries_are_bounded(played(seen(hasty)))) == [
        "state Count of machine was retried without a pause"
    ]


@pytest.mark.parametrize(("more", "count"), [(0, 0), (1, 1)])
def test_attempts_are_counted(more: int, count: int) -> None:
    times = [(2.0 * n, 2.0 * n + 1) for n in range(MAX_ATTEMPTS + more)]
    found = list(retries_are_bounded(played(seen(an_execution(history=attempts(*times))))))
    assert len(found) == count


@pytest.mark.parametrize(("calls", "count"), [(MAX_REQUESTS // 5, 0), (MAX_REQUESTS // 5 + 1, 1)])
def test_requests_of_a_function_are_counted(calls: int, count: int) -> None:
    now = seen(invocations=[an_invocation("counter", *[REQUEST] * calls)])
    assert len(list(retries_are_bounded(played(now)))) == count


def test_a_project_brings_its_own(tmp_path: Path) -> None:
    file = tmp_path / "invariants.py"
    file.write_text("def never(played):\n    yield 'no'\n\nINVARIANTS = (never,)\n")
    (never,) = load_invariants(file)
    assert list(never(played(seen()))) == ["no"]
    assert load_invariants(None) == DEFAULT


@pytest.mark.parametrize("text", ["", "INVARIANTS = ()", "INVARIANTS = [1]", "INVARIANTS = (1,)"])
def test_a_file_without_invariants_is_wrong(tmp_path: Path, text: str) -> None:
    file = tmp_path / "invariants.py"
    file.write_text(text)
    with pytest.raises(SettingsError, match="INVARIANTS not found: define a tuple of functions"):
        load_invariants(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="names a Python file that does not exist"):
        load_invariants(tmp_path / "none.py")


def test_a_file_that_raises_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "invariants.py"
    file.write_text("from harness.sweep.invariants import DEFAULT\nINVARIANTS = (*DEFAULT, mine)\n")
    with pytest.raises(SettingsError) as error:
        load_invariants(file)
    assert str(error.value) == (
        f"{file}:2: NameError: name 'mine' is not defined; "
        "[tool.harness] invariants names this file: correct it"
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("    raise KeyError('a')", ":2: KeyError: 'a'"),
        ("    raise SystemExit(0)", ":2: SystemExit: 0"),
        ("    return None", ": TypeError: 'NoneType' object is not iterable"),
    ],
)
def test_one_that_raises_does_not_hold_and_says_where(tmp_path: Path, body: str, said: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(f"def mine(played):\n{body}\nINVARIANTS = (mine,)\n")
    (mine,) = load_invariants(file)
    nothing: Any = None  # the invariant raises before it looks
    assert list(mine(nothing)) == [f"the check failed: {file}{said}"]
    assert mine.__name__ == "mine"
