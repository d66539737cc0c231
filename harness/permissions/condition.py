"""The Condition element of a statement, as far as templates commonly use it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.permissions.wildcards import arn_like, like

Test = Callable[[str, str], bool]

_TESTS: dict[str, Test] = {
    "StringEquals": lambda wanted, given: wanted == given,
    "StringEqualsIgnoreCase": lambda wanted, given: wanted.casefold() == given.casefold(),
    "StringLike": like,
    # "ArnEquals and ArnLike behave identically"
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": lambda wanted, given: wanted.casefold() == given.casefold(),
}
_NEGATED: dict[str, Test] = {
    "StringNotEquals": _TESTS["StringEquals"],
    "StringNotEqualsIgnoreCase": _TESTS["StringEqualsIgnoreCase"],
    "StringNotLike": _TESTS["StringLike"],
    "ArnNotEquals": _TESTS["ArnEquals"],
    "ArnNotLike": _TESTS["ArnLike"],
}
_IF_EXISTS = "IfExists"


def holds(condition: Mapping[str, Any], context: Mapping[str, str]) -> tuple[bool, tuple[str, ...]]:
    """Whether every test of a Condition holds, and what of it could not be evaluated.

    `condition` is for example `{"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-west-2"]}}`. A key
    that `context` does not have, and an operator that is not known here, do not hold, and a note says so.
    """
    known = {key.casefold(): value for key, value in context.items()}
    notes: list[str] = []
    every = True
    for operator, tests in condition.items():
        for key, wanted in tests.items():
            met = _met(operator, key, listed(wanted), known)
            if isinstance(met, str):
                notes.append(met)
            every = every and met is True
    return every, tuple(notes)


def _met(operator: str, key: str, wanted: tuple[str, ...], known: Mapping[str, str]) -> bool | str:
    name = operator.removesuffix(_IF_EXISTS)
    given = known.get(key.casefold())
    if name not in _TESTS and name not in _NEGATED:
        return f"the condition operator {operator} is not evaluated here"
    if given is None:
        return operator.endswith(_IF_EXISTS) or f"the condition key {key} is not known here"
    if name in _TESTS:
        return any(_TESTS[name](value, given) for value in wanted)
    return not any(_NEGATED[name](value, given) for value in wanted)


def listed(value: Any) -> tuple[str, ...]:
    """An element that may be one value or a list of values, as texts (booleans as in JSON)."""
    values = value if isinstance(value, list | tuple) else (value,)
    return tuple(str(v).lower() if isinstance(v, bool) else str(v) for v in values)
