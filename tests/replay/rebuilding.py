"""A small project whose functions are run again, and a history of it from a different account."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from exported import FUNCTION, described, execute, history

from harness.states import TaskFailed, TaskSucceeded

ORDERS = Path(__file__).parents[2] / "examples" / "orders"
CODE = """\
import os, time, uuid, boto3
def handler(event, context):
    table = boto3.resource("dynamodb").Table(os.environ["PRICES"])
    print("looks for", event["sku"])
    price = int(table.get_item(Key={"sku": event["sku"]})["Item"]["price"])
    return {"total": price * event["number"], "id": str(uuid.uuid4()), "at": time.time(), "lucky": LUCKY}
"""
TEMPLATE = """\
Resources:
  Prices:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: sku, AttributeType: S}]
      KeySchema: [{AttributeName: sku, KeyType: HASH}]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: [states.amazonaws.com, lambda.amazonaws.com]}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: all
          PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
  Charge:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      Handler: charge.handler
      Runtime: python3.12
      Code: code
      Environment: {Variables: {PRICES: !Ref Prices}}
  Shop:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionS3Location: shop.asl.json
      DefinitionSubstitutions: {Charge: !GetAtt Charge.Arn, Prices: !Ref Prices}
"""
DEFINITION = """\
{
  "StartAt": "Look",
  "States": {
    "Look": {
      "Type": "Task",
      "Resource": "arn:aws:states:::dynamodb:getItem",
      "Parameters": {"TableName": "${Prices}", "Key": {"sku": {"S.$": "$.sku"}}},
      "ResultPath": "$.looked",
      "Next": "Pay"
    },
    "Pay": {
      "Type": "Task",
      "Resource": "${Charge}",
      "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 60}],
      "ResultPath": "$.payment",
      "End": true
    }
  }
}
"""
SEED = """\
title: Prices
seed: {tables: {Prices: [{sku: lamp, price: 21}]}}
expect: {execution: {status: SUCCEEDED}}
"""
_METADATA = {"SdkHttpMetadata": {"HttpHeaders": {"x-amz-crc32": "1"}, "HttpStatusCode": 200}}


def answer(request: Any) -> Any:
    """AWS's responses: Pay was busy once."""
    if request.state_name == "Look":
        return TaskSucceeded({"Item": {"sku": {"S": "lamp"}, "price": {"N": "21"}}, **_METADATA})
    if request.attempt == 0:
        return TaskFailed(
            "Busy", json.dumps({"errorType": "Busy", "errorMessage": "later", "requestId": "r-1"})
        )
    drawn = {"id": "01234567-89ab-cdef-0123-456789abcdef", "at": 1762131723.4}
    return TaskSucceeded({"total": 42, **drawn, "lucky": 7}, 2.0)


def make_shop(folder: Path, *, lucky: int = 7) -> Path:
    """Create the project with a history. Its function draws the lucky number."""
    (folder / "pyproject.toml").write_text('[tool.harness]\ntemplate = "template.yaml"\nlint = false\n')
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "shop.asl.json").write_text(DEFINITION)
    for name in ("code", "histories", "scenarios"):
        (folder / name).mkdir()
    (folder / "code/charge.py").write_text(CODE.replace("LUCKY", str(lucky)))
    (folder / "scenarios/prices.yaml").write_text(SEED)
    deployed = DEFINITION.replace("${Charge}", f"{FUNCTION}prod-Charge-1XYZ").replace(
        "${Prices}", "prod-Prices-2A"
    )
    given = json.dumps({"sku": "lamp", "number": 2})
    execution = execute(json.loads(deployed), answer, input=given, name="order-7")
    (folder / "histories/7.json").write_text(json.dumps(history(execution)))
    (folder / "histories/7.describe.json").write_text(json.dumps(described(execution)))
    return folder


def make_orders(folder: Path) -> Path:
    """Copy the example, with histories from a different account."""
    shutil.copytree(ORDERS, folder / "orders")
    for file in (folder / "orders/histories").iterdir():
        text = file.read_text().replace("123456789012", "999988887777").replace("us-east-1", "eu-west-1")
        file.write_text(text.replace("shop-", "prod-").replace("ZLGNHJ92M66E", "1A2B3C4D5E6F"))
    return folder / "orders"
