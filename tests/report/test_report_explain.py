from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
import report_samples as samples

from harness.functions.shared.model import FunctionError
from harness.functions.shared.payloads import bucket_of
from harness.observe.tasks import track
from harness.report.explain import CAUGHT, RETRIED, Ending, Explanation, explain
from harness.testing import History, a_history, an_execution, observed


def test_a_run_without_failures_needs_no_explanation() -> None:
    assert explain(observed(an_execution("SUCCEEDED", "A"))) == Explanation()


def test_executions_that_failed_are_named_with_the_state_they_were_in() -> None:
    assert explain(samples.observation()).endings == (
        Ending("Orchestrator", "run-1", "FAILED", "Failed", "ReportFailed", "state ListObject2 failed"),
        Ending("report-run-1", "run-1", "FAILED", "ListObject2", "KeyError", "'Contents'"),
    )


def test_a_running_execution_is_named_with_the_state_it_is_in() -> None:
    history = a_history().event("ExecutionStarted").enters("Wait", "Wait")
    (ending,) = explain(observed(an_execution("RUNNING", history=history))).endings
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
    lonely = replace(samples.failed_invocation("dead"), function="other")
    seen = replace(samples.observation(), invocations=(lonely,))
    assert explain(seen).invocations == (lonely,)


def test_a_timed_out_invocation_is_found_by_its_event() -> None:
    timed_out = replace(
        samples.failed_invocation("zz"), error=FunctionError("Sandbox.Timedout", "Task timed out")
    )
    other = replace(samples.failed_invocation("yy"), payload='{"bucket": "attic"}')
    (task,) = explain(replace(samples.observation(), invocations=(timed_out, other))).tasks
    assert task.invocation == timed_out


CALLED = '{"FunctionName": "usage-count:live", "Payload": {"Bucket": "photos"}}'


@pytest.mark.parametrize(
    ("go_on", "handled"),
    [
        (lambda history: history.exits("Count"), CAUGHT),
        (lambda history: history.calls("lambda:invoke", CALLED).succeeds().exits("Count"), RETRIED),
        (lambda history: history.event("ExecutionFailed"), ""),
    ],
)
def test_how_the_machine_went_on_is_said(go_on: Callable[[History], History], handled: str) -> None:
    failed = (
        a_history().event("ExecutionStarted").enters("Count").calls("lambda:invoke", CALLED).fails("E", "c")
    )
    seen = observed(an_execution(history=go_on(failed)))
    (task,) = explain(seen).tasks
    assert (task.handled, task.function, task.bucket, task.times) == (handled, "usage-count", "photos", 1)


def test_calls_with_the_same_error_are_counted() -> None:
    (call,) = explain(samples.observation()).calls
    assert (call.function, call.call.error, call.times) == ("ListObjectsFunction", "AccessDenied", 2)


def test_a_state_after_a_parallel_is_not_in_it() -> None:
    history = (
        a_history()
        .event("ExecutionStarted")
        .enters("P", "Parallel")
        .event("ParallelStateStarted")
        .enters("A", "Pass")
        .exits("A", "Pass")
        .event("ParallelStateSucceeded")
        .exits("P", "Parallel")
        .enters("B", "Pass")
    )
    visits = track(an_execution(history=history)).visits
    assert visits[8].inside == ""
    assert visits[4].inside == "P"


def test_the_bucket_of_a_task_is_the_one_that_faults_go_by() -> None:
    deep = '{"FunctionName": "f", "Payload": {"of": {"bucket": "photos"}}}'
    event = json.loads(deep)["Payload"]
    (task,) = explain(
        observed(an_execution(history=a_history().enters("S").calls("lambda:invoke", deep).fails()))
    ).tasks
    assert task.bucket == bucket_of(event) == ""
    history = (
        a_history().enters("S", "Pass", input='{"bucket": "photos"}').event("EvaluationFailed", error="E")
    )
    (evaluated,) = explain(observed(an_execution(history=history))).tasks
    assert (evaluated.bucket, evaluated.error, evaluated.function) == ("photos", "E", "")
