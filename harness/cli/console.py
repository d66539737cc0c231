"""Parts that the commands share which stay until Ctrl-C."""

from __future__ import annotations

import queue
import shlex
import sys
import threading

from harness.engine.base import Engine, EngineError


def stay_with(engine: Engine) -> None:
    """Return on Ctrl-C, SIGTERM or SIGHUP.

    Raises:
        EngineError: the engine has ended by itself; why.
    """
    ended: queue.SimpleQueue[None] = queue.SimpleQueue()

    def watch() -> None:
        engine.wait_for_end()
        ended.put(None)

    threading.Thread(target=watch, daemon=True).start()
    try:
        ended.get()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return
    engine.check()
    raise EngineError(f"{engine.label} has ended")


def exports(env: dict[str, str]) -> str:
    """Shell lines that set the variables."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in env.items())
