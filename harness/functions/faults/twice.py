"""`twice`: a function does its work twice for one invocation, and the second result is returned."""

from __future__ import annotations

import copy
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

from .kind import Argument, FunctionFault, Handler, Kind
from .point import Point, Variant


@dataclass(frozen=True)
class Twice(Kind, FunctionFault):
    """Repeated work, as after a retry by Lambda or by a caller that lost the response."""

    key = "twice"
    words = "the second run"
    twice: Annotated[bool, Argument("one invocation does its work twice; the second result counts.")] = True

    def around(self, handler: Handler, fire: Callable[[], None]) -> Handler:
        """Call the handler twice with the same event; the log shows an exception from the first call."""

        def repeated(event: object, context: object) -> object:
            fire()
            try:
                handler(copy.deepcopy(event), context)
            except Exception as error:
                shown = error.__traceback__ and error.__traceback__.tb_next  # without this frame
                traceback.print_exception(error.with_traceback(shown))
            return handler(event, context)

        return repeated

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """Return the only variant."""
        yield Variant("", {"twice": True})
