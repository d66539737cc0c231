"""Imported scenarios reproduce the same history and the same end, or state what they cannot reproduce."""

from __future__ import annotations

from exported import FUNCTION, execute
from played_again import (
    all_played,
    compared,
    end_of,
    import_,
    import_all,
    machine_of,
    played,
    scenario_of,
)
from random_runs import runs
from replaying import recorded

from harness.importing import Options, imported
from harness.states import TaskFailed, TaskSucceeded

PUBLISH = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {"n.$": "$.n"}}
RETRY = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]


def test_random_runs_are_the_same_again():
    for run in runs(8, seed=6):
        found = import_all(run.executions, run.imported_with)
        for before, after in zip(run.executions, all_played(found, run.definition), strict=True):
            differences = compared(before, after)
            assert not differences or found.unknown, (run.number, differences[0], found.text)
        hidden = import_all(run.executions, run.imported_with, keep=False)
        if not hidden.unknown:
            again = all_played(hidden, run.definition)
            ends = [[end_of(recorded(each)) for each in group] for group in (run.executions, again)]
            assert ends[0] == ends[1], hidden.text


def test_each_attempt_is_answered_as_it_was():
    outcomes = [TaskFailed("Oops", "a"), TaskFailed("Oops", "a"), TaskSucceeded({"n": 1}, duration_s=7.0)]
    definition = {"StartAt": "A", "States": {"A": {**PUBLISH, "Retry": RETRY, "End": True}}}
    before = execute(definition, lambda _: outcomes.pop(0), input='{"n": 3}')
    found = import_(before, definition)
    assert "# events 5, 8, 11, sns:publish" in found.text
    (task,) = scenario_of(found).tasks
    assert [(each.error, each.takes_s, each.times) for each in task.answers] == [
        ("Oops", None, 2),
        (None, 7.0, 1),
    ]
    assert not compared(before, played(found, definition))


def test_iterations_are_told_apart_by_their_parameters():
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "B"}]
    task = {**PUBLISH, "Parameters": {"n.$": "$"}, "Catch": catch, "Next": "B"}
    inner = {"StartAt": "A", "States": {"A": task, "B": {"Type": "Pass", "End": True}}}
    mapped = {"Type": "Map", "ItemsPath": "$.list", "ItemProcessor": inner, "End": True}
    definition = {"StartAt": "M", "States": {"M": mapped}}

    def answer(request):
        return TaskFailed("Oops", "c") if request.parameters["n"] == 2 else TaskSucceeded({})

    before = execute(definition, answer, input='{"list": [1, 2, 3]}')
    found = import_(before, definition)
    first, rest = scenario_of(found).tasks
    assert (first.params, first.error, dict(rest.params), found.unknown) == ({"n": 2}, "Oops", {}, ())
    same = execute(definition, _second(), input='{"list": [2, 2]}')
    found = import_(same, definition)
    first, rest = scenario_of(found).tasks
    assert (first.iterations, first.error, found.unknown) == ({"M": 1}, "Oops", ())
    assert not compared(same, played(found, definition))


