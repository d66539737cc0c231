"""Tells if the initialisation of a function was pure, so that a fork of its process is as good as another one.

Pure is what does the same in every environment, and leaves nothing behind that two processes must not share:
no connection, draw of randomness, sleep, change of files, other process, thread or open descriptor, and no
look at the name of the environment's own log stream. Reading the clock is pure for those environments that
begin at the same moment.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from typing import Any

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
)  # closed again, or they are seen
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_OWN_NAME = b"AWS_LAMBDA_LOG_STREAM_NAME"


class Purity:
    """Watches the initialisation of a function, from its making to `end`.

    `on_impure` is called once, before what makes it impure happens, where that can be seen to come.
    """

    def __init__(self, on_impure: Callable[[], None]) -> None:
        self.pure = True
        self.read_clock = False
        self._on_impure = on_impure
        self._watching = True
        self._descriptors = _descriptors()
        self._random_state = random.getstate()
        self._restore = [*_watch_draws(self.spoil), *_watch_variables(self.spoil)]
        sys.addaudithook(self._audit)

    def spoil(self) -> None:
        """It is not pure."""
        if self._watching and self.pure:
            self.pure = False
            self._on_impure()

    def note_clock(self) -> None:
        """The clock has been read."""
        self.read_clock = True

    def end(self) -> bool:
        """Stop watching; tells whether all was pure."""
        if not self.pure or not self._leaves_nothing():
            self.pure = False
        self._watching = False
        for restore in self._restore:
            restore()
        return self.pure

    def _leaves_nothing(self) -> bool:
        return (
            random.getstate() == self._random_state
            and len(os.listdir("/proc/self/task")) == 1
            and _descriptors() == self._descriptors
            and not _has_children()
        )

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._watching:
            return
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITES and not _is_bytecode(path):
                self.spoil()
        elif (event in _CHANGES or event.startswith(_OTHERS)) and event not in _HARMLESS:
            if not (arguments and _is_bytecode(arguments[0])):
                self.spoil()


def _is_bytecode(path: object) -> bool:
    """Tell if this is one of the files that Python keeps of the modules that it imports."""
    return isinstance(path, str) and (f"{os.sep}__pycache__" in path)


def _descriptors() -> set[str]:
    return {entry for entry in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{entry}")}


def _has_children() -> bool:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return bool(file.read())
    except OSError:  # the kernel does not tell
        return False


def _watch_draws(spoil: Callable[[], None]) -> list[Callable[[], None]]:
    """Call `spoil` when randomness is drawn from the system; gives what undoes it."""
    real, real_seed, shared = os.urandom, random.Random.seed, random

    def urandom(size: int, /) -> bytes:
        spoil()
        return real(size)

    def seed(self: random.Random, a: Any = None, *args: Any, **kwargs: Any) -> None:
        if a is None:
            spoil()
        real_seed(self, a, *args, **kwargs)

    def restore() -> None:
        os.urandom = real
        shared._urandom = real  # type: ignore[attr-defined]
        random.Random.seed = real_seed  # type: ignore[method-assign]

    os.urandom = urandom
    shared._urandom = urandom  # type: ignore[attr-defined]
    random.Random.seed = seed  # type: ignore[method-assign]
    return [restore]


def _watch_variables(spoil: Callable[[], None]) -> list[Callable[[], None]]:
    """Call `spoil` when the variable is read that differs from one environment to the next.

    urllib goes through all variables to find proxies, and does not care for that one.
    """
    environ, environb = [vars(each) for each in (os.environ, os.environb)]
    variables = environ["_data"]

    class Watched(dict[Any, Any]):
        def __getitem__(self, key: Any) -> Any:
            if key == _OWN_NAME:
                caller = sys._getframe(2)
                if not (caller.f_code.co_name == "__iter__" and _is_of_urllib(caller.f_back)):
                    spoil()
            return super().__getitem__(key)

    watched = Watched(variables)

    def restore() -> None:
        variables.clear()
        variables.update(watched)
        environ["_data"] = environb["_data"] = variables

    environ["_data"] = environb["_data"] = watched
    return [restore]


def _is_of_urllib(frame: Any) -> bool:
    return frame is not None and frame.f_globals.get("__name__") == "urllib.request"
