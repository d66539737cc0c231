"""Planted defects that widen access, each found at its line."""

import json

import pytest
from planted import CDK, PLAIN, SAM, copied

from harness.gate.access import findings

QUERY = "                Action: dynamodb:Query\n                Resource: !GetAtt UsageTable.Arn\n"
WRITE = "                Action: dynamodb:BatchWriteItem\n                Resource: !GetAtt UsageTable.Arn\n"
BUCKETS = """                Action: s3:ListBucket
                Resource: !Sub "arn:${AWS::Partition}:s3:::*"
                Condition:
                  StringEquals:
                    aws:ResourceAccount: !Ref AWS::AccountId
"""
PASS_ROLE = """                Action: iam:PassRole
                Resource: !GetAtt ReportRole.Arn
                Condition:
                  StringEquals:
                    iam:PassedToService: states.amazonaws.com
"""
DELETE = "                Action: states:DeleteStateMachine\n"
TABLE = "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${UsageTable}"
ORDERS = "cdk.out/ShopOrders.template.json"


def found(project, **used):
    return [(each.rule.id, each.subject, each.line) for each in findings(*project.sides(), used)]


def above(project, text, lines=1, **where):
    """The line of a statement's `- Effect: Allow`, above its action."""
    return project.line(text, **where) - lines


def allow(action, resource, more=""):
    lines = ("- Effect: Allow", f"  Action: {action}", f"  Resource: {resource}")
    return "".join(f"              {line}\n" for line in lines) + more


@pytest.mark.parametrize("project", [PLAIN, SAM, CDK], ids=["plain", "sam", "cdk"])
def test_an_unchanged_project_has_no_findings(tmp_path, project):
    assert found(copied(project, tmp_path)) == []


def test_another_action_is_found_at_its_statement(plain):
    plain.edit(
        WRITE, WRITE.replace("dynamodb:BatchWriteItem", "[dynamodb:BatchWriteItem, dynamodb:DeleteItem]")
    )
    subject = f"PutDynamoDBRole: dynamodb:DeleteItem on {TABLE}"
    assert found(plain) == [("access-action", subject, above(plain, "dynamodb:DeleteItem"))]


def test_a_wildcard_of_actions_names_those_that_are_new(plain):
    plain.edit(QUERY, QUERY.replace("dynamodb:Query", "dynamodb:Q*"))
    assert found(plain) == []
    plain.edit("dynamodb:Q*", "dynamodb:*Item")
    (finding,) = findings(*plain.sides())
    assert finding.line == above(plain, "dynamodb:*Item")
    assert "dynamodb:*Item" in finding.message


def test_more_resources_are_found(plain):
    plain.edit(QUERY, QUERY.replace("!GetAtt UsageTable.Arn", '"*"'))
    assert found(plain) == [
        (
            "access-wider",
            "CreateMessageRole: dynamodb:Query on *",
            above(plain, "dynamodb:Query", after="CreateMessageRole:"),
        )
    ]


def test_a_dropped_condition_is_found(plain):
    plain.edit(BUCKETS, BUCKETS.partition("                Condition")[0])
    (finding,) = findings(*plain.sides())
    assert finding.rule.id == "access-wider"
    assert finding.line == above(plain, "Action: s3:ListBucket\n".strip())
    assert finding.message == (
        "ListObjectsRole can now perform s3:ListBucket on arn:aws:s3:::*, previously only under "
        "another condition on aws:ResourceAccount"
    )


def test_roles_that_can_be_passed_now_are_found(plain):
    plain.edit(PASS_ROLE, PASS_ROLE.replace("!GetAtt ReportRole.Arn", '"*"'))
    assert found(plain) == [
        ("access-pass-role", "CreateStateMachineRole: iam:PassRole on *", above(plain, "iam:PassRole"))
    ]
    plain.edit(
        PASS_ROLE.replace("!GetAtt ReportRole.Arn", '"*"'),
        PASS_ROLE.partition("                Condition")[0],
    )
    assert [each[0] for each in found(plain)] == ["access-pass-role"]


