"""Inside an environment: the faults of the invocation that goes on, counted as it goes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ..model import Fault
from ..payloads import bucket_of_call
from . import kind_named
from .book import fires, matches
from .kind import Handler, Kind

if TYPE_CHECKING:
    from ..calling import OpenCall

Due = tuple[Kind, Fault]
"""A fault that is to happen, and how."""


class OngoingFaults:
    """Those that the supervisor has handed to an invocation; any thread may use them.

    `setting`: its `request_id`, the `bucket` that its payload names, and `faults` as of FaultBook.hand.
    `tell` is told of each one as it is met and as it fires, so that a process that is killed has said it.
    """

    def __init__(self, setting: Mapping[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
        self._request_id = setting["request_id"]
        self._bucket = setting["bucket"]
        self._faults = [Fault(**entry["fault"]) for entry in setting["faults"]]
        self._met = [entry["met"] for entry in setting["faults"]]
        self._tell = tell
        self._lock = threading.Lock()

    def of_call(self, call: OpenCall, *, building: bool) -> list[Due]:
        """Those that are to happen to a call now, before it becomes a request (`building`) or to a request.

        All that fit it are counted.
        """
        found = (self._due(place, fault, call, building) for place, fault in enumerate(self._faults))
        return [due for due in found if due]

    def fire(self, fault: Fault) -> None:
        """It happens now."""
        self._tell({"request_id": self._request_id, "id": fault.id, "met": 0, "fired": 1})

    def around(self, handler: Handler) -> Handler:
        """The handler, with what is to happen to this invocation around it; itself if nothing is."""
        for place, fault in reversed(list(enumerate(self._faults))):
            if fault.target == "invocation" and self._meet(place, fault):
                kind = kind_named(fault.kind)
                handler = kind.around(fault.arguments, handler, partial(self.fire, fault))
        return handler

    def _due(self, place: int, fault: Fault, call: OpenCall, building: bool) -> Due | None:
        if fault.target != "call":
            return None
        kind = kind_named(fault.kind)
        fits = (
            (kind.acts == "build") == building
            and fault.service.lower() in call.service_names
            and fault.operation == call.operation
            and fault.bucket in ("", bucket_of_call(call.params, {"bucket": self._bucket}))
            and matches(fault.params, call.params)
            and kind.fits(call)
        )
        return (kind, fault) if fits and self._meet(place, fault) else None

    def _meet(self, place: int, fault: Fault) -> bool:
        with self._lock:
            self._met[place] += 1
            number = self._met[place]
        self._tell({"request_id": self._request_id, "id": fault.id, "met": 1, "fired": 0})
        return fires(fault.first, fault.last, number)
