"""The two rules by which a fault is chosen: by parameters, and by number."""

from __future__ import annotations

from collections.abc import Mapping

from ..shared.model import Fault


def fires(fault: Fault, number: int) -> bool:
    """Tell whether a fault fires on the one of this number, counted from 1, of those that it fits."""
    return fault.first <= number and (fault.last is None or number <= fault.last)


def matches(wanted: object, given: object) -> bool:
    """Tell whether `given` equals `wanted`, or is a mapping that has all of its members with such values."""
    if isinstance(wanted, Mapping) and isinstance(given, Mapping):
        return all(name in given and matches(value, given[name]) for name, value in wanted.items())
    return bool(wanted == given)
