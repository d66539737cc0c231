"""What must fit together in a scenario file: counters and counts, names here and there.

The rules read plain data and pass over what has another type, so that they also speak when another part of
the file is broken; wrong types are reported by the models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any, Literal

from harness.quotas import LAMBDA_TIMEOUT_S
from harness.scenario import fault_rules, pattern, units
from harness.scenario.faults import RENAMED
from harness.scenario.finding import (
    Finding,
    as_dict,
    as_list,
    count_of,
    known_buckets,
    pattern_of,
    seeded_entries,
    unseeded,
)
from harness.scenario.pattern import Pattern
from harness.scenario.position import Problem, RefusedError
from harness.scenario.source import KeyPath, Source
from harness.scenario.wording import nearest

_Entries = list[tuple[KeyPath, Pattern]]


def problems(data: dict[str, Any], source: Source) -> Iterator[Problem]:
    """What does not fit together, with positions."""
    for rule in RULES:
        for finding in rule(data):
            yield Problem(source.position(*finding.at, of=finding.of), finding.message, finding.remedy)


def _objects(data: dict[str, Any]) -> Iterator[Finding]:
    """Each object's counter has its count, and its size is that of its body."""
    for bucket_at, spec in seeded_entries(data):
        for n, entry in enumerate(as_list(as_dict(spec).get("objects"))):
            at = (*bucket_at, "objects", n)
            if isinstance(key := as_dict(entry).get("key"), str):
                yield from _counter(key, entry, at, ("key",), "key")
            yield from _size(as_dict(entry), at)


def _size(entry: dict[str, Any], at: KeyPath) -> Iterator[Finding]:
    body = entry.get("body")
    if "size" not in entry:
        if "key" in entry and "body" not in entry:
            yield Finding(at, f"the object {entry['key']!r} has neither size nor body", "give one of them")
        return
    try:
        size = units.size_bytes(entry["size"])
    except RefusedError:
        return
    if isinstance(body, str) and size != (actual := len(body.encode())):
        message = f"size is {size:,} bytes, but the body has {actual:,}"
        yield Finding((*at, "size"), message, "remove the size", "value")


def _twice_in_bucket(data: dict[str, Any]) -> Iterator[Finding]:
    """A key is there once in a bucket."""
    for bucket_at, spec in seeded_entries(data):
        entries: _Entries = []
        for n, entry in enumerate(as_list(as_dict(spec).get("objects"))):
            if isinstance(key := as_dict(entry).get("key"), str):
                entries.append(((*bucket_at, "objects", n, "key"), Pattern(key, count_of(entry))))
        for at, name in _repeated(entries):
            yield Finding(
                at, f"the object {name!r} is already in bucket {bucket_at[-1]!r}", "remove one", "value"
            )


def _bucket_counters(data: dict[str, Any]) -> Iterator[Finding]:
    """A counter in a bucket's name has its count, in the seed and in expectations."""
    for at, spec in [*seeded_entries(data), *_expected(data)]:
        yield from _counter(str(at[-1]), spec, at, (), "name")


def _counter(text: str, spec: Any, at: KeyPath, key: KeyPath, noun: str) -> Iterator[Finding]:
    of: Literal["key", "value"] = "value" if key else "key"
    try:
        counts = pattern.counts(text)
    except RefusedError as refusal:
        yield Finding((*at, *key), refusal.message, refusal.remedy, of)
        return
    if counts and "count" not in as_dict(spec):
        yield Finding((*at, *key), f"{text!r} has a counter but no count", "add count: and how many", of)
    if not counts and "count" in as_dict(spec) and isinstance(spec["count"], int):
        message = f"there is a count, but no counter in the {noun} {text!r}"
        yield Finding((*at, "count"), message, "put {n} or {n:03} into it, or remove the count")


def _buckets_twice(data: dict[str, Any]) -> Iterator[Finding]:
    """A bucket is seeded once, and expected once by each expectation."""
    seeded = [(at, pattern_of(at, spec)) for at, spec in seeded_entries(data)]
    for at, name in _repeated(seeded):
        yield Finding(at, f"the bucket {name!r} is seeded twice", "remove one, or change a count")
    expected = [(at, pattern_of(at, spec)) for at, spec in _expected(data)]
    for parent in dict.fromkeys(at[:-1] for at, _ in expected):
        for at, name in _repeated([entry for entry in expected if entry[0][:-1] == parent]):
            yield Finding(at, f"the bucket {name!r} is expected twice", "remove one, or change a count")


def _buckets_unknown(data: dict[str, Any]) -> Iterator[Finding]:
    """Expectations are about seeded buckets."""
    if not isinstance(as_dict(data.get("seed", {})).get("buckets", {}), dict):
        return
    seeded = known_buckets(data)
    remedy_names = [names.text for names in seeded]
    for at, spec in _expected(data):
        names = pattern_of(at, spec)
        if any(names.text == other.text and len(names) <= len(other) for other in seeded):
            continue
        missing = next((name for name in names if not any(name in other for other in seeded)), None)
        if missing is not None:
            yield Finding(
                at, f"the bucket {missing!r} is not seeded", nearest(missing, remedy_names, "seeded")
            )


