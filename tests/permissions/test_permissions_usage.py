from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from permission_samples import HERE, ROLE, execution, invocation, role, trust, with_role

from harness.acceptance import Acceptance
from harness.observe.access import NamedPolicy, Role
from harness.observe.model import Observation
from harness.permissions.usage import TRUST, StatementUse, Usage
from harness.testing import a_call, a_history, observed

TOPIC = f"arn:aws:sns:{HERE}:usage-ReportTopic-1A2B"
STATEMENTS: tuple[dict[str, Any], ...] = (
    {"Sid": "Read", "Effect": "Allow", "Action": ["s3:List*", "s3:GetObject"], "Resource": "arn:aws:s3:::*"},
    {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"},
    {"Effect": "Allow", "Action": "sns:Publish", "Resource": [TOPIC, f"arn:aws:sns:{HERE}:usage-other"]},
)
ACCESS: dict[str, Any] = {"declared": {TOPIC: "!Ref ReportTopic"}, "stacks": {"usage": ""}}
LISTING = a_call("s3:ListObjectsV2", Bucket="photos")
PUBLISHING = a_call("sns:Publish", TopicArn=TOPIC)


def used(*observations: Observation) -> Usage:
    usage = Usage()
    for observation in observations:
        usage.add(observation)
    return usage


def uses(*observations: Observation) -> dict[tuple[str, int], StatementUse]:
    return {(use.policy, use.index): use for use in used(*observations).statements}


def test_what_was_used_and_what_was_not() -> None:
    found = uses(with_role(role(*STATEMENTS), invocation(LISTING, PUBLISHING), **ACCESS))
    assert list(found) == [("own", 0), ("own", 2), (TRUST, 0)]  # a Deny grants nothing
    reading, publishing, trusting = found.values()
    assert (reading.role, reading.sid) == ("DeleteRole", "Read")
    assert reading.actions == {"s3:List*": {"s3:ListBucket"}, "s3:GetObject": set()}
    assert list(reading.unused) == [("s3:GetObject", "arn:${AWS::Partition}:s3:::*")]
    assert list(reading.wildcards) == [("s3:List*", ("s3:ListBucket",))]
    other = "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${AWS::StackName}-other"
    assert publishing.resources == ("!Ref ReportTopic", other)
    assert list(publishing.unused) == [("sns:Publish", other)]
    assert list(trusting.unused) == []


def test_an_action_that_was_never_used_is_listed_once_with_all_its_resources() -> None:
    _, publishing, _ = uses(with_role(role(*STATEMENTS), invocation(), **ACCESS)).values()
    assert list(publishing.unused) == [("sns:Publish", ", ".join(publishing.resources))]


def test_scenarios_add_up_though_the_names_of_resources_differ() -> None:
    other_topic = TOPIC.replace("1A2B", "3C4D")
    second = json.loads(json.dumps(STATEMENTS).replace("1A2B", "3C4D"))
    found = uses(
        with_role(role(*STATEMENTS), invocation(LISTING), **ACCESS),
        with_role(role(*second), invocation(a_call("sns:Publish", TopicArn=other_topic)), **ACCESS),
    )
    assert found["own", 2].needed == {0}
    assert found["own", 0].actions["s3:List*"] == {"s3:ListBucket"}


def test_a_call_that_would_be_denied_uses_nothing() -> None:
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    found = uses(with_role(role(*STATEMENTS, deny), invocation(LISTING), **ACCESS))
    assert found["own", 0].actions["s3:List*"] == set()


def test_calls_of_which_nothing_is_known_are_told() -> None:
    statement, identity = a_call("dynamodb:ExecuteStatement"), a_call("sts:GetCallerIdentity")
    usage = used(with_role(role(*STATEMENTS), invocation(LISTING, statement, identity, statement)))
    assert usage.unknown == ("dynamodb:ExecuteStatement",)


def test_a_role_with_a_policy_that_is_not_known_is_not_judged() -> None:
    unread = replace(role(*STATEMENTS), unread=("arn:aws:iam::aws:policy/SomeFullAccess",))
    usage = used(with_role(unread, invocation(LISTING)))
    assert (usage.not_judged, usage.statements) == (("DeleteRole",), ())


def test_a_role_of_a_machine_whose_history_is_gone_is_not_judged() -> None:
    machine = replace(role(trusting=trust("states.amazonaws.com"), arn=f"{ROLE}-made"), logical_id="MadeRole")
    name = f"arn:aws:states:{HERE}:stateMachine:M"
    calls = (
        a_call("stepfunctions:CreateStateMachine", name="M", roleArn=machine.arn),
        a_call("stepfunctions:StartExecution", stateMachineArn=name, name="run-1"),
    )
    gone = with_role(role(*STATEMENTS), invocation(*calls))
    access = replace(gone.access, roles={**gone.access.roles, machine.arn: machine})
    assert used(replace(gone, access=access)).not_judged == ("MadeRole",)
    there = replace(gone, access=access, runs=observed(execution(role_arn=machine.arn)).runs)
    assert used(there).not_judged == ()


def test_not_action_is_used_as_a_whole() -> None:
    (use, _) = uses(
        with_role(role({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), invocation(LISTING))
    ).values()
    assert use.actions == {"all but iam:*": {"s3:ListBucket"}}


def test_a_trust_that_nobody_needed_is_unused() -> None:
    two = {
        "Version": "2012-10-17",
        "Statement": [*trust()["Statement"], *trust("states.amazonaws.com")["Statement"]],
    }
    found = uses(with_role(role(trusting=two), invocation()))
    assert list(found[TRUST, 0].unused) == []
    assert list(found[TRUST, 1].unused) == [("sts:AssumeRole", "*")]


def test_roles_of_functions_are_not_judged_where_calls_are_not_recorded() -> None:
    invoked = a_history().calls("lambda:invoke", json.dumps({"FunctionName": "f"}))
    machine = Role(
        f"{ROLE}-machine",
        "MachineRole",
        trust("states.amazonaws.com"),
        (NamedPolicy("m", {"Statement": []}),),
    )
    seen = with_role(role(*STATEMENTS), executions=(execution(history=invoked, role_arn=machine.arn),))
    both = {**seen.access.roles, machine.arn: machine}
    usage = used(
        Observation(runs=seen.runs, access=type(seen.access)(roles=both), account_id="1", region="r")
    )
    assert usage.not_judged == ("DeleteRole",)
    assert {use.role for use in usage.statements} == {"MachineRole"}


def test_an_entry_that_accepts_nothing_in_any_scenario_is_told() -> None:
    entries = tuple(Acceptance("why", role="DeleteRole", action=action) for action in ("sns:*", "sqs:*"))
    access = {**ACCESS, "accepted": entries}
    lacking = with_role(role(STATEMENTS[0]), invocation(PUBLISHING), **access)
    fine = with_role(role(*STATEMENTS), invocation(PUBLISHING), **access)
    assert used(fine).idle == entries
    assert used(fine, lacking, fine).idle == entries[1:]
