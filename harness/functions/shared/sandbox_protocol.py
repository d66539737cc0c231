"""Messages between the supervisor and a sandbox, and the file descriptors that carry them.

Both directions of the side channel carry one JSON object per line. To the sandbox goes
`{"invocation": InvocationSetting}`; from it come `{"call": CallRecord}`, `{"fault": FaultReport}`,
`{"clock": ClockReport}`, `{"note": NoteReport}` and, from one whose spec says `offers_forks`, one
`{"init": InitReport}`.

With a pure InitReport a sandbox has become a template. It gets `{"fork": ForkSpec}` with two descriptors, the
fork's output and its side channel, and answers `{"forked": process id}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypedDict

from .model import ArmedFaultFields

SIDE_FD, LOG_FD, LIFELINE_FD, GUARD_FD = 3, 4, 5, 6
"""Descriptors of a sandbox's side channel, log, lifeline and guard; 0 to 2 are the standard ones."""

CLOCK_MODULES = ("time_machine", "_time_machine")
"""Modules in the folder of the library that virtual clocks need."""

ReportKind = Literal["call", "fault", "clock", "init", "note"]


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

    `clock` is None when the time is the real one.
    """

    request_id: str
    clock: ClockSetting | None
    faults: list[ArmedFaultFields]
    bucket: str


class SandboxSpec(TypedDict):
    """A new sandbox: its parent's process id, its folders, environment variables and first invocation.

    `layers` is what is at /opt on Lambda, empty without layers; `imports` are its folders with modules.
    `reach` and `network` are what it may connect to, as `host:port`: the harness, and what the setting
    allows. `memory_mib` is the function's memory.
    `offers_forks`: it tells whether its initialisation was pure, and becomes a template if it was.
    """

    invocation: InvocationSetting
    parent: int
    runtime: str
    code: str
    layers: str
    imports: list[str]
    handler: str
    clock_library: str
    variables: Mapping[str, str]
    reach: list[str]
    network: list[str]
    memory_mib: int
    offers_forks: bool


class ForkSpec(TypedDict):
    """A fork of a template: the variables that differ, its first invocation, and the supervisor's process id."""

    invocation: InvocationSetting
    variables: Mapping[str, str]
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


class NoteReport(TypedDict):
    """Something about how a function was held that a user should know; `text` is a phrase."""

    request_id: str
    text: str
