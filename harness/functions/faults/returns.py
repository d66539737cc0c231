"""`returns`: a function or a task does its work but returns a different result.

    {"status": "FAILED", "output": None, "names": []}

If the value is an object, its members replace those of the returned object, and None removes a member. Any
other value replaces the whole result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from .kind import Answered, Argument, FunctionFault, Handler, Kind, Result, TaskEffect, TaskFault
from .point import Point, Variant


@dataclass(frozen=True)
class Returns(Kind, TaskFault, FunctionFault):
    """A different result. The work is still done. An attempt that fails on its own is not changed."""

    key = "returns"
    words = "a different result"
    returns: Annotated[
        Result,
        Argument(
            "the task does its work and returns this value: members of an object replace members of the real "
            "result, and `null` removes one."
        ),
    ]

    def on_task(self) -> TaskEffect:
        """Return a different result."""
        return Answered(self._instead)

    def around(self, handler: Handler, fire: Callable[[], None]) -> Handler:
        """Call the handler and change its result."""

        def answering(event: object, context: object) -> object:
            answer = handler(event, context)
            fire()
            return self._instead(answer)

        return answering

    def _instead(self, answer: object) -> object:
        return _put(answer, self.returns)

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """Return no variants: the possible results of a function are unknown."""
        yield from ()


def _put(old: object, new: object) -> object:
    if not isinstance(new, Mapping):
        return new
    before = old if isinstance(old, Mapping) else {}
    changed = {**before, **{name: _put(before.get(name), value) for name, value in new.items()}}
    return {name: value for name, value in changed.items() if not (name in new and new[name] is None)}
