from __future__ import annotations

import json
from dataclasses import replace

from permission_samples import MACHINE, ROLE, execution, invocation, role, trust, with_role

from harness.expect import BUILT_IN
from harness.expect.permissions import compare
from harness.observe.model import Observation
from harness.permissions.callers import CallingState, calling_states
from harness.permissions.check import check
from harness.scenario.load import parse
from harness.testing import a_call, a_history, arn

SCENARIO = parse("title: T\nexpect: {machines: {left: []}}\n", BUILT_IN)
TOPIC = arn("sns", "report")
DELETE = a_call("stepfunctions:DeleteStateMachine", stateMachineArn=MACHINE)
PUBLISHES = (
    a_history()
    .event("ExecutionStarted")
    .enters("Tell")
    .calls("sns:publish", json.dumps({"TopicArn": TOPIC}))
    .succeeds()
    .exits("Tell")
    .enters("Again")
    .calls("sns:publish", json.dumps({"TopicArn": TOPIC}))
    .succeeds()
)
OF_STATES = role(trusting=trust("states.amazonaws.com"))


def by_a_function(state: str = "Delete") -> Observation:
    started = replace(execution(), role_arn="")
    called = invocation(DELETE, execution_arn=started.arn, state=state)
    seen = with_role(role(), called, executions=(started,))
    return replace(seen, functions={"usage-delete": "DeleteFunction"})


def test_the_states_of_a_machine_that_made_the_refused_call_are_found() -> None:
    seen = with_role(OF_STATES, executions=(execution(history=PUBLISHES),))
    (denial,) = check(seen)
    assert [(each.state, each.function) for each in calling_states(denial, seen)] == [
        ("Tell", ""),
        ("Again", ""),
    ]
    (mismatch,) = compare(SCENARIO, seen)
    assert "(called by states Tell and Again of state machine M)" in mismatch.summary
    assert mismatch.remedy.startswith("# state Tell calls sns:Publish\n# state Again calls sns:Publish\n")


def test_the_state_that_invoked_a_function_is_found() -> None:
    seen = by_a_function()
    (denial,) = check(seen)
    (found,) = calling_states(denial, seen)
    assert found == CallingState(seen.runs[0].execution, "Delete", "function usage-delete", "DeleteFunction")
    (mismatch,) = compare(SCENARIO, seen)
    assert "(called by function usage-delete in state Delete)" in mismatch.summary
    wanted = "# state Delete invokes DeleteFunction, which calls states:DeleteStateMachine\n"
    assert mismatch.remedy.startswith(wanted)


def test_a_call_from_no_state_names_none() -> None:
    seen = by_a_function("")
    (denial,) = check(seen)
    assert calling_states(denial, seen) == ()
    (mismatch,) = compare(SCENARIO, seen)
    assert "(called by function usage-delete) because" in mismatch.summary


def test_a_state_with_another_role_or_another_call_is_none_of_them() -> None:
    other = with_role(OF_STATES, executions=(execution(history=PUBLISHES),))
    (denial,) = check(other)
    assert calling_states(replace(denial, role_arn=f"{ROLE}-other"), other) == ()
    assert calling_states(replace(denial, action="sns:Subscribe"), other) == ()
