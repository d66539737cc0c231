"""`ends`: Lambda ends an invocation, before or after the function's work."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from harness.quotas import LAMBDA_RESPONSE_BYTES

from .kind import Argument, FunctionFault, Handler, Kind, Moment, moments
from .point import Point, Variant

Way = Literal["timeout", "memory", "exit", "too-large"]


@dataclass(frozen=True)
class Ends(Kind, FunctionFault):
    """An early exit of the process, as on Lambda. The supervisor detects it like any other exit."""

    key = "ends"
    words = "end by {ends}"
    ends: Annotated[
        Way,
        Argument(
            "it times out, is killed as if out of memory, exits with status 1, or returns a response of "
            "over 6 MB."
        ),
    ]
    when: Moment = "before"

    def around(self, handler: Handler, fire: Callable[[], None]) -> Handler:
        """End before or after the handler."""

        def ending(event: object, context: object) -> object:
            if self.when == "after":
                handler(event, context)
            fire()
            return _WAYS[self.ends]()

        return ending

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """Return two variants of every kind of end: before and after the handler."""
        for how in get_args(Way):
            for when in moments(point):
                yield Variant(f"{how} {when}", {"ends": how, "when": when})


def _sleep() -> None:
    while True:
        time.sleep(3600)


def _be_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _exit() -> None:
    sys.exit(1)


def _answer_too_much() -> str:
    return "x" * LAMBDA_RESPONSE_BYTES  # plus two quotation marks


_WAYS: dict[Way, Callable[[], str | None]] = {
    "timeout": _sleep,
    "memory": _be_killed,
    "exit": _exit,
    "too-large": _answer_too_much,
}
