from __future__ import annotations

from typing import Any

from harness.functions.model import Call
from harness.permissions.check import check
from harness.permissions.model import Denial, RoleCall

ACCOUNT, REGION = "123456789012", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app/usage-delete"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:report-1"


def made(service: str, operation: str, error: str | None = None, **params: Any) -> RoleCall:
    call = Call(service, operation, params, 200, error, injected=error is not None)
    return RoleCall(ROLE, "function usage-delete", call)


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {ROLE: ({"Version": "2012-10-17", "Statement": list(statements)},)}


DELETE = made("stepfunctions", "DeleteStateMachine", stateMachineArn=MACHINE)


def test_a_missing_permission_comes_with_the_statement_to_paste() -> None:
    describe = {"Effect": "Allow", "Action": "states:Describe*", "Resource": "*"}
    assert check([DELETE, DELETE], policy(describe), ACCOUNT, REGION) == (
        Denial(
            role_arn=ROLE,
            action="states:DeleteStateMachine",
            resources=(MACHINE,),
            callers=("function usage-delete",),
            reason="no statement allows it",
            statement="- Effect: Allow\n"
            "  Action: states:DeleteStateMachine\n"
            '  Resource: !Sub "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}'
            ':stateMachine:report-1"',
        ),
    )


def test_a_call_that_the_role_may_make_is_no_denial() -> None:
    delete = {"Effect": "Allow", "Action": "states:DeleteStateMachine", "Resource": f"{MACHINE[:-1]}*"}
    assert check([DELETE], policy(delete), ACCOUNT, REGION) == ()


def test_the_statement_for_another_resource_is_named() -> None:
    other = {"Sid": "Mine", "Effect": "Allow", "Action": "states:DeleteStateMachine", "Resource": "arn:x:*"}
    (denial,) = check([DELETE], policy(other), ACCOUNT, REGION)
    assert denial.reason == "no statement allows it; statement Mine is for arn:x:*"


def test_a_deny_statement_is_named_and_no_other_statement_proposed() -> None:
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": ["states:Delete*"], "Resource": "*"}
    (denial,) = check([DELETE], policy(allow, deny), ACCOUNT, REGION)
    assert denial.reason == "the statement Deny Action states:Delete* denies it"
    assert denial.statement == ""
    assert denial.role == "usage-delete"


def test_many_resources_are_one_denial_with_a_wildcard() -> None:
    calls = [made("s3", "ListObjectsV2", Bucket=f"bucket-{n:02}") for n in range(12)]
    (denial,) = check(calls, policy(), ACCOUNT, REGION)
    assert len(denial.resources) == 12
    assert denial.statement.endswith('  Resource: !Sub "arn:${AWS::Partition}:s3:::bucket-*"')


def test_a_few_resources_are_listed() -> None:
    calls = [made("s3", "ListObjectsV2", Bucket=name) for name in ("photos", "attic")]
    (denial,) = check(calls, policy(), ACCOUNT, REGION)
    assert denial.statement.splitlines()[2:] == [
        "  Resource:",
        '    - !Sub "arn:${AWS::Partition}:s3:::photos"',
        '    - !Sub "arn:${AWS::Partition}:s3:::attic"',
    ]


def test_creating_a_machine_needs_to_pass_its_role() -> None:
    create = made(
        "stepfunctions", "CreateStateMachine", name="report-1", roleArn=f"arn:aws:iam::{ACCOUNT}:role/m"
    )
    allowed = {"Effect": "Allow", "Action": "states:*", "Resource": "*"}
    (denial,) = check([create], policy(allowed), ACCOUNT, REGION)
    assert (denial.action, denial.resources) == ("iam:PassRole", (f"arn:aws:iam::{ACCOUNT}:role/m",))


def test_an_answer_injected_by_the_scenario_does_not_matter() -> None:
    denied = made("s3", "ListObjectsV2", error="AccessDenied", Bucket="secret")
    listing = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::*"}
    assert check([denied], policy(listing), ACCOUNT, REGION) == ()
    assert len(check([denied], policy(), ACCOUNT, REGION)) == 1


def test_roles_whose_policies_are_not_known_are_not_checked() -> None:
    assert check([DELETE], {}, ACCOUNT, REGION) == ()


def test_conditions_on_the_account_are_known() -> None:
    mine = {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceAccount": ACCOUNT}},
    }
    assert check([made("s3", "ListObjectsV2", Bucket="photos")], policy(mine), ACCOUNT, REGION) == ()
