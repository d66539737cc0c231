"""Finds the failed invocation behind a failed task, quickly even if there are very many invocations."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator

from harness.functions.shared.model import Invocation
from harness.json_types import Json
from harness.observe.model import parsed

_WORD = re.compile(r"[\w-]+")


class FailedInvocations:
    """Failed function invocations, indexed by function, request ID, and event."""

    def __init__(self, invocations: Iterable[Invocation]) -> None:
        self._failed = [each for each in invocations if each.error is not None]
        self._ids: dict[str, _Ids] = {}
        self._by_event: dict[tuple[str, Hashable], Invocation] = {}
        for place, each in enumerate(self._failed):
            self._ids.setdefault(each.function, _Ids()).add(each.request_id, place)
            self._by_event[each.function, _hashable(parsed(each.payload))] = each

    def of_task(self, function: str, cause: str, payload: Json) -> Invocation | None:
        """Return the first invocation whose request ID occurs in the cause, otherwise the last with the same
        event.
        """
        if function not in self._ids:
            return None
        place = min(self._ids[function].named_in(cause), default=None)
        return self._by_event.get((function, _hashable(payload))) if place is None else self._failed[place]

    def not_in(self, causes: Iterable[str], shown: set[str]) -> Iterator[Invocation]:
        """Return the invocations that no cause mentions, except for the given request IDs."""
        ids = _Ids()
        left = [each for each in self._failed if each.request_id not in shown]
        for place, each in enumerate(left):
            ids.add(each.request_id, place)
        named: set[int] = set()
        for cause in dict.fromkeys(causes):
            named.update(ids.named_in(cause, also_none=True))
        return (each for place, each in enumerate(left) if place not in named)


class _Ids:
    """Request IDs with their positions. An ID can occur anywhere in a string, but is usually a whole word."""

    def __init__(self) -> None:
        self._words: dict[str, list[int]] = {}
        self._lengths: set[int] = set()
        self._others: dict[str, list[int]] = {}

    def add(self, request_id: str, place: int) -> None:
        """Add an ID. An ID that occurs more than once has several positions."""
        if _WORD.fullmatch(request_id):
            self._words.setdefault(request_id, []).append(place)
            self._lengths.add(len(request_id))
        else:
            self._others.setdefault(request_id, []).append(place)

    def named_in(self, text: str, *, also_none: bool = False) -> Iterator[int]:
        """Yield the positions of the IDs in a string, and, with `also_none`, the positions of ""."""
        for word in set(_WORD.findall(text)):
            for length in self._lengths:
                for start in range(len(word) - length + 1):
                    yield from self._words.get(word[start : start + length], ())
        for each, places in self._others.items():
            if each in text and (each or also_none):
                yield from places


def _hashable(value: Json) -> Hashable:
    """Return a hashable key. Two keys are equal if and only if the original values are equal."""
    if isinstance(value, dict):
        return frozenset((key, _hashable(inner)) for key, inner in value.items())
    return tuple(map(_hashable, value)) if isinstance(value, list) else value
