"""Which faults are to happen when: what each lane has met so far, and what fired.

A lane is what comes one after another, so that counting does not depend on the speed of anything: one state
of one execution, with its retries and later visits. Two branches that run side by side are two lanes.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..model import Fault
from ..payloads import bucket_of


@dataclass(frozen=True)
class Place:
    """Where faults may happen: a function's invocation, or a task; `payload` is what it is given.

    `lane` tells apart what is counted separately.
    """

    lane: str
    account_id: str = ""
    function: str = ""
    state: str = ""
    payload: Any = None

    @property
    def bucket(self) -> str:
        """The bucket that the payload names, or ""."""
        return bucket_of(self.payload)


@dataclass(frozen=True)
class Handed:
    """A fault as an invocation gets it: `met` is how many its lane has met before."""

    fault: Fault
    met: int


class FaultBook:
    """The faults of a process; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: tuple[Fault, ...] = ()
        self._met: Counter[tuple[str, int, str]] = Counter()
        self._fired: Counter[tuple[str, int]] = Counter()

    def set(self, faults: Iterable[Fault], account_id: str = "") -> None:
        """From now on the account ("" for all) has these faults, and no others; counting starts anew."""
        with self._lock:
            others = tuple(fault for fault in self._faults if fault.account_id != account_id)
            self._faults = others + tuple(replace(fault, account_id=account_id) for fault in faults)
            for counter in (self._met, self._fired):
                for key in [key for key in counter if key[0] == account_id]:
                    del counter[key]

    @property
    def has_any(self) -> bool:
        """Whether there are faults at all."""
        return bool(self._faults)

    def hand(self, place: Place) -> tuple[Handed, ...]:
        """The faults that may happen in an invocation; `settle` has to be told what became of them."""
        with self._lock:
            return tuple(
                Handed(fault, self._met[fault.account_id, fault.id, place.lane])
                for fault in self._faults
                if fault.target != "task" and _fits(fault, place)
            )

    def settle(self, place: Place, met: Mapping[int, int], fired: Mapping[int, int]) -> None:
        """Count what an invocation met and what fired in it, by the faults' ids."""
        with self._lock:
            for fault in self._faults:
                if fault.account_id in ("", place.account_id):
                    self._met[fault.account_id, fault.id, place.lane] += met.get(fault.id, 0)
                    self._fired[fault.account_id, fault.id] += fired.get(fault.id, 0)

    def of_task(self, place: Place, service: str, operation: str, params: Any) -> tuple[Fault, ...]:
        """The faults that fire on a task that starts now, up to the first that lets it fail."""
        chosen: list[Fault] = []
        with self._lock:
            for fault in self._faults:
                is_it = fault.target == "task" and (fault.service, fault.operation) == (service, operation)
                if not (is_it and _fits(fault, place) and matches(fault.params, params)):
                    continue
                key = (fault.account_id, fault.id, place.lane)
                self._met[key] += 1
                failed = any(other.kind != "delay" for other in chosen)
                if fires(fault.first, fault.last, self._met[key]) and not failed:
                    self._fired[fault.account_id, fault.id] += 1
                    chosen.append(fault)
        return tuple(chosen)

    def fired(self, account_id: str = "") -> Mapping[int, int]:
        """How often each fault of the account has fired, by its id; those that never did are there with 0."""
        with self._lock:
            return {
                fault.id: self._fired[account_id, fault.id]
                for fault in self._faults
                if fault.account_id == account_id
            }


def fires(first: int, last: int | None, number: int) -> bool:
    """Whether the one of this number, counted from 1, is among those that are chosen."""
    return first <= number and (last is None or number <= last)


def matches(wanted: Any, given: Any) -> bool:
    """Whether `given` is equal to `wanted`, or a mapping that has all of its members with such values."""
    if isinstance(wanted, Mapping) and isinstance(given, Mapping):
        return all(name in given and matches(value, given[name]) for name, value in wanted.items())
    return bool(wanted == given)


def _fits(fault: Fault, place: Place) -> bool:
    # Of a call, the bucket may also be a parameter of its own: that is seen where the call is made.
    bucket_fits = fault.target == "call" or fault.bucket in ("", place.bucket)
    return (
        bucket_fits
        and fault.account_id in ("", place.account_id)
        and fault.function in ("", place.function)
        and fault.state in ("", place.state)
    )
