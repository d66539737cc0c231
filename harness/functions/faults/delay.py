"""`delay`: a request, or a function's work, begins later. Argument: `seconds`, on the function's clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .kind import Arguments, Handler, Kind

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse

    from ..calling import Request


class Delay(Kind):
    """Longer than the client reads: the request takes effect, but the client does not wait for its answer."""

    name = "delay"
    targets = frozenset({"call", "invocation", "task"})

    def send(self, arguments: Arguments, request: Request) -> AWSResponse | None:
        """Sleep. Raises ReadTimeoutError when that is too long for the client."""
        limit_s = request.read_timeout_s
        if limit_s is None or arguments["seconds"] < limit_s:
            time.sleep(arguments["seconds"])
            return None
        time.sleep(limit_s)
        request.deliver()
        raise request.timed_out()

    def around(self, arguments: Arguments, handler: Handler, fire: Callable[[], None]) -> Handler:
        """Sleep, then call the handler."""

        def delayed(event: Any, context: Any) -> Any:
            fire()
            time.sleep(arguments["seconds"])
            return handler(event, context)

        return delayed
