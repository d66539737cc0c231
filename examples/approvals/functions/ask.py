"""Requests approval of an expense by mail."""

from __future__ import annotations

import json
import os
from typing import Any

import boto3


def handler(event: dict[str, Any], _context: object) -> None:
    """Send the task token to the approvers; anyone who has it can answer."""
    expense = event["expense"]
    boto3.client("sns").publish(
        TopicArn=os.environ["TOPIC_ARN"],
        Subject=f"Approve {expense['amount']} EUR for {expense['purpose']}?",
        Message=json.dumps({"token": event["token"], "expense": expense}),
    )
