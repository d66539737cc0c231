"""The record of an environment's current invocation: its output, its AWS calls and its faults."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..shared.model import Ran, RanByFile
from ..shared.sandbox_protocol import ClockReport, DebugReport, FaultReport, InitReport
from .logs import LogBuffer

_CALL = b'{"call": '  # the format of SideChannel.send
_LONGEST_BYTES = 1 << 26
_LAST_S = 253_402_300_800  # the year 10000


@dataclass(frozen=True)
class Record:
    """The record of an invocation: its log, its calls as a JSON list, its faults' counts, and its notes.

    `ran` contains the executed lines, keyed by the files' paths for the function, if they are counted.
    """

    log: str
    calls: bytes
    seen: Mapping[int, int]
    fired: Mapping[int, int]
    notes: tuple[str, ...]
    ran: RanByFile


class MalformedRecord(Exception):
    """A report cannot be read, because it was not written by the sandbox. The message quotes it."""


class Recording:
    """Collects data from an environment's log pipe and side channel; `take` returns the record and resets it.

    Reports from invocations other than the one passed to `begin` are dropped, because a process may still
    send some after its invocation has ended. `on_clock` is called each time its virtual clock moves,
    `on_init` with the report on its initialisation, and `on_debug` when debugging starts or ends.
    """

    def __init__(
        self,
        request_id: str,
        on_clock: Callable[[ClockReport], None],
        on_init: Callable[[InitReport], None] = lambda _: None,
        on_debug: Callable[[DebugReport], None] = lambda _: None,
    ) -> None:
        self._request_id = request_id
        self._on_clock = on_clock
        self._on_init = on_init
        self._on_debug = on_debug
        self._log = LogBuffer()
        self._calls: list[bytes] = []  # JSON, which only the host parses
        self._seen: Counter[int] = Counter()
        self._fired: Counter[int] = Counter()
        self._notes: list[str] = []
        self._ran: dict[str, set[Any]] = {}
        self._unread = b""

    @property
    def log(self) -> bytes:
        """Return the raw output so far."""
        return self._log.raw

    def begin(self, request_id: str) -> None:
        """Start accepting reports from this invocation."""
        self._request_id = request_id

    def begin_log(self, data: bytes) -> None:
        """Replace the log so far with `data`."""
        self._log = LogBuffer()
        self._log.feed(data)

    def feed_log(self, data: bytes) -> None:
        """Add output read from the log pipe."""
        self._log.feed(data)

    def feed_reports(self, data: bytes) -> None:
        """Add reports read from the side channel. Raises MalformedRecord."""
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            try:
                self._take_report(line)
            except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
                raise MalformedRecord(f"{_quoted(line)} is not a valid report ({error})") from None
        if len(self._unread) > _LONGEST_BYTES:
            raise MalformedRecord(f"{_quoted(self._unread)}... is not a valid report")

    def take(self) -> Record:
        """Return the record so far. Before `begin`, it contains only output and calls."""
        calls = b"[" + b",".join(self._calls) + b"]"
        ran: RanByFile = {file: sorted(found) for file, found in self._ran.items()}
        record = Record(self._log.take(), calls, self._seen, self._fired, tuple(self._notes), ran)
        self._request_id = ""
        self._calls, self._notes, self._ran = [], [], {}
        self._seen, self._fired = Counter(), Counter()
        return record

    def _take_report(self, line: bytes) -> None:
        if line.startswith(_CALL) and line.endswith(b"}"):
            self._calls.append(line[len(_CALL) : -1])
            return
        ((kind, report),) = json.loads(line, parse_constant=_refuse).items()
        if kind == "note":
            self._notes.append(str(report["text"]))
            return
        if kind == "lines":
            self._ran.setdefault(str(report["file"]), set()).update(_checked(report["ran"]))
            return
        if kind == "debug":
            self._on_debug({"on": bool(report["on"])})
            return
        if report["request_id"] != self._request_id:
            return
        if kind == "fault":
            self._count(report)
        elif kind == "clock":
            self._on_clock(
                {
                    "request_id": self._request_id,
                    "now_s": _moment(report["now_s"]),
                    "asleep": bool(report["asleep"]),
                    "expired": bool(report["expired"]),
                }
            )
        elif kind == "init":
            self._on_init(
                {
                    "request_id": self._request_id,
                    "pure": bool(report["pure"]),
                    "read_clock": bool(report["read_clock"]),
                }
            )
        else:
            raise ValueError(f"unknown kind {kind!r}")

    def _count(self, report: FaultReport) -> None:
        self._seen[int(report["id"])] += int(report["seen"])
        self._fired[int(report["id"])] += int(report["fired"])


def _checked(ran: Iterable[Any]) -> Ran:
    return [int(each) if isinstance(each, int) else _pair(each) for each in ran]


def _pair(given: Iterable[Any]) -> tuple[int, int]:
    one, other = map(int, given)
    return one, other


def _moment(seconds: float) -> float:
    moment = float(seconds)
    if not 0 <= moment < _LAST_S:
        raise ValueError(f"{moment} is not a valid time")
    return moment


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a number")


def _quoted(line: bytes) -> str:
    return ascii(line[:60].decode(errors="replace")) + ("..." if len(line) > 60 else "")
