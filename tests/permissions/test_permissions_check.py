from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from permission_samples import HERE, MACHINE, ROLE, execution, invocation, role, trust, with_role

from harness.functions.shared.model import Call
from harness.observe.access import Role
from harness.permissions.check import check
from harness.permissions.model import Denial
from harness.testing import ACCOUNT_ID, REGION, a_call, a_history, observed

DELETE = a_call("stepfunctions:DeleteStateMachine", stateMachineArn=MACHINE)
TOPIC = f"arn:aws:sns:{HERE}:report"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def denials(calls: list[Call], *statements: dict[str, Any], **access: Any) -> tuple[Denial, ...]:
    return check(with_role(role(*statements), invocation(*calls), **access))


def test_a_missing_permission_comes_with_the_statement_to_paste() -> None:
    describe = {"Effect": "Allow", "Action": "states:Describe*", "Resource": "*"}
    assert denials([DELETE, DELETE], describe) == (
        Denial(
            role_arn=ROLE,
            action="states:DeleteStateMachine",
            resources=(MACHINE,),
            callers=("function usage-delete",),
            reason="because no identity-based policy allows the states:DeleteStateMachine action",
            statement="- Effect: Allow\n"
            "  Action: states:DeleteStateMachine\n"
            '  Resource: !Sub "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}'
            ':stateMachine:report-1"',
        ),
    )


def test_what_the_template_declares_is_named_as_the_template_names_it() -> None:
    (ours,) = denials([a_call("sns:Publish", TopicArn=TOPIC)], declared={TOPIC: "!Ref ReportTopic"})
    assert ours.statement.endswith("  Resource: !Ref ReportTopic")
    (own,) = denials([DELETE], stacks={"report": ""})
    assert own.statement.endswith(':stateMachine:${AWS::StackName}-1"')


def test_a_name_made_of_the_stacks_id_is_proposed_for_stacks_of_any_id() -> None:
    called = a_call("stepfunctions:DeleteStateMachine", stateMachineArn=f"{MACHINE[:-1]}1a2b3c4d-run-1")
    stack_id = "arn:aws:cloudformation:us-east-1:123456789012:stack/s/1a2b3c4d-0000-4000-8000-000000000000"
    (own,) = denials([called], stacks={"s": stack_id})
    assert own.statement.endswith(':stateMachine:report-*-run-1"')


def test_a_call_that_the_role_may_make_is_no_denial() -> None:
    delete = {"Effect": "Allow", "Action": "states:DeleteStateMachine", "Resource": f"{MACHINE[:-1]}*"}
    assert denials([DELETE], delete) == ()


def test_the_statement_for_another_resource_is_named() -> None:
    other = {"Sid": "Mine", "Effect": "Allow", "Action": "states:DeleteStateMachine", "Resource": "arn:x:*"}
    (denial,) = denials([DELETE], other)
    assert denial.reason == (
        "because no identity-based policy allows the states:DeleteStateMachine action; "
        "statement Mine is for arn:x:*"
    )


def test_a_deny_statement_is_named_and_no_other_statement_proposed() -> None:
    deny = {"Effect": "Deny", "Action": ["states:Delete*"], "Resource": "*"}
    (denial,) = denials([DELETE], EVERYTHING, deny)
    assert denial.reason == (
        "with an explicit deny in an identity-based policy: the statement Deny Action states:Delete*"
    )
    assert denial.statement == ""
    assert denial.role == "usage-delete"


def test_many_resources_are_one_denial_with_a_wildcard() -> None:
    calls = [a_call("s3:ListObjectsV2", Bucket=f"bucket-{n:02}") for n in range(12)]
    (denial,) = denials(calls)
    assert len(denial.resources) == 12
    assert denial.statement.endswith('  Resource: !Sub "arn:${AWS::Partition}:s3:::bucket-*"')


def test_a_few_resources_are_listed() -> None:
    (denial,) = denials([a_call("s3:ListObjectsV2", Bucket=name) for name in ("photos", "attic")])
    assert denial.statement.splitlines()[2:] == [
        "  Resource:",
        '    - !Sub "arn:${AWS::Partition}:s3:::photos"',
        '    - !Sub "arn:${AWS::Partition}:s3:::attic"',
    ]


def test_creating_a_machine_needs_to_pass_its_role() -> None:
    passed = f"arn:aws:iam::{ACCOUNT_ID}:role/m"
    create = a_call("stepfunctions:CreateStateMachine", name="report-1", roleArn=passed)
    (denial,) = denials([create], {"Effect": "Allow", "Action": "states:*", "Resource": "*"})
    assert (denial.action, denial.resources) == ("iam:PassRole", (passed,))


