"""Changes in functions' calls other than their number: order and switches."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from harness.functions.shared.model import Call
from harness.observe.model import Observation

_READING: Final = ("BatchGet", "Describe", "Get", "Head", "List", "Query", "Scan")
_SHOWN: Final = 100
Sequences = Mapping[tuple[str, str, int], tuple[str, ...]]
"""Function, state and invocation number in the state -> write calls, in order."""


def writes(seen: Observation) -> Sequences:
    """Return the write calls by invocation. Reads are left out, because threads can make them in any
    order.
    """
    numbers: Counter[tuple[str, str]] = Counter()
    found: dict[tuple[str, str, int], tuple[str, ...]] = {}
    for invocation in seen.invocations:
        name = seen.functions.get(invocation.function, invocation.function)
        numbers[name, invocation.state] += 1
        made = tuple(_shown(each) for each in invocation.calls if not each.operation.startswith(_READING))
        found[name, invocation.state, numbers[name, invocation.state]] = made
    return found


def _shown(call: Call) -> str:
    params = json.dumps(call.params, default=str, sort_keys=True, separators=(",", ":"))
    return f"{call.service}:{call.operation} {params}"


def reordered(before: Sequences, after: Sequences) -> Iterator[tuple[str, str]]:
    """Yield the functions that make the same calls in a different order, with the first difference."""
    told: set[str] = set()
    for key, now in after.items():
        was, function = before.get(key, ()), key[0]
        if was != now and sorted(was) == sorted(now) and function not in told:
            told.add(function)
            new, old = next((one, other) for one, other in zip(now, was, strict=True) if one != other)
            yield function, f"{_short(new, old)} now comes before {_short(old, new)}"


def _short(text: str, other: str) -> str:
    """Return a call, and the part of its parameters where it first differs from another call."""
    name, _, params = text.partition(" ")
    pairs = zip(params, other.partition(" ")[2], strict=False)
    same = next((n for n, (one, two) in enumerate(pairs) if one != two), 0)
    begin = max(0, same - _SHOWN // 2)
    shown, left = params[begin : begin + _SHOWN], len(params) - begin - _SHOWN
    return f"{name} ({'...' if begin else ''}{shown}{'...' if left > 0 else ''})"


def switches(seen: Observation) -> Mapping[str, int]:
    """Return the number of calls by operation and switch: `dynamodb:Query with ConsistentRead=true`."""
    found: Counter[str] = Counter()
    for call in seen.calls:
        for name, value in call.params.items():
            if isinstance(value, bool):
                found[f"{call.service}:{call.operation} with {name}={str(value).lower()}"] += call.attempts
    return found
