"""`error`: the service rejects a request with an error code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from .call import Request, Response
from .kind import Argument, ErrorCode, Kind, Message, Refused, RequestFault, TaskEffect, TaskFault
from .point import Point, Variant


@dataclass(frozen=True)
class Error(Kind, RequestFault, TaskFault):
    """A service error. It is sent in the service's wire format; the client parses it and retries."""

    key = "error"
    words = "error {error}"
    error: Annotated[
        ErrorCode, Argument("the service rejects it with this error code, such as `AccessDenied`.")
    ]
    message: Message = ""

    def send(self, request: Request) -> Response | None:
        """Respond with the service's error."""
        return request.refusal(self.error, self.message)

    def on_task(self) -> TaskEffect:
        """Reject the task's call."""
        return Refused(self.error, self.message)

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """Return the error codes that the operation can return."""
        for code in point.error_codes:
            yield Variant(code, {"error": code})
