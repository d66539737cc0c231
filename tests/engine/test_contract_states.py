"""State machine computations: flow, paths, the context object, and intrinsic functions."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from contract import Lab, output_of

END: dict[str, Any] = {"Type": "Pass", "End": True}


def test_pass_shapes_its_output(lab: Lab) -> None:
    states = {
        "First": {"Type": "Pass", "Result": {"n": 1}, "ResultPath": "$.added", "Next": "Second"},
        "Second": {
            "Type": "Pass",
            "Parameters": {"fixed": True, "n.$": "$.added.n", "all": {"of.$": "$"}},
            "Next": "Third",
        },
        "Third": {"Type": "Pass", "InputPath": "$.all", "OutputPath": "$.of", "End": True},
    }
    execution = lab.play(states, {"given": "x"})
    assert output_of(execution) == {"given": "x", "added": {"n": 1}}
    second = next(e for e in execution.events if e.details.get("name") == "Second" and "output" in e.details)
    assert json.loads(second.details["output"])["n"] == 1


def test_a_result_path_of_null_keeps_the_input(lab: Lab) -> None:
    states = {"Only": {"Type": "Pass", "Result": "dropped", "ResultPath": None, "End": True}}
    assert output_of(lab.play(states, {"kept": 1})) == {"kept": 1}


def test_choice_compares_and_has_a_default(lab: Lab) -> None:
    states: dict[str, Any] = {
        "Choice": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.status", "StringEquals": "SUCCEEDED", "Next": "Good"},
                {
                    "And": [
                        {"Variable": "$.count", "IsPresent": True},
                        {"Variable": "$.count", "NumericGreaterThan": 9},
                    ],
                    "Next": "Many",
                },
            ],
            "Default": "Other",
        },
        **dict.fromkeys(("Good", "Many", "Other"), END),
    }
    machine = lab.machine(states)
    paths = [
        lab.execute(machine, input, f"run-{n}").path
        for n, input in enumerate(
            [{"status": "SUCCEEDED"}, {"status": "", "count": 10}, {"status": "", "count": 9}]
        )
    ]
    assert paths == [("Choice", "Good"), ("Choice", "Many"), ("Choice", "Other")]


def test_a_choice_that_fits_nothing_is_an_error(lab: Lab) -> None:
    states = {
        "Choice": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "One"}]},
        "One": END,
    }
    execution = lab.play(states, {"n": 2})
    # Measured on AWS by others. AWS's documentation has States.NoChoiceMatched.
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")


def test_wait_lasts_as_long_as_it_says(lab: Lab) -> None:
    states = {"Wait": {"Type": "Wait", "SecondsPath": "$.s", "End": True}}
    execution = lab.play(states, {"s": 1})
    entered, exited = (
        next(e.timestamp for e in execution.events if e.type == kind)
        for kind in ("WaitStateEntered", "WaitStateExited")
    )
    assert (exited - entered).total_seconds() >= 0.95
    assert output_of(execution) == {"s": 1}


def test_branches_run_side_by_side_and_give_their_results_in_order(lab: Lab) -> None:
    def branch(name: str, seconds: int) -> dict[str, Any]:
        wait = {"Type": "Wait", "Seconds": seconds, "Next": name}
        look = {**END, "Parameters": {"name": name, "entered.$": "$$.State.EnteredTime"}}
        return {"StartAt": f"{name}Wait", "States": {f"{name}Wait": wait, name: look}}

    states = {
        "Parallel": {"Type": "Parallel", "Branches": [branch("Slow", 1), branch("Fast", 0)], "End": True}
    }
    slow, fast = output_of(lab.play(states))
    assert (slow["name"], fast["name"]) == ("Slow", "Fast")
    assert datetime.fromisoformat(fast["entered"]) < datetime.fromisoformat(slow["entered"])


def test_parallel_hands_its_input_to_every_branch(lab: Lab) -> None:
    branches = [{"StartAt": f"B{n}", "States": {f"B{n}": {**END, "InputPath": "$.run_id"}}} for n in range(3)]
    states = {"Parallel": {"Type": "Parallel", "Branches": branches, "ResultPath": "$.all", "End": True}}
    assert output_of(lab.play(states, {"run_id": "r"})) == {"run_id": "r", "all": ["r", "r", "r"]}


def test_the_context_object_tells_of_the_execution(lab: Lab) -> None:
    parameters = {
        "name.$": "$$.Execution.Name",
        "id.$": "$$.Execution.Id",
        "input.$": "$$.Execution.Input",
        "started.$": "$$.Execution.StartTime",
        "role.$": "$$.Execution.RoleArn",
        "state.$": "$$.State.Name",
        "entered.$": "$$.State.EnteredTime",
        "machine.$": "$$.StateMachine.Name",
        "machine_arn.$": "$$.StateMachine.Id",
    }
    machine = lab.machine({"Look": {"Type": "Pass", "Parameters": parameters, "End": True}})
    execution = lab.execute(machine, {"n": 1}, "named")
    seen = output_of(execution)
    started, entered = (datetime.fromisoformat(seen.pop(key)) for key in ("started", "entered"))
    # To the millisecond, like the context object.
    assert abs(execution.started_at - started) < timedelta(milliseconds=1)
    assert execution.stopped_at is not None
    assert started <= entered <= execution.stopped_at
    assert seen == {
        "name": "named",
        "id": execution.arn,
        "input": {"n": 1},
        "role": lab.role_arn,
        "state": "Look",
        "machine": machine.rsplit(":", 1)[-1],
        "machine_arn": machine,
    }


def test_paths_reach_into_lists_and_odd_names(lab: Lab) -> None:
    parameters = {
        "first.$": "$.list[0]",
        "inner.$": "$.list[1].name",
        "odd.$": "$['a name']['.jpg']",
        "whole.$": "$",
    }
    given = {"list": [1, {"name": "x"}], "a name": {".jpg": [1, 2]}}
    seen = output_of(lab.play({"Look": {"Type": "Pass", "Parameters": parameters, "End": True}}, given))
    assert seen == {"first": 1, "inner": "x", "odd": [1, 2], "whole": given}


def test_a_path_that_leads_nowhere_is_an_error(lab: Lab) -> None:
    states = {"Look": {"Type": "Pass", "Parameters": {"x.$": "$.nothing"}, "End": True}}
    execution = lab.play(states)
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert "$.nothing" in (execution.cause or "")


def test_format_and_string_to_json(lab: Lab) -> None:
    parameters = {
        "text.$": "States.Format('{} of {}: {}', $.n, $.name, $$.Execution.Name)",
        "lines.$": "States.Format($.template, $.name)",
        "value.$": "States.StringToJson($.json)",
    }
    given = {"n": 3, "name": "it's", "template": "a\n{}\n", "json": '{"errorMessage": "ä \\"q\\""}'}
    seen = output_of(lab.play({"Look": {"Type": "Pass", "Parameters": parameters, "End": True}}, given))
    assert seen == {
        "text": "3 of it's: run-1",
        "lines": "a\nit's\n",
        "value": {"errorMessage": 'ä "q"'},
    }


def test_text_survives_as_it_is(lab: Lab) -> None:
    given = {"text": 'schön \U0001f4f7 \u2028 " \\ \n', "number": 12_000_000_000, "none": None, "list": []}
    assert output_of(lab.play({"Only": END}, given)) == given


def test_the_input_of_an_execution_is_kept_as_text(lab: Lab) -> None:
    assert json.loads(lab.play({"Only": END}, {"n": 1}).input) == {"n": 1}
