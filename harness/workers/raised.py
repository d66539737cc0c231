"""Transfer of exceptions between processes."""

from __future__ import annotations

import pickle
import traceback
from typing import Any


class _Traceback(Exception):
    """The traceback of an exception in another process, shown as its cause."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


class Raised:
    """A picklable exception, whatever the arguments of its class."""

    def __init__(self, error: Exception) -> None:
        self._trace = "".join(traceback.format_exception(error))
        self._parts: tuple[type[Exception], tuple[Any, ...], dict[str, Any]]
        self._parts = type(error), error.args, vars(error)
        try:
            pickle.dumps(self._parts)
        except Exception:
            self._parts = RuntimeError, (str(error),), {}

    def error(self) -> Exception:
        """Return the same exception, with its original traceback as the cause."""
        kind, arguments, state = self._parts
        error = kind.__new__(kind, *arguments)
        error.args = arguments
        vars(error).update(state)
        error.__cause__ = _Traceback(self._trace)
        return error
