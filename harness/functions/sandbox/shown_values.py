"""Shows values in a stopped function: the variables in its frames, and their members.

The results follow the Debug Adapter Protocol. A reference is valid until the function continues.
"""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Iterable, Iterator, Mapping
from types import FrameType
from typing import Any

_LONGEST = 10_000
_MOST = 1000
"""Maximum number of a value's members that are shown."""


class ShownValues:
    """The frames at a stop, innermost first, each with its line."""

    def __init__(self, frames: list[tuple[FrameType, int]]) -> None:
        self._frames = frames
        self._held: list[Any] = []

    def stack(self) -> list[dict[str, object]]:
        """Return the frames; their `file` is the function's path."""
        return [
            {"id": number, "name": frame.f_code.co_name, "line": line, "file": frame.f_code.co_filename}
            for number, (frame, line) in enumerate(self._frames, 1)
        ]

    def scopes(self, frame_id: int) -> list[dict[str, object]]:
        """Return the variables in a frame, as two values. Raises LookupError for an unknown frame."""
        frame = self._frame(frame_id)
        return [
            {"name": "Locals", "variablesReference": self._hold(dict(frame.f_locals)), "expensive": False},
            {"name": "Globals", "variablesReference": self._hold(frame.f_globals), "expensive": False},
        ]

    def variables(self, reference: int) -> list[dict[str, object]]:
        """Return the members of a value. Raises LookupError for an unknown value."""
        if not 0 < reference <= len(self._held):
            raise LookupError("the value is not available: the function has continued")
        value = self._held[reference - 1]
        plain = isinstance(value, dict) and all(isinstance(key, str) for key in value)
        found = itertools.islice(_members(value), _MOST)
        return [{"name": name if plain else str(name), **self.shown(member)} for name, member in found]

    def shown(self, value: Any) -> dict[str, object]:
        """Show a value, with a reference if it has members."""
        has_more = next(iter(_members(value)), None) is not None
        return {
            "value": text_of(value),
            "type": type(value).__name__,
            "variablesReference": self._hold(value) if has_more else 0,
        }

    def evaluate(self, expression: str, frame_id: int, *, statements: bool) -> dict[str, object]:
        """Evaluate an expression in a frame; with `statements`, also run statements.

        Its printed output comes before its value. Raises the expression's exceptions.
        """
        frame = self._frame(frame_id)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            value = evaluated(expression, frame, statements=statements)
        shown = self.shown(value)
        result = "" if value is None and statements else shown.pop("value")
        return {**shown, "result": f"{printed.getvalue()}{result}"}

    def _frame(self, frame_id: int) -> FrameType:
        if not 0 < frame_id <= len(self._frames):
            raise LookupError("the value is not available: the function has continued")
        return self._frames[frame_id - 1][0]

    def _hold(self, value: Any) -> int:
        self._held.append(value)
        return len(self._held)


def evaluated(expression: str, frame: FrameType, *, statements: bool = False) -> Any:
    """Evaluate an expression in a frame; with `statements`, also run statements, which return None."""
    code_globals, code_locals = frame.f_globals, frame.f_locals
    try:
        code = compile(expression.strip(), "<editor>", "eval")
    except SyntaxError:
        if not statements:
            raise
        exec(compile(expression, "<editor>", "exec"), code_globals, code_locals)  # noqa: S102
        return None
    return eval(code, code_globals, code_locals)  # noqa: S307 - the user types it in an editor


def text_of(value: Any) -> str:
    """Return a value's `repr`, shortened if it is long."""
    try:
        text = repr(value)
    except Exception as error:  # of the function's own class
        text = f"<{type(value).__name__}: repr raises {type(error).__name__}>"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _members(value: Any) -> Iterable[tuple[object, Any]]:
    if isinstance(value, Mapping):
        return _items(value)
    if isinstance(value, list | tuple):
        return ((f"[{number}]", each) for number, each in enumerate(value))
    if isinstance(value, set | frozenset):
        return ((f"[{number}]", each) for number, each in enumerate(sorted(value, key=text_of)))
    own = getattr(value, "__dict__", None) if not isinstance(value, type) else None
    return _items(own) if isinstance(own, Mapping) else ()


def _items(mapping: Mapping[Any, Any]) -> Iterator[tuple[object, Any]]:
    for key in list(mapping):
        if not (isinstance(key, str) and key.startswith("__") and key.endswith("__")):
            yield key if isinstance(key, str) else text_of(key), mapping[key]
