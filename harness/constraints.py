"""AWS's messages for a request that violates constraints in a service model.

>>> detected([violation("name", "not be null"), violation("tags", at_most("length", 50), "[a, b]")])
"2 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; \
Value '[a, b]' at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50"
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

NOT_NULL = "not be null"


def detected(violations: Sequence[str], most_told: int | None = None) -> str:
    """Return the error message for one or more violations."""
    noun = "error" if len(violations) == 1 else "errors"
    return f"{len(violations)} validation {noun} detected: {'; '.join(violations[:most_told])}"


def violation(place: str, constraint: str, value: str | None = None) -> str:
    """Return the sentence for a value that violates a constraint. `value` is None for a missing member.

    Args:
        place: e.g. `tags.1.member.key`.
        constraint: the requirement for the member: `not be null`, `have length less than or equal to 50`.
        value: the value in Java's notation, see `java_text`.
    """
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{place}' {_failed(constraint)}"


def secret_violation(place: str, constraint: str) -> str:
    """Return the sentence for a value that AWS does not repeat."""
    return f"Value at '{place}' {_failed(constraint)}"


def _failed(constraint: str) -> str:
    return f"failed to satisfy constraint: Member must {constraint}"


def at_least(measure: str, bound: float) -> str:
    """Return the constraint for a lower bound. `measure` is `length` or `value`."""
    return f"have {measure} greater than or equal to {bound}"


def at_most(measure: str, bound: float) -> str:
    """Return the constraint for an upper bound. `measure` is `length` or `value`."""
    return f"have {measure} less than or equal to {bound}"


def one_of(choices: Iterable[str]) -> str:
    """Return the constraint for an enumeration."""
    return f"satisfy enum value set: [{', '.join(choices)}]"


def matching(pattern: str) -> str:
    """Return the constraint for a regular expression."""
    return f"satisfy regular expression pattern: {pattern}"


def lower_first(name: str) -> str:
    """Write a member's name as it appears in a location: `tableName`."""
    return name[:1].lower() + name[1:]


def java_text(value: object, structure_of: Callable[[Mapping[str, object]], str] = lambda _: "") -> str:
    """Write a value in Java's notation: `[a, b]` for a list, `{name=value}` for a map.

    Args:
        value: JSON, or bytes.
        structure_of: returns the name of a map's structure. The map then reads `Tag(key=a, value=b)`.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(java_text(item, structure_of) for item in value)}]"
    if not isinstance(value, Mapping):
        return str(value)
    shown = {name: java_text(item, structure_of) for name, item in value.items()}
    if structure := structure_of(value):
        return f"{structure}({', '.join(f'{lower_first(name)}={text}' for name, text in shown.items())})"
    return "{" + ", ".join(f"{name}={text}" for name, text in shown.items()) + "}"
