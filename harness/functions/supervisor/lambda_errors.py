"""Errors raised by the Lambda service itself: timeout, crash, oversized result.

The wording is AWS's (errorType and errorMessage in the Invoke response, and the line in the log).
"""

from __future__ import annotations

import json
import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

from harness.functions.shared.channel import MALFORMED
from harness.functions.shared.channel import malformed as malformed_result
from harness.quotas import LAMBDA_RESPONSE_BYTES


@dataclass(frozen=True)
class Failure:
    """An error result, its log line, and the status in the REPORT line."""

    error_type: str
    result: bytes
    log: str = ""
    status: str = "error"


def timed_out(request_id: str, timeout_s: float) -> Failure:
    """Return the error for a function that exceeded its timeout."""
    text = f"Task timed out after {timeout_s:.2f} seconds"
    result = _result("Sandbox.Timedout", f"RequestId: {request_id} Error: {text}")
    return Failure("Sandbox.Timedout", result, f"{request_id} {text}\n", "timeout")


def exited(request_id: str, wait_status: int) -> Failure:
    """Return the error for a process that exited in an invocation; `wait_status` comes from os.waitpid."""
    code = os.waitstatus_to_exitcode(wait_status)
    if code == 0:
        reason = "Runtime exited without providing a reason"
    elif code > 0:
        reason = f"Runtime exited with error: exit status {code}"
    else:
        reason = f"Runtime exited with error: signal: {(signal.strsignal(-code) or str(-code)).lower()}"
    message = f"RequestId: {request_id} Error: {reason}"
    return Failure(
        "Runtime.ExitError", _result("Runtime.ExitError", message), f"{message}\nRuntime.ExitError\n"
    )


def too_large() -> Failure:
    """Return the error for a response that exceeds Lambda's limit."""
    message = f"Response payload size exceeded maximum allowed payload size ({LAMBDA_RESPONSE_BYTES} bytes)."
    kind = "Function.ResponseSizeTooLarge"
    return Failure(kind, _result(kind, message))


def initialisation_failed(request_id: str, error: bytes, code: Path) -> Failure:
    """Return the error for code that could not be loaded; `error` is the runtime client's report.

    The log reports if the `code`'s requirements were not installed.
    """
    kind = _type_in(error)
    if not kind:
        return Failure("Runtime.Unknown", _result("Runtime.Unknown", error.decode(errors="replace")))
    result = json.dumps({**json.loads(error), "requestId": request_id}).encode()
    return Failure(kind, result, _missing(error, code))


def _missing(error: bytes, code: Path) -> str:
    """Return a line about a missing module, if the code has a requirements file."""
    module = _NO_MODULE.search(error.decode(errors="replace"))
    for name, instead in _INSTEAD.items():
        if module and (code / name).is_file():
            return (
                f"[harness] {module[1]} is not in the code, and the code's {name} was not installed; "
                f"{instead}, or set build = true in [tool.harness]\n"
            )
    return ""


_NO_MODULE = re.compile(r"No module named \\?'([A-Za-z0-9_]+)")
_INSTEAD = {
    "requirements.txt": "run sam build, or pip install -r requirements.txt -t its folder",
    "pyproject.toml": "run sam build with BuildMethod python-uv",
}
"""Requirements files and the commands that install them."""


def raised(error: bytes) -> Failure:
    """Return the error for code that raised an exception; `error` is the runtime client's report."""
    return Failure(_type_in(error), error)


def hung(request_id: str, why: str) -> Failure:
    """Return the error for a function that hangs; the harness converts it to its own error."""
    return Failure("Harness.Hang", _result("Harness.Hang", f"RequestId: {request_id} Error: {why}"))


def malformed(request_id: str, what: str) -> Failure:
    """Return the error for a function that sent unreadable data to the supervisor."""
    return Failure(MALFORMED, malformed_result(request_id, what))


def _type_in(error: bytes) -> str:
    """Return the type of a reported error, or "" if the body has none."""
    try:
        named = json.loads(error)
    except (ValueError, RecursionError):
        return ""
    kind = named.get("errorType") if isinstance(named, dict) else None
    return kind if isinstance(kind, str) else ""


def _result(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()
