from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from expect_samples import seen

from harness.expect import BUILT_IN
from harness.expect.compare import compare
from harness.observe.access import Access, NamedPolicy, Role
from harness.observe.model import Observation
from harness.report.failure import headline
from harness.scenario.load import parse
from harness.testing import ACCOUNT_ID, REGION, a_call, a_history, an_execution, an_invocation

ROLE, MACHINE_ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/delete", f"arn:aws:iam::{ACCOUNT_ID}:role/machine"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:report"
SCENARIO = parse("title: x\nexpect: {messages: []}\n", BUILT_IN, Path("x.yaml"))


def observation(statement: Mapping[str, object]) -> Observation:
    published = a_history().calls("sns:publish", json.dumps({"TopicArn": TOPIC}))
    delete = a_call(
        "stepfunctions:DeleteStateMachine",
        stateMachineArn=f"arn:aws:states:{REGION}:{ACCOUNT_ID}:stateMachine:r",
    )
    policy = NamedPolicy("own", {"Version": "2012-10-17", "Statement": [statement]})
    services = ["lambda.amazonaws.com", "states.amazonaws.com"]
    trust = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}
    roles = {arn: Role(arn, "R", {"Statement": [trust]}, (policy,)) for arn in (ROLE, MACHINE_ROLE)}
    return seen(
        an_execution(history=published, machine="M", role_arn=MACHINE_ROLE),
        invocations=[an_invocation("u-delete", delete, role_arn=ROLE)],
        access=Access(roles=roles),
    )


def test_calls_that_the_roles_allow_are_fine() -> None:
    everything = {"Effect": "Allow", "Action": ["states:*", "sns:*"], "Resource": "*"}
    assert compare(SCENARIO, observation(everything)) == ()


def test_a_call_of_a_function_without_the_permission_is_a_mismatch() -> None:
    (mismatch,) = compare(SCENARIO, observation({"Effect": "Allow", "Action": "sns:*", "Resource": "*"}))
    assert headline(mismatch) == (
        "x.yaml:1: permissions: AWS would refuse this: role delete may not states:DeleteStateMachine on "
        "arn:aws:states:eu-west-1:123456789012:stateMachine:r (called by function u-delete): "
        "because no identity-based policy allows the states:DeleteStateMachine action"
    )
    assert mismatch.remedy == (
        "# add to the policies of role R in the template:\n"
        "- Effect: Allow\n"
        "  Action: states:DeleteStateMachine\n"
        '  Resource: !Sub "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:r"'
    )


def test_a_call_of_the_machine_itself_without_the_permission_is_a_mismatch() -> None:
    (mismatch,) = compare(SCENARIO, observation({"Effect": "Allow", "Action": "states:*", "Resource": "*"}))
    assert mismatch.summary == (
        f"AWS would refuse this: role machine may not sns:Publish on {TOPIC} "
        "(called by state machine M): because no identity-based policy allows the sns:Publish action"
    )


def test_a_role_that_lambda_may_not_assume_is_a_mismatch() -> None:
    seen = observation({"Effect": "Allow", "Action": ["states:*", "sns:*"], "Resource": "*"})
    nobody = {arn: replace(role, trust={"Statement": []}) for arn, role in seen.access.roles.items()}
    machine, function = compare(SCENARIO, replace(seen, access=Access(roles=nobody)))[::-1]
    assert function.summary == (
        "AWS would refuse this: role delete for function u-delete: "
        "lambda.amazonaws.com may not assume it: no statement allows it"
    )
    assert machine.remedy == (
        "# add to the AssumeRolePolicyDocument of role R in the template:\n"
        "- Effect: Allow\n"
        "  Principal: {Service: states.amazonaws.com}\n"
        "  Action: sts:AssumeRole"
    )


def test_nothing_is_checked_when_no_policies_are_known() -> None:
    nothing = replace(observation({"Effect": "Deny", "Action": "*", "Resource": "*"}), access=Access())
    assert compare(SCENARIO, nothing) == ()
