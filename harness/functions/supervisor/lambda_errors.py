"""Errors raised by the Lambda service itself: timeout, crash, oversized result.

Texts as seen on AWS (errorType and errorMessage of the Invoke answer, and the line in the log).
"""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass

from harness.quotas import LAMBDA_RESPONSE_BYTES


@dataclass(frozen=True)
class Failure:
    """An error result, the log line that goes with it, and the status that the REPORT line shows."""

    error_type: str
    result: bytes
    log: str = ""
    status: str = "error"


def timed_out(request_id: str, timeout_s: float) -> Failure:
    """The function ran longer than its time-out."""
    text = f"Task timed out after {timeout_s:.2f} seconds"
    result = _result("Sandbox.Timedout", f"RequestId: {request_id} Error: {text}")
    return Failure("Sandbox.Timedout", result, f"{request_id} {text}\n", "timeout")


def exited(request_id: str, wait_status: int) -> Failure:
    """The process ended in mid-invocation; `wait_status` is what os.waitpid gave."""
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
    """The answer is larger than Lambda passes on."""
    message = f"Response payload size exceeded maximum allowed payload size ({LAMBDA_RESPONSE_BYTES} bytes)."
    kind = "Function.ResponseSizeTooLarge"
    return Failure(kind, _result(kind, message))


def initialisation_failed(request_id: str, error: bytes) -> Failure:
    """The function's code could not be loaded; `error` is what the runtime client reported."""
    fields = json.loads(error)
    return Failure(fields["errorType"], json.dumps({**fields, "requestId": request_id}).encode())


def raised(error: bytes) -> Failure:
    """The function's code raised an exception; `error` is what the runtime client reported."""
    return Failure(json.loads(error)["errorType"], error)


def _result(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()
