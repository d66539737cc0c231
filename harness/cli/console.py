"""Parts that the commands share which stay until Ctrl-C."""

from __future__ import annotations

import shlex
import signal
import sys


def wait_for_signal() -> None:
    """Return on Ctrl-C or SIGTERM."""
    try:
        signal.pause()
    except KeyboardInterrupt:
        sys.stderr.write("\n")


def exports(env: dict[str, str]) -> str:
    """Shell lines that set the variables."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in env.items())
