"""Edges in definitions that histories reach."""

from __future__ import annotations

from typing import Any

import pytest
from coverage_support import FUNCTION, coverage, execution, failed, hit, missed, observed

from harness.coverage.record import Recorder, covered
from harness.observe.model import Definition, Observation, Run

TASK: dict[str, Any] = {"Type": "Task", "Resource": FUNCTION}
WAITS = {"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 2}


def _task(**fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {**TASK, **fields}, "Z": {"Type": "Succeed"}}}


CAUGHT = _task(
    Retry=[WAITS],
    Catch=[
        {"ErrorEquals": ["Busy", "Gone"], "Next": "Z"},
        {"ErrorEquals": ["States.ALL"], "Next": "Z"},
    ],
    Next="Z",
)


@pytest.mark.parametrize(
    ("answers", "reached"),
    [
        ([{}], {"A: Next -> Z"}),
        ([failed("Busy"), {}], {"A: Next -> Z", "A: Retry 1: succeeded after a retry"}),
        ([failed("Busy")], {"A: Catch Busy -> Z", "A: Retry 1: used up"}),
        ([failed("Gone")], {"A: Catch Gone -> Z"}),
        ([failed("Busy"), failed("Else")], {"A: Catch States.ALL -> Z"}),
    ],
)
def test_errors_that_lead_to_the_same_state_are_told_apart(answers: list[Any], reached: set[str]) -> None:
    found = hit(coverage(observed(CAUGHT, answers={"A": answers})))
    assert found - {"A: entered", "Z: entered"} == reached


def test_a_retrier_without_attempts_can_only_be_used_up() -> None:
    definition = _task(
        Retry=[{"ErrorEquals": ["Lost"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}],
        Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Z"}],
        Next="Z",
    )
    found = coverage(observed(definition, answers={"A": [failed("Lost")]}))
    assert "A: Retry 1: used up" in hit(found)
    assert "A: Retry 1: succeeded after a retry" not in hit(found) | missed(found)


def test_limits_of_time_are_told_apart() -> None:
    definition = _task(TimeoutSeconds=9, Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "Z"}], Next="Z")
    slow = {**definition, "TimeoutSeconds": 3}
    found = hit(coverage(observed(definition, answers={"A": [failed("States.Timeout")]})))
    assert {"A: Catch States.Timeout -> Z"} <= found
    assert "TimeoutSeconds" in missed(coverage(observed(slow)))


def test_a_machine_that_times_out() -> None:
    states = {"A": {"Type": "Wait", "Seconds": 9, "End": True}}
    found = coverage(observed({"StartAt": "A", "TimeoutSeconds": 3, "States": states}))
    assert hit(found) == {"TimeoutSeconds", "A: entered"}
    assert missed(found) == {"A: End"}


@pytest.mark.parametrize(
    ("value", "reached"),
    [(5, "C: rule 1 -> Z"), (50, "C: rule 2 -> Z"), (500, "C: Default -> Z")],
)
def test_rules_that_lead_to_the_same_state_are_evaluated(value: int, reached: str) -> None:
    rules = [
        {"Variable": "$.n", "NumericLessThan": 10, "Next": "Z"},
        {"And": [{"Variable": "$.n", "NumericLessThan": 100}], "Next": "Z"},
    ]
    states = {"C": {"Type": "Choice", "Choices": rules, "Default": "Z"}, "Z": {"Type": "Succeed"}}
    found = coverage(observed({"StartAt": "C", "States": states}, {"n": value}))
    assert hit(found) == {"C: entered", "Z: entered", reached}


def test_jsonata_conditions_are_evaluated() -> None:
    rules = [{"Condition": "{% $states.input.n = 1 %}", "Next": "Z"}]
    states = {"C": {"Type": "Choice", "Choices": rules, "Default": "Z"}, "Z": {"Type": "Succeed"}}
    machine = {"QueryLanguage": "JSONata", "StartAt": "C", "States": states}
    assert "C: rule 1 -> Z" in hit(coverage(observed(machine, {"n": 1})))
    assert "C: Default -> Z" in hit(coverage(observed(machine, {"n": 2})))


@pytest.mark.parametrize(("items", "reached"), [([], "none"), ([1], "one"), ([1, 2, 3], "many")])
def test_items_of_a_map(items: list[int], reached: str) -> None:
    processor = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    states = {"M": {"Type": "Map", "ItemProcessor": processor, "End": True}}
    found = hit(coverage(observed({"StartAt": "M", "States": states}, items)))
    assert {each for each in found if each.startswith("M: Map")} == {f"M: Map: {reached}"}
    assert ("I: End" in found) == bool(items)


PARALLEL = {
    "StartAt": "P",
    "States": {
        "P": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "L", "States": {"L": {**TASK, "End": True}}},
                {"StartAt": "R", "States": {"R": {"Type": "Pass", "End": True}}},
            ],
            "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["Busy"], "Next": "Z"}, {"ErrorEquals": ["States.ALL"], "Next": "Z"}],
            "Next": "Z",
        },
        "Z": {"Type": "Succeed"},
    },
}


