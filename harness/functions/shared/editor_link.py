"""The messages between a function's process and an editor's desk, over the link of `debug_link`.

A link to an editor begins like every link. The reply is `{"editor": Wanted}`, or null where no editor is
attached. Then the debugged process sends

    {"bound": [PATH, FILE]}         breakpoints of the editor's PATH are in the function's FILE
    {"output": TEXT}                the text of a log point
    {"stopped": Stopped}            a thread is stopped, until {"go": Go}
    {"answer": BODY}                or {"refused": TEXT}, the reply to {"command": NAME, "arguments": {...}}

and may receive `{"editor": Wanted}` at any time, and `{"pause": true}`. Commands are Debug Adapter Protocol
requests, with the protocol's arguments and bodies
(https://microsoft.github.io/debug-adapter-protocol/specification).
"""

from __future__ import annotations

from typing import Literal, TypedDict

Go = Literal["continue", "next", "stepIn", "stepOut"]
Reason = Literal["breakpoint", "exception", "pause", "step"]


class Breakpoint(TypedDict):
    """A line to stop at if its optional `condition` is true. With `log`, the text is printed instead."""

    id: int
    line: int
    condition: str
    log: str


class BreakFile(TypedDict):
    """The breakpoints in a file in the editor: its `path` and `text`, and its expected `deployed` path."""

    path: str
    text: str
    deployed: str
    breakpoints: list[Breakpoint]


class Wanted(TypedDict):
    """Stops that an editor sets: at lines, where an exception is raised, and where it leaves a handler."""

    files: list[BreakFile]
    raised: bool
    uncaught: bool


class Stopped(TypedDict):
    """The reason for a stop; `text` has details, and `ids` identifies the breakpoints."""

    reason: Reason
    text: str
    ids: list[int]
