"""What must fit together in a scenario file: counters and counts, names here and there.

The rules read plain data and pass over what has another type, so that they also speak when another part of
the file is broken; wrong types are reported by the models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any, Literal, NamedTuple

from harness.scenario import pattern, units
from harness.scenario.pattern import Pattern
from harness.scenario.position import Problem, RefusedError
from harness.scenario.source import KeyPath, Source
from harness.scenario.wording import nearest

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_FUNCTION_S = 900


class _Finding(NamedTuple):
    at: KeyPath
    message: str
    remedy: str
    of: Literal["key", "value"] = "key"


_Entries = list[tuple[KeyPath, Pattern]]


def problems(data: dict[str, Any], source: Source) -> Iterator[Problem]:
    """What does not fit together, with positions."""
    for rule in RULES:
        for finding in rule(data):
            yield Problem(source.position(*finding.at, of=finding.of), finding.message, finding.remedy)


def _objects(data: dict[str, Any]) -> Iterator[_Finding]:
    """Each object's counter has its count, and its size is that of its body."""
    for bucket_at, spec in _seeded(data):
        for n, entry in enumerate(_list(_dict(spec).get("objects"))):
            at = (*bucket_at, "objects", n)
            if isinstance(key := _dict(entry).get("key"), str):
                yield from _counter(key, entry, at, ("key",), "key")
            yield from _size(_dict(entry), at)


def _size(entry: dict[str, Any], at: KeyPath) -> Iterator[_Finding]:
    body = entry.get("body")
    if "size" not in entry:
        if "key" in entry and "body" not in entry:
            yield _Finding(at, f"the object {entry['key']!r} has neither size nor body", "give one of them")
        return
    try:
        size = units.size_bytes(entry["size"])
    except RefusedError:
        return
    if isinstance(body, str) and size != (actual := len(body.encode())):
        message = f"size is {size:,} bytes, but the body has {actual:,}"
        yield _Finding((*at, "size"), message, "remove the size", "value")


def _twice_in_bucket(data: dict[str, Any]) -> Iterator[_Finding]:
    """A key is there once in a bucket."""
    for bucket_at, spec in _seeded(data):
        entries: _Entries = []
        for n, entry in enumerate(_list(_dict(spec).get("objects"))):
            if isinstance(key := _dict(entry).get("key"), str):
                entries.append(((*bucket_at, "objects", n, "key"), Pattern(key, _count(entry))))
        for at, name in _repeated(entries):
            yield _Finding(
                at, f"the object {name!r} is already in bucket {bucket_at[-1]!r}", "remove one", "value"
            )


def _bucket_counters(data: dict[str, Any]) -> Iterator[_Finding]:
    """A counter in a bucket's name has its count, in the seed and in expectations."""
    for at, spec in [*_seeded(data), *_expected(data)]:
        yield from _counter(str(at[-1]), spec, at, (), "name")


def _counter(text: str, spec: Any, at: KeyPath, key: KeyPath, noun: str) -> Iterator[_Finding]:
    of: Literal["key", "value"] = "value" if key else "key"
    try:
        counts = pattern.counts(text)
    except RefusedError as refusal:
        yield _Finding((*at, *key), refusal.message, refusal.remedy, of)
        return
    if counts and "count" not in _dict(spec):
        yield _Finding((*at, *key), f"{text!r} has a counter but no count", "add count: and how many", of)
    if not counts and "count" in _dict(spec) and isinstance(spec["count"], int):
        message = f"there is a count, but no counter in the {noun} {text!r}"
        yield _Finding((*at, "count"), message, "put {n} or {n:03} into it, or remove the count")


def _buckets_twice(data: dict[str, Any]) -> Iterator[_Finding]:
    """A bucket is seeded once, and expected once by each expectation."""
    seeded = [(at, _names(at, spec)) for at, spec in _seeded(data)]
    for at, name in _repeated(seeded):
        yield _Finding(at, f"the bucket {name!r} is seeded twice", "remove one, or change a count")
    expected = [(at, _names(at, spec)) for at, spec in _expected(data)]
    for parent in dict.fromkeys(at[:-1] for at, _ in expected):
        for at, name in _repeated([entry for entry in expected if entry[0][:-1] == parent]):
            yield _Finding(at, f"the bucket {name!r} is expected twice", "remove one, or change a count")


def _buckets_unknown(data: dict[str, Any]) -> Iterator[_Finding]:
    """Expectations and faults are about seeded buckets."""
    if not isinstance(_dict(data.get("seed", {})).get("buckets", {}), dict):
        return
    seeded = [_names(at, spec) for at, spec in _seeded(data)]
    remedy_names = [names.text for names in seeded]
    for at, spec in _expected(data):
        names = _names(at, spec)
        if any(names.text == other.text and len(names) <= len(other) for other in seeded):
            continue
        missing = next((name for name in names if not any(name in other for other in seeded)), None)
        if missing is not None:
            yield _Finding(
                at, f"the bucket {missing!r} is not seeded", nearest(missing, remedy_names, "seeded")
            )
    for n, fault in enumerate(_list(data.get("faults"))):
        bucket = _dict(_dict(fault).get("params")).get("Bucket")
        if isinstance(bucket, str) and not any(bucket in names for names in seeded):
            message = f"the fault is for the bucket {bucket!r}, which is not seeded"
            yield _Finding(
                ("faults", n, "params", "Bucket"), message, nearest(bucket, remedy_names, "seeded"), "value"
            )


