"""Definitions of machines that runs create, on both sides."""

from __future__ import annotations

import json
from dataclasses import replace

from harness.gate.made_machines import HANDLING, compared
from harness.observe.model import Definition, Observation
from harness.testing import an_execution, observed


def made(branches: int, attempts: int, name: str = "") -> Observation:
    states = [
        {
            f"Count{number}": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sns:publish",
                "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": attempts}],
                "End": True,
            }
        }
        for number in range(branches)
    ]
    fan = {
        "Type": "Parallel",
        "End": True,
        "Branches": [{"StartAt": next(iter(s)), "States": s} for s in states],
    }
    text = json.dumps({"StartAt": "Fan", "States": {"Fan": fan}})
    execution = an_execution()
    definition = Definition(execution.machine_arn, text, name)
    return replace(observed(execution), definitions={execution.arn: definition})


def test_a_state_that_is_retried_less_is_found_once_for_all_branches() -> None:
    (found,) = compared(made(2, 10), made(3, 0))
    assert found.rule is HANDLING
    made_by_a_run = "the machine Fan..Count<n>, created during a run: Count<n>"
    assert found.message == f"{made_by_a_run} States.ALL is retried with MaxAttempts 0, previously 10"


def test_more_branches_and_machines_of_templates_are_no_change() -> None:
    assert not list(compared(made(2, 10), made(40, 10)))
    assert not list(compared(made(2, 10, "Declared"), made(2, 0, "Declared")))
