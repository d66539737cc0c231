"""`twice`: a function does its work twice for one invocation, and the second answer counts. No arguments."""

from __future__ import annotations

import copy
import traceback
from collections.abc import Callable
from typing import Any

from .kind import Arguments, Handler, Kind


class Twice(Kind):
    """As when Lambda, or a caller whose answer was lost, invokes it again."""

    name = "twice"
    targets = frozenset({"invocation"})

    def around(self, arguments: Arguments, handler: Handler, fire: Callable[[], None]) -> Handler:
        """Call the handler twice with the same event; the log shows an exception of the first time."""

        def repeated(event: Any, context: Any) -> Any:
            fire()
            try:
                handler(copy.deepcopy(event), context)
            except Exception as error:
                shown = error.__traceback__ and error.__traceback__.tb_next  # without this frame
                traceback.print_exception(error.with_traceback(shown))
            return handler(event, context)

        return repeated
