from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from expect_samples import seen

from harness.acceptance import Acceptance
from harness.expect import BUILT_IN
from harness.expect.compare import accepted, compare
from harness.notes import Note
from harness.observe.access import Access, NamedPolicy, Role
from harness.observe.model import Observation
from harness.report.failure import headline
from harness.scenario.load import parse
from harness.scenario.position import Position
from harness.stack.origins import origins_in
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
        "x.yaml:1: permissions: AWS would refuse this: role delete is not authorized to perform: "
        "states:DeleteStateMachine on resource: arn:aws:states:eu-west-1:123456789012:stateMachine:r "
        "(called by function u-delete) because no identity-based policy allows the "
        "states:DeleteStateMachine action"
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
        f"AWS would refuse this: role machine is not authorized to perform: sns:Publish on resource: {TOPIC} "
        "(called by state machine M) because no identity-based policy allows the sns:Publish action"
    )


def test_a_role_that_lambda_may_not_assume_is_a_mismatch() -> None:
    seen = observation({"Effect": "Allow", "Action": ["states:*", "sns:*"], "Resource": "*"})
    nobody = {arn: replace(role, trust={"Statement": []}) for arn, role in seen.access.roles.items()}
    machine, function = compare(SCENARIO, replace(seen, access=Access(roles=nobody)))[::-1]
    assert function.summary == (
        "AWS would refuse this: role delete for function u-delete: "
        "lambda.amazonaws.com is not authorized to perform: sts:AssumeRole "
        "because no statement in the role's trust policy allows it"
    )
    assert machine.remedy == (
        "# add to the AssumeRolePolicyDocument of role R in the template:\n"
        "- Effect: Allow\n"
        "  Principal: {Service: states.amazonaws.com}\n"
        "  Action: sts:AssumeRole"
    )


TEMPLATE = """\
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      PermissionsBoundary: !Ref Bounds
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - {Effect: Deny, Action: "sns:*", Resource: "*"}
              - {Effect: Allow, Action: "states:*", Resource: "*"}
  Key: {Type: AWS::KMS::Key}
"""
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def in_template(tmp_path: Path, statement: Mapping[str, object], **access: object) -> Observation:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    seen = observation(statement)
    return replace(seen, access=replace(seen.access, origins=origins_in(path), **access))


def test_the_place_is_the_template_s(tmp_path: Path) -> None:
    seen = in_template(tmp_path, {"Effect": "Allow", "Action": "sns:*", "Resource": "*"})
    (missing,) = compare(SCENARIO, seen)
    assert missing.where == Position(tmp_path / "template.yaml", 7, 7)
    assert missing.remedy.startswith(
        f"# {tmp_path}/template.yaml:7: add to the policies of role R in the template:\n- Effect"
    )
    denied = in_template(tmp_path, {"Effect": "Deny", "Action": "sns:*", "Resource": "*"})
    assert [m.where.line for m in compare(SCENARIO, denied)] == [7, 11]
    nobody = {arn: replace(role, trust={"Statement": []}) for arn, role in seen.access.roles.items()}
    untrusted = compare(SCENARIO, replace(seen, access=replace(seen.access, roles=nobody)))
    assert {mismatch.where.line for mismatch in untrusted} == {5, 7}


def test_the_place_of_a_boundary_and_of_the_organization(tmp_path: Path) -> None:
    only_states = {"Statement": {"Effect": "Allow", "Action": "states:*", "Resource": "*"}}
    seen = in_template(tmp_path, EVERYTHING)
    bound = {
        arn: replace(role, boundary=NamedPolicy("arn:b", only_states))
        for arn, role in seen.access.roles.items()
    }
    (outside,) = compare(SCENARIO, replace(seen, access=replace(seen.access, roles=bound)))
    assert outside.where.line == 6
    assert "template.yaml:6: add to the permissions boundary of role R in the template:" in outside.remedy
    scp = NamedPolicy(str(tmp_path / "scp.json"), only_states)
    (denied,) = compare(SCENARIO, in_template(tmp_path, EVERYTHING, organization=(scp,)))
    assert denied.where == Position(tmp_path / "scp.json")
    assert denied.remedy.startswith(f"# {tmp_path}/scp.json:1: add to the service control policy:")


def test_a_template_without_the_role_or_that_is_gone_leaves_the_scenario_s_place(tmp_path: Path) -> None:
    seen = in_template(tmp_path, {"Effect": "Allow", "Action": "sns:*", "Resource": "*"})
    for text in ("Resources: {}", "{", "\ta: b"):
        (tmp_path / "template.yaml").write_text(text)
        (mismatch,) = compare(SCENARIO, seen)
        assert (mismatch.where.path, mismatch.remedy[:36]) == (
            Path("x.yaml"),
            "# add to the policies of role R in t",
        )
    (tmp_path / "template.yaml").unlink()
    (mismatch,) = compare(SCENARIO, seen)
    assert mismatch.where.path == Path("x.yaml")


@pytest.mark.parametrize(
    ("entry", "accepts"),
    [
        ({"role": "R", "action": "sns:Publish"}, True),
        ({"role": "R", "action": "SNS:*"}, True),
        ({"role": "machin?", "action": "sns:Publish", "resource": TOPIC}, True),
        ({"role": MACHINE_ROLE, "action": "sns:Publish", "resource": "*:report"}, True),
        ({"role": "R", "action": "*", "resource": "!Ref ReportTopic"}, True),
        ({"role": "R", "action": "*", "resource": "ReportTopic"}, True),
        ({"role": "Other", "action": "sns:Publish"}, False),
        ({"role": "R", "action": "sns:Subscribe"}, False),
        ({"role": "R", "action": "sns:Publish", "resource": f"{TOPIC}2"}, False),
    ],
)
def test_a_permission_can_be_accepted(entry: dict[str, str], accepts: bool) -> None:
    seen = observation({"Effect": "Allow", "Action": "states:*", "Resource": "*"})
    acceptance = Acceptance("made by hand", **entry, file=Path("pyproject.toml").absolute())
    declared = {TOPIC: "!Ref ReportTopic"}
    seen = replace(seen, access=replace(seen.access, accepted=(acceptance,), declared=declared))
    assert (compare(SCENARIO, seen) == ()) is accepts
    note = Note("accepted", "pyproject.toml", acceptance.about, "made by hand")
    assert accepted(seen) == ((note,) if accepts else ())


def test_of_several_resources_those_that_are_not_accepted_are_left() -> None:
    calls = a_history()
    for name in ("report", "mail"):
        calls = calls.calls("sns:publish", json.dumps({"TopicArn": TOPIC.replace("report", name)}))
    seen = observation({"Effect": "Allow", "Action": "states:*", "Resource": "*"})
    execution = an_execution(history=calls, machine="M", role_arn=MACHINE_ROLE)
    runs = (replace(seen.runs[0], execution=execution),)
    entry = Acceptance("why", role="R", action="sns:*", resource=TOPIC)
    seen = replace(seen, runs=runs, access=replace(seen.access, accepted=(entry,)))
    (left,) = compare(SCENARIO, seen)
    assert ":mail (called" in left.summary
    assert TOPIC not in left.remedy
    assert len(accepted(seen)) == 1


def test_nothing_is_checked_when_no_policies_are_known() -> None:
    nothing = replace(observation({"Effect": "Deny", "Action": "*", "Resource": "*"}), access=Access())
    assert compare(SCENARIO, nothing) == ()