def test_all_but_some_actions_is_understood(plain):
    plain.edit(DELETE, "                NotAction: iam:*\n")
    (finding,) = findings(*plain.sides())
    assert (finding.rule.id, finding.line) == ("access-action", above(plain, "NotAction: iam:*"))
    assert "all but iam:*" in finding.message


def test_all_but_some_resources_is_understood(plain):
    plain.edit(QUERY, QUERY.replace("Resource:", "NotResource:"))
    (finding,) = findings(*plain.sides())
    assert finding.rule.id == "access-wider"
    assert "on all but arn:aws:dynamodb" in finding.message


def test_a_removed_denial_is_found(plain):
    denial = allow("dynamodb:DeleteTable", '"*"').replace("Allow", "Deny")
    plain.edit_both(WRITE, WRITE.replace("dynamodb:BatchWriteItem", "dynamodb:*"))
    plain.edit(
        WRITE.replace("dynamodb:BatchWriteItem", "dynamodb:*"),
        WRITE.replace("dynamodb:BatchWriteItem", "dynamodb:*") + denial,
        of_base=True,
    )
    assert found(plain) == [
        ("access-deny", "PutDynamoDBRole: dynamodb:DeleteTable", above(plain, "Action: dynamodb:*"))
    ]


def test_what_is_denied_at_once_is_no_finding(plain):
    plain.edit(WRITE, WRITE + allow("s3:*", '"*"') + allow("s3:*", '"*"').replace("Allow", "Deny"))
    assert found(plain) == []


def test_a_policy_of_aws_is_found(plain):
    role = plain.block("ReportRole")
    traces = "- !If [TracesMachines, !Ref MachineTracesPolicy, !Ref AWS::NoValue]"
    wider = role.replace(traces, "- arn:aws:iam::aws:policy/AdministratorAccess")
    plain.edit(role, wider)
    line = plain.line("AdministratorAccess")
    assert ("access-managed-policy", "ReportRole: AdministratorAccess", line) in found(plain)
    told = [each.message for each in findings(*plain.sides()) if each.rule.id == "access-managed-policy"]
    can = "and can perform * on *, which was not allowed before"
    assert told == [f"ReportRole now has the policy AdministratorAccess, {can}"]


def test_a_policy_of_aws_that_allows_what_was_allowed_is_no_finding(plain):
    boundary = "!If [HasBoundary, !Ref PermissionsBoundaryArn, !Ref AWS::NoValue]\n"
    plain.edit_both(WRITE, WRITE + allow("s3:*", '"*"') + allow("s3-object-lambda:*", '"*"'))
    for policy, rules in (
        ("AmazonS3FullAccess", []),
        ("service-role/AWSLambdaBasicExecutionRole", []),
        ("AmazonSNSFullAccess", ["access-managed-policy"]),
        ("OfNobody", ["access-managed-policy"]),
    ):
        given = f"{boundary}      ManagedPolicyArns: [arn:aws:iam::aws:policy/{policy}]\n"
        changed = plain.block("PutDynamoDBRole").replace(boundary, given)
        plain.edit(plain.block("PutDynamoDBRole"), changed)
        assert [each[0] for each in found(plain)] == rules, policy
        plain.edit(changed, changed.replace(given, boundary))


def test_a_narrower_policy_of_aws_is_missed_where_a_scenario_needs_the_wider_one(sam):
    sam.edit_both(COUNT, COUNT + "        - AmazonS3FullAccess\n")
    sam.edit("AmazonS3FullAccess", "AmazonS3ReadOnlyAccess")
    words = "arn:aws:s3:::words/a"
    assert found(sam, CountRole=[("s3:GetObject", words)]) == []
    assert [each[0] for each in found(sam, CountRole=[("s3:PutObject", words)])] == ["access-lost"]
    wider, narrower = sam.sides()
    (told,) = findings(narrower, wider)
    assert "and can perform s3:*, s3-object-lambda:* (s3:AbortMultipartUpload, " in told.message


