"""Checks whether a function's initialisation was pure, so that its process can be forked.

A pure initialisation does the same in every environment, and leaves nothing behind that two processes must
not share. It opens no connections, draws no random values, does not sleep, changes no files, starts no
processes or threads and leaves no descriptors open. It does not read the name of the environment's log
stream. Reading the clock is pure for environments that begin at the same time.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from ..shared import lifeline
from .folders.roots import BYTECODE
from .folders.table import TABLE
from .randomness import randomness

_OTHERS = ("socket.", "subprocess.", "shutil.", "tempfile.", "syslog.", "fcntl.")
_CHANGES = frozenset(
    [
        "os.chflags",
        "os.chmod",
        "os.chown",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.kill",
        "os.killpg",
        "os.link",
        "os.mkdir",
        "os.posix_spawn",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.setxattr",
        "os.spawn",
        "os.symlink",
        "os.system",
        "os.truncate",
        "os.utime",
        "pty.spawn",
        "sqlite3.connect",
    ]
)
_HARMLESS = frozenset(
    ["socket.__new__", "socket.bind", "socket.gethostname"]
)  # closed again, or detected in other ways
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_OWN_NAME = b"AWS_LAMBDA_LOG_STREAM_NAME"


class Purity:
    """Watches the initialisation of a function, from construction to `end`.

    `on_impure` is called once, before the first impure action, if that can be foreseen.
    """

    def __init__(self, on_impure: Callable[[], None]) -> None:
        self.pure = True
        self.read_clock = False
        self._on_impure = on_impure
        self._watching = True
        self._descriptors = _descriptors()
        randomness.watch(self.spoil)
        self._restore = _watch_variables(self.spoil)
        sys.addaudithook(self._audit)

    def spoil(self) -> None:
        """Mark the initialisation as impure."""
        if self._watching and self.pure:
            self.pure = False
            self._on_impure()

    def note_clock(self) -> None:
        """Record that the clock was read."""
        self.read_clock = True

    def end(self) -> bool:
        """Stop watching; return whether the initialisation was pure."""
        if not self.pure or not self._leaves_nothing():
            self.pure = False
        self._watching = False
        randomness.watch(None)
        for restore in self._restore:
            restore()
        return self.pure

    def _leaves_nothing(self) -> bool:
        return (
            not randomness.moved
            and len(os.listdir("/proc/self/task")) == 1
            and _descriptors() == self._descriptors
            and not lifeline.children()
        )

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._watching:
            return
        if event == "open":
            path, _, flags = arguments
            spoils = flags & _WRITES and not isinstance(path, int)
        else:
            path = arguments[0] if arguments else None
            spoils = event in _CHANGES or (event.startswith(_OTHERS) and event not in _HARMLESS)
        if spoils and not _is_bytecode(path):
            self.spoil()


def _is_bytecode(path: object) -> bool:
    """Return whether a path is a bytecode file of an imported module."""
    if not isinstance(path, str):
        return False
    return f"{os.sep}__pycache__" in path or f"{TABLE.there(path)}/".startswith(f"{BYTECODE}/")


def _descriptors() -> set[str]:
    return {entry for entry in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{entry}")}


def _watch_variables(spoil: Callable[[], None]) -> list[Callable[[], None]]:
    """Call `spoil` when code reads the variable that differs between environments.

    urllib and botocore read all variables to find proxies and settings, and ignore that variable.
    """
    environ, environb = [vars(each) for each in (os.environ, os.environb)]
    variables = environ["_data"]

    class Watched(dict[Any, Any]):
        def __getitem__(self, key: Any) -> Any:
            if key == _OWN_NAME:
                caller = sys._getframe(2)
                if not (caller.f_code.co_name in ("__iter__", "copy") and _takes_all(caller.f_back)):
                    spoil()
            return super().__getitem__(key)

    watched = Watched(variables)

    def restore() -> None:
        variables.clear()
        variables.update(watched)
        environ["_data"] = environb["_data"] = variables

    environ["_data"] = environb["_data"] = watched
    return [restore]


def _takes_all(frame: Any) -> bool:
    return frame is not None and str(frame.f_globals.get("__name__")).startswith(("urllib.", "botocore."))