@pytest.mark.parametrize(
    ("answers", "reached"),
    [
        ([{}], {"P: Next -> Z", "P: branch L to its end", "P: branch R to its end"}),
        ([failed("Busy")], {"P: Catch Busy -> Z", "P: Retry 1: used up", "P: branch R to its end"}),
        ([failed("Else")], {"P: Catch States.ALL -> Z", "P: branch R to its end"}),
    ],
)
def test_a_parallel_state_fails_with_the_error_of_its_branch(answers: list[Any], reached: set[str]) -> None:
    found = hit(coverage(observed(PARALLEL, answers={"L": answers})))
    assert {each for each in found if each.startswith("P:")} - {"P: entered"} == reached


def test_a_map_whose_items_are_not_there_has_failed_before_it_started() -> None:
    processor = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    caught = [{"ErrorEquals": ["States.ALL"], "Next": "Z"}]
    fields = {"ItemsPath": "$.items", "ItemProcessor": processor, "Catch": caught, "Next": "Z"}
    states = {"M": {"Type": "Map", **fields}, "Z": {"Type": "Succeed"}}
    found = coverage(observed({"StartAt": "M", "States": states}, {}))
    assert hit(found) == {"M: entered"}


def test_a_parallel_state_that_is_tried_again() -> None:
    found = hit(coverage(observed(PARALLEL, answers={"L": [failed("Busy"), {}]})))
    assert {"P: Retry 1: succeeded after a retry", "P: Next -> Z"} <= found


def test_a_machine_that_never_ran_is_missed_as_a_whole() -> None:
    ran = observed(CAUGHT)
    other = Definition("other", '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}', "Other")
    definitions = {**ran.definitions, "other": other}
    found = coverage(Observation(ran.runs, definitions=definitions))
    (never,) = (each for each in found.machines if each.title == "Other")
    assert (never.executions, never.covered()) == (0, (0, 1))


def test_a_definition_that_the_engine_does_not_tell_is_said() -> None:
    found = coverage(Observation(observed(CAUGHT).runs))
    assert (found.machines, found.unknown) == ((), ("m",))


def _made(number: int) -> dict[str, Any]:
    branches = [
        {
            "StartAt": f"Load{n}",
            "States": {
                f"Load{n}": {
                    **TASK,
                    "Next": f"Keep{n}",
                    "Catch": [{"ErrorEquals": ["X"], "Next": f"Keep{n}"}],
                },
                f"Keep{n}": {"Type": "Pass", "End": True},
            },
        }
        for n in range(number)
    ]
    return {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}}}


def test_machines_made_at_run_time_are_one_when_they_differ_in_numbers_alone() -> None:
    found = coverage(observed(_made(1), declared=""), observed(_made(3), declared=""))
    (machine,) = found.machines
    assert (machine.title, machine.executions) == ("P..Load<n>", 2)
    assert machine.hits["Load<n>\tstate\t"] == 4
    assert list(machine.shape.states) == ["P", "Load<n>", "Keep<n>"]
    assert missed(found) == {"Load<n>: Catch X -> Keep<n>"}


def test_machines_of_a_template_and_unlike_states_keep_their_names() -> None:
    (declared,) = coverage(observed(_made(2))).machines
    assert list(declared.shape.states) == ["P", "Load0", "Keep0", "Load1", "Keep1"]
    unlike = {
        "StartAt": "Step1",
        "States": {"Step1": {**TASK, "Next": "Step2"}, "Step2": {"Type": "Pass", "End": True}},
    }
    (made,) = coverage(observed(unlike, declared="")).machines
    assert list(made.shape.states) == ["Step1", "Step2"]


def test_states_of_one_shape_that_lead_elsewhere_have_all_of_their_ends() -> None:
    chain = {
        "StartAt": "S1",
        "States": {"S1": {**TASK, "Next": "S2"}, "S2": {**TASK, "Next": "S3"}, "S3": {**TASK, "End": True}},
    }
    found = coverage(observed(chain, declared=""))
    assert hit(found) == {"S<n>: entered", "S<n>: Next -> S<n>", "S<n>: End"}


def test_records_of_several_processes_give_the_same_as_one() -> None:
    seen = [observed(CAUGHT, answers={"A": [failed("Gone")]}), observed(_made(2), declared="")]
    whole, together = Recorder(), Recorder()
    for each in seen:
        whole.add(each, "scenarios/a.yaml")
        part = Recorder()
        part.add(each, "scenarios/a.yaml")
        together.merge(part.data())
    assert together.data() == whole.data()
    assert together.coverage().percentages == whole.coverage().percentages


def test_an_update_brings_its_own_edges() -> None:
    more = {**CAUGHT["States"]["A"], "Next": "B"}
    new = {**CAUGHT, "States": {**CAUGHT["States"], "A": more, "B": {"Type": "Succeed"}}}
    found = coverage(observed(CAUGHT), observed(new))
    assert {"A: Next -> Z", "A: Next -> B", "B: entered"} <= hit(found)


def test_items_of_a_distributed_map_count_for_the_machine() -> None:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "I",
        "States": {"I": {"Type": "Pass", "End": True}},
    }
    machine = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": processor, "End": True}}}
    seen = observed(machine, [1])
    item = execution({"StartAt": "I", "States": processor["States"]}, None, {})
    (run,) = seen.runs
    with_items = Observation(
        (Run("run-1", run.execution),),
        definitions=seen.definitions,
        map_items={run.execution.arn: (item,)},
    )
    assert "I: End" in hit(covered([("s", with_items)]))
