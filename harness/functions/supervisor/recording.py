"""The record of the invocation that an environment serves: its output, its AWS calls, its faults."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..shared.sandbox_protocol import ClockReport, FaultReport
from .logs import LogBuffer

_CALL = b'{"call": '  # how SideChannel.send writes one


@dataclass(frozen=True)
class Record:
    """The record of an invocation: its log, a JSON list of its calls, its faults' counts by id, its notes."""

    log: str
    calls: bytes
    seen: Mapping[int, int]
    fired: Mapping[int, int]
    notes: tuple[str, ...]


class Recording:
    """Collects what an environment's log pipe and side channel bring; `take` gives it and begins the next.

    Reports of another invocation than the one that `begin` names are dropped: its process may still send some
    after its end. `on_clock` is called with each move of its virtual clock.
    """

    def __init__(self, request_id: str, on_clock: Callable[[ClockReport], None]) -> None:
        self._request_id = request_id
        self._on_clock = on_clock
        self._log = LogBuffer()
        self._calls: list[bytes] = []  # JSON, which only the host reads
        self._seen: Counter[int] = Counter()
        self._fired: Counter[int] = Counter()
        self._notes: list[str] = []
        self._unread = b""

    def begin(self, request_id: str) -> None:
        """Take reports of this invocation from now on."""
        self._request_id = request_id

    def feed_log(self, data: bytes) -> None:
        """Add output as read from the log pipe."""
        self._log.feed(data)

    def feed_reports(self, data: bytes) -> None:
        """Add reports as read from the side channel."""
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            if line.startswith(_CALL):
                self._calls.append(line[len(_CALL) : -1])
                continue
            ((kind, report),) = json.loads(line).items()
            if kind == "note":
                self._notes.append(report["text"])
                continue
            if report["request_id"] != self._request_id:
                continue
            if kind == "fault":
                self._count(report)
            else:
                self._on_clock(report)

    def take(self) -> Record:
        """The record so far; until `begin` nothing but output and calls is taken."""
        calls = b"[" + b",".join(self._calls) + b"]"
        record = Record(self._log.take(), calls, self._seen, self._fired, tuple(self._notes))
        self._request_id = ""
        self._calls, self._notes = [], []
        self._seen, self._fired = Counter(), Counter()
        return record

    def _count(self, report: FaultReport) -> None:
        self._seen[report["id"]] += report["seen"]
        self._fired[report["id"]] += report["fired"]
