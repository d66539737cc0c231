"""`cut`: the connection breaks, before or after the request takes effect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from .call import Request, Response
from .kind import Argument, Kind, RequestFault, TaskEffect, TaskFault, Unanswered, When
from .point import Point, Variant


@dataclass(frozen=True)
class Cut(Kind, RequestFault, TaskFault):
    """A broken connection. With `after`, the request takes effect, but the client gets no response."""

    key = "cut"
    words = "cut {cut}"
    cut: Annotated[When, Argument("the connection breaks, before or after the request took effect.")]

    def send(self, request: Request) -> Response | None:
        """Raise ConnectionClosedError."""
        if self.cut == "after":
            request.deliver()
        else:
            request.withhold()
        raise request.closed()

    def on_task(self) -> TaskEffect:
        """Discard the response."""
        return Unanswered(works=self.cut == "after")

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """Return two variants: before and after the request takes effect."""
        for when in ("before", "after"):
            yield Variant(when, {"cut": when})
