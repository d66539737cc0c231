"""Descriptions of actions and resources, and findings at a location."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from harness.gate.finding import Finding, Rule
from harness.gate.resolved import Resolved
from harness.permissions.wildcards import arn_like
from harness.scenario.position import Position

_MANY: Final = 4


def finding_at(
    rule: Rule,
    subject: str,
    message: str,
    remedy: str,
    place: Position,
    details: tuple[str, ...] = (),
) -> Finding:
    """Return a finding at a location in a template."""
    return Finding(rule, subject, message, remedy, place.path, place.line, place.column, details)


def many(actions: Iterable[str]) -> str:
    """Return actions as text: the first ones, and the number of remaining actions."""
    found = list(actions)
    if len(found) <= _MANY:
        return ", ".join(found)
    return f"{', '.join(found[:_MANY])} and {len(found) - _MANY} more"


def in_words(resources: Iterable[str], side: Resolved) -> str:
    """Return resources as text, with `${OrdersTable}` in place of generated names."""
    names = {
        each.name: f"${{{logical_id}}}"
        for stack in side.stacks.values()
        for logical_id, each in stack.stand_ins.items()
    }
    found = []
    for text in resources:
        for name in sorted(names, key=len, reverse=True):
            text = text.replace(name, names[name])  # noqa: PLW2901  (one after another)
        found.append(text.replace(side.account, "${AWS::AccountId}").replace(side.region, "${AWS::Region}"))
    return many(dict.fromkeys(found))


def loosely(pattern: str, arn: str) -> bool:
    """Return whether an ARN matches a pattern, ignoring the Region and account."""
    one, other = pattern.split(":", 5), arn.split(":", 5)
    if len(one) < 6 or len(other) < 6:
        return arn_like(pattern, arn)
    return arn_like(":".join((*one[:3], "*", "*", one[5])), ":".join((*other[:3], "x", "x", other[5])))
