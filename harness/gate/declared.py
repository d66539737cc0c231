"""Find changes in the declared behaviour of state machines and functions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from harness.gate import definitions
from harness.gate.causes import cause_of
from harness.gate.comparing import Change, PropertyChange, aligned, written_changes
from harness.gate.finding import Finding, Rule
from harness.gate.resolved import Resolved
from harness.json_types import Json, JsonObject, as_dict
from harness.lint.machines import DeclaredMachine, machines_in
from harness.stack.definition_text import DefinitionRefused

HANDLING: Final = Rule(
    "behaviour-error-handling",
    "The retries, catches or timeouts of a state changed.",
    "0.1",
    "warning",
)
DEFINITION: Final = Rule("behaviour-definition", "A state's task or transitions changed.", "0.1", "note")
LESS: Final = Rule("behaviour-less", "A function has less time, memory or concurrency.", "0.1", "warning")
FUNCTION: Final = Rule(
    "behaviour-function", "The environment, handler, runtime or layers of a function changed.", "0.1", "note"
)
RULES: Final = (HANDLING, DEFINITION, LESS, FUNCTION)
_LESS: Final = ("MemorySize", "ReservedConcurrentExecutions", "Timeout")
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
_DEFAULTS: Final = {"MemorySize": 128, "Timeout": 3}
_OTHER: Final = ("Environment", "Handler", "Layers", "Runtime")
_REMEDY: Final = "run the affected scenarios, or accept the finding with a reason"


def findings(base: Resolved, head: Resolved) -> Iterator[Finding]:
    """Yield changes to state machine definitions and function settings, in the order of the templates.

    Raises:
        BaseError: a template cannot be used.
    """
    base = aligned(base, head)
    before = dict(_machines(base))
    for name, machine in _machines(head):
        if name in before:
            yield from _of_machine(before[name], machine)
    for change in written_changes(base, head):
        after = change.head
        for each in change.properties if after is not None else ():
            for rule, key, what in _of_property(change.base.type, each):
                yield _finding(rule, change, key, what, base, head)


def _finding(rule: Rule, change: Change, key: str, what: str, base: Resolved, head: Resolved) -> Finding:
    """Return a finding at the property, or at the cause of its change, such as a parameter default."""
    assert change.head is not None, "the resource is in the head"
    stack, keys, why = cause_of(base, head, change.base, change.head, key)
    where = head.stacks[stack].lines.position(*keys)
    name, subject = change.head.logical_id, key.replace(".Variables.", ".")
    place = (where.path, where.line, where.column)
    details = (why,) if why else ()
    return Finding(rule, f"{name}.{subject}", f"{name}: {what}", _REMEDY, *place, details=details)


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
    with suppress(DefinitionRefused, ValueError, RecursionError):  # the lint part reports the error
        return as_dict(machine.definition())
    return {}


def _of_property(kind: str, change: PropertyChange) -> Iterator[tuple[Rule, str, str]]:
    """Yield the rule, the path and a description of each change that results from a changed property."""
    key = change.path.partition(".")[0]
    if kind == "AWS::StepFunctions::StateMachine" and key == "DefinitionSubstitutions":
        for name in _differing(as_dict(change.before), as_dict(change.after)):
            yield DEFINITION, f"{key}.{name}", f"the substitution {name} has another value"
    if kind != "AWS::Lambda::Function":
        return
    if key in _LESS:
        before, after = (_number(key, value) for value in (change.before, change.after))
        if after < before:
            yield LESS, key, f"{key} {_shown(after)}, previously {_shown(before)}"
    elif key == "Environment":
        one, other = (_variables(value) for value in (change.before, change.after))
        for variable in _differing(one, other):
            what = (
                "is new"
                if variable not in one
                else "was removed"
                if variable not in other
                else "has another value"
            )
            yield FUNCTION, f"{key}.Variables.{variable}", f"the variable {variable} {what}"
    elif key in _OTHER:
        yield FUNCTION, key, f"{key} changed"


def _differing(one: JsonObject, other: JsonObject) -> Iterator[str]:
    return (name for name in sorted({*one, *other}) if one.get(name) != other.get(name))


def _number(key: str, value: Json) -> float:
    """Return the value of a setting. If it is not set, return its default, or unlimited."""
    if isinstance(value, int | float):
        return value
    return _DEFAULTS.get(key, float("inf"))


def _shown(number: float) -> str:
    return "none" if number == float("inf") else f"{number:g}"


def _variables(value: Json) -> JsonObject:
    found = as_dict(value)
    return as_dict(found["Variables"]) if "Variables" in found else found