def test_a_boundary_that_is_taken_away_is_found_for_those_who_have_one(plain):
    boundary = (
        "      PermissionsBoundary: !If [HasBoundary, !Ref PermissionsBoundaryArn, !Ref AWS::NoValue]\n"
    )
    role = plain.block("PutDynamoDBRole")
    plain.template.write_text(plain.template.read_text().replace(role, role.replace(boundary, "")))
    (finding,) = findings(*plain.sides())
    assert (finding.rule.id, finding.subject) == ("access-boundary", "PutDynamoDBRole")
    assert finding.details == ("with the parameters PermissionsBoundaryArn=other-PermissionsBoundaryArn",)


def test_somebody_else_who_may_assume_a_role_is_found(plain):
    role = plain.block("PutDynamoDBRole")
    for principal, rule in (
        ("{Service: ec2.amazonaws.com}", "access-trust"),
        ('{AWS: "arn:aws:iam::999999999999:root"}', "access-cross-account"),
        ('"*"', "access-public"),
    ):
        changed = role.replace("{Service: lambda.amazonaws.com}", principal)
        text = (plain.base / "template.yaml").read_text()
        plain.template.write_text(text.replace(role, changed))
        line = plain.line(f"Principal: {principal}") - 1
        assert [(each[0], each[2]) for each in found(plain)] == [(rule, line)]


QUEUE = """
  Jobs:
    Type: AWS::SQS::Queue
  JobsPolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Jobs]
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt Jobs.Arn
            Condition: {ArnEquals: {aws:SourceArn: !Ref ReportTopic}}
Outputs:
"""


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("{Service: sns.amazonaws.com}", '"*"', None),
        ("{Service: sns.amazonaws.com}", '{AWS: "999999999999"}', "access-cross-account"),
        ("            Condition: {ArnEquals: {aws:SourceArn: !Ref ReportTopic}}\n", "", "access-granted"),
        ("Action: sqs:SendMessage", "Action: sqs:*", "access-granted"),
        (
            "{ArnEquals: {aws:SourceArn: !Ref ReportTopic}}",
            '{ArnLike: {aws:SourceArn: "arn:aws:sns:*:*:*"}}',
            "access-granted",
        ),
    ],
)
def test_the_policy_of_a_queue_is_compared(plain, old, new, rule):
    plain.edit_both("\nOutputs:\n", QUEUE)
    plain.edit(old, new)
    rules = [each[0] for each in found(plain)]
    assert rules == [rule or "access-granted"]
    assert found(plain)[0][2] == plain.line("- Effect: Allow", after="  JobsPolicy:")


def test_a_queue_that_is_open_to_everybody_is_found_also_if_it_is_new(plain):
    queue = QUEUE.replace("{Service: sns.amazonaws.com}", '"*"')
    plain.edit(
        "\nOutputs:\n",
        queue.replace("            Condition: {ArnEquals: {aws:SourceArn: !Ref ReportTopic}}\n", ""),
    )
    line = plain.line("- Effect: Allow", after="  JobsPolicy:")
    assert found(plain) == [("access-public", "JobsPolicy: everybody: sqs:SendMessage", line)]


INVOKED = "AWS::Lambda::Permission {Action: lambda:InvokeFunction, FunctionName: f, Principal: "
KEY = "AWS::KMS::Key {KeyPolicy: {Statement: [{Effect: Allow, Action: 'kms:*', Resource: '*', Principal: "


