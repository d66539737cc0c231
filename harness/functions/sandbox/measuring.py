"""Counts the lines of a function's code that run, its initialisation and its threads included.

They are told before each report on the side channel, and before an outcome: the process may be killed for
what that tells, such as a time-out. What runs between the last of them and a kill is not told.

Tracing shows neither in `sys.gettrace` nor in `threading.gettrace`. It takes no time on a virtual clock, and
nothing of it is in the handler's stack. A function that sets a trace function of its own takes this thread
out of it, until it sets None.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from ..shared.sandbox_protocol import OPT, TASK, LinesReport, Measuring
from .side_channel import SideChannel
from .tracers import Tracers, tracers_of

_AT_ONCE = 400
"""So many numbers go into one report: forks of the function write to the same socket, so much as a whole."""
_ROOTS = (f"{TASK}/", f"{OPT}/")
_BY_PIP = ".dist-info"


def lines_of(measures: Measuring, side: SideChannel) -> Lines:
    """Make what counts the lines; nothing runs yet."""
    vendored: set[str] = set()
    wanted = functools.partial(_is_wanted, vendored)
    return Lines(tracers_of(measures["extension"], wanted, arcs=measures["arcs"]), side, vendored)


class Lines:
    """Counts lines from `start` on; any thread may use it.

    `vendored` is filled with the paths of packages that pip put beside the code, whose lines do not count.
    """

    def __init__(self, tracers: Tracers, side: SideChannel, vendored: set[str]) -> None:
        self._tracers = tracers
        self._side = side
        self._vendored = vendored
        self._told: dict[str, set[Any]] = defaultdict(set)

    def start(self) -> None:
        """Count in this thread and all that begin, and tell on the side channel."""
        self._vendored.update(_vendored([TASK, *(path for path in sys.path if path.startswith(f"{OPT}/"))]))
        self._side.before = self.tell
        exit_at_once = os._exit

        @functools.wraps(exit_at_once)
        def _exit(status: int) -> None:
            try:
                self.tell()
            finally:
                exit_at_once(status)

        vars(os)["_exit"] = _exit
        _hide(self._tracers)

    def tell(self) -> None:
        """Tell what has run and was not told yet; a template leaves that to its forks."""
        if self._side.aside:
            return
        for file, seen in list(self._tracers.data.items()):
            if not seen:
                continue
            new = seen.copy()
            seen.difference_update(new)  # in place: tracers hold on to the set
            told = self._told[file]
            new -= told
            told |= new
            ran = self._tracers.ran(new)
            for begin in range(0, len(ran), _AT_ONCE):
                report: LinesReport = {"file": file, "ran": ran[begin : begin + _AT_ONCE]}
                self._side.tell("lines", {**report})


def _is_wanted(vendored: set[str], file: str) -> bool:
    if not file.startswith(_ROOTS):
        return False
    return not vendored or not any(
        file.startswith((f"{each}/", f"{each}.py")) for each in vendored if file.startswith(each)
    )


def _vendored(folders: Sequence[str]) -> set[str]:
    """Give the paths of the packages and modules that pip installed in these folders."""
    found: set[str] = set()
    for folder in folders:
        try:
            installed = [each for each in os.listdir(folder) if each.endswith(_BY_PIP)]
        except OSError:
            continue
        for name in installed:
            try:
                with open(f"{folder}/{name}/RECORD", encoding="utf-8", errors="replace") as record:
                    tops = {line.partition(",")[0].partition("/")[0].partition(".")[0] for line in record}
            except OSError:
                continue
            found.update(f"{folder}/{top}" for top in tops if top)
    return found


def _hide(tracers: Tracers) -> None:
    """Trace this thread and those that begin, behind functions that show only the function's own tracing."""
    set_real: Callable[[Any], None] = sys.settrace
    real, real_of_threads = sys.gettrace, threading.gettrace
    own = threading.local()

    def begin(*_: object) -> None:
        """Stand where Python looks for what new threads are traced by."""

    @functools.wraps(set_real)
    def settrace(function: Any) -> None:
        if function is not None and function is not begin:
            set_real(function)
        elif getattr(own, "tracer", None) is None:
            own.tracer = tracers.start()
        else:
            set_real(own.tracer)

    @functools.wraps(real)
    def gettrace() -> Any:
        found = real()
        return None if found is getattr(own, "tracer", None) else found

    @functools.wraps(real_of_threads)
    def gettrace_of_threads() -> Any:
        found = real_of_threads()
        return None if found is begin else found

    threading.settrace(begin)
    vars(threading)["gettrace"] = gettrace_of_threads
    vars(sys).update(gettrace=gettrace, settrace=settrace)
    settrace(None)
