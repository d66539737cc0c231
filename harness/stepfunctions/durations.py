"""How long tasks take on the virtual clock: the one place where that is decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.functions.payloads import bucket_of
from harness.json_types import Json
from harness.states.time.work import DEFAULT_DURATION_S
from harness.stepfunctions.duration import Duration


class Durations:
    """What was said about durations, and how many tasks each entry has met so far."""

    def __init__(self, entries: Sequence[Duration] = ()) -> None:
        self._entries = tuple(entries)
        self._met: Counter[int] = Counter()

    def of(self, parameters: Json, *, function: str = "", service: str = "") -> float:
        """The shortest time that the next such task takes, in seconds; a function that sleeps takes longer.

        The first entry that fits decides.
        """
        takes_s = None
        for number, entry in enumerate(self._entries):
            if (entry.function, entry.service) != (function, service):
                continue
            if entry.bucket not in ("", bucket_of(parameters)):
                continue
            self._met[number] += 1
            if takes_s is None and entry.call in (None, self._met[number]):
                takes_s = entry.takes_s
        return DEFAULT_DURATION_S if takes_s is None else takes_s
