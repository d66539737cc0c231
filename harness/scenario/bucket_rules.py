"""Rules for bucket names, with or without a counter, in the seed and in bucket expectations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from harness.json_types import Json, JsonObject, as_dict
from harness.numbered import Pattern
from harness.scenario import pattern
from harness.scenario.finding import Finding, known_buckets, pattern_of
from harness.scenario.names_index import Names
from harness.scenario.position import RefusedError
from harness.scenario.source import KeyPath
from harness.scenario.wording import nearest

Entries: TypeAlias = list[tuple[KeyPath, Pattern]]


def keys_are_buckets(at: KeyPath, value: Json, file: JsonObject) -> Iterator[Finding]:
    """Check an expectation that maps buckets to values: each key specifies seeded buckets.

    A key with a counter requires `count` in its value, and no bucket may appear twice.
    """
    entries: list[tuple[KeyPath, Json]] = [((*at, text), spec) for text, spec in as_dict(value).items()]
    for place, spec in entries:
        yield from counter(str(place[-1]), spec, place)
    for place, name in repeated([(place, pattern_of(place, spec)) for place, spec in entries]):
        yield Finding(place, f"the bucket {name!r} is expected twice", "remove one, or change a count")
    if isinstance(as_dict(file.get("seed", {})).get("buckets", {}), dict):
        known = known_buckets(file)
        for place, spec in entries:
            yield from _unseeded(pattern_of(place, spec), place, known)


def _unseeded(names: Pattern, at: KeyPath, seeded: Names) -> Iterator[Finding]:
    if seeded.covers(names):
        return
    missing = next((name for name in names if name not in seeded), None)
    if missing is not None:
        remedy = nearest(missing, [other.text for other in seeded.patterns], "seeded")
        yield Finding(at, f"the bucket {missing!r} is not seeded", remedy)


def counter(text: str, spec: Json, at: KeyPath, key: KeyPath = (), noun: str = "name") -> Iterator[Finding]:
    """Check that `text` has a counter if and only if `spec` has a `count`."""
    of: Literal["key", "value"] = "value" if key else "key"
    try:
        counts = pattern.counts(text)
    except RefusedError as refusal:
        yield Finding((*at, *key), refusal.message, refusal.remedy, of)
        return
    given = as_dict(spec)
    if counts and "count" not in given:
        yield Finding(
            (*at, *key), f"{text!r} has a counter but no count", "add count: with the number of names", of
        )
    if not counts and isinstance(given.get("count"), int):
        message = f"count is given, but the {noun} {text!r} has no counter"
        yield Finding((*at, "count"), message, "add {n} or {n:03} to it, or remove the count")


def repeated(entries: Entries) -> Iterator[tuple[KeyPath, str]]:
    """Yield each entry whose name duplicates a name in an earlier entry, and that name."""
    single: dict[str, int] = {}
    for n, (at, names) in enumerate(entries):
        if names.count is None and names.text in single:
            yield at, names.text
        elif names.count is None:
            single[names.text] = n
    index = Names(names for _, names in entries)
    of_both = ((n, m, name) for name, m in single.items() for n in index.with_counter(name))
    for n, m, name in sorted(of_both):
        yield entries[max(n, m)][0], name
    for n, m in index.meeting():
        if (name_of_both := entries[n][1].overlap(entries[m][1])) is not None:
            yield entries[m][0], name_of_both
