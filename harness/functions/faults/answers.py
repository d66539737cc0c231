"""`answers`: a stand-in for a service. The call is not sent, and gets this answer, or this error.

A scenario writes it under `calls`, not under `faults`: it is no failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .kind import CallFault, Kind
from .point import Point, Variant


@dataclass(frozen=True)
class Answers(Kind, CallFault):
    """The answer has the API's members; an error comes as when the client has given up trying again."""

    key = "answers"
    words = "answer"
    answers: object = None
    error: str = ""
    message: str = ""
    takes_s: float = 0.0

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """None: it is no failure."""
        yield from ()
