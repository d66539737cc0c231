"""ResultWriter: the results of a distributed Map's child executions, written to S3 instead of handed on.

Forms: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.json_types import Json, JsonObject

from ..asl import ResultWriter
from ..errors import RESULT_WRITER_FAILED
from ..payload import to_text, utf8_length
from ..query.scope import Scope
from ..time.fibers import Steps
from ..timestamps import format_timestamp
from .control_flow import Flow
from .execution import Execution, Status
from .item_reader import call_parameters, call_port

_FILES: Final = ("FAILED", "PENDING", "SUCCEEDED")


def write_results(
    flow: Flow, writer: ResultWriter, scope: Scope, run_arn: str, executions: Sequence[Execution]
) -> Steps[Json]:
    """Write a file for each outcome and a manifest through the port; the fiber's value is the Map's result.

    Raises:
        StateFailure: States.ResultWriterFailed.
    """
    given = call_parameters(writer.parameters, scope, RESULT_WRITER_FAILED)
    bucket, prefix = str(given.get("Bucket", "")), str(given.get("Prefix", "")).strip("/")
    folder = "/".join(part for part in (prefix, run_arn.rpartition(":")[2]) if part)

    def put(name: str, content: Json) -> Steps[JsonObject]:
        body = to_text(content)
        key = f"{folder}/{name}"
        request: JsonObject = {"Bucket": bucket, "Key": key, "Body": body}
        yield from call_port(flow, writer.resource, request, RESULT_WRITER_FAILED)
        return {"Key": key, "Size": utf8_length(body)}

    files: JsonObject = {}
    for name in _FILES:
        shown: list[Json] = [_shown(execution) for execution in executions if _file_of(execution) == name]
        files[name] = [(yield from put(f"{name}_0.json", shown))] if shown else []
    manifest: JsonObject = {"DestinationBucket": bucket, "MapRunArn": run_arn, "ResultFiles": files}
    written = yield from put("manifest.json", manifest)
    return {"MapRunArn": run_arn, "ResultWriterDetails": {"Bucket": bucket, "Key": written["Key"]}}


def _file_of(execution: Execution) -> str:
    if execution.running:
        return "PENDING"
    return "SUCCEEDED" if execution.status is Status.SUCCEEDED else "FAILED"


def _shown(execution: Execution) -> JsonObject:
    shown: JsonObject = {
        "ExecutionArn": execution.arn,
        "Input": execution.input.text,
        "InputDetails": {"Included": True},
        "Name": execution.name,
        "StartDate": format_timestamp(execution.started_at),
        "StateMachineArn": execution.identity.machine_arn,
        "Status": execution.status.value,
    }
    if execution.output is not None:
        shown |= {"Output": execution.output.text, "OutputDetails": {"Included": True}}
    if execution.error is not None:
        shown["Error"] = execution.error
    if execution.cause is not None:
        shown["Cause"] = execution.cause
    if execution.ended_at is not None:
        shown["StopDate"] = format_timestamp(execution.ended_at)
    return shown
