"""Policy statements in comparable parts: principals, actions, resources and conditions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from harness.cloudformation.text import text_of
from harness.json_types import Json, JsonObject, as_dict
from harness.permissions.authorization import actions_of
from harness.permissions.wildcards import like

_ANY: Final = "\ue0f0" * 9
"""A stand-in for `*` in a pattern that is compared with another pattern. Only a `*` covers it."""
_ONE: Final = "\ue0f1"


@dataclass(frozen=True)
class Patterns:
    """Patterns with wildcards, or everything that does not match them."""

    values: tuple[str, ...]
    all_but: bool = False

    def covers(self, value: str) -> bool:
        """Return whether these patterns match everything that a pattern can match."""
        if self.all_but:
            return not any(_overlap(each, value) for each in self.values)
        return any(covers(each, value) for each in self.values)

    def covers_all(self, other: Patterns) -> bool:
        """Return whether these patterns cover all of the given ones."""
        if other.all_but:
            if self.all_but:
                return all(any(covers(spared, each) for spared in other.values) for each in self.values)
            return "*" in self.values
        return all(self.covers(each) for each in other.values)

    def shown(self) -> str:
        """Return the patterns as text."""
        text = ", ".join(self.values)
        return f"all but {text}" if self.all_but else text


@dataclass(frozen=True)
class Statement:
    """A statement. `principals` have the format `AWS:123456789012`, and are empty in a role's policy.

    `condition` maps operator and key to values. `spelled` maps a lowercase action or condition key to its
    original spelling.
    """

    allows: bool
    actions: Patterns
    resources: Patterns
    condition: Mapping[tuple[str, str], tuple[str, ...]]
    principals: Patterns
    sid: str = ""
    spelled: Mapping[str, str] = field(default_factory=dict)

    @property
    def entries(self) -> list[str]:
        """Return the statement's action entries in their original spelling."""
        but = "all but " if self.actions.all_but else ""
        return [but + self.spelled.get(each, each) for each in self.actions.values]

    @property
    def parts(self) -> Iterator[Statement]:
        """Yield a separate statement for each of the statement's resources and principals."""
        resources = [self.resources] if self.resources.all_but else map(_alone, self.resources.values)
        for resource in resources:
            principals = self.principals.values
            if self.principals.all_but or not principals:
                yield replace(self, resources=resource)
            else:
                for principal in principals:
                    yield replace(self, resources=resource, principals=_alone(principal))


def _alone(value: str) -> Patterns:
    return Patterns((value,))


def covers(pattern: str, other: str) -> bool:
    """Return whether a pattern with wildcards matches everything that another pattern matches.

    >>> covers("s3:Get*", "s3:GetObject*"), covers("s3:GetObject", "s3:Get*")
    (True, False)
    """
    return like(pattern, other.replace("*", _ANY).replace("?", _ONE))


def _overlap(one: str, other: str) -> bool:
    """Return whether a value can match both patterns. True if this is not certain."""
    if covers(one, other) or covers(other, one):
        return True
    begin, end = one.partition("*")[0], other.partition("*")[0]
    wild = "*" in one and "*" in other
    return wild and (begin.startswith(end) or end.startswith(begin))


def statements_in(document: Json) -> Iterator[tuple[int, Statement]]:
    """Yield the statements in a policy with their positions in it, counted from 0."""
    found = as_dict(document).get("Statement")
    for index, entry in enumerate(found if isinstance(found, list) else [found]):
        if isinstance(entry, dict) and "Effect" in entry:
            yield index, statement_of(entry)


def statement_of(entry: JsonObject) -> Statement:
    """Parse a statement. Actions are converted to lowercase."""
    return Statement(
        entry.get("Effect") == "Allow",
        _patterns(entry, "Action", lower=True),
        _patterns(entry, "Resource"),
        _condition(entry.get("Condition")),
        _principals(entry),
        str(entry.get("Sid", "")),
        _spelled(entry),
    )


def _spelled(entry: JsonObject) -> Mapping[str, str]:
    actions = (each for key in ("Action", "NotAction") for each in texts_of(entry.get(key)))
    keys = (key for each in as_dict(entry.get("Condition")).values() for key in as_dict(each))
    return {each.lower(): each for each in (*actions, *keys)}


def _patterns(entry: JsonObject, key: str, *, lower: bool = False) -> Patterns:
    for name, all_but in ((key, False), (f"Not{key}", True)):
        if name in entry:
            texts = tuple(texts_of(entry[name]))
            return Patterns(tuple(each.lower() for each in texts) if lower else texts, all_but)
    return Patterns(("*",))  # the resource of a trust policy is its role


