"""Listen for events from a running engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from harness.engine.base import EngineError

T = TypeVar("T")
_ASK_S: Final = 600.0


def heard(ask: Callable[[int, float], Sequence[T]]) -> Iterator[Sequence[T]]:
    """Yield all events so far whenever new ones arrive, until the engine stops.

    `ask` takes the number of known events and how many seconds to wait for more.
    """
    seen = 0
    while True:
        try:
            found = ask(seen, _ASK_S)
        except (AssertionError, EngineError):  # the engine was stopped
            return
        seen += len(found)
        yield found
