"""Finds what a deployment would change in what machines and functions are declared to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from harness.gate import definitions
from harness.gate.comparing import PropertyChange, aligned, written_changes
from harness.gate.finding import Finding, Rule
from harness.gate.resolved import Resolved
from harness.json_types import Json, JsonObject, as_dict
from harness.lint.machines import DeclaredMachine, machines_in
from harness.scenario.position import Position
from harness.stack.definition_text import DefinitionRefused

HANDLING: Final = Rule(
    "behaviour-error-handling",
    "A state retries, catches or times out in another way.",
    "0.1",
    "warning",
)
DEFINITION: Final = Rule(
    "behaviour-definition", "A state does something else, or leads somewhere else.", "0.1", "note"
)
LESS: Final = Rule("behaviour-less", "A function has less time, memory or concurrency.", "0.1", "warning")
FUNCTION: Final = Rule(
    "behaviour-function", "A function has another environment, handler, runtime or layer.", "0.1", "note"
)
RULES: Final = (HANDLING, DEFINITION, LESS, FUNCTION)
_LESS: Final = ("MemorySize", "ReservedConcurrentExecutions", "Timeout")
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
_DEFAULTS: Final = {"MemorySize": 128, "Timeout": 3}
_OTHER: Final = ("Environment", "Handler", "Layers", "Runtime")
_REMEDY: Final = "play the scenarios that it concerns, or accept the finding with a reason"


def findings(base: Resolved, head: Resolved) -> Iterator[Finding]:
    """The changes of state machines' definitions, and of functions' settings, in the order of the templates.

    Raises:
        BaseError: a template cannot be used.
    """
    base = aligned(base, head)
    before = dict(_machines(base))
    for name, machine in _machines(head):
        if name in before:
            yield from _of_machine(before[name], machine)
    for change in written_changes(base, head):
        if change.head is None or change.head.type != "AWS::Lambda::Function":
            continue
        lines = head.stacks[change.head.stack].lines
        for each in change.properties:
            where = lines.position(
                "Resources", change.head.logical_id, "Properties", *_keys(each, change.head.properties)
            )
            yield from _of_function(change.head.logical_id, each, where)


def _machines(side: Resolved) -> Iterator[tuple[tuple[str, str], DeclaredMachine]]:
    for stack in side.stacks.values():
        for machine in machines_in(stack.template):
            yield (stack.name, machine.name), machine


def _of_machine(before: DeclaredMachine, after: DeclaredMachine) -> Iterator[Finding]:
    one, other = _definition(before), _definition(after)
    if not one or not other:
        return
    for change in definitions.changes(one, other):
        where = after.place(change.keys)
        named = f"{after.name}.{change.state}" if change.state else after.name
        yield Finding(
            HANDLING if change.kind == "handling" else DEFINITION,
            f"{named}: {change.what}",
            f"{named} {change.what}" if not change.what[0].isupper() else f"{named}: {change.what}",
            _REMEDY,
            where.path,
            where.line,
            where.column,
        )


def _definition(machine: DeclaredMachine) -> JsonObject:
    with suppress(DefinitionRefused, ValueError, RecursionError):  # the part lint says what is wrong
        return as_dict(machine.definition())
    return {}


def _keys(change: PropertyChange, properties: JsonObject) -> tuple[str, ...]:
    """The keys of a property, as far as the head has it."""
    keys: list[str] = []
    value: Json = properties
    for key in change.path.split("."):
        if not isinstance(value, dict) or key not in value:
            break
        keys.append(key)
        value = value[key]
    return tuple(keys)


def _of_function(name: str, change: PropertyChange, where: Position) -> Iterator[Finding]:
    key = change.path.partition(".")[0]
    if key in _LESS:
        before, after = (_number(key, value) for value in (change.before, change.after))
        if after < before:
            what = f"{key} {_shown(after)}, before {_shown(before)}"
            yield _finding(LESS, name, key, what, where)
    elif key == "Environment":
        one, other = (_variables(value) for value in (change.before, change.after))
        for variable in sorted({*one, *other}):
            if one.get(variable) != other.get(variable):
                what = (
                    f"the variable {variable} is new"
                    if variable not in one
                    else f"the variable {variable} is not set any more"
                    if variable not in other
                    else f"the variable {variable} has another value"
                )
                yield _finding(FUNCTION, name, f"{key}.{variable}", what, where)
    elif key in _OTHER:
        yield _finding(FUNCTION, name, key, f"another {key} than before", where)


def _finding(rule: Rule, name: str, key: str, what: str, where: Position) -> Finding:
    return Finding(rule, f"{name}.{key}", f"{name}: {what}", _REMEDY, where.path, where.line, where.column)


def _number(key: str, value: Json) -> float:
    """The value of a setting; without one its default, or no limit."""
    if isinstance(value, int | float):
        return value
    return _DEFAULTS.get(key, float("inf"))


def _shown(number: float) -> str:
    return "none" if number == float("inf") else f"{number:g}"


def _variables(value: Json) -> JsonObject:
    found = as_dict(value)
    return as_dict(found["Variables"]) if "Variables" in found else found
