"""Rules that involve several parts of a scenario file, such as counters and counts, or references by name.

The rules read plain data and skip values of the wrong type, so that they work even if other parts of the file
are broken. The models report wrong types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

from harness.json_types import Json, JsonObject, as_dict
from harness.quotas import LAMBDA_TIMEOUT_S, STATES_PAYLOAD_BYTES
from harness.scenario import answer_rules, fault_rules, host_rules, seed_rules, task_rules, units
from harness.scenario.bucket_rules import counter, repeated
from harness.scenario.expect import RUNS, Declared
from harness.scenario.faults import RENAMED
from harness.scenario.finding import (
    Finding,
    as_list,
    known_buckets,
    pattern_of,
    seeded_entries,
    unseeded,
)
from harness.scenario.position import Problem, RefusedError
from harness.scenario.source import KeyPath, Source
from harness.scenario.wording import nearest


def problems(data: JsonObject, source: Source, expectations: Iterable[Declared]) -> Iterator[Problem]:
    """Return all rule violations, with positions."""
    found = [finding for rule in RULES for finding in rule(data)]
    for at, expectation, value in _written(data, expectations):
        for rule_of_it in expectation.rules:
            found += rule_of_it(at, value, data)
    for finding in found:
        yield Problem(source.position(*finding.at, of=finding.of), finding.message, finding.remedy)


def _written(data: JsonObject, expectations: Iterable[Declared]) -> Iterator[tuple[KeyPath, Declared, Json]]:
    """Yield each position of an expectation, including expectations for single runs, with its value."""
    expect = as_dict(data.get("expect"))
    for expectation in expectations:
        places: list[tuple[KeyPath, Json]] = [(("expect",), expect)]
        if expectation.per_run:
            places += [(("expect", RUNS, run), part) for run, part in as_dict(expect.get(RUNS)).items()]
        for at, part in places:
            if expectation.key in (written := as_dict(part)):
                yield (*at, expectation.key), expectation, written[expectation.key]


def _buckets(data: JsonObject) -> Iterator[Finding]:
    """Check that each counter in a bucket name has a count, and that no bucket is seeded twice."""
    entries = list(seeded_entries(data))
    for at, spec in entries:
        yield from counter(str(at[-1]), spec, at)
    for at, name in repeated([(at, pattern_of(at, spec)) for at, spec in entries]):
        yield Finding(at, f"the bucket {name!r} is seeded twice", "remove one, or change a count")


def _run_names(data: JsonObject) -> Iterator[Finding]:
    """Check that run names are unique, and that expectations refer to existing runs."""
    runs = data.get("run", {})
    listed = runs if isinstance(runs, list) else [runs]
    known: list[str] = []
    for n, run in enumerate(listed):
        name = as_dict(run).get("name", f"run-{n + 1}")
        if isinstance(name, str) and name in known:
            yield Finding(
                ("run", n, "name"), f"an earlier run has the same name {name!r}", "rename one", "value"
            )
        known.append(str(name))
    for name in as_dict(as_dict(data.get("expect")).get("runs")):
        if name not in known:
            yield Finding(("expect", "runs", name), f"unknown run {name!r}", nearest(name, known, "runs"))
    for key in ("faults", "durations", "tasks", "calls"):
        for n, entry in enumerate(as_list(data.get(key))):
            name = as_dict(entry).get("run")
            if isinstance(name, str) and name not in known:
                message, remedy = f"unknown run {name!r}", nearest(name, known, "runs")
                yield Finding((key, n, "run"), message, remedy, "value")


def _durations(data: JsonObject) -> Iterator[Finding]:
    """Check that a duration has an existing function or task, a valid time, and a seeded bucket."""
    known = known_buckets(data)
    for n, entry in enumerate(as_list(data.get("durations"))):
        at: KeyPath = ("durations", n)
        given = as_dict(entry)
        renamed = RENAMED.keys() & given.keys()
        if isinstance(entry, dict) and not renamed and ("function" in entry) == ("task" in entry):
            both = "both function and task" if "function" in entry else "neither function nor task"
            yield Finding(at, f"the duration has {both}", "specify one of them")
        if "function" in given and _seconds(given.get("takes")) > LAMBDA_TIMEOUT_S:
            message = f"a Lambda function cannot take {given['takes']}"
            remedy = f"Lambda stops it after {LAMBDA_TIMEOUT_S // 60} min: use a shorter time"
            yield Finding((*at, "takes"), message, remedy, "value")
        yield from unseeded("the duration", given.get("bucket"), (*at, "bucket"), known)
        if "task" in given:
            yield from fault_rules.names({"task": given["task"]}, at)


def _inputs(data: JsonObject) -> Iterator[Finding]:
    """Check that each input is within the execution size limit."""
    runs = data.get("run", {})
    places: list[tuple[KeyPath, Json]] = [(("run",), runs)]
    if isinstance(runs, list):
        places = [(("run", n), run) for n, run in enumerate(runs)]
    for at, value in places:
        given = as_dict(value).get("input")
        size = len(json.dumps(given, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        if size > STATES_PAYLOAD_BYTES:
            message = (
                f"the input has {size:,} bytes, but Step Functions accepts at most {STATES_PAYLOAD_BYTES:,}"
            )
            remedy = "put the data into an object in S3, and its key into the input"
            yield Finding((*at, "input"), message, remedy, "value")


def _clocks(data: JsonObject) -> Iterator[Finding]:
    """Check that all runs use the same clock, and that durations are used only with the virtual clock."""
    runs = data.get("run", {})
    places: list[tuple[KeyPath, Json]] = [(("run",), runs)]
    if isinstance(runs, list):
        places = [(("run", n), run) for n, run in enumerate(runs)]
    clocks = [((*at, "clock"), run["clock"]) for at, value in places if "clock" in (run := as_dict(value))]
    for at, clock in clocks[1:]:
        if clock != clocks[0][1]:
            message = f"this run uses the {clock} clock, but an earlier run uses the {clocks[0][1]} clock"
            yield Finding(at, message, "set it once: all runs share one clock", "value")
    if data.get("durations") and clocks and clocks[0][1] == "real":
        message = "durations require the virtual clock"
        yield Finding(clocks[0][0], message, "remove them, or write virtual", "value")


def _seconds(value: Json) -> float:
    try:
        return units.seconds(value)
    except RefusedError:
        return 0.0


RULES: tuple[Callable[[JsonObject], Iterator[Finding]], ...] = (
    *seed_rules.RULES,
    _buckets,
    _run_names,
    fault_rules.findings,
    answer_rules.findings,
    task_rules.findings,
    task_rules.call_findings,
    host_rules.findings,
    _durations,
    _inputs,
    _clocks,
)
