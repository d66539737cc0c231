"""An environment's log in CloudWatch's format: the function's output and Lambda's own lines.

Formats: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html and
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from ..shared.model import FunctionConfig

# awslambdaric's framing (lambda_runtime_log_utils.py): type, length, timestamp, then the message. Frames
# share the pipe with plain output, so that both stay in order. The first three bytes are not valid UTF-8.
_FRAME = re.compile(rb"\xa5\x5a\x00[\x02\x03\x0a\x0b\x0e\x0f\x12\x13\x16\x17\x1a\x1b]")
_FRAME_HEAD_BYTES = 16


class LogBuffer:
    """Collects an environment's output. `take` returns the text since its previous call."""

    def __init__(self) -> None:
        self._raw = bytearray()

    @property
    def raw(self) -> bytes:
        """Return the raw output added since the last take."""
        return bytes(self._raw)

    def feed(self, data: bytes) -> None:
        """Add output read from the environment's pipe."""
        self._raw += data

    def take(self) -> str:
        """Return all text collected so far, with the frames unpacked, each on its own line."""
        raw, self._raw = bytes(self._raw), bytearray()
        text = bytearray()
        position = 0
        while match := _FRAME.search(raw, position):
            start = match.start() + _FRAME_HEAD_BYTES
            end = start + int.from_bytes(raw[match.start() + 4 : match.start() + 8], "big")
            if end > len(raw):  # a similar sequence in binary output
                break
            text += raw[position : match.start()]
            _end_line(text)
            text += raw[start:end]
            _end_line(text)
            position = end
        text += raw[position:]
        return text.decode(errors="replace")


@dataclass(frozen=True)
class Report:
    """Lambda's own report on an invocation; `status` is success, error or timeout.

    `started_at` is Unix time. If `max_memory_mib` or `init_duration_s` is None, the lines omit it.
    """

    request_id: str
    started_at: float
    duration_s: float
    max_memory_mib: int | None = None
    init_duration_s: float | None = None
    status: str = "success"
    error_type: str = ""


def frame_log(config: FunctionConfig, text: str, failure: str, report: Report) -> str:
    """Return an invocation's whole log: `text` between Lambda's START, END and REPORT lines.

    `failure` is Lambda's own line about an error. The JSON format has only the report, without this line.
    """
    if text and not text.endswith("\n"):
        text += "\n"
    if not _is_json(config):
        text += failure
    return _start(config, report) + text + _end(config, report)


def _end_line(text: bytearray) -> None:
    if text and not text.endswith(b"\n"):
        text += b"\n"


def _is_json(config: FunctionConfig) -> bool:
    return config.log_format.upper() == "JSON"


def _start(config: FunctionConfig, report: Report) -> str:
    if _is_json(config):
        record = {"requestId": report.request_id, "version": config.version}
        return _event("platform.start", record, report.started_at)
    return f"START RequestId: {report.request_id} Version: {config.version}\n"


def _end(config: FunctionConfig, report: Report) -> str:
    duration_ms = round(report.duration_s * 1000, 3)
    metrics = {
        "durationMs": duration_ms,
        "billedDurationMs": math.ceil(duration_ms),
        "memorySizeMB": config.memory_mib,
    }
    if report.max_memory_mib is not None:
        metrics["maxMemoryUsedMB"] = report.max_memory_mib
    if report.init_duration_s is not None:
        metrics["initDurationMs"] = round(report.init_duration_s * 1000, 3)
    if _is_json(config):
        record: dict[str, object] = {"requestId": report.request_id, "metrics": metrics}
        record["status"] = report.status
        if report.error_type:
            record["errorType"] = report.error_type
        return _event("platform.report", record, report.started_at + report.duration_s)
    parts = [
        f"REPORT RequestId: {report.request_id}",
        f"Duration: {duration_ms:.2f} ms",
        f"Billed Duration: {metrics['billedDurationMs']} ms",
        f"Memory Size: {config.memory_mib} MB",
    ]
    if report.max_memory_mib is not None:
        parts.append(f"Max Memory Used: {report.max_memory_mib} MB")
    if report.init_duration_s is not None:
        parts.append(f"Init Duration: {report.init_duration_s * 1000:.2f} ms")
    if report.status != "success":
        parts.append(f"Status: {report.status}")
    if report.error_type:
        parts.append(f"Error Type: {report.error_type}")
    return f"END RequestId: {report.request_id}\n" + "\t".join(parts) + "\n"


def _event(kind: str, record: Mapping[str, object], at_s: float) -> str:
    seconds, us = divmod(round(at_s * 1_000_000), 1_000_000)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{us // 1000:03}Z"
    return json.dumps({"time": stamp, "type": kind, "record": record}, separators=(",", ":")) + "\n"
