import os

import boto3


def handler(event, context):
    """Tell the shop of an order."""
    boto3.client("sns").publish(TopicArn=os.environ["TOPIC"], Message=f"order {event['order']}")
    return event["order"]
