"""Traces a function for an editor: stops at breakpoints, steps and exceptions.

Only code in the function's folders is traced. All other code is skipped, but its callbacks into the
function's code are traced.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from ..shared.editor_link import BreakFile, Breakpoint, Go, Reason, Wanted
from ..shared.sandbox_protocol import OPT, TASK
from .shown_values import evaluated, text_of

_OTHERS = ("awslambdaric", "boto3", "botocore", "harness", "s3transfer")
_QUIET = (StopIteration, StopAsyncIteration, GeneratorExit)
"""Exceptions that Python itself raises at the end of an iteration or a generator."""
_CALLS = 64
"""Number of calls between two checks for the editor's messages."""
_PLACE = re.compile(r"\{([^{}]+)\}")
Hold = Callable[[FrameType, Reason, str, Sequence[int]], Go]


class Stepper:
    """Calls `hold` at each stop, and `look` at intervals. `hold` returns how to continue.

    `bound` is called for each of the function's files that has breakpoints, and `say` with the text from log
    points.

    Attributes:
        pause: true to stop as soon as possible.
        seen: the exception that was raised most recently.
    """

    def __init__(
        self,
        hold: Hold,
        look: Callable[[], None],
        bound: Callable[[str, str], None],
        say: Callable[[str], None],
    ) -> None:
        self._hold = hold
        self._look = look
        self._bound = bound
        self._say = say
        self._wanted: Wanted = {"files": [], "raised": False, "uncaught": False}
        self._lines: dict[str, dict[int, Breakpoint]] = {}
        self._texts: dict[str, str] = {}
        self._calls = 0
        self._go: Go = "continue"
        self._anchor: FrameType | None = None
        self.seen: BaseException | None = None
        self._process = os.getpid()
        self._on = False
        self.pause = False

    def start(self, wanted: Wanted) -> None:
        """Start tracing this thread and all new threads."""
        self.want(wanted)
        self._process = os.getpid()
        self._go, self._anchor, self.seen, self.pause, self._on = "continue", None, None, False, True
        threading.settrace(self._call)
        sys.settrace(self._call)

    def stop(self) -> None:
        """Stop tracing."""
        self._on = False
        self._anchor = self.seen = None
        threading.settrace(None)
        sys.settrace(None)

    def want(self, wanted: Wanted) -> None:
        """Replace the stops, including in running code."""
        self._wanted = wanted
        self._lines = {}
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            if self._on and _is_users(frame):
                frame.f_trace = self._local
            frame = frame.f_back

    def hold_now(self, frame: FrameType, reason: Reason, text: str = "") -> None:
        """Stop in a frame in the middle of a line, without tracing during the stop."""
        sys.settrace(None)
        go = self._hold(frame, reason, text, ())
        if self._on:
            self._resume(go, frame)
            sys.settrace(self._call)

    def _call(self, frame: FrameType, _: str, __: Any) -> Any:
        """Serve as a thread's trace function."""
        if not self._goes_on():
            return None
        self._calls += 1
        if self._calls % _CALLS == 0:
            self._look()
        if not _is_users(frame):
            return None
        follows = self._go == "stepIn" or self.pause or self._wanted["raised"] or frame is self._anchor
        return self._local if follows or self._breaks_in(frame) else None

    def _goes_on(self) -> bool:
        if self._on and self._process == os.getpid():
            return True
        sys.settrace(None)  # tracing has ended, or this is the function's own fork
        return False

    def _local(self, frame: FrameType, event: str, given: Any) -> Any:
        """Serve as a frame's trace function."""
        if not self._goes_on():
            return None
        if event == "line":
            self._line(frame)
        elif event == "return":
            self._leave(frame)
        elif event == "exception" and self._wanted["raised"]:
            self._raised(frame, given[1])
        return self._local if self._on else None

    def _line(self, frame: FrameType) -> None:
        found = self._lines_of(frame).get(frame.f_lineno)
        steps = self._go == "stepIn" or (self._go != "continue" and frame is self._anchor)
        if found is not None and self._holds(found, frame):
            self._stop(frame, "breakpoint", "", [found["id"]])
        elif steps or self.pause:
            self._stop(frame, "step" if steps else "pause")

    def _holds(self, breakpoint_: Breakpoint, frame: FrameType) -> bool:
        """Return whether to stop at a breakpoint. If its condition raises an exception, also stop."""
        if breakpoint_["condition"]:
            try:
                if not evaluated(breakpoint_["condition"], frame):
                    return False
            except Exception as error:  # raised by the user's condition
                self._say(f"the condition {breakpoint_['condition']} raises {text_of(error)}\n")
        if breakpoint_["log"]:
            self._say(_PLACE.sub(lambda place: _said(place[1], frame), breakpoint_["log"]) + "\n")
        return not breakpoint_["log"]

    def _leave(self, frame: FrameType) -> None:
        """Continue stepping in the frame's caller."""
        if self._go == "stepIn" or (self._go != "continue" and frame is self._anchor):
            self._step_in_caller(frame)

    def _step_in_caller(self, frame: FrameType) -> None:
        caller = users_frame(frame.f_back)
        self._anchor = caller
        if caller is None:
            self._go = "continue"
        else:
            caller.f_trace = self._local

    def _raised(self, frame: FrameType, error: BaseException) -> None:
        if error is not self.seen and not isinstance(error, _QUIET):
            self.seen = error
            self._stop(frame, "exception", f"{type(error).__name__}: {error}")

    def _stop(self, frame: FrameType, reason: Reason, text: str = "", ids: Sequence[int] = ()) -> None:
        self.pause = False
        go = self._hold(frame, reason, text, ids)
        if self._on:
            self._resume(go, frame)

    def _resume(self, go: Go, frame: FrameType) -> None:
        self._go = go
        self._anchor = None
        if go == "stepOut":
            self._step_in_caller(frame)
        elif go != "continue":
            self._anchor = frame
            frame.f_trace = self._local

    def _breaks_in(self, frame: FrameType) -> bool:
        lines = self._lines_of(frame)
        return bool(lines) and any(line in lines for _, _, line in frame.f_code.co_lines())

    def _lines_of(self, frame: FrameType) -> dict[int, Breakpoint]:
        file = frame.f_code.co_filename
        found = self._lines.get(file)
        if found is None:
            found = self._lines[file] = {}
            if (of_file := self._file_of(file)) is not None:
                found.update((each["line"], each) for each in of_file["breakpoints"])
                self._bound(of_file["path"], file)
        return found

    def _file_of(self, file: str) -> BreakFile | None:
        """Find the editor's file that has the same text or this deployed path. The most similar path wins."""
        name = os.path.basename(file)
        candidates = [each for each in self._wanted["files"] if os.path.basename(each["path"]) == name]
        if not candidates:
            return None
        text = self._text(file)
        same = [each for each in candidates if each["text"] == text]
        found = same or [each for each in candidates if each["deployed"] == file]

        def likeness(each: BreakFile) -> tuple[bool, int]:
            return each["deployed"] == file, _alike(each["path"], file)

        return max(found, key=likeness, default=None)

    def _text(self, file: str) -> str:
        if file not in self._texts:
            self._texts[file] = read(file)
        return self._texts[file]


