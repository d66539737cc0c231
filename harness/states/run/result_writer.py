"""ResultWriter: formats the results of a distributed Map's child executions, and can write them to S3.

Rules: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

from harness.json_types import Json, JsonObject

from ..asl import ResultWriter
from ..errors import RESULT_WRITER_FAILED, StateFailure
from ..payload import to_text, utf8_length
from ..query.scope import Scope
from ..time.fibers import Steps
from .child_results import ChildResults
from .control_flow import Flow
from .s3_port import call_parameters, call_port


def write_results(
    flow: Flow, writer: ResultWriter | None, scope: Scope, run_arn: str, results: ChildResults
) -> Steps[Json]:
    """Return the Map's result. The fiber's value is the results, or the location where they were written.

    Raises:
        StateFailure: States.ResultWriterFailed.
    """
    if writer is None:
        return results.all("COMPACT")
    if not writer.resource:
        formed = results.all(writer.transformation)
        return _file_text(formed, lines=True) if writer.lines else formed
    return (yield from _write_files(flow, writer, scope, run_arn, results))


def _write_files(
    flow: Flow, writer: ResultWriter, scope: Scope, run_arn: str, results: ChildResults
) -> Steps[Json]:
    """Write one file for each outcome, and a manifest, through the port."""
    given = call_parameters(writer.parameters, scope, RESULT_WRITER_FAILED)
    bucket, prefix = _text(given, "Bucket"), _text(given, "Prefix").strip("/")
    if not bucket:
        raise StateFailure(RESULT_WRITER_FAILED, "The field 'Bucket' is required but was missing.")
    folder = "/".join(part for part in (prefix, run_arn.rpartition(":")[2]) if part)

    def put(name: str, body: str) -> Steps[JsonObject]:
        key = f"{folder}/{name}"
        request: JsonObject = {"Bucket": bucket, "Key": key, "Body": body}
        yield from call_port(flow, writer.resource, request, RESULT_WRITER_FAILED)
        return {"Key": key, "Size": utf8_length(body)}

    contents = {
        "FAILED": results.failed(),
        "PENDING": results.not_started(),
        "SUCCEEDED": results.succeeded(writer.transformation),
    }
    files: JsonObject = {}
    for name, content in contents.items():
        body = _file_text(content, lines=writer.lines)
        files[name] = [(yield from put(f"{name}_0.json", body))] if content else []
    manifest: JsonObject = {"DestinationBucket": bucket, "MapRunArn": run_arn, "ResultFiles": files}
    written = yield from put("manifest.json", to_text(manifest))
    return {"MapRunArn": run_arn, "ResultWriterDetails": {"Bucket": bucket, "Key": written["Key"]}}


def _text(given: JsonObject, field: str) -> str:
    value = given.get(field, "")
    if not isinstance(value, str):
        raise StateFailure(RESULT_WRITER_FAILED, f"The field '{field}' must be a string: {to_text(value)}")
    return value


def _file_text(results: list[Json], *, lines: bool) -> str:
    return "".join(f"{to_text(result)}\n" for result in results) if lines else to_text(results)
