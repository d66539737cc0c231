"""Helpers for commands that run until Ctrl-C, and for commands that print lists."""

from __future__ import annotations

import queue
import shlex
import shutil
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from harness.engine.base import Engine, EngineError
from harness.printable import say


@contextmanager
def ended_by_ctrl_c() -> Iterator[None]:
    """End the block without an error on Ctrl-C, SIGTERM or SIGHUP.

    The block includes the output that mentions Ctrl-C, because users may press it before the last line is
    printed.
    """
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write("\n")


def stay_with(engine: Engine) -> None:
    """Wait until KeyboardInterrupt, which `ended_by_ctrl_c` handles.

    Raises:
        EngineError: the engine exited on its own. The message gives the reason.
    """
    ended: queue.SimpleQueue[None] = queue.SimpleQueue()

    def watch() -> None:
        engine.wait_for_end()
        ended.put(None)

    threading.Thread(target=watch, daemon=True).start()
    ended.get()
    engine.check()
    raise EngineError(f"{engine.label} has ended")


def exports(env: dict[str, str]) -> str:
    """Return shell commands that set the variables."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in env.items())


_LEAST: int = 36
"""The minimum readable column width. If a heading leaves less space, its text is printed below it."""


def say_beside(head: str, text: str) -> None:
    """Print text after a heading. On a terminal, wrap the text at word boundaries and align all its lines.

    Lines in pipes and files are not wrapped.
    """
    columns = shutil.get_terminal_size().columns
    if not sys.stdout.isatty() or len(head) + len(text) <= columns:
        say(f"{head}{text}".rstrip())
        return
    indent = len(head) if len(head) + _LEAST <= columns else 4
    if indent < len(head):
        say(head.rstrip())
        head = " " * indent
    lines = textwrap.wrap(text, columns - indent, break_long_words=False, break_on_hyphens=False)
    say(*(f"{' ' * indent if number else head}{line}" for number, line in enumerate(lines)))
