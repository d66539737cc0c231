"""`ends`: Lambda ends an invocation. Arguments: `how`, and `when`, before or after the function's work."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from harness.quotas import LAMBDA_RESPONSE_BYTES

from .kind import Arguments, Handler, Kind


class Ends(Kind):
    """`timeout`: it takes too long; `memory`: it is killed, as AWS does; `exit`: its process ends with
    status 1; `too-large`: its answer is over the limit.
    """

    name = "ends"
    targets = frozenset({"invocation"})

    def around(self, arguments: Arguments, handler: Handler, fire: Callable[[], None]) -> Handler:
        """End so, before or after the handler."""

        def ending(event: Any, context: Any) -> Any:
            if arguments.get("when", "before") == "after":
                handler(event, context)
            fire()
            return WAYS[arguments["how"]]()

        return ending


def _sleep() -> None:
    while True:
        time.sleep(3600)


def _be_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _exit() -> None:
    sys.exit(1)


def _answer_too_much() -> str:
    return "x" * LAMBDA_RESPONSE_BYTES  # and two quotation marks


WAYS: dict[str, Callable[[], Any]] = {
    "timeout": _sleep,
    "memory": _be_killed,
    "exit": _exit,
    "too-large": _answer_too_much,
}
"""How an invocation may end."""
