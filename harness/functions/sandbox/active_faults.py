"""The running invocation's faults, counted as the invocation proceeds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ..faults import kind_of
from ..faults.answers import Answers
from ..faults.kind import AnswerFault, BuildFault, CallFault, FunctionFault, Handler, Kind, RequestFault
from ..shared.matching import fires, matches
from ..shared.model import ArmedFault, Fault
from ..shared.payloads import bucket_of_call
from ..shared.sandbox_protocol import FaultReport, InvocationSetting

if TYPE_CHECKING:
    from .call import CallInFlight

Tell = Callable[[FaultReport], None]


class _Active(NamedTuple):
    fault: Fault
    kind: Kind


class ActiveFaults:
    """The faults that the supervisor passed to an invocation. Thread-safe.

    `tell` is called each time a fault is counted or fires, so that the report survives if the process is
    killed.
    """

    def __init__(self, setting: InvocationSetting, tell: Tell) -> None:
        self._request_id = setting["request_id"]
        self._bucket = setting["bucket"]
        armed = [ArmedFault.from_json(fields) for fields in setting["faults"]]
        self._active = [_Active(each.fault, kind_of(each.fault)) for each in armed]
        self._seen = [each.seen for each in armed]
        self._tell = tell
        self._lock = threading.Lock()

    def of_built_call(self, call: CallInFlight) -> list[tuple[Fault, BuildFault]]:
        """Return the faults that fire on a call before it becomes a request. All matches are counted."""
        return [
            (fault, kind)
            for fault, kind in self._of_call(call, building=True)
            if isinstance(kind, BuildFault)
        ]

    def of_request(self, call: CallInFlight) -> list[tuple[Fault, RequestFault | AnswerFault]]:
        """Return the faults that fire on a request or its successful response. All matches are counted."""
        return [
            (fault, kind)
            for fault, kind in self._of_call(call, building=False)
            if isinstance(kind, RequestFault | AnswerFault)
        ]

    def answering(self, call: CallInFlight) -> tuple[Fault, Answers] | None:
        """Return the first stand-in that responds to a call to its service. All matches are counted."""
        fitting = [
            (fault, kind)
            for fault, kind in self._of_call(call, building=True, answering=True)
            if isinstance(kind, Answers)
        ]
        return fitting[0] if fitting else None

    def fire(self, fault: Fault) -> None:
        """Report that the fault is firing now."""
        self._tell({"request_id": self._request_id, "id": fault.id, "seen": 0, "fired": 1})

    def around(self, handler: Handler) -> Handler:
        """Wrap the handler in the faults that fire on this invocation. Without any, return it unchanged."""
        for place, (fault, kind) in reversed(list(enumerate(self._active))):
            if fault.target == "function" and isinstance(kind, FunctionFault) and self._see(place, fault):
                handler = kind.around(handler, partial(self.fire, fault))
        return handler

    def _of_call(
        self, call: CallInFlight, *, building: bool, answering: bool = False
    ) -> Iterator[tuple[Fault, CallFault]]:
        for place, (fault, kind) in enumerate(self._active):
            if (
                fault.target == "call"
                and isinstance(kind, CallFault)
                and isinstance(kind, Answers) == answering
                and (answering or isinstance(kind, BuildFault) == building)
                and fault.service.lower() in call.service_names
                and fault.operation == call.operation
                and fault.bucket in ("", bucket_of_call(call.params, {"bucket": self._bucket}))
                and matches(fault.params, call.params)
                and kind.fits(call)
                and self._see(place, fault)
            ):
                yield fault, kind

    def _see(self, place: int, fault: Fault) -> bool:
        """Count a match for a fault; return whether the fault fires on it."""
        with self._lock:
            self._seen[place] += 1
            number = self._seen[place]
        self._tell({"request_id": self._request_id, "id": fault.id, "seen": 1, "fired": 0})
        return fires(fault, number)