def _principals(entry: JsonObject) -> Patterns:
    for name, all_but in (("Principal", False), ("NotPrincipal", True)):
        if name in entry:
            return Patterns(tuple(_named(entry[name])), all_but)
    return Patterns(())


def _named(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for kind, names in value.items():
            for name in texts_of(names):
                yield "AWS:*" if name == "*" else f"{kind}:{name}"
    else:
        for name in texts_of(value):
            yield f"AWS:{name}"


def _condition(value: Json) -> Mapping[tuple[str, str], tuple[str, ...]]:
    return {
        (operator, key.lower()): tuple(texts_of(values))
        for operator, keys in as_dict(value).items()
        for key, values in as_dict(keys).items()
    }


def texts_of(value: Json) -> Iterator[str]:
    """Yield the strings in a value that is a string or a list of strings."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str | int | float):
            yield text_of(each)
        elif each is not None:
            yield json.dumps(each, sort_keys=True)


def condition_covers(
    wider: Mapping[tuple[str, str], tuple[str, ...]], narrower: Mapping[tuple[str, str], tuple[str, ...]]
) -> bool:
    """Return whether a condition is true whenever the other one is."""
    for (operator, key), values in wider.items():
        own = narrower.get((operator, key))
        if own is None and operator.endswith("IfExists"):
            own = narrower.get((operator.removesuffix("IfExists"), key))
        if own is None and operator.startswith(("StringLike", "ArnLike", "ArnEquals")):
            same = ("StringEquals", "ArnEquals", "ArnLike", "StringLike")
            own = next((narrower[each, key] for each in same if (each, key) in narrower), None)
        if own is None or not _values_cover(operator, values, own):
            return False
    return True


def _values_cover(operator: str, wider: tuple[str, ...], narrower: tuple[str, ...]) -> bool:
    if "Not" in operator or operator.startswith("ForAllValues:StringNot"):
        return set(wider) <= set(narrower)
    if "Like" in operator or operator.startswith("Arn"):
        return all(any(covers(one, other) for one in wider) for other in narrower)
    if "IgnoreCase" in operator:
        return {each.lower() for each in narrower} <= {each.lower() for each in wider}
    return set(narrower) <= set(wider)


def uncovered(part: Statement, before: Iterable[Statement]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield a part's action entries, as written, that no earlier statement allows in the same form.

    Each entry includes its new actions. The tuple is empty if all of its actions are new. `all but ...` is a
    NotAction.
    """
    allowing = [each for each in before if each.allows and _is_wide_enough(each, part)]
    if part.actions.all_but:
        if not any(each.actions.covers_all(part.actions) for each in allowing):
            yield f"all but {', '.join(part.spelled[each] for each in part.actions.values)}", ()
        return
    for action in part.actions.values:
        if any(each.actions.covers(action) for each in allowing):
            continue
        known = expanded(action)
        new = tuple(
            each for each in known if not any(other.actions.covers(each.lower()) for other in allowing)
        )
        if new or not known:
            yield part.spelled[action], () if len(new) == len(known) else new


def _is_wide_enough(before: Statement, after: Statement) -> bool:
    """Return whether a statement covers all resources, principals and conditions in another statement."""
    return (
        before.resources.covers_all(after.resources)
        and before.principals.covers_all(after.principals)
        and condition_covers(before.condition, after.condition)
    )


def expanded(action: str) -> tuple[str, ...]:
    """Return the lowercase actions that match a pattern. An action without wildcards matches itself.

    Return an empty tuple for a pattern that matches all services, or for an unknown service.
    """
    service, _, name = action.partition(":")
    if "*" not in action and "?" not in action:
        return (action,)
    if "*" in service or "?" in service:
        return ()
    return tuple(f"{service}:{each}" for each in sorted(actions_of(service)) if like(name, each.lower()))


def overlaps(statement: Statement, others: Iterable[Statement]) -> bool:
    """Return whether another statement may allow part of this statement."""
    if statement.actions.all_but:
        return True
    return any(
        other.allows
        and (
            other.actions.all_but
            or any(_overlap(one, two) for one in statement.actions.values for two in other.actions.values)
        )
        for other in others
    )


def denied(action: str, part: Statement, statements: Iterable[Statement]) -> bool:
    """Return whether other statements deny an action completely on the resources in a part."""
    return any(
        not each.allows
        and not each.condition
        and each.actions.covers(action.lower())
        and each.resources.covers_all(part.resources)
        for each in statements
    )
