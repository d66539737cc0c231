"""Answers to task tokens are checked against the token's state machine or activity."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from permission_samples import HERE, execution, invocation, role, trust, with_role

from harness.functions.shared.sizes import cut, sizes
from harness.observe.model import Observation
from harness.permissions.check import check
from harness.testing import a_call, a_history

MACHINE = f"arn:aws:states:{HERE}:stateMachine:Orders"
EXECUTION = f"arn:aws:states:{HERE}:execution:Orders:run-1"
TOKEN = "AQCEAAAAKgAAAAMAAAAA"
ANSWERS = ("SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat")


def answered(
    resource: str, operation: str = "SendTaskSuccess", token: str = TOKEN, **more: Any
) -> Observation:
    params = {"taskToken": token, "output": "{}"}
    call = replace(a_call(f"stepfunctions:{operation}", **cut(params)), sizes=sizes(params))
    allow = {"Effect": "Allow", "Action": "states:SendTask*", "Resource": resource}
    return replace(with_role(role(allow), invocation(call)), **more)


@pytest.mark.parametrize("operation", ANSWERS)
def test_the_machine_of_the_token(operation: str) -> None:
    tokens = {TOKEN: EXECUTION}
    assert check(answered(MACHINE, operation, task_tokens=tokens)) == ()
    assert check(answered("*", operation, task_tokens=tokens)) == ()
    (denial,) = check(answered(f"{MACHINE}-2", operation, task_tokens=tokens))
    assert (denial.action, denial.resources) == (f"states:{operation}", (MACHINE,))
    assert denial.reason.startswith(f"because no identity-based policy allows the states:{operation} action")


def test_children_of_a_map_and_activities() -> None:
    child = f"arn:aws:states:{HERE}:execution:Orders/Each:0a1b"
    assert check(answered(MACHINE, task_tokens={TOKEN: child})) == ()
    activity = f"arn:aws:states:{HERE}:activity:approve"
    assert check(answered(activity, task_tokens={TOKEN: activity})) == ()
    # "It did NOT work when mapped onto the state machine itself": https://github.com/aws/aws-cdk/pull/8486
    assert check(answered(MACHINE, task_tokens={TOKEN: activity})) != ()


def test_an_engine_that_does_not_tell_has_it_in_its_histories() -> None:
    parameters = json.dumps({"QueueUrl": "q", "MessageBody": {"token": TOKEN}})
    waiting = a_history().calls("sqs:sendMessage.waitForTaskToken", parameters)
    of_orders = execution(machine="Orders", history=waiting, role_arn="")
    runs = with_role(role(), executions=(of_orders,)).runs
    assert check(answered(MACHINE, runs=runs)) == ()
    assert check(answered(f"{MACHINE}-2", runs=runs)) != ()
    # An unknown token may belong to any machine.
    assert check(answered(MACHINE, token="other", runs=runs)) == ()


def test_a_long_token_is_known_by_its_beginning() -> None:
    long = TOKEN * 20
    assert check(answered(MACHINE, token=long, task_tokens={"x": EXECUTION, long: EXECUTION})) == ()
    (denial,) = check(answered("arn:aws:states:x", token=long, task_tokens={long: EXECUTION}))
    assert denial.resources == (MACHINE,)


def test_a_machine_that_answers_is_checked_likewise() -> None:
    parameters = json.dumps({"TaskToken": TOKEN, "Output": {}})
    answers = a_history().calls("aws-sdk:sfn:sendTaskSuccess", parameters)

    def seen(resource: str) -> Observation:
        allow = {"Effect": "Allow", "Action": "states:SendTaskSuccess", "Resource": resource}
        own = role(allow, trusting=trust("states.amazonaws.com"))
        observed = with_role(own, executions=(execution(history=answers),))
        return replace(observed, task_tokens={TOKEN: EXECUTION})

    assert check(seen(MACHINE)) == ()
    assert check(seen(f"arn:aws:states:{HERE}:stateMachine:M")) != ()