def _called_buckets(data: dict[str, Any]) -> Iterator[_Finding]:
    """Calls are expected of seeded buckets: none of another one would be nothing to expect."""
    seeded = [_names(at, spec) for at, spec in _seeded(data)]
    for n, entry in enumerate(_list(_dict(data.get("expect")).get("calls"))):
        at: KeyPath = ("expect", "calls", n)
        places = [(at, _dict(entry))]
        places += [((*at, "order", m), _dict(one)) for m, one in enumerate(_list(_dict(entry).get("order")))]
        for place, like in places:
            bucket = like.get("bucket")
            if isinstance(bucket, str) and not any(bucket in names for names in seeded):
                message = f"the call is for the bucket {bucket!r}, which is not seeded"
                remedy = nearest(bucket, [names.text for names in seeded], "seeded")
                yield _Finding((*place, "bucket"), message, remedy, "value")


def _run_names(data: dict[str, Any]) -> Iterator[_Finding]:
    """Each run has its own name, and expectations are about runs that there are."""
    runs = data.get("run", {})
    listed = runs if isinstance(runs, list) else [runs]
    known: list[str] = []
    for n, run in enumerate(listed):
        name = _dict(run).get("name", f"run-{n + 1}")
        if isinstance(name, str) and name in known:
            yield _Finding(
                ("run", n, "name"), f"a run before this one is called {name!r}, too", "rename one", "value"
            )
        known.append(str(name))
    for name in _dict(_dict(data.get("expect")).get("runs")):
        if name not in known:
            yield _Finding(
                ("expect", "runs", name), f"there is no run {name!r}", nearest(name, known, "runs")
            )


def _durations(data: dict[str, Any]) -> Iterator[_Finding]:
    """A duration is of a function or of a service, of a time that can be, and of a seeded bucket."""
    seeded = [_names(at, spec) for at, spec in _seeded(data)]
    for n, entry in enumerate(_list(data.get("durations"))):
        at: KeyPath = ("durations", n)
        if isinstance(entry, dict) and ("function" in entry) == ("service" in entry):
            both = "both function and service" if "function" in entry else "neither function nor service"
            yield _Finding(at, f"the duration has {both}", "give one of them")
        if "function" in _dict(entry) and _seconds(_dict(entry).get("takes")) > MAX_FUNCTION_S:
            message = f"a Lambda function cannot take {entry['takes']}"
            yield _Finding((*at, "takes"), message, "Lambda ends it after 15 min: write less", "value")
        bucket = _dict(entry).get("bucket")
        if isinstance(bucket, str) and not any(bucket in names for names in seeded):
            message = f"the duration is for the bucket {bucket!r}, which is not seeded"
            remedy = nearest(bucket, [names.text for names in seeded], "seeded")
            yield _Finding((*at, "bucket"), message, remedy, "value")


def _clocks(data: dict[str, Any]) -> Iterator[_Finding]:
    """All runs are on one clock, and durations are of the virtual one."""
    runs = data.get("run", {})
    places: list[tuple[KeyPath, Any]] = [(("run",), runs)]
    if isinstance(runs, list):
        places = [(("run", n), run) for n, run in enumerate(runs)]
    clocks = [((*at, "clock"), run["clock"]) for at, run in places if "clock" in _dict(run)]
    for at, clock in clocks[1:]:
        if clock != clocks[0][1]:
            message = f"this run is on the {clock} clock, one before it on the {clocks[0][1]} one"
            yield _Finding(at, message, "say it once: all runs share one", "value")
    if data.get("durations") and clocks and clocks[0][1] == "real":
        message = "there are durations, which only the virtual clock knows"
        yield _Finding(clocks[0][0], message, "remove them, or write virtual", "value")


def _seconds(value: Any) -> float:
    try:
        return units.seconds(value)
    except RefusedError:
        return 0.0


RULES: tuple[Callable[[dict[str, Any]], Iterator[_Finding]], ...] = (
    _objects,
    _twice_in_bucket,
    _bucket_counters,
    _buckets_twice,
    _buckets_unknown,
    _called_buckets,
    _run_names,
    _durations,
    _clocks,
)


def _seeded(data: dict[str, Any]) -> Iterator[tuple[KeyPath, Any]]:
    for text, spec in _dict(_dict(data.get("seed")).get("buckets")).items():
        yield ("seed", "buckets", text), spec


def _expected(data: dict[str, Any]) -> Iterator[tuple[KeyPath, Any]]:
    """Each entry by bucket of the expectations, those for single runs too."""
    expect = _dict(data.get("expect"))
    places: list[tuple[KeyPath, Any]] = [(("expect",), expect)]
    places += [(("expect", "runs", run), part) for run, part in _dict(expect.get("runs")).items()]
    for at, part in places:
        for key in ("aggregates", "bucket_status"):
            for text, spec in _dict(_dict(part).get(key)).items():
                yield (*at, key, text), spec


def _names(at: KeyPath, spec: Any) -> Pattern:
    return Pattern(str(at[-1]), _count(spec))


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


def _count(spec: Any) -> int | None:
    """The count of an entry, if it is one."""
    count = _dict(spec).get("count")
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
