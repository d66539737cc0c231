"""Listen for events in an engine while it is up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from harness.engine.base import EngineError

T = TypeVar("T")
_ASK_S: Final = 600.0


def heard(ask: Callable[[int, float], Sequence[T]]) -> Iterator[Sequence[T]]:
    """Yield the events so far whenever there are new ones, until the engine ends.

    `ask` takes the number of known events and the seconds to wait for more.
    """
    seen = 0
    while True:
        try:
            found = ask(seen, _ASK_S)
        except (AssertionError, EngineError):  # it was stopped
            return
        seen += len(found)
        yield found
