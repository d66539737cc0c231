"""Messages between the host process and its supervisor: a JSON header and binary parts.

The header says what the message is; payloads, results and logs travel beside it as bytes, so that
megabytes are neither escaped nor copied twice. Answers come in any order, and name what they answer.
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
"""The error of an invocation whose reports to the harness cannot be read."""
_LENGTH = struct.Struct("!I")
_CHUNK_BYTES = 1 << 20


class InvocationRequest(TypedDict):
    """An invocation that the host asks for, beside the function's configuration and the payload.

    With `now_s` its clock is virtual, and `sleep_url` is where it sleeps: see FunctionRuntime.invoke.
    `faults` may fire in it; `bucket` is the one that its payload names. `invoked_arn` may have a qualifier.
    `environment` is the key of the one that serves it, `number` its number among those of the function.
    `hang_s` is for how long its code may compute: see supervisor.hangs. `world` decides, with the function,
    what its environment draws at random before the invocation. `measures` says how the lines that run are
    counted, if they are. `breaks`: see InvocationSetting.
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
    """The outcome of an invocation, beside result, log and calls.

    `seen` and `fired` count its faults by their ids, which JSON turns into text: see `counts_from_json`.
    `environment_ended`: the process is gone. `hang` says why it was stopped as one that hangs; "" else.
    `ran` are the lines that have run since the last outcome of its environment, where they are counted.
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
    """One message: its kind, its JSON fields, its binary parts; `number` joins a question and its answer."""

    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[bytes, ...] = ()
    number: int = 0

    def encode(self) -> bytes:
        """The bytes to send."""
        sizes = [len(part) for part in self.parts]
        head = json.dumps([self.kind, self.number, self.fields, sizes], default=str).encode()
        return b"".join((_LENGTH.pack(len(head)), head, *self.parts))


def take(buffer: bytearray) -> Message | None:
    """The first message in `buffer`, removed from it; None while it is not complete."""
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
    """The messages that come over a blocking connection, until the other side has gone."""
    buffer = bytearray()
    while chunk := connection.recv(_CHUNK_BYTES):
        buffer += chunk
        while message := take(buffer):
            yield message


def config_to_json(config: FunctionConfig) -> dict[str, object]:
    """A function's configuration as JSON fields."""
    return {
        **vars(config),
        "code": str(config.code),
        "layers": None if config.layers is None else str(config.layers),
        "environment": dict(config.environment),
        "credentials": dict(config.credentials),
    }


def config_from_json(fields: Mapping[str, Any]) -> FunctionConfig:
    """The configuration that `config_to_json` wrote."""
    layers = fields["layers"]
    converted = {
        "code": Path(fields["code"]),
        "layers": None if layers is None else Path(layers),
        "network": tuple(fields["network"]),
    }
    return FunctionConfig(**{**fields, **converted})


def counts_from_json(fields: Mapping[Any, int]) -> dict[int, int]:
    """Numbers by the ids of faults, whose keys JSON has as text."""
    return {int(id): count for id, count in fields.items()}


def calls_from_json(text: bytes) -> tuple[Call, ...]:
    """The AWS calls that an environment recorded."""
    return tuple(Call(**{**call, "faults": tuple(call["faults"])}) for call in json.loads(text))


def error_from_result(result: bytes) -> FunctionError:
    """The error that an error result's JSON describes."""
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
    """The error result of an invocation whose record of calls cannot be read."""
    return malformed(request_id, f"a record of a call cannot be read ({type(error).__name__}: {error})")


def malformed(request_id: str, what: str) -> bytes:
    """The error result of an invocation that wrote to the side channel, a descriptor of the harness's."""
    message = (
        f"RequestId: {request_id} Error: {what}: the function has written to a file descriptor that it has "
        "not opened; do not close, reuse or write to descriptors 3 to 5"
    )
    return json.dumps({"errorType": MALFORMED, "errorMessage": message}).encode()
