"""The names of the template that a scenario uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from harness.scenario.model import Scenario
from harness.scenario.source import KeyPath

NameKind = Literal["function", "queue", "state", "state of a run", "table", "topic"]
"""Kinds of names that a template declares; "state of a run": one of the state machine that the run starts."""


class Name(NamedTuple):
    """A name of the template that an expectation uses, and where: `at` is within the expectation's value.

    `of` says whether the name is the key of the entry there, or its value.
    """

    kind: NameKind
    name: str
    at: KeyPath
    of: Literal["key", "value"] = "value"


@runtime_checkable
class _Naming(Protocol):
    """An expectation that knows which names its value uses."""

    def named(self, scenario: Scenario) -> Iterator[Name]:
        """The names, each once; `at` is within the whole file."""


def names_used(scenario: Scenario) -> Iterator[Name]:
    """All names that a scenario uses but those of its state machines; `at` is within its file."""
    for n, fault in enumerate(scenario.faults):
        if fault.function:
            yield Name("function", fault.function, ("faults", n, "function"))
        if fault.state:
            yield Name("state", fault.state, ("faults", n, "state"))
    for n, duration in enumerate(scenario.durations):
        if duration.function:
            yield Name("function", duration.function, ("durations", n, "function"))
    for n, task in enumerate(scenario.tasks):
        if task.state:
            yield Name("state", task.state, ("tasks", n, "state"))
    for n, call in enumerate(scenario.calls):
        if call.function:
            yield Name("function", call.function, ("calls", n, "function"))
        if call.state:
            yield Name("state", call.state, ("calls", n, "state"))
    for expectation in scenario.expectations:
        if isinstance(expectation, _Naming):
            yield from expectation.named(scenario)
