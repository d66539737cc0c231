"""`raises`: a function fails. Arguments: the error's `type` and `message`, and `when`, before or after work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .kind import Arguments, Handler, Kind


class Raises(Kind):
    """An exception that seems to come from the handler's first line."""

    name = "raises"
    targets = frozenset({"invocation"})

    def around(self, arguments: Arguments, handler: Handler, fire: Callable[[], None]) -> Handler:
        """Raise, before or after the handler."""

        def raising(event: Any, context: Any) -> Any:
            if arguments.get("when", "before") == "after":
                handler(event, context)
            fire()
            _raise_in(handler, type(arguments["type"], (Exception,), {})(arguments.get("message", "")))

        return raising


def _raise_in(handler: Handler, error: Exception) -> None:
    code = getattr(handler, "__code__", None)
    file, line = (code.co_filename, code.co_firstlineno) if code else ("<handler>", 1)
    name = getattr(handler, "__name__", "handler")
    statement = compile("raise error", file, "exec").replace(co_name=name, co_firstlineno=line)
    exec(statement, {"error": error})  # noqa: S102 - the line above: a traceback that names the handler
