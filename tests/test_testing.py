"""The builders for users' tests of custom invariants and expectations."""

from __future__ import annotations

import inspect
import sys
import textwrap
from types import ModuleType
from typing import Any

import pytest
from documentation import blocks

from harness import testing
from harness.functions.shared.model import FunctionError
from harness.observe.tasks import track
from harness.testing import a_call, a_history, a_message, an_execution, an_invocation, at, observed, played


def test_the_example_of_the_docstring_runs() -> None:
    text = inspect.getdoc(testing)
    assert text is not None
    example = textwrap.dedent(text[text.index("    from harness.testing") :])
    names: dict[str, object] = {}
    exec(example, names)
    test = names["test_a_retry_does_not_charge_twice"]
    assert callable(test)
    test()
    broken = example.replace("charged 2 times", "charged 3 times")
    exec(broken, names)
    with pytest.raises(AssertionError):
        names["test_a_retry_does_not_charge_twice"]()  # type: ignore[operator]


def test_the_example_of_the_documentation_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    invariants, test = blocks("python", "how-to/add-invariant.md")
    module = ModuleType("invariants")
    exec(invariants, vars(module))
    monkeypatch.setitem(sys.modules, "invariants", module)
    names: dict[str, Any] = {}
    exec(test, names)
    names["test_a_second_charge_is_reported"]()


def test_the_invariant_of_the_documentation_finds_who_pays_twice() -> None:
    example, _ = blocks("python", "how-to/add-invariant.md")
    names: dict[str, Any] = {}
    exec(example, names)
    *_, invariant = names["INVARIANTS"]
    orders = [{"order_id": "7", "charges": charges} for charges in (1, 2)]
    assert list(invariant(played(None))) == []
    assert list(invariant(played(observed(an_execution(), tables={"Orders": orders[:1]})))) == []
    assert list(invariant(played(observed(an_execution(), tables={"Orders": orders})))) == [
        "order 7 is charged 2 times"
    ]


def test_a_history_is_linked_as_aws_links_it() -> None:
    history = (
        a_history(step_s=1)
        .enters("Both", "Parallel")
        .event("ParallelStateStarted")
        .enters("A")
        .enters("B", after=2)
        .schedules("f", after=3)
        .calls("sns:publish", after=4)
        .fails("E", "why", after=5, at_s=10)
        .succeeds(after=6)
        .exits("B")
    )
    (both,) = track(an_execution(history=history)).root.visits
    (a,), (b,) = (branch.visits for branch in both.branches)
    assert [(task.function, task.error, task.cause) for task in a.tasks] == [("f", "E", "why")]
    assert [(task.resource, task.succeeded) for task in b.tasks] == [("sns:publish", True)]
    assert (a.exited, b.exited) == (None, history.events[-1])
    assert [event.timestamp for event in history.events[-4:]] == [at(6), at(10), at(11), at(12)]


@pytest.mark.parametrize(
    ("status", "stopped", "output"),
    [("SUCCEEDED", True, "{}"), ("FAILED", True, None), ("RUNNING", False, None)],
)
def test_an_execution_ends_as_its_status_says(status: str, stopped: bool, output: str | None) -> None:
    execution = an_execution(status, "A", "B", took_s=5)
    assert execution.path == ("A", "B")
    assert (execution.stopped_at == at(5), execution.output) == (stopped, output)


def test_errors_are_written_as_they_are_read() -> None:
    assert an_invocation("f", error="ValueError: a: b").error == FunctionError("ValueError", "a: b")
    assert an_invocation("f", error="Exit").error == FunctionError("Exit", "")
    refused = a_call("s3:GetObject", "AccessDenied", Bucket="photos")
    assert (refused.status, refused.error, refused.params) == (400, "AccessDenied", {"Bucket": "photos"})


def test_an_observation_lists_the_calls_of_its_histories_and_invocations() -> None:
    history = a_history().enters("Say").calls("sns:publish").succeeds().exits("Say")
    invocation = an_invocation("deployed", a_call("s3:ListBuckets", at_s=1))
    seen = observed(
        an_execution(history=history), invocations=[invocation], functions={"deployed": "Declared"}
    )
    assert [(call.operation, call.state, call.function) for call in seen.calls] == [
        ("Publish", "Say", ""),
        ("ListBuckets", "", "Declared"),
    ]
    assert [run.name for run in seen.runs] == ["run-1"]


def test_a_trial_has_what_both_runs_left() -> None:
    seen = observed(an_execution("FAILED"), messages=[a_message("failed")])
    trial = played(seen, outcome="failed")
    assert trial.seen is seen
    assert [run.execution.status for run in trial.base.runs] == ["SUCCEEDED"]
    assert trial.trial.faults == ({"call": "s3:ListObjectsV2", "state": "State", "error": "SlowDown"},)


def test_a_task_that_is_not_scheduled_cannot_end() -> None:
    with pytest.raises(ValueError, match=r"no scheduled task can end"):
        a_history().enters("A").fails()
