"""A statement's Condition element.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from operator import ge, gt, le, lt

from harness.json_types import Json
from harness.permissions.model import Context
from harness.permissions.wildcards import arn_like, filled, like, plain

Test = Callable[[str, str], bool]
"""A comparison of the policy's value with the request's value."""


def _numbers(compare: Callable[[float, float], bool]) -> Test:
    return lambda wanted, given: compare(float(given), float(wanted))


def _times(compare: Callable[[datetime, datetime], bool]) -> Test:
    return lambda wanted, given: compare(_time(given), _time(wanted))


def _time(text: str) -> datetime:
    """Parse ISO 8601, or seconds since 1970."""
    if text.replace(".", "", 1).isdigit():
        return datetime.fromtimestamp(float(text), UTC)
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _within(wanted: str, given: str) -> bool:
    return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)


_TESTS: dict[str, Test] = {
    "StringEquals": lambda wanted, given: plain(wanted) == given,
    "StringEqualsIgnoreCase": lambda wanted, given: plain(wanted).casefold() == given.casefold(),
    "StringLike": like,
    # "ArnEquals and ArnLike behave identically"
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": lambda wanted, given: wanted.casefold() == given.casefold(),
    "BinaryEquals": lambda wanted, given: wanted == given,
    "IpAddress": _within,
    "NumericEquals": _numbers(lambda given, wanted: given == wanted),
    "NumericLessThan": _numbers(lt),
    "NumericLessThanEquals": _numbers(le),
    "NumericGreaterThan": _numbers(gt),
    "NumericGreaterThanEquals": _numbers(ge),
    "DateEquals": _times(lambda given, wanted: given == wanted),
    "DateLessThan": _times(lt),
    "DateLessThanEquals": _times(le),
    "DateGreaterThan": _times(gt),
    "DateGreaterThanEquals": _times(ge),
}
_NEGATED: dict[str, Test] = {
    "StringNotEquals": _TESTS["StringEquals"],
    "StringNotEqualsIgnoreCase": _TESTS["StringEqualsIgnoreCase"],
    "StringNotLike": _TESTS["StringLike"],
    "ArnNotEquals": _TESTS["ArnEquals"],
    "ArnNotLike": _TESTS["ArnLike"],
    "NotIpAddress": _TESTS["IpAddress"],
    "NumericNotEquals": _TESTS["NumericEquals"],
    "DateNotEquals": _TESTS["DateEquals"],
}
_ELSEWHERE = re.compile(
    r":(resource|ResourceTag|ExistingObjectTag)/|:AccessPointArn$|^aws:(Principal|Resource)Org(ID|Paths)$"
    r"|^aws:(userid|UserAgent)$",
    re.IGNORECASE,
)
"""Condition keys whose values only AWS knows: resource settings, the organization, IDs."""
_IF_EXISTS = "IfExists"
_SETS = ("ForAllValues", "ForAnyValue")


def holds(
    condition: Mapping[str, Json], context: Context, variables: bool = True, unknown: bool = False
) -> tuple[bool, tuple[str, ...]]:
    """Return whether every test in a Condition is met, and the reasons why tests are not met.

    `unknown` is the result for tests whose value is not known: tests of resource tags or other resource
    settings, of the accounts' organization, or of the role's ID.

    `condition` is for example `{"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-west-2"]}}`.
    `variables` determines whether policy variables in it are replaced. A key that is missing from `context`
    is not in the request. A test with an unknown operator is not met.
    """
    known = {key.casefold(): value for key, value in context.items()}
    notes: list[str] = []
    every = True
    for operator, tests in condition.items():
        assert isinstance(tests, dict), f"IAM rejects the condition {operator}: {tests!r}"
        for key, given in tests.items():
            if _ELSEWHERE.search(key) and key.casefold() not in known:
                every = every and unknown
                continue
            wanted = _values(listed(given), known) if variables else listed(given)
            met = _met(operator, key, wanted, known)
            if isinstance(met, str):
                notes.append(met)
            every = every and met is True
    return every, tuple(notes)


def _values(wanted: Iterable[str], known: Context) -> tuple[str, ...]:
    """Replace policy variables. A value with a variable that is not in the request matches nothing."""
    return tuple(value for text in wanted if (value := filled(text, known)) is not None)


def _met(operator: str, key: str, wanted: tuple[str, ...], known: Context) -> bool | str:
    """Return True or False for one test, or the reason why it is not met."""
    kind, _, name = operator.rpartition(":")
    given = known.get(key.casefold())
    if name == "Null":
        is_null = given is None
        met = any((value.casefold() == "true") == is_null for value in wanted)
        return met or _unlike(operator, key, given)
    base = name.removesuffix(_IF_EXISTS)
    if (base not in _TESTS and base not in _NEGATED) or (kind and kind not in _SETS):
        return f"condition operator {operator} does not exist"
    if given is None:
        missing = name.endswith(_IF_EXISTS) or base in _NEGATED or kind == "ForAllValues"
        return (missing and kind != "ForAnyValue") or f"the condition key {key} is not in the request"
    values = (given,) if isinstance(given, str) else given
    if kind == "ForAllValues":
        met = all(_matches(base, wanted, value) for value in values)
    elif kind == "ForAnyValue":
        met = any(_matches(base, wanted, value) for value in values)
    else:
        # If a key has several values, a single-valued negated operator must be met for all of them, as on
        # AWS.
        several = all if base in _NEGATED else any
        met = several(_matches(base, wanted, value) for value in values)
    return met or _unlike(operator, key, given)


def _matches(base: str, wanted: tuple[str, ...], given: str) -> bool:
    """Return whether one value in the policy matches. For a negated operator, no value may match."""
    if base in _TESTS:
        return any(_met_by(_TESTS[base], value, given) for value in wanted)
    return not any(_met_by(_NEGATED[base], value, given) for value in wanted)


def _met_by(test: Test, wanted: str, given: str) -> bool:
    try:
        return test(wanted, given)
    except ValueError:  # not a number, a time or an address: no match
        return False


def _unlike(operator: str, key: str, given: str | tuple[str, ...] | None) -> str:
    shown = "not in the request" if given is None else given if isinstance(given, str) else ", ".join(given)
    return f"its condition {operator} {key} is not met: {key} is {shown}"


def listed(value: object) -> tuple[str, ...]:
    """Return an element, which may be one value or a list, as a tuple of strings (booleans as in JSON)."""
    values = value if isinstance(value, list | tuple) else (value,)
    return tuple(str(v).lower() if isinstance(v, bool) else str(v) for v in values)
