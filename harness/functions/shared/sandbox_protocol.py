"""Messages between the supervisor and a sandbox, and the file descriptors that carry them.

Both directions of the side channel carry one JSON object per line. The sandbox receives `{"invocation":
InvocationSetting}`. It sends `{"call": CallRecord}`, `{"fault": FaultReport}`, `{"clock": ClockReport}`,
`{"note": NoteReport}` and `{"debug": DebugReport}`. If its spec has `measures`, it also sends `{"lines":
LinesReport}`. If its spec has `offers_forks`, it sends one `{"init": InitReport}`.

After a pure InitReport, a sandbox is a template. It receives `{"fork": ForkSpec}` with two descriptors, the
fork's output and its side channel, and replies with `{"forked": process id}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypedDict

from .debug_link import DebugSetting
from .hosts import HostSetting
from .model import ArmedFaultFields, Ran

SIDE_FD, LOG_FD, LIFELINE_FD, GUARD_FD = 3, 4, 5, 6
"""A sandbox's descriptors for its side channel, log, lifeline and guard; 0 to 2 are the standard ones."""

CLOCK_MODULES = ("time_machine", "_time_machine")
"""Modules in the folder of the virtual clock's library."""

TASK, OPT, RUNTIME, LANG, TMP = "/var/task", "/opt", "/var/runtime", "/var/lang", "/tmp"  # noqa: S108
"""A function's folders on Lambda: its code, its layers, Lambda's runtime, Python, and its own files."""

Isolation = Literal["user", "mount", ""]
"""The method for isolating an environment's folders: a mount namespace within a user namespace, a mount
namespace alone (requires root), or none. Without a namespace, Python's functions are redirected.
"""

ReportKind = Literal["call", "fault", "clock", "init", "lines", "note", "debug"]


class Measuring(TypedDict):
    """The method for counting executed lines, with or without `arcs` from one line to the next.

    `extension` is the file with coverage.py's compiled tracer for this Python, or "".
    """

    arcs: bool
    extension: str


class ClockSetting(TypedDict):
    """The state of a virtual clock when an invocation begins; times are Unix times in seconds.

    Each sleep is a request to `sleep_url`. The function times out at `deadline_s`.
    """

    request_id: str
    now_s: float
    deadline_s: float
    sleep_url: str


class InvocationSetting(TypedDict):
    """Information about an invocation that its sandbox needs; `bucket` is the bucket in the payload.

    `clock` is None in real time. `breaks` are the debugger's stops: "" for the first line of the handler,
    otherwise a call such as `s3:putobject`.
    """

    request_id: str
    clock: ClockSetting | None
    faults: list[ArmedFaultFields]
    bucket: str
    breaks: list[str]


class FolderSetting(TypedDict):
    """The folders on this machine that hold the content of a function's folders.

    `bytecode` holds the bytecode of the function's modules, which its environments share. `tmp` belongs to
    the environment and is removed with it. It is not set if the kernel creates /tmp. `stage` is an empty
    folder on which the kernel mounts a root, `nothing` is a folder that stays empty, and `passwd` is a file
    for /etc/passwd.
    """

    isolation: Isolation
    task: str
    opt: str
    runtime: str
    lang: str
    bytecode: str
    tmp: str
    tmp_mib: int
    stage: str
    nothing: str
    passwd: str


class Bounds(TypedDict):
    """The bounds of an environment: its allowed addresses, as `host:port`, and its function's memory.

    `reach` are the harness's addresses; `network` are those in the setting.
    """

    reach: list[str]
    network: list[str]
    memory_mib: int


class SandboxSpec(Bounds):
    """A new sandbox: its parent's process ID, its folders, environment variables and first invocation.

    `imports` are the layers' folders that contain modules. If `offers_forks` is true, it reports whether its
    initialisation was pure, and if so becomes a template. `seed` determines its random values until the first
    invocation, while its clock is virtual. `measures` sets how executed lines are counted, if at all. `hosts`
    are the hosts that the harness serves. `debugger` is the address of the debugger's terminal.
    """

    invocation: InvocationSetting
    measures: Measuring | None
    parent: int
    folders: FolderSetting
    imports: list[str]
    handler: str
    clock_library: str
    seed: str
    variables: Mapping[str, str]
    offers_forks: bool
    hosts: HostSetting | None
    debugger: DebugSetting | None


class ForkSpec(TypedDict):
    """A fork of a template: the differences, its first invocation, and the supervisor's process ID."""

    invocation: InvocationSetting
    seed: str
    variables: Mapping[str, str]
    folders: FolderSetting
    parent: int


class InitReport(TypedDict):
    """The result of the initialisation: whether it was pure, and whether it read the clock."""

    request_id: str
    pure: bool
    read_clock: bool


class CallRecord(TypedDict):
    """A finished AWS call: the fields of `model.Call`."""

    service: str
    operation: str
    params: object
    status: int | None
    error: str | None
    attempts: int
    injected: bool
    at_s: float
    faults: list[int]
    sizes: dict[str, int]
    request_bytes: int


class FaultReport(TypedDict):
    """The fault `id` has just matched (`seen`) or has fired; each is 0 or 1."""

    request_id: str
    id: int
    seen: int
    fired: int


class ClockReport(TypedDict):
    """A virtual clock has advanced to `now_s`. `expired` is true if the function has timed out."""

    request_id: str
    now_s: float
    asleep: bool
    expired: bool


class LinesReport(TypedDict):
    """The executed lines in `file`, or the arcs between them. `file` is the function's path for it."""

    file: str
    ran: Ran


class DebugReport(TypedDict):
    """Debugging of the function has started, or ended if `on` is false. Debugging takes real time."""

    on: bool


class NoteReport(TypedDict):
    """A note for the user about the function's restrictions. `text` is a phrase, not a sentence."""

    text: str
