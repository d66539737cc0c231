import boto3


def lambda_handler(event, context):
    table = boto3.resource("dynamodb").Table("usage")
    for extension, (count, size) in event["extensions"].items():
        table.put_item(Item={"bucket": event["bucket"], "extension": extension, "count": count, "size": size})
