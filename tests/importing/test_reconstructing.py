"""Definitions reconstructed from histories: observed parts are included, and guesses are reported."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import recording_replay as recordings
from aws_recordings import execution_of
from exported import FUNCTION, execute
from random_runs import runs
from replaying import recorded

from harness.histories import RecordedExecution
from harness.importing.reconstructing import Reconstructed, reconstructed
from harness.replay.playing import Replayed, replay
from harness.states import TaskFailed, TaskRequest, TaskSucceeded, parse

SEND = "arn:aws:states:::sqs:sendMessage"


def task(resource: str = f"{FUNCTION}work", **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, **fields}


def machine(**states: Any) -> dict[str, Any]:
    """A definition with consecutive states, except where a state specifies otherwise."""
    names = list(states)
    for name, then in zip(names, [*names[1:], ""], strict=True):
        if not {"Next", "End", "Choices"} & set(states[name]) and states[name]["Type"] not in (
            "Fail",
            "Succeed",
        ):
            states[name] |= {"Next": then} if then else {"End": True}
    return {"StartAt": names[0], "States": states}


def again(execution: RecordedExecution, *others: RecordedExecution) -> Reconstructed:
    """The definition from histories, each of which replays identically with it."""
    made = reconstructed([execution, *others])
    for each in (execution, *others):
        assert replay(each, parse(json.dumps(made.definition))).differences == ()
    return made


def ran(
    definition: dict[str, Any], answer: Any = lambda _: TaskSucceeded({}), **how: Any
) -> RecordedExecution:
    return recorded(execute(definition, answer, **how))


def test_states_that_follow_each_other():
    definition = machine(
        Ask=task(ResultPath="$.asked", TimeoutSeconds=60),
        Shape={"Type": "Pass", "Parameters": {"who.$": "$.asked.name", "kind": "order"}},
        Rest={"Type": "Wait", "Seconds": 90},
        Tell=task(SEND, Parameters={"QueueUrl": "q", "MessageBody": {"to.$": "$.who"}}, ResultPath=None),
        Done={"Type": "Succeed"},
    )
    made = again(ran(definition, lambda _: TaskSucceeded({"name": "ada"}), input='{"id": 4711}'))
    states = made.definition["States"]
    assert list(states) == ["Ask", "Shape", "Rest", "Tell", "Done"]
    assert states["Ask"] == definition["States"]["Ask"]
    assert states["Rest"] == definition["States"]["Rest"]
    for name in ("Shape", "Tell"):
        assert {key: each for key, each in states[name].items() if key != "Comment"} == definition["States"][
            name
        ]
    assert made.guessed == (
        "state 'Shape': Parameters.who: it equals $.asked.name, but may be a constant",
        "state 'Tell': Parameters.MessageBody.to: it equals $.who, but may be a constant",
    )
    assert states["Tell"]["Comment"] == (
        "guessed: Parameters.MessageBody.to: it equals $.who, but may be a constant"
    )


def test_a_value_that_stands_nowhere_is_a_constant_that_is_said_where_it_differs():
    definition = machine(
        Each={
            "Type": "Map",
            "ItemProcessor": machine(
                Tell=task(SEND, Parameters={"QueueUrl": "q", "MessageBody.$": "States.Format('to {}', $)"})
            ),
        }
    )
    made = reconstructed([ran(definition, input='["ada", "bob"]')])
    tell = made.definition["States"]["Each"]["ItemProcessor"]["States"]["Tell"]
    assert tell["Parameters"] == {"QueueUrl": "q", "MessageBody": "to ada"}
    sentence = "MessageBody: it varies, and has no unique path in the input"
    assert f"state 'Tell': Parameters.{sentence}" in made.guessed


def test_attempts_are_a_retry_and_what_follows_a_failure_is_a_catch():
    retry = {"ErrorEquals": ["Oops"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 3.0}
    catch = {"ErrorEquals": ["Oops"], "ResultPath": "$.why", "Next": "Sorry"}
    definition = machine(
        Try=task(Retry=[retry], Catch=[catch], Next="Done"),
        Sorry={"Type": "Fail", "Error": "Sorry", "Cause": "it was so"},
        Done={"Type": "Succeed"},
    )
    failed = ran(definition, lambda _: TaskFailed("Oops", "no"), input='{"id": 1}')
    alone = again(failed)
    state = alone.definition["States"]["Try"]
    assert state["Retry"] == [retry]
    assert state["Catch"] == [catch]
    assert alone.definition["States"]["Sorry"] == definition["States"]["Sorry"]
    assert "state 'Try': Catch of Oops: it may catch other errors, too" in alone.guessed
    assert "state 'Try': Next: unknown, because it never succeeded" in alone.guessed
    succeeded = ran(definition, input='{"id": 1}')
    both = again(failed, succeeded)
    assert both.definition["States"]["Try"]["Next"] == "Done"
    assert not any("Next" in each for each in both.guessed)


def test_a_retry_that_helped_may_have_had_more():
    flaky = iter([TaskFailed("Oops", "no"), TaskSucceeded(1)])
    definition = machine(Try=task(Retry=[{"ErrorEquals": ["Oops"], "IntervalSeconds": 5, "MaxAttempts": 9}]))
    made = again(ran(definition, lambda _: next(flaky)))
    assert made.definition["States"]["Try"]["Retry"] == [
        {"ErrorEquals": ["Oops"], "IntervalSeconds": 5, "MaxAttempts": 1}
    ]
    assert "state 'Try': Retry for Oops: 1 retry was seen; there may be more" in made.guessed


def test_a_broad_retry_comes_after_those_that_it_matches_too():
    flaky = iter([TaskFailed("States.TaskFailed", "no"), TaskFailed("Oops", "no"), TaskSucceeded(1)])
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": 2}
    made = again(ran(machine(Try=task(SEND, Parameters={"a": "b"}, Retry=[retry])), lambda _: next(flaky)))
    names = [each["ErrorEquals"] for each in made.definition["States"]["Try"]["Retry"]]
    assert names == [["Oops"], ["States.TaskFailed"]]


def test_branches_are_in_the_order_of_their_results():
    slow_first = {"Slow": 3.0, "Fast": 0.1}

    def answer(request: TaskRequest) -> TaskSucceeded:
        return TaskSucceeded(request.state_name, duration_s=slow_first[request.state_name])

    branches = [machine(Slow=task()), machine(Fast=task())]
    definition = machine(Both={"Type": "Parallel", "Branches": branches, "ResultPath": "$.both"})
    made = again(ran(definition, answer, input='{"id": 1}'))
    both = made.definition["States"]["Both"]
    assert [each["StartAt"] for each in both["Branches"]] == ["Slow", "Fast"]
    assert both["ResultPath"] == "$.both"
    assert made.guessed == ()


def test_a_map_has_its_items_and_what_they_are_given():
    definition = machine(
        Each={
            "Type": "Map",
            "ItemsPath": "$.orders",
            "ItemSelector": {"order.$": "$$.Map.Item.Value", "for.$": "$.customer"},
            "MaxConcurrency": 2,
            "ItemProcessor": machine(Ship=task()),
            "ResultPath": None,
        }
    )
    given = json.dumps({"orders": [{"id": 11}, {"id": 12}, {"id": 13}], "customer": "ada"})
    made = again(ran(definition, input=given))
    each = made.definition["States"]["Each"]
    assert {key: value for key, value in each.items() if key != "Comment"} == definition["States"]["Each"]


@pytest.mark.parametrize(
    ("inputs", "path"),
    [(["$.kind"], "$.kind"), (["$.kind", "$.other"], "")],
    ids=["one scalar", "several"],
)
def test_a_choice_goes_by_the_one_scalar_that_tells(inputs, path):
    definition = machine(
        Which={
            "Type": "Choice",
            "Choices": [{"Variable": "$.kind", "StringEquals": "big", "Next": "Big"}],
            "Default": "Small",
        },
        Big={"Type": "Succeed"},
        Small={"Type": "Succeed"},
    )
    other = "$.other" in inputs
    given = [{"kind": kind, "id": 7} | ({"other": len(kind)} if other else {}) for kind in ("big", "small")]
    executions = [ran(definition, input=json.dumps(each)) for each in given]
    made = reconstructed(executions)
    which = made.definition["States"]["Which"]
    parse(json.dumps(made.definition))
    if path:
        assert again(*executions) == made
        assert f"state 'Which': its rules are unknown: only {path} distinguishes the inputs" in made.guessed
    else:
        assert which["Choices"] == [{"Variable": "$", "IsPresent": False, "Next": "Small"}]
        assert any("2 paths in the input distinguish them" in each for each in made.guessed)


def test_one_way_of_a_choice_is_its_default():
    definition = machine(
        Which={
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "A"}],
            "Default": "B",
        },
        A={"Type": "Succeed"},
        B={"Type": "Succeed"},
    )
    made = again(ran(definition, input='{"a": 5}'))
    assert made.definition["States"]["Which"]["Default"] == "B"
    assert "it went only to 'B'" in made.guessed[0]


def test_random_runs_replay_the_same():
    """Three in a hundred may differ: Fail states with several errors, and Choice rules without evidence."""
    same = 0
    for run in runs(60, seed=7):
        execution = recorded(run.executions[0])
        made = reconstructed([execution])
        same += replay(execution, parse(json.dumps(made.definition))).same
    assert same >= 58


@pytest.mark.skipif(
    recordings.recordings() is None,
    reason=f"AWS's recordings are not here: set {recordings.VARIABLE} to their folder",
)
def test_most_of_aws_recordings_replay_the_same():
    """The others fail for reasons that no history shows: an expression, a path that matches nothing."""
    same = [case for case in recordings.cases() if _replayed(case).same]
    print(f"{len(same)} of {len(recordings.cases())}")
    assert len(same) >= 237


def _replayed(case: recordings.Case) -> Replayed:
    execution = execution_of(case)
    text = json.dumps(reconstructed([execution]).definition)
    # The recordings mask function names, which every ARN requires.
    text = re.sub(r'("Resource": )"arn:[^"]*<[^"]*"', rf'\1"{FUNCTION}hidden"', text)
    return replay(execution, parse(text), also=recordings.same_text)
