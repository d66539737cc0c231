"""Explains why a debugger that the code starts cannot be used. As on Lambda, the function then ends."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

from ..shared.sandbox_protocol import TASK
from . import audit

_PROMPT = "(Pdb) "
WORDS = (
    "the debugger has no terminal, so it ends the function, as on Lambda; run in a terminal, and one "
    "scenario at a time: `harness run FILE` without -n and --cov, or `pytest -s`"
)


def install() -> None:
    """Watch for code that reads a line of input, as pdb does. Such code gets the end of input."""
    audit.on("builtins.input", _asked)


def _asked(_: str, arguments: tuple[Any, ...]) -> None:
    if arguments[0] == _PROMPT:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        with contextlib.suppress(OSError):
            os.write(1, f"[harness] {_place()}: {WORDS}\n".encode())


def _place() -> str:
    """Return the file and line at which the function's code starts the debugger."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename.startswith(f"{TASK}/"):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return "somewhere"
