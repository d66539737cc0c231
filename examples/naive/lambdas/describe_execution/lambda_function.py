import boto3


def lambda_handler(event, context):
    found = boto3.client("stepfunctions").describe_execution(executionArn=event["executionArn"])
    return {**event, "status": found["status"]}