@pytest.mark.parametrize(
    ("before", "after", "line", "rule"),
    [
        (
            "AWS::Lambda::Url {TargetFunctionArn: !Ref ListObjectsFunction, AuthType: AWS_IAM}",
            "AWS::Lambda::Url {TargetFunctionArn: !Ref ListObjectsFunction, AuthType: NONE}",
            "AuthType: NONE",
            "access-public",
        ),
        (
            "AWS::S3::Bucket {AccessControl: Private}",
            "AWS::S3::Bucket {AccessControl: PublicRead}",
            "PublicRead",
            "access-public",
        ),
        (
            "AWS::S3::Bucket {PublicAccessBlockConfiguration: {BlockPublicAcls: true}}",
            "AWS::S3::Bucket {BucketEncryption: {}}",
            "{BucketEncryption",
            "access-public",
        ),
        (
            INVOKED + "s3.amazonaws.com, SourceAccount: !Ref AWS::AccountId}",
            INVOKED + "s3.amazonaws.com}",
            "Principal: s3",
            "access-granted",
        ),
        (
            INVOKED + "s3.amazonaws.com}",
            INVOKED + "'*'}",
            "Principal: '*'",
            "access-public",
        ),
        (
            KEY + "{AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}}]}}",
            KEY + "{AWS: 'arn:aws:iam::999999999999:root'}}]}}",
            "999999999999",
            "access-cross-account",
        ),
        (
            "AWS::EC2::SecurityGroup {SecurityGroupIngress: [{IpProtocol: tcp, CidrIp: 10.0.0.0/8}]}",
            "AWS::EC2::SecurityGroup {SecurityGroupIngress: [{IpProtocol: tcp, CidrIp: 0.0.0.0/0}]}",
            "0.0.0.0/0",
            "access-public",
        ),
    ],
)
def test_resources_that_are_open_now_are_found(plain, before, after, line, rule):
    for text, of_base in ((before, True), (after, False)):
        kind, _, properties = text.partition(" ")
        resource = f"\n  Opened:\n    Type: {kind}\n    Properties: {properties}\nOutputs:\n"
        plain.edit("\nOutputs:\n", resource, of_base=of_base)
    assert [(each[0], each[2]) for each in found(plain)] == [(rule, plain.line(line))]


def test_a_role_with_another_logical_id_is_the_same(plain):
    plain.template.write_text(plain.template.read_text().replace("PutDynamoDBRole", "WritingRole"))
    assert found(plain) == []
    plain.edit(WRITE, WRITE.replace("BatchWriteItem", "*"))
    assert [each[0] for each in found(plain)] == ["access-action"]


def test_a_resource_with_another_name_is_the_same(plain):
    plain.edit("      BillingMode: PAY", "      TableName: rows\n      BillingMode: PAY")
    assert found(plain) == []


def test_a_function_that_runs_as_another_role_is_found(plain):
    plain.edit(
        "      Role: !GetAtt DescribeExecutionRole.Arn", "      Role: !GetAtt DeleteStateMachineRole.Arn"
    )
    line = plain.line("Role: !GetAtt DeleteStateMachineRole.Arn", after="  DescribeExecutionFunction:")
    assert found(plain) == [("access-runs-as", "DescribeExecutionFunction.Role", line)]


def test_a_function_that_runs_as_a_role_of_elsewhere_is_found(plain):
    plain.edit("      Role: !GetAtt ListObjectsRole.Arn", "      Role: arn:aws:iam::123456789012:role/admin")
    assert found(plain) == [("access-runs-as", "ListObjectsFunction.Role", plain.line("role/admin"))]


def test_a_policy_that_denies_is_missed_with_its_bucket_still_there(plain):
    bucket = "\n  Kept: {Type: AWS::S3::Bucket, DeletionPolicy: Retain}\n"
    policy = """  KeptPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Kept
      PolicyDocument:
        Statement:
          - Effect: Deny
            Principal: "*"
            Action: s3:*
            Resource: !Sub "${Kept.Arn}/*"
            Condition: {Bool: {"aws:SecureTransport": false}}
"""
    plain.edit("\nOutputs:\n", f"{bucket}{policy}Outputs:\n", of_base=True)
    plain.edit("\nOutputs:\n", f"{bucket}Outputs:\n")
    line = plain.line("- Effect: Deny", of_base=True)
    assert found(plain) == [("access-deny", "KeptPolicy: s3:*", line)]


def test_a_new_role_that_uses_what_is_there_is_found(plain):
    role = plain.block("PutDynamoDBRole").replace("PutDynamoDBRole", "NewRole")
    plain.edit("\nOutputs:\n", f"\n{role.partition('  # The functions')[0]}\nOutputs:\n")
    subject = f"NewRole: dynamodb:BatchWriteItem on {TABLE}"
    expected = above(plain, "dynamodb:BatchWriteItem", after="  NewRole:")
    assert found(plain)[-1] == ("access-new-role", subject, expected)