def test_an_answer_injected_by_the_scenario_does_not_matter() -> None:
    denied = replace(a_call("s3:ListObjectsV2", "AccessDenied", Bucket="secret"), injected=True)
    listing = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::*"}
    assert denials([denied], listing) == ()
    assert len(denials([denied])) == 1


def test_roles_whose_policies_are_not_known_are_not_checked() -> None:
    other = role(arn=f"{ROLE}-2")
    assert check(with_role(other, invocation(DELETE))) == ()
    unread = Role(ROLE, "R", trust(), (), unread=("arn:aws:iam::aws:policy/SomeFullAccess",))
    assert check(with_role(unread, invocation(DELETE))) == ()


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:ResourceAccount": ACCOUNT_ID}},
        {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
        {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT_ID}:role/*"}},
        {"ArnEquals": {"lambda:SourceFunctionArn": f"arn:aws:lambda:{HERE}:function:usage-delete"}},
        {"StringEquals": {"aws:RequestedRegion": REGION}, "Bool": {"aws:SecureTransport": "true"}},
    ],
)
def test_conditions_on_who_and_where_are_known(condition: dict[str, Any]) -> None:
    mine = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": condition}
    assert denials([a_call("s3:ListObjectsV2", Bucket="photos")], mine) == ()


def test_logs_that_lambda_could_not_write_are_a_denial() -> None:
    groups = {"usage-delete": "/aws/lambda/usage-delete"}
    logged = invocation(log="START RequestId: 1\n")
    create = {"Effect": "Allow", "Action": "logs:CreateLogStream", "Resource": "*"}
    (denial,) = check(with_role(role(create), logged, log_groups=groups))
    assert (denial.action, denial.callers) == (
        "logs:PutLogEvents",
        ("Lambda for logs of function usage-delete",),
    )
    # As in AWS's Lambda documentation: the log group with ":*"
    put = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"arn:aws:logs:{HERE}:log-group:/aws/lambda/usage-delete:*",
    }
    assert check(with_role(role(put), logged, log_groups=groups)) == ()
    assert check(with_role(role(put), logged, log_groups={"usage-delete": "elsewhere"})) != ()


def machine_of(*statements: dict[str, Any], **access: Any) -> tuple[Denial, ...]:
    published = a_history().calls("sns:publish", json.dumps({"TopicArn": TOPIC}))
    trusting = trust("states.amazonaws.com")
    return check(
        with_role(role(*statements, trusting=trusting), executions=(execution(history=published),), **access)
    )


def test_a_machine_that_logs_or_traces_needs_more() -> None:
    machine = f"arn:aws:states:{HERE}:stateMachine:M"
    publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": TOPIC}
    assert machine_of(publish) == ()
    logs = machine_of(publish, logging=(machine,))
    assert len(logs) == 8
    assert {d.action for d in logs} >= {"logs:CreateLogDelivery", "logs:DescribeLogGroups"}
    assert {d.action for d in machine_of(publish, tracing=(machine,))} >= {"xray:PutTraceSegments"}
    assert machine_of(EVERYTHING, logging=(machine,), tracing=(machine,)) == ()


def test_a_machine_that_a_function_made_with_logs_or_traces_needs_more_too() -> None:
    publish = {"Effect": "Allow", "Action": ["sns:Publish", "states:*", "iam:*"], "Resource": "*"}
    history = a_history().calls("sns:publish", json.dumps({"TopicArn": TOPIC}))

    def missing(name: str, **made_with: Any) -> set[str]:
        create = a_call("stepfunctions:CreateStateMachine", name=name, roleArn=ROLE, **made_with)
        both = {
            "Version": "2012-10-17",
            "Statement": [*trust()["Statement"], *trust("states.amazonaws.com")["Statement"]],
        }
        trusting = role(publish, trusting=both)
        found = check(with_role(trusting, invocation(create), executions=(execution(history=history),)))
        return {denial.action.partition(":")[0] for denial in found}

    assert missing("M") == missing("M", loggingConfiguration={"level": "OFF"}) == set()
    assert missing("M", loggingConfiguration={"level": "ERROR"}) == {"logs"}
    assert missing("M", tracingConfiguration={"enabled": True}) == {"xray"}
    assert missing("Other", tracingConfiguration={"enabled": True}) == set()


@pytest.mark.parametrize(
    ("condition", "refused"),
    [
        # https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html#prevent-cross-service-confused-deputy
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}, False),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:states:{HERE}:stateMachine:*"}}, False),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:states:{HERE}:stateMachine:other-*"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "999999999999"}}, True),
    ],
)
def test_the_conditions_of_a_trust_policy(condition: dict[str, Any], refused: bool) -> None:
    trusting = trust("states.amazonaws.com", Condition=condition)
    seen = with_role(role(EVERYTHING, trusting=trusting), executions=(execution(),))
    assert bool(check(seen)) is refused


@pytest.mark.parametrize(
    ("principal", "refused"),
    [
        ("states.amazonaws.com", False),
        (f"states.{REGION}.amazonaws.com", False),
        ("states.us-gov-west-1.amazonaws.com", False),
        ("states.cn-north-1.amazonaws.com.cn", False),
        (["lambda.amazonaws.com", "states.eu-central-1.amazonaws.com"], False),
        ("lambda.eu-west-1.amazonaws.com", True),
        ("states.amazonaws.com.evil.com", True),
        ("xstates.eu-west-1.amazonaws.com", True),
        ("states.eu-west-1.x.amazonaws.com", True),
    ],
)
def test_a_regional_principal_is_the_service_itself(principal: Any, refused: bool) -> None:
    trusting = trust(principal)
    seen = with_role(role(EVERYTHING, trusting=trusting), executions=(execution(),))
    assert bool(check(seen)) is refused


def test_tags_of_a_resource_are_not_known() -> None:
    tagged = {"StringEquals": {"aws:ResourceTag/team": "orders"}}
    publish = a_call("sns:Publish", TopicArn=TOPIC)
    assert denials([publish], {**EVERYTHING, "Condition": tagged}) == ()
    assert denials([publish], EVERYTHING, {**EVERYTHING, "Effect": "Deny", "Condition": tagged}) == ()
    principal = {"StringEquals": {"aws:PrincipalTag/team": "orders"}}
    assert denials([publish], {**EVERYTHING, "Condition": principal}) != ()


def test_tags_of_the_role_are_those_of_its_sessions() -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/Owner}"}}
    tagged = replace(role({**EVERYTHING, "Condition": condition}), tags={"team": "orders", "Owner": "orders"})
    publish = invocation(a_call("sns:Publish", TopicArn=TOPIC))
    assert check(with_role(tagged, publish)) == ()
    assert check(with_role(replace(tagged, tags={"team": "orders", "Owner": "ops"}), publish)) != ()


def test_the_organization_of_an_account_is_not_known() -> None:
    publish = a_call("sns:Publish", TopicArn=TOPIC)
    outside = {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    assert denials([publish], EVERYTHING, {**EVERYTHING, "Effect": "Deny", "Condition": outside}) == ()
    inside = {"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}
    assert denials([publish], {**EVERYTHING, "Condition": inside}) == ()


def test_the_id_of_a_role_is_not_known() -> None:
    publish = a_call("sns:Publish", TopicArn=TOPIC)
    ours = {"StringLike": {"aws:userid": "AROAEXAMPLEID:*"}}
    assert denials([publish], {**EVERYTHING, "Condition": ours}) == ()
    others = {"StringNotLike": {"aws:userid": "AROAEXAMPLEID:*"}}
    assert denials([publish], EVERYTHING, {**EVERYTHING, "Effect": "Deny", "Condition": others}) == ()


@pytest.mark.parametrize(
    ("condition", "refused"),
    [
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, False),
        ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, True),
        ({"NumericGreaterThan": {"aws:EpochTime": "1577836800"}}, False),
        ({"DateLessThan": {"aws:EpochTime": "1577836800"}}, True),
        ({"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}, False),
    ],
)
def test_the_time_of_a_call_is_that_of_its_run(condition: dict[str, Any], refused: bool) -> None:
    ours = role({**EVERYTHING, "Condition": condition})
    publish = invocation(a_call("sns:Publish", TopicArn=TOPIC))
    assert bool(check(with_role(ours, publish, executions=(execution(role_arn=""),)))) is refused


NAMED = {"declared": {TOPIC: "!Ref Topic", "arn:aws:s3:::photos-1": "!GetAtt Photos.Arn"}}


@pytest.mark.parametrize(
    ("call", "resource"),
    [
        (a_call("sns:Publish", TopicArn=TOPIC), "!Ref Topic"),
        (a_call("s3:GetObject", Bucket="photos-1", Key="a/b"), '!Sub "${Photos.Arn}/a/b"'),
        (
            a_call("lambda:Invoke", FunctionName="s-Count-1X2Y", Qualifier="live"),
            '!Sub "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Count}:live"',
        ),
        (
            a_call("logs:PutLogEvents", logGroupName="/aws/lambda/s-Count-1X2Y", logStreamName="x"),
            '!Sub "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}'
            ':log-group:/aws/lambda/${Count}:*"',
        ),
        (
            a_call("lambda:Invoke", FunctionName="s-Count-1X2Y-other"),
            '!Sub "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}'
            ':function:s-Count-1X2Y-other"',
        ),
    ],
)
def test_a_remedy_names_logical_ids(call: Call, resource: str) -> None:
    (denial,) = denials([call], names={"s-Count-1X2Y": "${Count}"}, **NAMED)
    assert denial.statement.endswith(f"  Resource: {resource}")


def test_a_role_that_the_service_may_not_assume_is_a_denial() -> None:
    (denial,) = check(with_role(role(trusting=trust("states.amazonaws.com")), invocation()))
    assert denial.trust
    assert (denial.action, denial.callers) == ("sts:AssumeRole", ("function usage-delete",))
    assert denial.reason == (
        "lambda.amazonaws.com is not authorized to perform: sts:AssumeRole "
        "because no statement in the role's trust policy allows it"
    )
    assert denial.statement == (
        "- Effect: Allow\n  Principal: {Service: lambda.amazonaws.com}\n  Action: sts:AssumeRole"
    )


SESSION = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/usage-delete/usage-delete"
ALLOW_ROLE = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sns:Publish", "Resource": TOPIC}


@pytest.mark.parametrize(
    ("own", "theirs", "allowed"),
    [
        # "If either the identity-based policy or the resource-based policy within the same account allows the
        # request and the other doesn't, the request is still allowed."
        ([], [ALLOW_ROLE], True),
        ([EVERYTHING], [{**ALLOW_ROLE, "Principal": {"AWS": "arn:aws:iam::1:role/other"}}], True),
        ([], [{**ALLOW_ROLE, "Principal": "*"}], True),
        (
            [],
            [{**ALLOW_ROLE, "Principal": {"AWS": [SESSION]}}],
            True,
        ),
        # The account alone delegates to the role's own policies.
        ([], [{**ALLOW_ROLE, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}}], False),
        ([], [{**ALLOW_ROLE, "Principal": {"Service": "sns.amazonaws.com"}}], False),
        # The default topic policy: its owner is not a role.
        (
            [],
            [
                {
                    **ALLOW_ROLE,
                    "Principal": {"AWS": "*"},
                    "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT_ID}},
                }
            ],
            False,
        ),
        # "An explicit deny in any of the policies overrides the allow."
        ([EVERYTHING], [{**ALLOW_ROLE, "Effect": "Deny"}], False),
        ([EVERYTHING], [{**ALLOW_ROLE, "Effect": "Deny", "Principal": {"AWS": ACCOUNT_ID}}], False),
        ([{**EVERYTHING, "Effect": "Deny"}], [ALLOW_ROLE], False),
        (
            [EVERYTHING],
            [{"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}, "Action": "sns:*", "Resource": "*"}],
            True,
        ),
        (
            [EVERYTHING],
            [
                {
                    **ALLOW_ROLE,
                    "Effect": "Deny",
                    "Principal": "*",
                    "Condition": {"Bool": {"aws:SecureTransport": False}},
                }
            ],
            True,
        ),
    ],
)
def test_a_resource_policy_beside_the_role_s_own(
    own: list[dict[str, Any]], theirs: list[dict[str, Any]], allowed: bool
) -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
    policies = {TOPIC: {"Version": "2012-10-17", "Statement": theirs}}
    found = denials([a_call("sns:Publish", TopicArn=TOPIC)], *own, resource_policies=policies)
    assert (found == ()) is allowed


def test_across_accounts_both_must_allow() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
    topic = f"arn:aws:sns:{REGION}:999999999999:theirs"
    allow = {**ALLOW_ROLE, "Resource": topic}
    policies = {topic: {"Statement": [allow]}}
    publish = [a_call("sns:Publish", TopicArn=topic)]
    assert denials(publish, EVERYTHING, resource_policies=policies) == ()
    assert denials(publish, resource_policies=policies) != ()
    (denial,) = denials(publish, EVERYTHING, resource_policies={topic: {"Statement": []}})
    assert denial.reason == "because no resource-based policy allows the sns:Publish action"


def test_the_policy_of_a_bucket_holds_for_its_objects() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photos/*"}
    policies = {"arn:aws:s3:::photos": {"Statement": deny}}
    get = a_call("s3:GetObject", Bucket="photos", Key="a/b")
    (denial,) = denials([get], EVERYTHING, resource_policies=policies)
    assert denial.reason == (
        "with an explicit deny in a resource-based policy: the statement Deny Action s3:GetObject"
    )


def test_nothing_is_checked_without_roles() -> None:
    assert check(observed(execution(), invocations=(invocation(DELETE),))) == ()
