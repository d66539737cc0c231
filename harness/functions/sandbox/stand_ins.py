"""Stand-ins for services: their calls are not sent."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.response import StreamingBody

if TYPE_CHECKING:
    from ..faults.answers import Answers
    from .call import CallInFlight


def answer_of(kind: Answers, call: CallInFlight, request_id: str) -> tuple[AWSResponse, dict[str, Any]]:
    """Return the HTTP response and the parsed response to a call, in botocore's form."""
    if kind.takes_s:
        time.sleep(kind.takes_s)
    status = 400 if kind.error else 200
    headers = {"x-amzn-requestid": request_id}
    parsed: dict[str, Any] = {}
    if kind.error:
        parsed["Error"] = {"Code": kind.error, "Message": kind.message}
    elif isinstance(kind.answers, Mapping):
        parsed |= {name: _member(call, name, value) for name, value in kind.answers.items()}
    parsed["ResponseMetadata"] = {
        "RequestId": request_id,
        "HTTPStatusCode": status,
        "HTTPHeaders": headers,
        "RetryAttempts": 0,
    }
    raw: Any = io.BytesIO()
    return AWSResponse("", status, headers, raw), parsed  # type: ignore[arg-type]  # a mapping will do


def _member(call: CallInFlight, name: str, value: object) -> object:
    """Return a member in botocore's form. A blob may be specified as text or as JSON."""
    output = call.model.output_shape
    shape = output.members.get(name) if output else None
    if shape is None or shape.type_name != "blob":
        return call.typed_answer(value, name)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    content = text.encode()
    streams = output is not None and output.serialization.get("payload") == name
    return StreamingBody(io.BytesIO(content), len(content)) if streams else content
