"""`answers`: a stand-in for a service. The call is not sent; it returns this response or this error.

A scenario specifies it under `calls`, not under `faults`, because it is not a failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .kind import CallFault, Kind
from .point import Point, Variant


@dataclass(frozen=True)
class Answers(Kind, CallFault):
    """A response with the API's members, or the error that the client raises after its last retry."""

    key = "answers"
    words = "answer"
    answers: object = None
    error: str = ""
    message: str = ""
    takes_s: float = 0.0

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """Return no variants: a stand-in is not a failure."""
        yield from ()
