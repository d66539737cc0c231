"""What a scenario says of faults and durations, with the names that the deployed stack has.

Functions are named by logical ids in a scenario, buckets perhaps otherwise than on the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from harness.functions.model import Fault, Target
from harness.renaming import used
from harness.scenario.faults import FaultSpec
from harness.scenario.model import Scenario
from harness.stack.model import DeployError, Stack
from harness.stepfunctions.duration import Duration

TARGETS: Mapping[str, Target] = {"call": "call", "service": "task", "function": "invocation"}
ARGUMENTS: Mapping[str, Callable[[FaultSpec], Mapping[str, Any]]] = {
    "error": lambda spec: {"code": spec.error, "message": spec.message},
    "cut": lambda spec: {"when": spec.cut},
    "delay": lambda spec: {"seconds": spec.delay_s},
    "partial": lambda spec: {},
    "stale": lambda spec: {"members": spec.stale},
    "raises": lambda spec: {
        "type": spec.raises, "when": spec.when or "before", "message": spec.message,
    },
    "ends": lambda spec: {"how": spec.ends, "when": spec.when or "before"},
    "twice": lambda spec: {},
}  # fmt: skip
"""What each kind of fault has as arguments, see harness.functions.faults."""


def faults(scenario: Scenario, stack: Stack, renamed: Mapping[str, str]) -> Sequence[Fault]:
    """The scenario's faults; their ids are their places in it. Raises DeployError for an unknown function."""
    names = _functions(scenario, stack, "faults", (spec.function for spec in scenario.faults))
    return [_fault(n, spec, names, renamed) for n, spec in enumerate(scenario.faults)]


def durations(scenario: Scenario, stack: Stack, renamed: Mapping[str, str]) -> Sequence[Duration]:
    """The scenario's durations. Raises DeployError for an unknown function."""
    names = _functions(scenario, stack, "durations", (spec.function for spec in scenario.durations))
    return [
        Duration(
            spec.takes_s,
            names[spec.function] if spec.function else "",
            spec.service or "",
            renamed.get(spec.bucket, spec.bucket),
            spec.call,
        )
        for spec in scenario.durations
    ]


def _fault(place: int, spec: FaultSpec, names: Mapping[str, str], renamed: Mapping[str, str]) -> Fault:
    service, operation = spec.api
    first, last = spec.which
    return Fault(
        spec.kind,
        TARGETS[spec.target],
        service,
        operation,
        params=used(spec.params, renamed),
        function=names.get(spec.function, ""),
        state=spec.state,
        bucket=renamed.get(spec.bucket, spec.bucket),
        first=first,
        last=last,
        arguments=used(ARGUMENTS[spec.kind](spec), renamed),
        id=place,
    )


def _functions(scenario: Scenario, stack: Stack, key: str, asked: Iterable[str | None]) -> Mapping[str, str]:
    """The names of the template's functions by logical id.

    Raises:
        DeployError: one that is asked for is not there.
    """
    functions = stack.of_type("AWS::Lambda::Function")
    for function in asked:
        if function and function not in functions:
            raise DeployError(
                f"{scenario.path}: {key}: the template has no function {function}; "
                f"known: {', '.join(sorted(functions))}"
            )
    return functions