def read(file: str) -> str:
    """Read one of the function's files; return "" if it cannot be read."""
    try:
        with open(file, encoding="utf-8", errors="replace") as opened:
            return opened.read()
    except OSError:
        return ""


def users_frame(frame: FrameType | None) -> FrameType | None:
    """Find the innermost frame in the function's code."""
    while frame is not None and not _is_users(frame):
        frame = frame.f_back
    return frame


def users_frames(frame: FrameType | None) -> list[tuple[FrameType, int]]:
    """List the frames in the function's code with their lines, innermost first."""
    found = []
    while (frame := users_frame(frame)) is not None:
        found.append((frame, frame.f_lineno))
        frame = frame.f_back
    return found


def frames_of(error: BaseException) -> list[tuple[FrameType, int]]:
    """List the frames in the function's code that an exception has passed through, innermost first."""
    found, trace = [], error.__traceback__
    while trace is not None:
        if _is_users(trace.tb_frame):
            found.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    return found[::-1]


def _is_users(frame: FrameType) -> bool:
    if not frame.f_code.co_filename.startswith((f"{TASK}/", f"{OPT}/")):
        return False
    return str(frame.f_globals.get("__name__")).partition(".")[0] not in _OTHERS


def _alike(one: str, other: str) -> int:
    """Count the common parts at the ends of two paths."""
    pairs = zip(reversed(one.split("/")), reversed(other.split("/")), strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), 0)


def _said(expression: str, frame: FrameType) -> str:
    try:
        return str(evaluated(expression, frame))
    except Exception as error:  # raised by the user's expression
        return text_of(error)
