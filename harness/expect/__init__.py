"""Compare an observation with a scenario's expectations: `compare.compare` returns all mismatches.

Each expectation is a module in this package: key, type of the YAML value, comparison, needs, rules. BUILT_IN
lists the expectations available to every scenario. A project adds its own in a Python file, which it
specifies in `[tool.harness] expectations`. They have the same capabilities. Such a file imports from this
package:

    from harness.expect import Count, Entry, LogicalId, Mismatch, Observation, Overall

    def compare(wanted: Mapping[str, Count], observation: Observation, entry: Entry) -> Iterator[Mismatch]:
        for table, count in wanted.items():
            seen = len(observation.tables.get(table, ()))
            if seen not in count:
                yield entry.at(table).mismatch(f"expected {count} orders, seen {seen}")

    EXPECTATIONS = (
        Overall(
            key="orders",
            wanted=Mapping[LogicalId, Count],
            description="Number of orders, by table.",
            compare=compare,
        ),
    )

`__all__` is the public API.
"""

from typing import Any

from harness.engine.base import Capability
from harness.expect import (
    calls,
    duration,
    events,
    execution,
    invocations,
    items,
    logs,
    machines,
    messages,
    never_entered,
    objects,
    path,
    polls,
    queues,
    requests,
    stored,
)
from harness.expect.base import Entry, Expectation, Overall, PerRun, keys_are
from harness.expect.matcher import clauses, described, unmet, unmet_json
from harness.expect.model import Mismatch
from harness.expect.pairing import pair
from harness.expect.values import same
from harness.expect.wording import counted, joined, off, quoted, size, time
from harness.json_types import Json, JsonObject
from harness.numbered import Pattern
from harness.observe.model import Observation, Run
from harness.scenario.base import LogicalId, Model, Natural, Positive, Seconds, Size
from harness.scenario.bucket_rules import keys_are_buckets
from harness.scenario.finding import Finding, Rule
from harness.scenario.matcher import Count, JsonMatcher, Matcher, Span
from harness.scenario.position import RefusedError
from harness.scenario.source import KeyPath
from harness.scenario.used_names import Name

BUILT_IN: tuple[Expectation[Any], ...] = (
    execution.EXPECTATION,
    path.EXPECTATION,
    never_entered.EXPECTATION,
    polls.EXPECTATION,
    duration.EXPECTATION,
    messages.EXPECTATION,
    machines.EXPECTATION,
    invocations.EXPECTATION,
    calls.EXPECTATION,
    logs.EXPECTATION,
    items.EXPECTATION,
    objects.EXPECTATION,
    queues.EXPECTATION,
    events.EXPECTATION,
    requests.EXPECTATION,
    stored.PARAMETERS,
    stored.SECRETS,
)

__all__ = [
    "BUILT_IN",
    "Capability",
    "Count",
    "Entry",
    "Expectation",
    "Finding",
    "Json",
    "JsonMatcher",
    "JsonObject",
    "KeyPath",
    "LogicalId",
    "Matcher",
    "Mismatch",
    "Model",
    "Name",
    "Natural",
    "Observation",
    "Overall",
    "Pattern",
    "PerRun",
    "Positive",
    "RefusedError",
    "Rule",
    "Run",
    "Seconds",
    "Size",
    "Span",
    "clauses",
    "counted",
    "described",
    "joined",
    "keys_are",
    "keys_are_buckets",
    "off",
    "pair",
    "quoted",
    "same",
    "size",
    "time",
    "unmet",
    "unmet_json",
]
