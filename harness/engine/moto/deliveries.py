"""Asynchronous invocations: what topics, buckets, rules and stacks send to functions.

On AWS the sender goes on at once and the function begins soon afterwards. Here the function has ended when
the sender goes on, so that a run is the same every time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import lambda_backends

from harness.json_types import Json

# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
ATTEMPTS: Final = 3


def invoke_asynchronously(
    account_id: str, function: str, event: Json, is_done: Callable[[], bool] = lambda: False
) -> str:
    """Invoke a function by its ARN, and twice more when it fails, as Lambda does with an event.

    Args:
        is_done: tells that no further attempt is of use.

    Returns:
        The last attempt's error, `KeyError: 'bucket'`; empty when it went well.
    """
    region = function.split(":")[3]
    error = ""
    for _ in range(ATTEMPTS):
        headers: dict[str, Any] = {}
        try:
            result = lambda_backends[account_id][region].invoke(
                function, None, json.dumps(event), {}, headers
            )
        except LambdaClientError as refused:  # there is no such function, say
            return str(refused.message)
        if "x-amz-function-error" not in headers:
            return ""
        failure = json.loads(result or "{}")
        error = f"{failure.get('errorType')}: {failure.get('errorMessage')}"
        if is_done():
            break
    return error
