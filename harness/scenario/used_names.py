"""Template names that a scenario uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from harness.numbered import Pattern
from harness.scenario.answers import placed_answers
from harness.scenario.base import logical_id
from harness.scenario.calls import CallSpec
from harness.scenario.faults import FaultSpec
from harness.scenario.model import Scenario
from harness.scenario.names_index import Names
from harness.scenario.source import KeyPath

NameKind = Literal[
    "bucket",
    "event bus",
    "function",
    "inline Map",
    "parameter",
    "queue",
    "rule",
    "secret",
    "state",
    "state of a run",
    "table",
    "topic",
    "waiting state",
]
"""Kinds of names that a template declares. "state of a run": a state in the state machine that the run
starts. "waiting state": a state that waits for an external system.
"""


class Name(NamedTuple):
    """A template name that an expectation uses, and its position. `at` is within the expectation's value.

    `of` indicates whether the name is an entry's key or its value.
    """

    kind: NameKind
    name: str
    at: KeyPath
    of: Literal["key", "value"] = "value"


@runtime_checkable
class _Naming(Protocol):
    """An expectation that lists the names in its value."""

    def named(self, scenario: Scenario) -> Iterator[Name]:
        """Return the names without duplicates. `at` is within the whole file."""


class OwnNames(NamedTuple):
    """The names of resources outside the template that a scenario creates itself."""

    tables: frozenset[str]
    buckets: Names

    def has(self, name: Name) -> bool:
        """Return whether a used name is one of them."""
        if name.kind == "bucket":
            return name.name in self.buckets
        return name.kind == "table" and name.name in self.tables


def own_names(scenario: Scenario) -> OwnNames:
    """Return the names of buckets and tables that a scenario creates itself. Tables have the same names
    as in `items`.
    """
    buckets = [Pattern(name, spec.count) for name, spec in scenario.seed.buckets.items()]
    return OwnNames(frozenset(map(logical_id, scenario.seed.others)), Names(buckets))


def names_used(scenario: Scenario) -> Iterator[Name]:
    """Yield all names that a scenario uses, except names in its state machines. `at` is within its file."""
    yield from _seeded(scenario)
    parts: Mapping[str, Sequence[FaultSpec | CallSpec]] = {"faults": scenario.faults, "calls": scenario.calls}
    for part, specs in parts.items():
        for n, spec in enumerate(specs):
            if spec.function:
                yield Name("function", spec.function, (part, n, "function"))
            if spec.state:
                yield Name("state", spec.state, (part, n, "state"))
    for n, fault in enumerate(scenario.faults):
        yield from _maps(fault.iterations, ("faults", n))
    yield from _of_tasks(scenario)
    for expectation in scenario.expectations:
        if isinstance(expectation, _Naming):
            yield from expectation.named(scenario)


def _of_tasks(scenario: Scenario) -> Iterator[Name]:
    """Yield the functions and states whose tasks have a duration or an answer in the scenario."""
    for n, duration in enumerate(scenario.durations):
        if duration.function:
            yield Name("function", duration.function, ("durations", n, "function"))
    for answer in placed_answers(scenario):
        yield Name("waiting state", answer.spec.state, (*answer.at, "state"))
        yield from _maps(answer.spec.iterations, answer.at)
    for n, task in enumerate(scenario.tasks):
        if task.state:
            yield Name("state", task.state, ("tasks", n, "state"))
        yield from _maps(task.iterations, ("tasks", n))


def _maps(iterations: Iterable[str], at: KeyPath) -> Iterator[Name]:
    """Yield the Maps whose iterations an entry selects."""
    for name in iterations:
        yield Name("inline Map", name, (*at, "iterations", name), "key")


def _seeded(scenario: Scenario) -> Iterator[Name]:
    """Yield the template resources that are filled before the run."""
    seed = scenario.seed
    for bucket in seed.objects:
        yield Name("bucket", bucket, ("seed", "objects", bucket), "key")
    for table, spec in seed.tables.items():
        if spec.key is None:
            yield Name("table", logical_id(table), ("seed", "tables", table), "key")
    for queue in seed.queues:
        yield Name("queue", queue, ("seed", "queues", queue), "key")
    for parameter in seed.parameters:
        yield Name("parameter", parameter, ("seed", "parameters", parameter), "key")
    for secret in seed.secrets:
        yield Name("secret", secret, ("seed", "secrets", secret), "key")
