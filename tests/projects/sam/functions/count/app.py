import os

import boto3
from words import words


def handler(event, context):
    count = len(words(event["text"]))
    boto3.client("dynamodb").put_item(
        TableName=os.environ["TABLE"],
        Item={"text": {"S": event["text"]}, "count": {"N": str(count)}, "stage": {"S": os.environ["STAGE"]}},
    )
    return count
