"""Waiting, retrying and timing out happen at the right virtual times."""

import json
import threading
import time

import pytest
from states_support import FUNCTION, IDENTITY, Port, echo, machine_of, run, times, types

from harness.states import (
    Limits,
    Livelock,
    RealClock,
    Simulation,
    Status,
    TaskFailed,
    TaskSucceeded,
    VirtualClock,
    Work,
    parse,
)

TASK = {"Type": "Task", "Resource": FUNCTION}
CALLBACK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"MessageBody": {"token.$": "$$.Task.Token"}},
}


def failing(times_, error="Flaky"):
    """A task that fails some times, then succeeds."""
    left = [times_]

    def answer(_request):
        left[0] -= 1
        return TaskFailed(error, "why") if left[0] >= 0 else TaskSucceeded("done")

    return answer


@pytest.mark.parametrize(
    ("fields", "payload", "expected"),
    [
        ({"Seconds": 90}, {}, 90),
        ({"SecondsPath": "$.s"}, {"s": 7}, 7),
        ({"Timestamp": "2025-01-01T01:00:00Z"}, {}, 3600),
        ({"TimestampPath": "$.t"}, {"t": "2025-01-01T01:00:00.500+01:00"}, 0.5),
        ({"Timestamp": "2020-01-01T00:00:00Z"}, {}, 0),
    ],
)
def test_waits(fields, payload, expected):
    execution = run(machine_of(("W", {"Type": "Wait", **fields})), payload)

    assert times(execution, "WaitStateExited") == [expected]


def test_retries_back_off_up_to_the_longest_delay():
    retry = [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxDelaySeconds": 10}]
    execution = run(machine_of(("T", {**TASK, "Retry": retry})), answer=failing(3))

    assert execution.status is Status.SUCCEEDED
    assert times(execution, "LambdaFunctionScheduled") == [0, 2.1, 8.2, 18.3]


def test_the_first_retrier_that_matches_counts_on_its_own():
    retry = [
        {"ErrorEquals": ["Other"], "MaxAttempts": 0},
        {"ErrorEquals": ["States.ALL"], "MaxAttempts": 2},
    ]
    execution = run(machine_of(("T", {**TASK, "Retry": retry})), answer=failing(9))

    assert execution.error == "Flaky"
    assert len(times(execution, "LambdaFunctionScheduled")) == 3
    assert run(machine_of(("T", {**TASK, "Retry": retry})), answer=failing(1, "Other")).error == "Other"


def test_jitter_is_within_the_delay_and_repeats():
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 10, "JitterStrategy": "FULL"}]
    definition = machine_of(("T", {**TASK, "Retry": retry}))
    first = times(run(definition, answer=failing(2)), "LambdaFunctionScheduled")

    assert first == times(run(definition, answer=failing(2)), "LambdaFunctionScheduled")
    assert first != times(run(definition, answer=failing(2), seed=1), "LambdaFunctionScheduled")
    assert 0.1 <= first[1] <= 10.1


def test_a_slow_task_times_out():
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}]
    definition = machine_of(
        ("T", {**TASK, "TimeoutSeconds": 5, "Catch": catch, "End": True}), ("Late", {"Type": "Pass"})
    )
    execution = run(definition, answer=lambda _: TaskSucceeded("too late", 60.0))

    assert times(execution, "LambdaFunctionTimedOut") == [5]
    assert execution.output.value == {"Error": "States.Timeout", "Cause": ""}
    assert execution.ended_at - execution.started_at == 5


def test_states_task_failed_does_not_match_a_timeout():
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "Late"}]
    definition = machine_of(
        ("T", {**TASK, "TimeoutSeconds": 5, "Catch": catch, "End": True}), ("Late", {"Type": "Pass"})
    )

    assert run(definition, answer=lambda _: TaskSucceeded(1, 60.0)).error == "States.Timeout"
    assert run(definition, answer=lambda _: TaskFailed("E", "c")).status is Status.SUCCEEDED


