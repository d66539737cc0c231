import json

import boto3

FUNCTIONS = "arn:aws:lambda:us-east-1:123456789012:function:"
ROLE = "arn:aws:iam::123456789012:role/usage-report"


def lambda_handler(event, context):
    buckets = [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]
    states = boto3.client("stepfunctions")
    made = states.create_state_machine(name="usage-report", definition=definition(buckets), roleArn=ROLE)
    started = states.start_execution(stateMachineArn=made["stateMachineArn"])
    return {"stateMachineArn": made["stateMachineArn"], "executionArn": started["executionArn"]}


def definition(buckets):
    return json.dumps(
        {
            "StartAt": "Buckets",
            "States": {
                "Buckets": {
                    "Type": "Parallel",
                    "Branches": [branch(number, bucket) for number, bucket in enumerate(buckets)],
                    "Next": "CreateMessage",
                },
                "CreateMessage": {"Type": "Task", "Resource": FUNCTIONS + "create-message", "End": True},
            },
        }
    )


def branch(number, bucket):
    return {
        "StartAt": f"ListObjects{number}",
        "States": {
            f"ListObjects{number}": {
                "Type": "Task",
                "Resource": FUNCTIONS + "list-objects",
                "Parameters": {"bucket": bucket},
                "Next": f"PutDynamoDB{number}",
            },
            f"PutDynamoDB{number}": {"Type": "Task", "Resource": FUNCTIONS + "put-dynamodb", "End": True},
        },
    }
