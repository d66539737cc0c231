import boto3


def lambda_handler(event, context):
    boto3.client("stepfunctions").delete_state_machine(stateMachineArn=event["stateMachineArn"])
    return event