@pytest.mark.parametrize("states", [{"Seconds": 40_000_000}, {"Timestamp": "2090-01-01T00:00:00Z"}])
@pytest.mark.parametrize("fields", [{}, {"TimeoutSeconds": 99_999_999}])
def test_an_execution_times_out_after_a_year(states, fields):
    execution = run(machine_of(("W", {"Type": "Wait", **states}), **fields))

    assert execution.status is Status.TIMED_OUT
    assert times(execution, "ExecutionTimedOut") == [31_536_000]


def test_a_year_of_short_waits_is_a_year_too():
    wait = {"Type": "Wait", "Seconds": 20_000_000, "Next": "Again"}
    definition = machine_of(("W", wait), ("Again", {"Type": "Wait", "Seconds": 20_000_000}))
    assert times(run(definition), "ExecutionTimedOut") == [31_536_000]
    assert run(machine_of(("W", {"Type": "Wait", "Seconds": 31_536_000}))).status is Status.SUCCEEDED


def test_a_machine_times_out():
    execution = run(machine_of(("W", {"Type": "Wait", "Seconds": 20}), TimeoutSeconds=10))

    assert execution.status is Status.TIMED_OUT
    assert times(execution, "ExecutionTimedOut") == [10]
    last = execution.history.events[-1]
    assert (last.previous, last.details) == (0, {"error": "States.Timeout"})
    assert execution.error is None


def test_an_execution_is_stopped_in_the_middle():
    simulation = Simulation(Port(echo))
    execution = simulation.start(parse(machine_of(("W", {"Type": "Wait", "Seconds": 20}))), IDENTITY)
    simulation.scheduler.run(until=execution.started_at + 5)
    simulation.stop(execution, "Why", "because")
    simulation.scheduler.run()

    assert (execution.status, execution.error, execution.cause) == (Status.ABORTED, "Why", "because")
    assert types(execution) == ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"]
    assert times(execution, "ExecutionAborted") == [5]


def test_executions_share_the_clock():
    simulation = Simulation(Port(echo))
    machine = parse(machine_of(("W", {"Type": "Wait", "Seconds": 30}), ("P", {"Type": "Pass"})))
    first = simulation.start(machine, IDENTITY, name="first")
    second = simulation.start(machine, IDENTITY, name="second", at=first.started_at + 10)
    simulation.scheduler.run()

    assert second.started_at - first.started_at == 10
    assert second.ended_at - first.ended_at == 10
    assert second.arn == "arn:aws:states:eu-west-1:111111111111:execution:machine:second"


def test_six_hours_of_polling_take_every_poll():
    definition = machine_of(
        ("Poll", {**TASK, "ResultPath": "$.done"}),
        (
            "Done",
            {
                "Type": "Choice",
                "Choices": [{"Variable": "$.done", "BooleanEquals": True, "Next": "End"}],
                "Default": "Wait",
            },
        ),
        ("Wait", {"Type": "Wait", "Seconds": 30, "Next": "Poll"}),
        ("End", {"Type": "Succeed"}),
    )
    polls = []

    def answer(_request):
        polls.append(1)
        return TaskSucceeded(len(polls) == 718)

    execution = run(definition, answer=answer)
    assert execution.status is Status.SUCCEEDED
    assert round(execution.ended_at - execution.started_at, 3) == round(717 * 30 + 718 * 0.1, 3)


def test_a_token_ends_its_task_and_heartbeats_keep_it_alive():
    simulation = Simulation(port := Port(echo))
    state = {**CALLBACK, "HeartbeatSeconds": 30, "TimeoutSeconds": 100}
    execution = simulation.start(parse(machine_of(("T", state))), IDENTITY)
    simulation.scheduler.run(until=execution.started_at + 20)
    token = port.requests[0].task_token
    simulation.tokens.find(token).heartbeat()
    simulation.scheduler.run(until=execution.started_at + 45)
    simulation.tokens.find(token).succeed({"fine": True})
    simulation.scheduler.run()

    assert execution.output.value == {"fine": True}
    assert port.requests[0].parameters == {"MessageBody": {"token": token}}
    assert types(execution)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    assert simulation.tokens.find(token) is None


