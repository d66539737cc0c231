"""Results of service integrations in Step Functions format, for use by ports.

Formats as recorded on AWS. The caller supplies IDs and dates.
"""

from __future__ import annotations

from datetime import UTC, datetime

from harness.json_types import JsonObject

from ..payload import read_json, utf8_length
from ..timestamps import format_timestamp
from .execution import Execution, Status


def http_date(seconds: float) -> str:
    """Format a time as in the Date header."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


def http_metadata(headers: dict[str, str], request_id: str, status: int = 200) -> JsonObject:
    """Return `SdkHttpMetadata` and `SdkResponseMetadata` for a successful call."""
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": dict(headers),
            "HttpStatusCode": status,
        },
        "SdkResponseMetadata": {"RequestId": request_id},
    }


def lambda_invoke_result(
    response: str, *, request_id: str, now: float, version: str = "$LATEST", log: str | None = None
) -> JsonObject:
    """Return the result of `lambda:invoke` for a function's response, which is parsed if it is JSON.

    Args:
        log: the end of the function's log in Base64, if requested by LogType.
    """
    try:
        payload = read_json(response)
    except ValueError:
        payload = response
    headers = {
        "X-Amz-Executed-Version": version,
        "x-amzn-Remapped-Content-Length": "0",
        "Connection": "keep-alive",
        "x-amzn-RequestId": request_id,
        "Content-Length": str(utf8_length(response)),
        "Date": http_date(now),
        "X-Amzn-Trace-Id": f"root=1-{int(now):08x}-{request_id.replace('-', '')[:24]};sampled=0",
        "Content-Type": "application/json",
    }
    result: JsonObject = {"ExecutedVersion": version}
    if log is not None:
        headers = {"X-Amz-Log-Result": log, **headers}
        result["LogResult"] = log
    return {**result, "Payload": payload, **http_metadata(headers, request_id), "StatusCode": 200}


def start_execution_result(execution: Execution, *, request_id: str) -> JsonObject:
    """Return the result of `states:startExecution`, which the TaskSubmitted event shows for `.sync`."""
    started = execution.started_at
    digits = f"{started:.3f}".replace(".", "").rstrip("0")
    wire_date = f"{digits[0]}.{digits[1:] or '0'}E9"
    body = f'{{"executionArn":"{execution.arn}","startDate":{wire_date}}}'
    headers = {
        "x-amzn-RequestId": request_id,
        "connection": "keep-alive",
        "Content-Length": str(len(body)),
        "Date": http_date(started),
        "Content-Type": "application/x-amz-json-1.0",
    }
    metadata = http_metadata(headers, request_id)
    return {"ExecutionArn": execution.arn, **metadata, "StartDate": round(started * 1000)}


def sdk_start_execution_result(execution: Execution) -> JsonObject:
    """Return the result of `aws-sdk:sfn:startExecution`."""
    return {"ExecutionArn": execution.arn, "StartDate": format_timestamp(execution.started_at)}


def ended_execution_result(execution: Execution, *, parsed: bool) -> JsonObject:
    """Return the result of a `.sync` task. If `parsed`, as for `.sync:2`, input and output are JSON values
    instead of text.
    """
    result: JsonObject = {
        "ExecutionArn": execution.arn,
        "Input": execution.input.value if parsed else execution.input.text,
        "InputDetails": {"Included": True},
        "Name": execution.name,
        "StartDate": round(execution.started_at * 1000),
        "StateMachineArn": execution.identity.machine_arn,
        "Status": execution.status.value,
        "StopDate": round((execution.ended_at or 0.0) * 1000),
    }
    if execution.status is Status.SUCCEEDED and execution.output is not None:
        result["Output"] = execution.output.value if parsed else execution.output.text
        result["OutputDetails"] = {"Included": True}
    if execution.error is not None:
        result["Error"] = execution.error
    if execution.cause is not None:
        result["Cause"] = execution.cause
    return result
