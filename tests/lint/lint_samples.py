"""Templates, and their findings."""

from __future__ import annotations

from pathlib import Path

from harness.lint.__main__ import findings
from harness.lint.check import NO_PARAMETERS
from harness.lint.rules import is_error
from harness.lint.wording import distinct, said

GOOD = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: publish
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: "sns:Publish", Resource: !Ref Topic}]
  Function:
    Type: AWS::Lambda::Function
    DependsOn: Table
    Properties:
      FunctionName: sends
      Code: functions
      Handler: app.handler
      Runtime: python3.13
      Timeout: 10
      MemorySize: 128
      Role: !GetAtt Role.Arn
      Environment:
        Variables: {TOPIC_ARN: !Ref Topic, TABLE: !Sub "${Table}"}
"""


def errors(folder: Path, text: str = GOOD) -> list[str]:
    """Errors in a template: line, rule, message and remedy."""
    template = folder / "template.yaml"
    template.write_text(text)
    found = distinct(finding for finding in findings(template, NO_PARAMETERS) if is_error(finding))
    return [f"{finding.line}: {'; '.join(said(finding, '1.58.0'))}" for finding in found]