@pytest.mark.parametrize(
    ("limits", "error", "moment"),
    [
        ({"HeartbeatSeconds": 30}, "States.Timeout", 30.1),
        ({"TimeoutSeconds": 20}, "States.Timeout", 20),
    ],
)
def test_a_token_that_does_not_come_back_times_out(limits, error, moment):
    execution = run(machine_of(("T", {**CALLBACK, **limits})))

    assert execution.error == error
    assert times(execution, "TaskTimedOut") == [moment]


@pytest.mark.parametrize("name", ["States.HeartbeatTimeout", "States.Timeout"])
def test_a_missed_heartbeat_is_caught_by_either_name(name):
    catch = [{"ErrorEquals": [name], "Next": "Late"}]
    definition = machine_of(
        ("T", {**CALLBACK, "HeartbeatSeconds": 30, "Catch": catch, "End": True}), ("Late", {"Type": "Pass"})
    )

    assert run(definition).output.value == {"Error": "States.Timeout", "Cause": ""}


def test_an_execution_that_waits_for_a_token_leaves_the_world_idle():
    execution = run(machine_of(("T", CALLBACK)))

    assert execution.status is Status.RUNNING


def test_a_full_history_ends_the_execution():
    execution = run(
        machine_of(
            ("A", {"Type": "Pass", "Next": "B"}),
            (
                "B",
                {
                    "Type": "Choice",
                    "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "Z"}],
                    "Default": "A",
                },
            ),
            ("Z", {"Type": "Succeed"}),
        )
    )

    assert len(execution.history.events) == 25_000
    assert execution.cause == "The execution reached the maximum number of history events (25000)."


def test_a_history_that_fills_up_in_branches_ends_the_execution():
    branches = [json.loads(machine_of((f"{n}{i}", {"Type": "Pass"}))) for i in range(20) for n in "A"]
    definition = machine_of(("P", {"Type": "Parallel", "Branches": branches}))
    execution = run(definition, limits=Limits(history_events=30))

    assert (execution.status, len(execution.history.events)) == (Status.FAILED, 30)


def test_a_livelock_is_cut_off_and_explained():
    class Impatient:
        def start(self, request):
            simulation.start(machine, IDENTITY)
            return Work.done(TaskSucceeded({}), 0.0)

    simulation = Simulation(Impatient(), limits=Limits(stall_steps=5_000))
    machine = parse(machine_of(("T", TASK)))
    simulation.start(machine, IDENTITY)

    with pytest.raises(
        Livelock, match=r"5000 steps without time passing.*the last: .*LambdaFunctionScheduled"
    ):
        simulation.scheduler.run()


def test_an_output_that_is_too_large_fails_its_state():
    large = {"Type": "Pass", "Result": "a" * 262_143}
    assert run(machine_of(("P", large))).error == "States.DataLimitExceeded"
    assert run(machine_of(("P", {"Type": "Pass", "Result": "ä" * 131_071}))).status is Status.SUCCEEDED


def test_states_all_catches_a_large_result_of_a_task_but_not_a_large_output():
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    caught = ("Caught", {"Type": "Pass", "End": True})
    task = {**TASK, "Catch": catch, "End": True}
    result = machine_of(("T", task), caught)
    output = machine_of(("T", {**task, "ResultPath": "$.more"}), caught)

    assert run(result, answer=lambda _: TaskSucceeded("a" * 262_144)).status is Status.SUCCEEDED
    execution = run(output, {"some": "a" * 100_000}, answer=lambda _: TaskSucceeded("a" * 200_000))
    assert execution.error == "States.DataLimitExceeded"


def test_an_input_that_is_too_large_is_refused():
    with pytest.raises(ValueError, match="262144 bytes"):
        Simulation(Port(echo)).start(
            parse(machine_of(("P", {"Type": "Pass"}))), IDENTITY, json.dumps("a" * 262_143)
        )


