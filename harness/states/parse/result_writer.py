"""A distributed Map's ResultWriter.

Rules: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

from ..asl import ResultWriter
from .allowed_fields import RESULT_WRITER, WRITER_CONFIG
from .integrations import Integrations
from .s3_call import read_s3_call
from .source import Source


def read_result_writer(writer: Source | None, integrations: Integrations | None) -> ResultWriter | None:
    """Read ResultWriter: the destination of the results, their format, or both."""
    if writer is None:
        return None
    writer.allow(RESULT_WRITER)
    if "WriterConfig" not in writer or "Parameters" in writer or "Arguments" in writer:
        writer.require("Resource")
    resource, parameters = read_s3_call(writer, integrations, "putObject")
    config = writer.inner("WriterConfig")
    if config is None:
        return ResultWriter(resource, parameters)
    config.allow(WRITER_CONFIG)
    transformation = config.one_of("Transformation", "NONE", "COMPACT", "FLATTEN") or "NONE"
    lines = config.one_of("OutputType", "JSON", "JSONL") == "JSONL"
    return ResultWriter(resource, parameters, transformation, lines)
