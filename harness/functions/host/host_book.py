"""Selects the scenario's `hosts` entry for each request, and records the requests."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..shared.hosts import HostEntry, HttpRequest, SeenRequest
from ..shared.matching import fires

_MASK = "***"


@dataclass(frozen=True)
class Asker:
    """The origin of a request: the lane in which it is counted (see FaultRegistry), and its sender.

    `function` is the logical name of the function that sent it, or "" for the state machine itself.
    """

    lane: str = ""
    state: str = ""
    execution_arn: str = ""
    function: str = ""


class HostBook:
    """The hosts in a simulation. Thread-safe."""

    def __init__(self, entries: Sequence[HostEntry] = ()) -> None:
        self._entries = tuple(entries)
        self._fitting: Counter[tuple[int, str]] = Counter()
        self._used: Counter[int] = Counter()
        self._seen: list[SeenRequest] = []
        self._lock = threading.Lock()
        self.names = tuple(dict.fromkeys(entry.host for entry in entries))

    def choose(self, request: HttpRequest, asker: Asker) -> HostEntry | None:
        """Return the entry that responds to a request sent now, or None. This counts the request."""
        fitting = [
            each for each in self._entries if not each.is_of_connections and each.fits(request, asker.state)
        ]
        return self._first(fitting, asker.lane)

    def refuses(self, host: str, asker: Asker) -> HostEntry | None:
        """Return the fault for a connection opened now, or None. This counts the connection."""
        fitting = [
            each
            for each in self._entries
            if each.is_of_connections and each.host == host and each.state in ("", asker.state)
        ]
        return self._first(fitting, asker.lane)

    def may_refuse(self, host: str) -> bool:
        """Return whether there are entries for connections to a host."""
        return any(each.is_of_connections and each.host == host for each in self._entries)

    def _first(self, fitting: Sequence[HostEntry], lane: str) -> HostEntry | None:
        chosen = None
        with self._lock:
            for each in fitting:
                self._fitting[each.number, lane] += 1
                nth = self._fitting[each.number, lane]
                if chosen is None and fires(each, nth):
                    self._used[each.number] += 1
                    chosen = each
        return chosen

    def record(
        self,
        request: HttpRequest,
        asker: Asker,
        entry: HostEntry | None,
        at_s: float,
        secrets: Sequence[str] = (),
    ) -> None:
        """Record a request and its outcome, with the secrets in it masked."""
        seen = SeenRequest(
            request.host,
            request.method,
            request.target,
            dict(request.headers),
            request.body,
            at_s,
            None if entry is None else entry.number,
            0 if entry is None or entry.error else entry.status,
            "" if entry is None else entry.error,
            asker.state,
            asker.function,
            asker.execution_arn,
        )
        with self._lock:
            self._seen.append(_masked(seen, secrets))

    def used(self) -> Mapping[int, int]:
        """Return how many requests or connections each entry matched; 0 if it matched none."""
        with self._lock:
            return {each.number: self._used[each.number] for each in self._entries}

    def seen(self) -> Sequence[SeenRequest]:
        """Return the requests so far, sorted by time on the clock."""
        with self._lock:
            return sorted(self._seen, key=lambda each: (each.at_s, each.execution_arn, each.state))


def _masked(seen: SeenRequest, secrets: Sequence[str]) -> SeenRequest:
    def masked(text: str) -> str:
        for secret in sorted(filter(None, secrets), key=len, reverse=True):
            text = text.replace(secret, _MASK)
        return text

    headers = {name: masked(value) for name, value in seen.headers.items()}
    return replace(seen, target=masked(seen.target), headers=headers, body=masked(seen.body))