def test_policies_that_iam_refuses_for_their_size_are_found(plain):
    arns = "".join(
        f"                  - !Sub '${{UsageTable.Arn}}/index/by-number-{n:03}'\n" for n in range(120)
    )
    block = plain.block("PutDynamoDBRole")
    plain.edit(
        block,
        block.replace(
            "                Resource: !GetAtt",
            f"                Resource:\n{arns}                  - !GetAtt",
        ),
    )
    line = plain.line("Policies:", after="  PutDynamoDBRole:")
    assert ("access-too-large", "PutDynamoDBRole: its inline policies together", line) in found(plain)
    plain.edit(block, plain.block("PutDynamoDBRole"), of_base=True)
    assert found(plain) == []


def test_an_action_that_a_scenario_used_is_missed(plain):
    plain.edit(WRITE, WRITE.replace("BatchWriteItem", "PutItem"))
    arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/stack-UsageTable-ABCDEFGHIJKL"
    used = {"PutDynamoDBRole": [("dynamodb:BatchWriteItem", arn)]}
    assert [each[0] for each in found(plain, **used)] == ["access-action", "access-lost"]
    assert found(plain, **used)[1][1] == f"PutDynamoDBRole: dynamodb:BatchWriteItem on {arn}"
    assert [each[0] for each in found(plain)] == ["access-action"]


def test_a_policy_template_of_sam_is_found_at_the_function(sam):
    sam.edit(
        "        - DynamoDBWritePolicy: {TableName: !Ref Counts}",
        "        - DynamoDBCrudPolicy: {TableName: !Ref Counts}",
    )
    result = found(sam)
    assert {each[0] for each in result} == {"access-action"}
    assert {each[2] for each in result} == {sam.line("DynamoDBCrudPolicy")}


COUNT = "        - DynamoDBWritePolicy: {TableName: !Ref Counts}\n"


def test_a_policy_of_aws_is_found_where_sam_names_it(sam):
    sam.edit(COUNT, COUNT + "        - AmazonS3FullAccess\n")
    line = sam.line("- AmazonS3FullAccess")
    assert found(sam) == [("access-managed-policy", "CountRole: AmazonS3FullAccess", line)]
    sam.edit(COUNT, COUNT + "        - AmazonS3FullAccess\n", of_base=True)
    sam.edit("- AmazonS3FullAccess", "- AmazonS3ReadOnlyAccess")
    assert found(sam) == []


def test_a_statement_of_sam_is_found_at_its_line(sam):
    first = "            - {Effect: Allow, Action: s3:GetObject, Resource: 'arn:aws:s3:::words/*'}\n"
    sam.edit_both(COUNT, f"{COUNT}        - Statement:\n{first}")
    sam.edit(first, first + first.replace("GetObject", "*Object"))
    assert [(each[0], each[2]) for each in found(sam)] == [("access-action", sam.line("s3:*Object"))]


def test_a_url_of_a_function_of_sam_is_found_at_its_type(sam):
    code = "      CodeUri: functions/count\n"
    sam.edit_both(code, code + "      FunctionUrlConfig:\n        AuthType: AWS_IAM\n")
    sam.edit("AuthType: AWS_IAM", "AuthType: NONE")
    assert {(each[0], each[2]) for each in found(sam)} == {("access-public", sam.line("AuthType: NONE"))}


def test_an_api_of_sam_that_needs_no_authorization_any_more_is_found(sam):
    event = "Told: {Type: Api, Properties: {Path: /told, Method: get}}"
    guarded = "Told: {Type: Api, Properties: {Path: /told, Method: get, Auth: {Authorizer: AWS_IAM}}}"
    sam.edit(event, guarded, of_base=True)
    assert [(each[0], each[2]) for each in found(sam)] == [("access-public", sam.line("Told: {Type: Api"))]


def test_a_wider_statement_of_a_cdk_app_is_found(cdk):
    template = json.loads((cdk.head / ORDERS).read_text())
    policy = template["Resources"]["OrdersHandlerServiceRoleDefaultPolicyAB12CD34"]["Properties"]
    policy["PolicyDocument"]["Statement"][0]["Resource"] = "*"
    (cdk.head / ORDERS).write_text(json.dumps(template, indent=1))
    line = cdk.line('"Action": "sns:Publish"', file=ORDERS) - 1
    assert found(cdk) == [("access-wider", "OrdersHandlerServiceRole5566AABB: sns:Publish on *", line)]