def test_a_later_visit_with_other_parameters_is_of_the_same_iteration():
    task = {**PUBLISH, "Parameters": {"n.$": "$.r.n"}, "ResultPath": "$.q", "Next": "Fails"}
    first = {"Type": "Task", "Resource": f"{FUNCTION}count", "ResultPath": "$.r", "Next": "Tell"}
    states = {
        "Count": first,
        "Tell": task,
        "Fails": {"Type": "Task", "Resource": f"{FUNCTION}f", "End": True},
    }
    processor = {"StartAt": "Count", "States": states}
    mapped = {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": processor, "End": True}
    definition = {"StartAt": "M", "States": {"M": {**mapped, "Retry": RETRY}}}
    counted, seen = iter([1, 2, 2, 3]), []

    def answer(request):
        seen.append(request.state_name)
        if request.state_name == "Count":
            return TaskSucceeded({"n": next(counted)})
        is_second = seen.count("Fails") == 2
        if request.state_name == "Fails":
            return TaskFailed("Oops", "c") if is_second else TaskSucceeded({})
        return TaskSucceeded({"n": len(seen)})

    before = execute(definition, answer, input='[{"a": 1}, {"a": 1}]')
    found = import_(before, definition)
    assert found.unknown == ()
    assert not compared(before, played(found, definition))


def _second():
    outcomes = [TaskSucceeded({}), TaskFailed("Oops", "c")]
    return lambda _: outcomes.pop(0)


def test_a_limit_of_a_state_ends_its_task_again():
    definition = {"StartAt": "A", "States": {"A": {**PUBLISH, "TimeoutSeconds": 5, "End": True}}}
    before = execute(definition, lambda _: TaskSucceeded({}, duration_s=60.0), input='{"n": 3}')
    found = import_(before, definition)
    assert "event 5: TaskTimedOut, caused by the timeout of the state" in found.text
    assert not compared(before, played(found, definition))


def test_a_job_that_was_never_begun_is_not_begun_again():
    resource = "arn:aws:states:::ecs:runTask.sync"
    definition = {"StartAt": "A", "States": {"A": {**PUBLISH, "Resource": resource, "TimeoutSeconds": 5}}}
    definition["States"]["A"]["End"] = True
    before = execute(definition, lambda _: TaskSucceeded({}, duration_s=60.0), input='{"n": 3}')
    found = import_(before, definition)
    assert found.unknown == ()
    assert not compared(before, played(found, definition))


def test_a_callback_is_answered_after_its_time():
    token = {"TopicArn": "arn:aws:sns:eu-west-1:111111111111:t", "Message.$": "$$.Task.Token"}
    resource = "arn:aws:states:::sns:publish.waitForTaskToken"
    task = {"Type": "Task", "Resource": resource, "Parameters": token, "HeartbeatSeconds": 20, "End": True}
    definition = {"StartAt": "A", "States": {"A": task}}

    def answered(simulation, _execution):
        def end():
            simulation.tokens.find(simulation.port.requests[0].task_token).succeed({"n": 7})

        def beat():
            simulation.tokens.find(simulation.port.requests[0].task_token).heartbeat()

        simulation.scheduler.at(simulation.clock.now() + 15, beat)
        simulation.scheduler.at(simulation.clock.now() + 30, end)

    found = import_(execute(definition, prepare=answered), definition)
    (one,) = scenario_of(found).tasks
    assert (one.answers[0].result, one.answers[0].takes_s) == ({"n": 7}, 30.0)
    assert "heartbeats kept it alive" in found.unknown[0]


def test_an_execution_that_was_stopped_leaves_a_gap():
    definition = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 50, "End": True}}}

    def stop(simulation, execution):
        simulation.scheduler.at(simulation.clock.now() + 3, lambda: simulation.stop(execution, None, None))

    found = import_(execute(definition, prepare=stop), definition)
    gap = "event 3: the execution was stopped externally, which a scenario cannot reproduce"
    assert gap in found.unknown[0]
    assert "  # not known: event" in found.text


def test_answers_of_activities():
    arn = "arn:aws:states:eu-west-1:111111111111:activity:count"
    definition = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": arn, "End": True}}}

    def work(simulation, _execution):
        simulation.activities.claim = lambda task: _taken(simulation, task)

    before = execute(definition, prepare=work)
    scenario = scenario_of(import_(before, definition))
    (answer,) = scenario.answers
    assert (answer.state, answer.after_s, answer.output, answer.worker) == ("A", 30.0, {"n": 7}, "till-1")


def _taken(simulation, task):
    found = simulation.tokens.find(task.token)
    simulation.scheduler.at(simulation.clock.now() + 30, lambda: found.succeed({"n": 7}))
    return "till-1"


def test_several_executions_are_several_runs():
    state = {"Type": "Task", "Resource": f"{FUNCTION}work", "End": True}
    definition = {"StartAt": "A", "States": {"A": state}}
    outcomes = [TaskSucceeded({"n": 1}), TaskFailed("Oops", "c")]
    both = [recorded(execute(definition, lambda _: outcomes.pop(0))) for _ in range(2)]
    scenario = scenario_of(imported(both, machine_of(definition), Options(stubbed=True)))
    assert [run.name for run in scenario.runs] == ["run-1", "run-2"]
    assert [(task.run, task.error) for task in scenario.tasks] == [("run-1", None), ("run-2", "Oops")]
