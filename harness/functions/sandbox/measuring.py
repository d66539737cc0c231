"""Counts the executed lines of a function's code, including its initialisation and its threads.

They are reported before each message on the side channel and before an outcome, because the process may be
killed afterwards, for example at a timeout. Lines that run after the last message and before the kill are not
reported.

Tracing is visible neither in `sys.gettrace` nor in `threading.gettrace`. It takes no time on a virtual clock,
and adds no frame to the handler's stack. When a function sets its own trace function, this thread is not
traced until the function resets it to None.
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
"""The maximum number of line numbers in one report.

The function's forks share the socket, so each report is sent whole.
"""
_ROOTS = (f"{TASK}/", f"{OPT}/")
_BY_PIP = ".dist-info"


def lines_of(measures: Measuring, side: SideChannel) -> Lines:
    """Create the line counter; it is not started yet."""
    vendored: set[str] = set()
    wanted = functools.partial(_is_wanted, vendored)
    return Lines(tracers_of(measures["extension"], wanted, arcs=measures["arcs"]), side, vendored)


class Lines:
    """Counts lines after `start`. Thread-safe.

    `vendored` is filled with the paths of packages that pip installed next to the code. Their lines are not
    counted.
    """

    def __init__(self, tracers: Tracers, side: SideChannel, vendored: set[str]) -> None:
        self._tracers = tracers
        self._side = side
        self._vendored = vendored
        self._told: dict[str, set[Any]] = defaultdict(set)

    def start(self) -> None:
        """Count in this thread and all new ones, and report on the side channel."""
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
        """Report the lines that have not been reported yet. A template leaves this to its forks."""
        if self._side.aside:
            return
        for file, seen in list(self._tracers.data.items()):
            if not seen:
                continue
            new = seen.copy()
            seen.difference_update(new)  # in place: tracers keep a reference to the set
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
    """Return the paths of the packages and modules that pip installed in these folders."""
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
    """Start tracing this thread and new ones, and hide this from the functions that return the trace
    function.
    """
    set_real: Callable[[Any], None] = sys.settrace
    real, real_of_threads = sys.gettrace, threading.gettrace
    own = threading.local()

    def begin(*_: object) -> None:
        """Serve as the trace function for new threads."""

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
