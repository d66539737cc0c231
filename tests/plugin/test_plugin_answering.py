"""Runs started by a test, and tasks that it answers while the clock stands still."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from harness.engine.clients import Clients
from harness.pytest_plugin import OutsideTask, Runner, RunResult, StartedRun, stack_fixture
from harness.stack.model import Stack

approvals = stack_fixture("examples/approvals/template.yaml", state_machine="Expense", name="approvals")

NESTED = Path(__file__).parent / "nested_answers.yaml"
nested = stack_fixture(NESTED, state_machine="Outer")

CHAIRS = {"amount": 120, "purpose": "chairs"}


@contextmanager
def failing(text: str) -> Iterator[None]:
    with pytest.raises(pytest.fail.Exception) as failed:
        yield
    said, _, more = str(failed.value).rpartition("\n")
    assert said == text
    assert more.startswith("for more: harness explain ")


@contextmanager
def over(task: OutsideTask, why: str) -> Iterator[None]:
    with pytest.raises(ClientError) as refused:
        yield
    assert refused.value.response["Error"]["Code"] == "TaskTimedOut"
    assert refused.value.__notes__ == [f"the task of state {task.state} is over: {why}"]


def test_the_clock_moves_only_while_the_test_waits(harness_run: Runner, approvals: Stack) -> None:
    run = harness_run.start(CHAIRS, stack=approvals)
    ask = run.wait_for_token()
    assert (ask.state, ask.input, ask.parameters["Payload"]["token"]) == ("Ask", CHAIRS, ask.token)  # type: ignore[index, call-overload]
    assert (repr(ask), ask.execution_arn) == (
        "<task of state Ask in execution run-1>",
        run.execution_arn,
    )
    harness_run.sleep("1 h")
    harness_run.sleep(1800)
    harness_run.sleep(timedelta(hours=2))
    ask.heartbeat()
    ask.succeed({"by": "ada"})
    with over(ask, "it was already answered with succeed()"):
        ask.succeed({"by": "ada"})
    pay = run.wait_for_token("Pay", worker="till-1")
    pay.fail("Busy", "at lunch")  # which Pay does not retry
    with failing(
        "run run-1 did not wait again in state Pay after task number 1: it ended with status FAILED "
        "(Busy: at lunch), after Ask, Pay"
    ):
        run.wait_for_token("Pay")
    execution = run.wait().execution
    assert run.wait().execution is execution
    assert isinstance(run, StartedRun)
    assert isinstance(run.wait(), RunResult)
    took_s = ((execution.stopped_at or execution.started_at) - execution.started_at).total_seconds()
    assert (execution.error, took_s) == ("Busy", 12_600.1)
    (started,) = [event for event in execution.events if event.type == "ActivityStarted"]
    assert started.details == {"workerName": "till-1"}


def test_tasks_that_are_over(harness_run: Runner, harness_clients: Clients, approvals: Stack) -> None:
    run = harness_run.start(CHAIRS, stack=approvals)
    ask = run.wait_for_token("Ask")
    harness_clients.stepfunctions.send_task_success(taskToken=ask.token, output='{"by": "ada"}')
    pay = run.wait_for_token("Pay")
    with over(ask, "a different caller had answered it"):
        ask.fail()
    harness_run.sleep("61 s")
    with over(pay, "it had timed out"):
        pay.heartbeat()
    again = run.wait_for_token("Pay")
    harness_clients.stepfunctions.stop_execution(executionArn=run.execution_arn)
    with over(again, "its execution, or the branch that contains it, had ended"):
        again.succeed()
    with pytest.raises(ClientError, match="InvalidToken"):
        harness_clients.stepfunctions.send_task_heartbeat(taskToken="mine")
    assert run.wait().execution.status == "ABORTED"


def test_clients_answer_for_themselves(
    harness_run: Runner, harness_clients: Clients, approvals: Stack
) -> None:
    """An activity poll takes time on the clock: until there is a task, or for a minute."""
    first = harness_run.start(CHAIRS, stack=approvals)
    first.wait_for_token("Ask").succeed({"by": "ada"})
    functions = harness_clients.stepfunctions
    (activity,) = (each["activityArn"] for each in functions.list_activities()["activities"])
    task = functions.get_activity_task(activityArn=activity, workerName="mine")
    assert json.loads(task["input"]) == {"amount": 120, "by": "ada"}
    functions.send_task_success(taskToken=task["taskToken"], output='"paid"')
    assert first.wait().execution.output == '"paid"'
    assert functions.get_activity_task(activityArn=activity).get("taskToken") is None
    second = harness_run.start(CHAIRS, stack=approvals)
    assert first.wait().execution.stopped_at is not None
    began = functions.describe_execution(executionArn=second.execution_arn)["startDate"]
    assert (began - first.wait().execution.stopped_at).total_seconds() == 60  # type: ignore[operator]
    assert second.wait().execution.error == "Expired"


def test_what_happened_instead(harness_run: Runner, approvals: Stack) -> None:
    run = harness_run.start(CHAIRS, stack=approvals)
    those = "states that wait: Ask, Pay"
    unknown = f"no state machine has such a state; did you mean 'Pay'? {those}"
    with failing(f"run run-1 never waited in state Pays: {unknown}"):
        run.wait_for_token("Pays")
    assert run.wait().execution.error == "Expired"
    with failing(f"run run-1 never waited in state Refused: this state (Succeed) does not wait; {those}"):
        run.wait_for_token("Refused")
    with failing(
        "run run-1 never waited in state Pay: it ended with status FAILED "
        "(Expired: Nobody has answered within three days), after Ask, Expired"
    ):
        run.wait_for_token("Pay")
    with failing("wait_for_token: invalid worker name '': use 1 to 80 characters"):
        run.wait_for_token("Pay", worker="")
    second = harness_run.start(CHAIRS, stack=approvals)
    second.wait_for_token("Ask").succeed({"by": "ada"})
    with failing(
        "run run-2 did not wait again in state Ask after task number 1: it waits for a worker to take the "
        "task of Pay, and nothing is left that can take it; it has entered Ask, Pay"
    ):
        second.wait_for_token("Ask")
    second.wait_for_token("Pay").succeed("paid")
    assert second.wait().execution.status == "SUCCEEDED"


def test_on_an_engine_that_answers_no_tasks_it_is_skipped(harness_run: Runner, approvals: Stack) -> None:
    run = harness_run.start(CHAIRS, stack=approvals)
    elsewhere = SimpleNamespace(engine=SimpleNamespace(name="paper", capabilities=frozenset()))
    on_paper = StartedRun(run._caller, elsewhere, run._begun)  # type: ignore[arg-type]
    with pytest.raises(pytest.skip.Exception, match="paper cannot complete task tokens and activities"):
        on_paper.wait_for_token("Ask")
    assert (run.judged, run.wait().execution.error, run.judged) == (False, "Expired", True)


def test_tasks_of_items_and_of_executions_that_it_started(harness_run: Runner, nested: Stack) -> None:
    run = harness_run.start(stack=nested)
    for item in (1, 2, 3):
        task = run.wait_for_token("Ask")
        assert (task.input, task.execution_arn == run.execution_arn) == (item, False)
        task.succeed(item * 2)
    assert run.wait().execution.output == "[2,4,6]"


def test_no_time_is_no_time(harness_run: Runner) -> None:
    with failing("sleep: invalid time -1.000000 s; write 0 s or more"):
        harness_run.sleep(-1)
