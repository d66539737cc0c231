"""`returns`: a function, or a task, does its work and answers something else.

    {"status": "FAILED", "output": None, "names": []}

Members of an object are put into the object that it answers, and None takes one away; any other value stands
in place of the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from .kind import Answered, Argument, FunctionFault, Handler, Kind, Result, TaskEffect, TaskFault
from .point import Point, Variant


@dataclass(frozen=True)
class Returns(Kind, TaskFault, FunctionFault):
    """The work is done; an attempt that fails by itself fails as it does."""

    key = "returns"
    words = "another answer"
    returns: Annotated[
        Result,
        Argument(
            "it does its work and answers this: members of an object are put into its own, and `null` takes "
            "one away."
        ),
    ]

    def on_task(self) -> TaskEffect:
        """Answer something else."""
        return Answered(self._instead)

    def around(self, handler: Handler, fire: Callable[[], None]) -> Handler:
        """Call the handler, and change what it gives."""

        def answering(event: object, context: object) -> object:
            answer = handler(event, context)
            fire()
            return self._instead(answer)

        return answering

    def _instead(self, answer: object) -> object:
        return _put(answer, self.returns)

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """None: nobody knows what a function may answer."""
        yield from ()


def _put(old: object, new: object) -> object:
    if not isinstance(new, Mapping):
        return new
    before = old if isinstance(old, Mapping) else {}
    changed = {**before, **{name: _put(before.get(name), value) for name, value in new.items()}}
    return {name: value for name, value in changed.items() if not (name in new and new[name] is None)}
