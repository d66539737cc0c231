"""Find calls that match a pattern, and the closest calls, without comparing every call."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

from harness.expect.bits import Bits, Distances, bits_of
from harness.expect.call_matching import CallLike
from harness.expect.call_wording import called
from harness.expect.text_index import TextIndex
from harness.expect.values import comparable
from harness.functions.shared.sizes import cut
from harness.observe.model import SeenCall
from harness.scenario.matcher import Matcher
from harness.service_names import boto3_name

_Key = tuple[Hashable, ...]


class CallIndex:
    """Calls indexed by all properties that patterns can use.

    The results are the same as those of `call_matching.unlike`.
    """

    def __init__(self, calls: Sequence[SeenCall]) -> None:
        self.all: Bits = (1 << len(calls)) - 1
        self._calls = calls
        self._operations: dict[str, dict[str, None]] = {}
        self._attempts = {call.attempts for call in calls}
        self._looked_into: set[_Key] = set()
        self._texts: dict[int, str] = {}
        self._errors = TextIndex([call.error for call in calls])
        self._places: dict[_Key, list[int]] = {}
        self._kept: dict[_Key, Bits] = {}
        for place, call in enumerate(calls):
            self._operations.setdefault(boto3_name(call.service), {})[call.operation] = None
            for key in dict.fromkeys(_keys(call)):
                self._places.setdefault(key, []).append(place)

    def like(self, wanted: CallLike) -> Bits:
        """Return the calls that match a pattern."""
        found = self.all
        for met in self._met(wanted):
            found &= met
        return found

    def nearest(self, wanted: CallLike, among: Bits) -> Bits:
        """Return the calls of the expected operation that differ least from the pattern."""
        met = list(self._met(wanted))
        return Distances(len(met), met, [(0, self.all)]).all_nearest(among & self._with(_call_key(wanted)))

    def operations(self, service: str) -> list[str]:
        """Return the operations called on a service, in the order of their first calls."""
        return list(self._operations.get(boto3_name(service), ()))

    def text(self, place: int) -> str:
        """Return a one-line description of a call."""
        if place not in self._texts:
            self._texts[place] = called(self._calls[place])
        return self._texts[place]

    def _met(self, wanted: CallLike) -> Iterator[Bits]:
        """Yield the matching calls for each part of a pattern."""
        if wanted.call is not None:
            yield self._with(_call_key(wanted))
        for name in ("function", "state", "bucket"):
            if value := getattr(wanted, name):
                yield self._with((name, value))
        if wanted.params:
            call = _call_key(wanted)
            self._look_into(call)
            for name, value in wanted.params.items():
                yield self._holding((*call, name.lower()), cut(value))
        if wanted.error is not None:
            yield self._failed(wanted.error)
        if wanted.succeeded is not None:
            succeeded = self._with(("succeeded",))
            yield succeeded if wanted.succeeded else self.all & ~succeeded
        if wanted.attempts is not None:
            yield sum(self._with(("attempts", n)) for n in self._attempts if n in wanted.attempts)

    def _look_into(self, call: _Key) -> None:
        """Index the parameters of an operation's calls. There may be many calls."""
        if call not in self._looked_into:
            self._looked_into.add(call)
            for place in self._places.get(call, ()):
                for key in dict.fromkeys(_params(call, self._calls[place])):
                    self._places.setdefault(key, []).append(place)

    def _failed(self, error: Matcher) -> Bits:
        return self._errors.fitting(error, self._with(("failed",)))

    def _holding(self, at: _Key, wanted: object) -> Bits:
        if not isinstance(wanted, Mapping):
            return self._with((*at, "is", comparable(wanted)))
        found = self._with((*at, "mapping"))
        for name, value in wanted.items():
            found &= self._holding((*at, "of", name), value)
        return found

    def _with(self, key: _Key) -> Bits:
        if key not in self._kept:
            self._kept[key] = bits_of(self._places.get(key, ()))
        return self._kept[key]


def _call_key(wanted: CallLike) -> _Key:
    service, _, operation = str(wanted.call).partition(":")
    return "call", boto3_name(service), operation


def _keys(call: SeenCall) -> Iterator[_Key]:
    """Yield all properties of a call."""
    yield "call", boto3_name(call.service), call.operation
    yield "function", call.function
    yield "function", call.invokes
    yield "state", call.state
    yield "bucket", call.bucket
    yield "attempts", call.attempts
    if call.error is not None:
        yield ("failed",)
    if call.outcome == "succeeded":
        yield ("succeeded",)


def _params(at: _Key, call: SeenCall) -> Iterator[_Key]:
    """Yield all properties of a call's parameters. Names are case-insensitive; for duplicate names, the first
    is used.
    """
    first = {name.lower(): value for name, value in reversed(tuple(call.params.items()))}
    for name, value in first.items():
        yield from _held((*at, name), value)


def _held(at: _Key, value: object) -> Iterator[_Key]:
    if not isinstance(value, Mapping):
        yield *at, "is", comparable(value)
        return
    yield *at, "mapping"
    for name, inner in value.items():
        yield from _held((*at, "of", name), inner)
