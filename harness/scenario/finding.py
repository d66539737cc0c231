"""Findings of rules in the data of a scenario file, and ways to look at data that may be anything."""

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
    """Something that does not fit, at a key path, and what would be right."""

    at: KeyPath
    message: str
    remedy: str
    of: Literal["key", "value"] = "key"


Rule: TypeAlias = Callable[[KeyPath, Json, JsonObject], Iterator[Finding]]
"""A rule of an expectation. It gets the key path of the expectation, the data that is written there (of any
type, since types are checked apart) and the data of the whole file."""


def as_list(value: Json) -> list[Json]:
    """`value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def seeded_entries(data: JsonObject) -> Iterator[tuple[KeyPath, Json]]:
    """Each entry of the seed's buckets, with its key path."""
    for text, spec in as_dict(as_dict(data.get("seed")).get("buckets")).items():
        yield ("seed", "buckets", text), spec


def seeded_objects(data: JsonObject) -> Iterator[tuple[str, KeyPath, list[Json]]]:
    """Each list of seeded objects: the name of its bucket, its key path, and its entries."""
    for at, spec in seeded_entries(data):
        yield str(at[-1]), (*at, "objects"), as_list(as_dict(spec).get("objects"))
    for bucket, entries in as_dict(as_dict(data.get("seed")).get("objects")).items():
        yield bucket, ("seed", "objects", bucket), as_list(entries)


def pattern_of(at: KeyPath, spec: Json) -> Pattern:
    """The buckets that an entry by name stands for."""
    return Pattern(str(at[-1]), count_of(spec))


def known_buckets(data: JsonObject) -> Names:
    """The buckets that a scenario is about: the seeded ones, and those that a fault adds to an answer.

    Those that the template makes are meant where the scenario seeds or expects objects of them.
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
    """A finding if `what`, such as "the fault", is for a bucket that is not among the `known` ones."""
    if isinstance(bucket, str) and bucket not in known:
        message = f"{what} is for the bucket {bucket!r}, which is not seeded"
        yield Finding(
            at, message, nearest(bucket, [names.text for names in known.patterns], "seeded"), "value"
        )


def count_of(spec: Json) -> int | None:
    """The count of an entry, if it is one; one that is too large is refused elsewhere, and bounded here."""
    number = as_dict(spec).get("count")
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        return None
    return min(number, MOST_OBJECTS)
