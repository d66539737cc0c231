"""`delay`: a call, a task or a function's work takes longer, on the function's clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

from .call import Request, Response
from .kind import (
    Argument,
    BadArgument,
    FunctionFault,
    Handler,
    Kind,
    Later,
    RequestFault,
    Seconds,
    TaskEffect,
    TaskFault,
)
from .point import Point, Variant

SHORT, LONG = "5 s", "70 s"
"""Delays that the sweep tries: one below and one above botocore's default read timeout of 60 s."""


def _some_time(seconds: float) -> None:
    if not seconds:
        raise BadArgument("a delay of zero has no effect", "write a longer delay, or remove the fault")


@dataclass(frozen=True)
class Delay(Kind, RequestFault, TaskFault, FunctionFault):
    """A delay. If the delay exceeds the read timeout, the request takes effect, but the client times out."""

    key = "delay"
    words = "delay of {delay}"
    delay: Annotated[
        Seconds,
        Argument(
            "it takes this much longer. If the delay exceeds the client's read timeout, the call takes "
            "effect, and the client times out.",
            _some_time,
        ),
    ]

    def send(self, request: Request) -> Response | None:
        """Sleep. Raises ReadTimeoutError if the delay exceeds the client's read timeout."""
        limit_s = request.read_timeout_s
        if limit_s is None or self.delay < limit_s:
            time.sleep(self.delay)
            return None
        time.sleep(limit_s)
        request.deliver()
        raise request.timed_out()

    def on_task(self) -> TaskEffect:
        """Delay the task."""
        return Later(self.delay)

    def around(self, handler: Handler, fire: Callable[[], None]) -> Handler:
        """Sleep, then call the handler."""

        def delayed(event: object, context: object) -> object:
            fire()
            time.sleep(self.delay)
            return handler(event, context)

        return delayed

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """Return a short delay, and for a call also a delay longer than its read timeout."""
        for time_ in (SHORT, LONG) if point.target == "call" else (SHORT,):
            yield Variant(time_, {"delay": time_})
