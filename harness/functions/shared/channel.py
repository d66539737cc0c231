"""Messages between the host process and its supervisor: a JSON header and binary parts.

The header describes the message. Payloads, results and logs are sent separately as bytes, so that megabytes
are neither escaped nor copied twice. Replies may arrive in any order; each contains its request's number.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from typing import Any, TypedDict

from .model import ArmedFaultFields, Call, FunctionConfig, FunctionError, RanByFile
from .sandbox_protocol import Measuring

MALFORMED = "Harness.MalformedRecord"
"""The error type for an invocation whose reports to the harness cannot be read."""
_LENGTH = struct.Struct("!I")
_CHUNK_BYTES = 1 << 20


class InvocationRequest(TypedDict):
    """An invocation that the host requests, without the function's configuration and the payload.

    With `now_s`, its clock is virtual, and sleeps are sent to `sleep_url`: see FunctionRuntime.invoke.
    `faults` can fire in it; `bucket` is the bucket in its payload. `invoked_arn` may have a qualifier.
    `environment` is the key of its environment, and `number` the environment's number within the function.
    `hang_s` limits its processor time: see supervisor.hangs. `world` and the function determine the random
    values of its environment before the invocation. `measures` sets how executed lines are counted, if at
    all. `breaks`: see InvocationSetting.
    """

    client_context: str
    request_id: str
    invoked_arn: str
    now_s: float | None
    sleep_url: str
    faults: list[ArmedFaultFields]
    bucket: str
    environment: int
    number: int
    world: int
    hang_s: float
    measures: Measuring | None
    breaks: list[str]


class InvocationOutcome(TypedDict):
    """The outcome of an invocation, excluding its result, log and calls.

    `seen` and `fired` count its faults by ID, which JSON converts to strings: see `counts_from_json`.
    `environment_ended` is true if the process has exited. `hang` is the reason why a hanging process was
    stopped, otherwise "". `ran` contains the lines executed since the environment's previous outcome, if they
    are counted.
    """

    request_id: str
    started_at: float
    duration_s: float
    init_duration_s: float | None
    environment_id: str
    environment_ended: bool
    hang: str
    failed: bool
    seen: Mapping[int, int]
    fired: Mapping[int, int]
    notes: list[str]
    ran: RanByFile


@dataclass(frozen=True)
class Message:
    """One message: its kind, its JSON fields and its binary parts. `number` links a request and its reply."""

    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[bytes, ...] = ()
    number: int = 0

    def encode(self) -> bytes:
        """Return the bytes to send."""
        sizes = [len(part) for part in self.parts]
        head = json.dumps([self.kind, self.number, self.fields, sizes], default=str).encode()
        return b"".join((_LENGTH.pack(len(head)), head, *self.parts))


def take(buffer: bytearray) -> Message | None:
    """Remove and return the first message in `buffer`, or return None while it is incomplete."""
    if len(buffer) < _LENGTH.size:
        return None
    start = _LENGTH.size + _LENGTH.unpack_from(buffer)[0]
    if len(buffer) < start:
        return None
    kind, number, fields, sizes = json.loads(buffer[_LENGTH.size : start])
    end = start + sum(sizes)
    if len(buffer) < end:
        return None
    parts = []
    for size in sizes:
        parts.append(bytes(buffer[start : start + size]))
        start += size
    del buffer[:end]
    return Message(kind, fields, tuple(parts), number)


def messages(connection: socket) -> Iterator[Message]:
    """Yield messages from a blocking connection until the other side closes it."""
    buffer = bytearray()
    while chunk := connection.recv(_CHUNK_BYTES):
        buffer += chunk
        while message := take(buffer):
            yield message


def config_to_json(config: FunctionConfig) -> dict[str, object]:
    """Convert a function's configuration to JSON fields."""
    return {
        **vars(config),
        "code": str(config.code),
        "layers": None if config.layers is None else str(config.layers),
        "environment": dict(config.environment),
        "credentials": dict(config.credentials),
    }


def config_from_json(fields: Mapping[str, Any]) -> FunctionConfig:
    """Read the configuration that `config_to_json` wrote."""
    layers = fields["layers"]
    converted = {
        "code": Path(fields["code"]),
        "layers": None if layers is None else Path(layers),
        "network": tuple(fields["network"]),
    }
    return FunctionConfig(**{**fields, **converted})


def counts_from_json(fields: Mapping[Any, int]) -> dict[int, int]:
    """Convert counts by fault ID, whose keys are strings in JSON."""
    return {int(id): count for id, count in fields.items()}


def calls_from_json(text: bytes) -> tuple[Call, ...]:
    """Read the AWS calls that an environment recorded."""
    return tuple(Call(**{**call, "faults": tuple(call["faults"])}) for call in json.loads(text))


def error_from_result(result: bytes) -> FunctionError:
    """Return the error described by the JSON of an error result."""
    try:
        body = json.loads(result)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        return FunctionError("", result.decode(errors="replace"))
    trace = body.get("stackTrace") or ()
    return FunctionError(
        str(body.get("errorType") or ""),
        str(body.get("errorMessage") or ""),
        tuple(str(line) for line in trace),
    )


def malformed_calls(request_id: str, error: Exception) -> bytes:
    """Return the error result for an invocation whose call records cannot be read."""
    return malformed(request_id, f"a record of a call cannot be read ({type(error).__name__}: {error})")


def malformed(request_id: str, what: str) -> bytes:
    """Return the error result for an invocation that wrote to the harness's side channel."""
    message = (
        f"RequestId: {request_id} Error: {what}: the function wrote to a file descriptor that it did "
        "not open; do not close, reuse or write to descriptors 3 to 5"
    )
    return json.dumps({"errorType": MALFORMED, "errorMessage": message}).encode()