def test_virtual_time_cannot_run_backwards():
    with pytest.raises(ValueError, match="backwards"):
        VirtualClock(10).jump(9)


def test_the_real_clock_waits_for_deadlines_and_results():
    results = {}
    release = threading.Event()

    class Slow:
        def start(self, request):
            from concurrent.futures import Future

            future = Future()
            threading.Thread(target=lambda: (release.wait(5), future.set_result(TaskSucceeded(7)))).start()
            return Work(future)

    simulation = Simulation(Slow(), clock=RealClock())
    definition = machine_of(("W", {"Type": "Wait", "TimestampPath": "$.t"}), ("T", TASK))
    moment = time.time() + 0.2
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment % 1 * 1000):03}Z"
    execution = simulation.start(parse(definition), IDENTITY, json.dumps({"t": stamp}))
    runner = threading.Thread(target=lambda: results.update(ended=simulation.scheduler.run()))
    runner.start()
    with simulation.scheduler.frozen():
        results["seen"] = execution.status
    release.set()
    runner.join(5)

    assert results["seen"] is Status.RUNNING
    assert execution.output.value == 7
    assert execution.ended_at >= moment - 0.001


def test_a_world_can_serve_other_threads():
    over = threading.Event()
    simulation = Simulation(Port(echo))
    runner = threading.Thread(target=lambda: simulation.scheduler.run(serve=True, stop=over.is_set))
    runner.start()
    ended = threading.Event()
    execution = simulation.start(parse(machine_of(("W", {"Type": "Wait", "Seconds": 3600}))), IDENTITY)
    execution.on_end(lambda _: ended.set())

    assert ended.wait(5)
    with simulation.scheduler.frozen():
        over.set()
    runner.join(5)
    assert not runner.is_alive()
    assert execution.ended_at - execution.started_at == 3600


def test_a_mistake_of_a_port_is_not_taken_for_a_failed_task():
    def answer(_request):
        raise LookupError("a bug")

    with pytest.raises(LookupError, match="a bug"):
        run(
            machine_of(
                ("T", {**TASK, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}]}),
                ("Z", {"Type": "Pass"}),
            ),
            answer=answer,
        )


@pytest.mark.parametrize(
    ("moment", "ends"), [("2093-01-19T03:14:07Z", True), ("2093-01-19T03:14:08Z", False)]
)
@pytest.mark.parametrize("form", ["path", "constant", "jsonata"])
def test_a_wait_has_at_most_2_147_483_647_seconds(form, moment, ends):
    state = {
        "path": {"TimestampPath": "$.t"},
        "constant": {"Timestamp": moment},
        "jsonata": {"QueryLanguage": "JSONata", "Timestamp": "{% $states.input.t %}"},
    }[form]
    limits = Limits(execution_s=2**31)
    execution = run(machine_of(("W", {"Type": "Wait", **state})), {"t": moment}, limits=limits)

    if ends:
        assert execution.ended_at - execution.started_at == 2**31 - 1
    else:
        assert (execution.error, execution.cause) == (
            "States.Runtime",
            "An error occurred while executing the state 'W' (entered at the event id #2). "
            "Wait state delay is too long.",
        )


def test_a_jsonata_timestamp_that_is_none_fails_after_the_entry():
    state = {"Type": "Wait", "QueryLanguage": "JSONata", "Timestamp": "{% 'soon' %}"}
    execution = run(machine_of(("P", {"Type": "Pass"}), ("W", state)))

    failed = execution.history.events[-2]
    assert (failed.type, failed.previous) == ("EvaluationFailed", failed.id - 1)
    assert failed.details["location"] == "Timestamp"
    assert failed.details["cause"].endswith(
        "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: soon"
    )


def test_a_jsonata_timestamp_that_is_no_text_is_an_unexpected_result():
    state = {"Type": "Wait", "QueryLanguage": "JSONata", "Timestamp": "{% 5 %}"}
    execution = run(machine_of(("W", state)))

    assert execution.error == "States.QueryEvaluationError"
    assert "returned an unexpected result type." in execution.cause
