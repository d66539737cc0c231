"""`raises`: a function raises an exception, before or after its work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, NoReturn

from .kind import Argument, BadArgument, FunctionFault, Handler, Kind, Message, Moment, moments
from .point import Point, Variant

_CLASS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _class_name(text: str) -> None:
    if not _CLASS.fullmatch(text):
        raise BadArgument(
            f"{text!r} is not the name of an exception", "write a class name, such as ValueError"
        )


@dataclass(frozen=True)
class Raises(Kind, FunctionFault):
    """An exception whose traceback ends at the handler's first line."""

    key = "raises"
    words = "exception {raises}"
    raises: Annotated[str, Argument("the exception that it raises, such as `ValueError`.", _class_name)]
    when: Moment = "before"
    message: Message = ""

    def around(self, handler: Handler, fire: Callable[[], None]) -> Handler:
        """Raise the exception before or after the handler's work."""

        def raising(event: object, context: object) -> object:
            if self.when == "after":
                handler(event, context)
            fire()
            _raise_in(handler, type(self.raises, (Exception,), {})(self.message))

        return raising

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """Return two variants: before and after the handler's work."""
        for when in moments(point):
            yield Variant(when, {"raises": "RuntimeError", "when": when})


def _raise_in(handler: Handler, error: Exception) -> NoReturn:
    code = getattr(handler, "__code__", None)
    file, line = (code.co_filename, code.co_firstlineno) if code else ("<handler>", 1)
    name = getattr(handler, "__name__", "handler")
    statement = compile("raise error", file, "exec").replace(co_name=name, co_firstlineno=line)
    exec(statement, {"error": error})  # noqa: S102 - the line above: a traceback that names the handler
    raise AssertionError("the statement has raised")
