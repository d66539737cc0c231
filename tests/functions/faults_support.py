"""Short helpers to create faults in tests."""

from __future__ import annotations

import json
from typing import Any

from harness.functions.shared.model import Fault, Invocation


def of_call(kind: str, call: str, **fields: Any) -> Fault:
    """An AWS call fault, named as in `s3:ListBuckets`. Values without a Fault field become its arguments."""
    service, _, operation = call.partition(":")
    own, arguments = _apart(fields)
    return Fault(kind, "call", service, operation, arguments=arguments, **own)


def of_function(kind: str, **fields: Any) -> Fault:
    """A fault in a function invocation."""
    own, arguments = _apart(fields)
    return Fault(kind, "function", arguments=arguments, **own)


def _apart(fields: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    known = Fault.__dataclass_fields__
    own = {name: value for name, value in fields.items() if name in known}
    return own, {name: value for name, value in fields.items() if name not in known}


CALLS = '''
import json
import boto3
from botocore.config import Config
def handler(event, context):
    """What each call answers, or [the error's class, its code]."""
    retries = {"mode": "standard", "total_max_attempts": event.get("attempts", 3)}
    config = Config(retries=retries, read_timeout=event.get("read_timeout", 60))
    answers = []
    for service, method, params in event["calls"]:
        try:
            answer = getattr(boto3.client(service, config=config), method)(**params)
            answer.pop("ResponseMetadata")
        except Exception as error:
            response = getattr(error, "response", None) or {}
            answer = [type(error).__name__, response.get("Error", {}).get("Code")]
        answers.append(answer)
    return json.loads(json.dumps(answers, default=str))
'''
"""A function that makes the calls in its event."""


def event(*calls: tuple[str, str, dict[str, Any]], **settings: Any) -> bytes:
    """An event for CALLS."""
    return json.dumps({"calls": calls, **settings}).encode()


def result_of(invocation: Invocation) -> Any:
    """The result of an invocation that must succeed."""
    assert invocation.error is None, invocation.log
    return json.loads(invocation.result)
