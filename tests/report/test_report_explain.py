from __future__ import annotations

from dataclasses import replace

import pytest
import report_samples as samples

from harness.functions.shared.model import FunctionError
from harness.observe.history import History
from harness.observe.model import Observation, Run
from harness.report.explain import CAUGHT, RETRIED, Ending, Explanation, explain


def played(*events: object) -> Observation:
    run = samples.execution("run-1", "M", "SUCCEEDED", *events)  # type: ignore[arg-type]
    return Observation(runs=(Run("run-1", run),))


def test_a_run_without_failures_needs_no_explanation() -> None:
    done = samples.event(2, 1, "TaskStateEntered", name="A", input="{}")
    assert explain(played(samples.event(1, 0, "ExecutionStarted"), done)) == Explanation()


def test_executions_that_failed_are_named_with_the_state_they_were_in() -> None:
    assert explain(samples.observation()).endings == (
        Ending("Orchestrator", "run-1", "FAILED", "Failed", "ReportFailed", "state ListObject2 failed"),
        Ending("report-run-1", "run-1", "FAILED", "ListObject2", "KeyError", "'Contents'"),
    )


def test_a_running_execution_is_named_with_the_state_it_is_in() -> None:
    wait = samples.event(2, 1, "WaitStateEntered", name="Wait", input="{}")
    run = samples.execution("run-1", "M", "RUNNING", samples.event(1, 0, "ExecutionStarted"), wait)
    (ending,) = explain(Observation(runs=(Run("run-1", run),))).endings
    assert (ending.status, ending.state) == ("RUNNING", "Wait")


def test_a_failed_task_has_its_branch_bucket_function_and_last_invocation() -> None:
    (task,) = explain(samples.observation()).tasks
    assert (task.state, task.inside, task.bucket) == ("ListObject2", "Buckets", "photos")
    assert (task.function, task.error, task.cause) == ("ListObjectsFunction", "KeyError", "'Contents'")
    assert (task.times, task.handled) == (2, "")
    assert task.invocation is not None
    assert task.invocation.request_id == "8f2e"


def test_retried_invocations_are_not_listed_again() -> None:
    assert explain(samples.observation()).invocations == ()


def test_a_failed_invocation_that_no_task_names_is_listed() -> None:
    lonely = replace(samples.invocation("dead"), function="other")
    seen = replace(samples.observation(), invocations=(lonely,))
    assert explain(seen).invocations == (lonely,)


def test_a_timed_out_invocation_is_found_by_its_event() -> None:
    timed_out = replace(samples.invocation("zz"), error=FunctionError("Sandbox.Timedout", "Task timed out"))
    other = replace(samples.invocation("yy"), payload='{"bucket": "attic"}')
    (task,) = explain(replace(samples.observation(), invocations=(timed_out, other))).tasks
    assert task.invocation == timed_out


@pytest.mark.parametrize(
    ("after", "handled"),
    [
        ([(5, 4, "TaskStateExited")], CAUGHT),
        ([(5, 4, "TaskScheduled"), (6, 5, "TaskSucceeded"), (7, 6, "TaskStateExited")], RETRIED),
        ([(5, 4, "ExecutionFailed")], ""),
    ],
)
def test_how_the_machine_went_on_is_said(after: list[tuple[int, int, str]], handled: str) -> None:
    parameters = '{"FunctionName": "usage-count:live", "Payload": {"Bucket": "photos"}}'
    rest = [
        samples.event(*e, name="Count", resourceType="lambda", resource="invoke", parameters=parameters)
        for e in after
    ]
    seen = played(
        samples.event(1, 0, "ExecutionStarted"),
        samples.event(2, 1, "TaskStateEntered", name="Count", input="{}"),
        samples.event(3, 2, "TaskScheduled", resourceType="lambda", resource="invoke", parameters=parameters),
        samples.event(4, 3, "TaskFailed", error="E", cause="c"),
        *rest,
    )
    (task,) = explain(seen).tasks
    assert (task.handled, task.function, task.bucket, task.times) == (handled, "usage-count", "photos", 1)


def test_calls_with_the_same_error_are_counted() -> None:
    (call,) = explain(samples.observation()).calls
    assert (call.function, call.call.error, call.times) == ("ListObjectsFunction", "AccessDenied", 2)


def test_a_state_after_a_parallel_is_not_in_it() -> None:
    run = samples.execution(
        "run-1",
        "M",
        "FAILED",
        samples.event(1, 0, "ExecutionStarted"),
        samples.event(2, 1, "ParallelStateEntered", name="P", input="[]"),
        samples.event(3, 2, "ParallelStateStarted"),
        samples.event(4, 3, "PassStateEntered", name="A", input="[]"),
        samples.event(5, 4, "PassStateExited", name="A"),
        samples.event(6, 5, "ParallelStateSucceeded"),
        samples.event(7, 6, "ParallelStateExited", name="P"),
        after := samples.event(8, 7, "PassStateEntered", name="B", input="[]"),
    )
    history = History(run)
    assert history.enclosing(after) == ""
    assert history.enclosing(run.events[3]) == "P"
