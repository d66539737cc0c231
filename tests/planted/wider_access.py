"""Defects that widen access."""

from __future__ import annotations

from defect import TEMPLATE, Defect, added, of, resource, template

wider = of("access")
OTHER = '{AWS: "arn:aws:iam::999999999999:root"}'
POLICY = """\
  TopicPolicy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref ReportTopic]
      PolicyDocument:
        Statement:
          - {Effect: Allow, Principal: "*", Action: sns:Subscribe, Resource: !Ref ReportTopic}
"""
CONDITION = """\
                Condition:
                  StringEquals:
                    aws:ResourceAccount: !Ref AWS::AccountId
"""
URL = """\
  Url:
    Type: AWS::Lambda::Url
    Properties: {TargetFunctionArn: !Ref DescribeExecutionFunction, AuthType: NONE}
"""

WIDER_ACCESS: dict[str, Defect] = {
    "all actions on the table": wider(
        template("Action: dynamodb:BatchWriteItem", "Action: dynamodb:*"),
        *("access-action", TEMPLATE, "- Effect: Allow", "PutDynamoDBRole can now perform dynamodb:*"),
        after="PolicyName: put-dynamodb",
    ),
    "a query of all tables": wider(
        resource("CreateMessageRole", "Resource: !GetAtt UsageTable.Arn", 'Resource: "*"'),
        *(
            "access-wider",
            TEMPLATE,
            "- Effect: Allow",
            "dynamodb:Query on *, previously only on other resources",
        ),
        after="PolicyName: create-message",
    ),
    "buckets of other accounts": wider(
        template(CONDITION, ""),
        *("access-wider", TEMPLATE, "- Effect: Allow", "another condition on aws:ResourceAccount"),
        after="PolicyName: list-objects",
    ),
    "all roles can be passed": wider(
        resource("CreateStateMachineRole", "Resource: !GetAtt ReportRole.Arn", 'Resource: "*"'),
        *("access-pass-role", TEMPLATE, "- Effect: Allow", "iam:PassRole on *"),
        after="Action: [dynamodb:PutItem, dynamodb:Query]",
    ),
    "another account": wider(
        resource("PutDynamoDBRole", "{Service: lambda.amazonaws.com}", OTHER),
        *("access-cross-account", TEMPLATE, "- Effect: Allow", "can now assume PutDynamoDBRole"),
        after="  PutDynamoDBRole:",
    ),
    "an administrator": wider(
        resource(
            "ReportRole",
            "- !If [TracesMachines",
            "- arn:aws:iam::aws:policy/AdministratorAccess\n        - !If [TracesMachines",
        ),
        *("access-managed-policy", TEMPLATE, "AdministratorAccess", "and can perform * on *"),
    ),
    "everybody reads reports": wider(
        added(POLICY),
        *("access-public", TEMPLATE, "Action: sns:Subscribe", "lets everybody perform sns:Subscribe"),
    ),
    "everybody calls a function": wider(
        added(URL),
        *("access-public", TEMPLATE, "AuthType: NONE", "can be called by everybody"),
    ),
}
