"""A host's faults, the counts that determine when they fire, and how many times each has fired.

Each lane is counted separately, so that counts do not depend on timing. A lane is a sequence of attempts: one
state in one execution, including its retries and later visits. Two parallel branches are two lanes.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from ..shared.matching import fires, is_in, matches
from ..shared.model import ArmedFault, Fault
from ..shared.payloads import bucket_of
from . import kind_of
from .kind import Answered, Later, TaskEffect, TaskFault


@dataclass(frozen=True)
class Place:
    """An invocation of a function or a task, where faults can fire; `payload` is its input.

    `lane` identifies the lane in which the invocation is counted. `execution_arn` is the ARN of the enclosing
    execution, or "" outside of executions.
    """

    lane: str
    account_id: str = ""
    function: str = ""
    state: str = ""
    payload: object = None
    execution_arn: str = ""

    @property
    def way(self) -> str:
        """Return the enclosing Map iterations and the state: `Orders[3]/Sign`."""
        return self.lane.removeprefix(f"{self.execution_arn} ")

    @property
    def bucket(self) -> str:
        """Return the bucket in the payload, or ""."""
        return bucket_of(self.payload)


class FaultRegistry:
    """The faults in a process. Any thread may call any method.

    `is_within` takes two execution ARNs, and returns whether the first execution is the second one or was
    started by it.
    """

    def __init__(self) -> None:
        self.is_within: Callable[[str, str], bool] = str.__eq__
        self._lock = threading.Lock()
        self._faults: tuple[Fault, ...] = ()
        self._seen: Counter[tuple[str, int, str]] = Counter()
        self._fired: Counter[tuple[str, int]] = Counter()

    def set(self, faults: Iterable[Fault], account_id: str = "") -> None:
        """Replace an account's faults ("" for all), and reset their counts."""
        with self._lock:
            others = tuple(fault for fault in self._faults if fault.account_id != account_id)
            self._faults = others + tuple(replace(fault, account_id=account_id) for fault in faults)
            for counter in (self._seen, self._fired):
                for key in [key for key in counter if key[0] == account_id]:
                    del counter[key]

    @property
    def has_any(self) -> bool:
        """Return whether any faults are set."""
        return bool(self._faults)

    def claim(self, place: Place) -> tuple[ArmedFault, ...]:
        """Return the faults that can fire in an invocation. Afterwards, the caller passes the counts to
        `record`.
        """
        with self._lock:
            return tuple(
                ArmedFault(fault, self._seen[fault.account_id, fault.id, place.lane])
                for fault in self._faults
                if fault.target != "task" and self._fits(fault, place)
            )

    def record(self, place: Place, seen: Mapping[int, int], fired: Mapping[int, int]) -> None:
        """Record how many times each fault in an invocation matched and fired, by fault ID."""
        with self._lock:
            for fault in self._faults:
                if fault.account_id in ("", place.account_id):
                    self._seen[fault.account_id, fault.id, place.lane] += seen.get(fault.id, 0)
                    self._fired[fault.account_id, fault.id] += fired.get(fault.id, 0)

    def on_task(self, place: Place, service: str, operation: str, params: object) -> tuple[TaskEffect, ...]:
        """Return the effects of the faults that fire on a task, up to the first fault that makes it fail."""
        chosen: list[TaskEffect] = []
        failed = False
        with self._lock:
            for fault in self._faults:
                is_it = fault.target == "task" and (fault.service, fault.operation) == (service, operation)
                if not (is_it and self._fits(fault, place) and matches(fault.params, params)):
                    continue
                key = (fault.account_id, fault.id, place.lane)
                self._seen[key] += 1
                if fires(fault, self._seen[key]) and not failed:
                    self._fired[fault.account_id, fault.id] += 1
                    effect = _effect(fault)
                    chosen.append(effect)
                    failed = not isinstance(effect, Answered | Later)
        return tuple(chosen)

    def fired(self, account_id: str = "") -> Mapping[int, int]:
        """Return how many times each of the account's faults has fired, by fault ID; 0 for never."""
        with self._lock:
            return {
                fault.id: self._fired[account_id, fault.id]
                for fault in self._faults
                if fault.account_id == account_id
            }

    def _fits(self, fault: Fault, place: Place) -> bool:
        # A call may specify the bucket in its own parameters; this is checked in the function's process.
        bucket_fits = fault.target == "call" or fault.bucket in ("", place.bucket)
        return (
            bucket_fits
            and fault.account_id in ("", place.account_id)
            and fault.function in ("", place.function)
            and fault.state in ("", place.state)
            and is_in(fault.iterations, place.way)
            and (not fault.run or self.is_within(place.execution_arn, fault.run))
        )


def _effect(fault: Fault) -> TaskEffect:
    kind = kind_of(fault)
    assert isinstance(kind, TaskFault), f"{fault.kind} is not a fault for tasks"
    return kind.on_task()
