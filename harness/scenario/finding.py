"""Findings from rules about scenario file data, and helpers for data of any type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from harness.json_types import Json, JsonObject, as_dict
from harness.numbered import Pattern
from harness.scenario.base import MOST_OBJECTS
from harness.scenario.names_index import Names
from harness.scenario.source import KeyPath
from harness.scenario.wording import nearest


class Finding(NamedTuple):
    """A problem at a key path, and its remedy."""

    at: KeyPath
    message: str
    remedy: str
    of: Literal["key", "value"] = "key"


Rule: TypeAlias = Callable[[KeyPath, Json, JsonObject], Iterator[Finding]]
"""An expectation's rule. It receives the expectation's key path, its data and the data for the entire file.
The data may have any type, because types are checked separately.
"""


def as_list(value: Json) -> list[Json]:
    """Return `value` if it is a list, otherwise an empty list."""
    return value if isinstance(value, list) else []


def seeded_entries(data: JsonObject) -> Iterator[tuple[KeyPath, Json]]:
    """Yield each bucket entry in the seed with its key path."""
    for text, spec in as_dict(as_dict(data.get("seed")).get("buckets")).items():
        yield ("seed", "buckets", text), spec


def seeded_objects(data: JsonObject) -> Iterator[tuple[str, KeyPath, list[Json]]]:
    """Yield each list of seeded objects: its bucket's name, its key path, and its entries."""
    for at, spec in seeded_entries(data):
        yield str(at[-1]), (*at, "objects"), as_list(as_dict(spec).get("objects"))
    for bucket, entries in as_dict(as_dict(data.get("seed")).get("objects")).items():
        yield bucket, ("seed", "objects", bucket), as_list(entries)


def pattern_of(at: KeyPath, spec: Json) -> Pattern:
    """Return the buckets that a named entry represents."""
    return Pattern(str(at[-1]), count_of(spec))


def known_buckets(data: JsonObject) -> Names:
    """Return a scenario's buckets: the seeded buckets, and the buckets that a fault adds to a response.

    Template buckets are included if the scenario seeds or expects objects in them.
    """
    known = [pattern_of(at, spec) for at, spec in seeded_entries(data)]
    for part in ("seed", "expect"):
        known += map(Pattern, as_dict(as_dict(data.get(part)).get("objects")))
    for fault in as_list(data.get("faults")):
        for bucket in as_list(as_dict(as_dict(fault).get("stale")).get("Buckets")):
            if isinstance(name := as_dict(bucket).get("Name"), str):
                known.append(Pattern(name))
    return Names(known)


def unseeded(what: str, bucket: Json, at: KeyPath, known: Names) -> Iterator[Finding]:
    """Yield a finding if `what`, such as "the fault", refers to a bucket that is not in `known`."""
    if isinstance(bucket, str) and bucket not in known:
        message = f"{what} refers to the bucket {bucket!r}, which is not seeded"
        yield Finding(
            at, message, nearest(bucket, [names.text for names in known.patterns], "seeded"), "value"
        )


def count_of(spec: Json) -> int | None:
    """Return an entry's count, if valid. A count that is too large is rejected elsewhere, and capped here."""
    number = as_dict(spec).get("count")
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        return None
    return min(number, MOST_OBJECTS)
