"""The messages between a function's process and an editor's desk, over the link of `debug_link`.

It begins as every link does, and is answered with `{"editor": Wanted}`, or null where no editor is attached.
Then whoever is debugged sends

    {"bound": [PATH, FILE]}         breakpoints of the editor's PATH are in FILE, which the function has
    {"output": TEXT}                what a log point says
    {"stopped": Stopped}            a thread is held, until {"go": Go}
    {"answer": BODY}                or {"refused": TEXT}, to {"command": NAME, "arguments": {...}} meanwhile

and may get `{"editor": Wanted}` at any time, and `{"pause": true}`. Commands are requests of the Debug
Adapter Protocol with its arguments and bodies (https://microsoft.github.io/debug-adapter-protocol/specification).
"""

from __future__ import annotations

from typing import Literal, TypedDict

Go = Literal["continue", "next", "stepIn", "stepOut"]
Reason = Literal["breakpoint", "exception", "pause", "step"]


class Breakpoint(TypedDict):
    """A line to stop at, if `condition` holds where there is one; with `log` it is said, and goes on."""

    id: int
    line: int
    condition: str
    log: str


class BreakFile(TypedDict):
    """The breakpoints of a file of the editor: its `path` and `text`, and `deployed`, where it should be."""

    path: str
    text: str
    deployed: str
    breakpoints: list[Breakpoint]


class Wanted(TypedDict):
    """The places where an editor stops: at lines, where an exception is raised, where it leaves a handler."""

    files: list[BreakFile]
    raised: bool
    uncaught: bool


class Stopped(TypedDict):
    """The reason why a thread is held; `text` says more, and `ids` are breakpoints."""

    reason: Reason
    text: str
    ids: list[int]
