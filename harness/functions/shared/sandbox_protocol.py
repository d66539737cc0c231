"""Messages between the supervisor and a sandbox, and the file descriptors that carry them.

Both directions of the side channel carry one JSON object per line. To the sandbox goes
`{"invocation": InvocationSetting}`; from it come `{"call": CallRecord}`, `{"fault": FaultReport}`,
`{"clock": ClockReport}`, `{"note": NoteReport}`, `{"debug": DebugReport}`,
from one whose spec says `measures` `{"lines": LinesReport}` and, from one whose spec says `offers_forks`, one
`{"init": InitReport}`.

With a pure InitReport a sandbox has become a template. It gets `{"fork": ForkSpec}` with two descriptors, the
fork's output and its side channel, and answers `{"forked": process id}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypedDict

from .debug_link import DebugSetting
from .hosts import HostSetting
from .model import ArmedFaultFields, Ran

SIDE_FD, LOG_FD, LIFELINE_FD, GUARD_FD = 3, 4, 5, 6
"""Descriptors of a sandbox's side channel, log, lifeline and guard; 0 to 2 are the standard ones."""

CLOCK_MODULES = ("time_machine", "_time_machine")
"""Modules in the folder of the library that virtual clocks need."""

TASK, OPT, RUNTIME, LANG, TMP = "/var/task", "/opt", "/var/runtime", "/var/lang", "/tmp"  # noqa: S108
"""The folders of a function on Lambda: its code, its layers, Lambda's runtime, Python, and its own files."""

Isolation = Literal["user", "mount", ""]
"""The means by which an environment has these folders: a mount namespace within a user namespace, a mount
namespace alone, which needs root, or none of them: then Python's functions lead to them.
"""

ReportKind = Literal["call", "fault", "clock", "init", "lines", "note", "debug"]


class Measuring(TypedDict):
    """The way in which lines of a function's code are counted: also the `arcs` from one to the next.

    `extension` is the file of coverage.py's compiled tracer for this Python, "" for none.
    """

    arcs: bool
    extension: str


class ClockSetting(TypedDict):
    """The state of a virtual clock when an invocation begins; times are Unix times in seconds.

    A sleep is a request to `sleep_url`; at `deadline_s` the function's time-out strikes.
    """

    request_id: str
    now_s: float
    deadline_s: float
    sleep_url: str


class InvocationSetting(TypedDict):
    """Facts about an invocation that its sandbox needs; `bucket` is the one that the payload names.

    `clock` is None when the time is the real one. `breaks` are where a debugger stops in it: "" for the first
    line of the handler, else a call such as `s3:putobject`.
    """

    request_id: str
    clock: ClockSetting | None
    faults: list[ArmedFaultFields]
    bucket: str
    breaks: list[str]


class FolderSetting(TypedDict):
    """The folders on this machine that have the content of those of a function.

    `bytecode` is that of the function's modules, which its environments keep. `tmp` is the environment's own,
    to be removed with it; there is none where the kernel makes one. `stage` is an empty folder for the kernel
    to put a root on, `nothing` one that stays empty, and `passwd` a file for /etc/passwd.
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
    """The bounds of an environment: what it may connect to, as `host:port`, and its function's memory.

    `reach` is the harness, `network` what the setting allows.
    """

    reach: list[str]
    network: list[str]
    memory_mib: int


class SandboxSpec(Bounds):
    """A new sandbox: its parent's process id, its folders, environment variables and first invocation.

    `imports` are the folders of layers that have modules.
    `offers_forks`: it tells whether its initialisation was pure, and becomes a template if it was.
    `seed` is what its chance follows from until the first invocation, while its clock is virtual.
    `measures` says how the lines that run are counted, if they are. `hosts` are those that are answered here.
    `debugger` is the terminal of whoever may debug it.
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
    """A fork of a template: what differs, its first invocation, and the supervisor's process id."""

    invocation: InvocationSetting
    seed: str
    variables: Mapping[str, str]
    folders: FolderSetting
    parent: int


class InitReport(TypedDict):
    """The initialisation is over and was pure, or is not pure; `read_clock`: it has read the clock."""

    request_id: str
    pure: bool
    read_clock: bool


class CallRecord(TypedDict):
    """An AWS call that has ended: the fields of `model.Call`."""

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
    """The fault `id` has just been seen by something that it fits, or has fired: 0 or 1 each."""

    request_id: str
    id: int
    seen: int
    fired: int


class ClockReport(TypedDict):
    """A virtual clock has been moved to `now_s`; `expired`: by that, the function's time-out is reached."""

    request_id: str
    now_s: float
    asleep: bool
    expired: bool


class LinesReport(TypedDict):
    """Lines of `file`, by its path for the function, or arcs between them, that have run."""

    file: str
    ran: Ran


class DebugReport(TypedDict):
    """Somebody debugs the function from now on, or (`on` false) no longer; that takes real time."""

    on: bool


class NoteReport(TypedDict):
    """Something about how a function was held that a user should know; `text` is a phrase."""

    text: str