def _calls(data: dict[str, Any]) -> Iterator[Finding]:
    """Expected calls have names that AWS has, and are for seeded buckets: no call of others says nothing."""
    known = known_buckets(data)
    for n, entry in enumerate(as_list(as_dict(data.get("expect")).get("calls"))):
        at: KeyPath = ("expect", "calls", n)
        places: list[tuple[KeyPath, Any]] = [(at, entry)]
        places += [((*at, "order", m), one) for m, one in enumerate(as_list(as_dict(entry).get("order")))]
        for place, like in places:
            if isinstance(like, str):
                yield from fault_rules.names({"call": like}, place)
                continue
            given = as_dict(like)
            # Errors of state machines have names of their own: Lambda.TooManyRequestsException.
            yield from fault_rules.names({k: v for k, v in given.items() if k != "error"}, place)
            yield from unseeded("the call", given.get("bucket"), (*place, "bucket"), known)


def _run_names(data: dict[str, Any]) -> Iterator[Finding]:
    """Each run has its own name, and expectations are about runs that there are."""
    runs = data.get("run", {})
    listed = runs if isinstance(runs, list) else [runs]
    known: list[str] = []
    for n, run in enumerate(listed):
        name = as_dict(run).get("name", f"run-{n + 1}")
        if isinstance(name, str) and name in known:
            yield Finding(
                ("run", n, "name"), f"a run before this one is called {name!r}, too", "rename one", "value"
            )
        known.append(str(name))
    for name in as_dict(as_dict(data.get("expect")).get("runs")):
        if name not in known:
            yield Finding(("expect", "runs", name), f"there is no run {name!r}", nearest(name, known, "runs"))


def _durations(data: dict[str, Any]) -> Iterator[Finding]:
    """A duration is of a function or of a task, of a time that can be, and of a seeded bucket."""
    known = known_buckets(data)
    for n, entry in enumerate(as_list(data.get("durations"))):
        at: KeyPath = ("durations", n)
        if (
            isinstance(entry, dict)
            and not RENAMED.keys() & entry.keys()
            and ("function" in entry) == ("task" in entry)
        ):
            both = "both function and task" if "function" in entry else "neither function nor task"
            yield Finding(at, f"the duration has {both}", "give one of them")
        if "function" in as_dict(entry) and _seconds(as_dict(entry).get("takes")) > LAMBDA_TIMEOUT_S:
            message = f"a Lambda function cannot take {entry['takes']}"
            yield Finding((*at, "takes"), message, "Lambda ends it after 15 min: write less", "value")
        yield from unseeded("the duration", as_dict(entry).get("bucket"), (*at, "bucket"), known)


def _clocks(data: dict[str, Any]) -> Iterator[Finding]:
    """All runs are on one clock, and durations are of the virtual one."""
    runs = data.get("run", {})
    places: list[tuple[KeyPath, Any]] = [(("run",), runs)]
    if isinstance(runs, list):
        places = [(("run", n), run) for n, run in enumerate(runs)]
    clocks = [((*at, "clock"), run["clock"]) for at, run in places if "clock" in as_dict(run)]
    for at, clock in clocks[1:]:
        if clock != clocks[0][1]:
            message = f"this run is on the {clock} clock, one before it on the {clocks[0][1]} one"
            yield Finding(at, message, "say it once: all runs share one", "value")
    if data.get("durations") and clocks and clocks[0][1] == "real":
        message = "there are durations, which only the virtual clock knows"
        yield Finding(clocks[0][0], message, "remove them, or write virtual", "value")


def _seconds(value: Any) -> float:
    try:
        return units.seconds(value)
    except RefusedError:
        return 0.0


RULES: tuple[Callable[[dict[str, Any]], Iterator[Finding]], ...] = (
    _objects,
    _twice_in_bucket,
    _bucket_counters,
    _buckets_twice,
    _buckets_unknown,
    _calls,
    _run_names,
    fault_rules.findings,
    _durations,
    _clocks,
)


def _expected(data: dict[str, Any]) -> Iterator[tuple[KeyPath, Any]]:
    """Each entry by bucket of the expectations, those for single runs too."""
    expect = as_dict(data.get("expect"))
    places: list[tuple[KeyPath, Any]] = [(("expect",), expect)]
    places += [(("expect", "runs", run), part) for run, part in as_dict(expect.get("runs")).items()]
    for at, part in places:
        for key in ("aggregates", "bucket_status"):
            for text, spec in as_dict(as_dict(part).get(key)).items():
                yield (*at, key, text), spec


def _repeated(entries: _Entries) -> Iterator[tuple[KeyPath, str]]:
    """Each entry that stands for a name that one before it stands for, too, with that name."""
    single: dict[str, int] = {}
    many: list[int] = []
    for n, (at, names) in enumerate(entries):
        if names.count is not None:
            many.append(n)
        elif names.text in single:
            yield at, names.text
        else:
            single[names.text] = n
    for n in many:
        for name, m in single.items():
            if name in entries[n][1]:
                yield entries[max(n, m)][0], name
    for n, m in combinations(many, 2):
        if (name_of_both := entries[n][1].overlap(entries[m][1])) is not None:
            yield entries[m][0], name_of_both
