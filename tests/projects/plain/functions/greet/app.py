import os


def lambda_handler(event, context):
    return f"{os.environ['GREETING']}, {event['name']}!"
