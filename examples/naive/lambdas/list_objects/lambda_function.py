import os

import boto3


def lambda_handler(event, context):
    found = boto3.client("s3").list_objects_v2(Bucket=event["bucket"])
    extensions = {}
    for entry in found["Contents"]:
        extension = os.path.splitext(entry["Key"])[1]
        count, size = extensions.get(extension, (0, 0))
        extensions[extension] = (count + 1, size + entry["Size"])
    return {"bucket": event["bucket"], "extensions": extensions}
