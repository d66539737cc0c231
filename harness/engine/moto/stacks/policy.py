"""Stack policies, which control the resources that an update can modify, replace and delete.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final, Literal

from harness.engine.moto.stacks.model import ValidationError
from harness.json_types import Json, JsonObject

Update = Literal["Update:Delete", "Update:Modify", "Update:Replace"]
_ACTIONS: Final = ("Update:*", "Update:Delete", "Update:Modify", "Update:Replace")
_KEYS: Final = frozenset(
    ("Sid", "Effect", "Action", "NotAction", "Principal", "Resource", "NotResource", "Condition")
)
_OPERATORS: Final = ("StringEquals", "StringLike")
_BY_TYPE: Final = "ResourceType"


@dataclass(frozen=True)
class StackPolicy:
    """The statements in a policy. Without statements, every update is allowed."""

    statements: Sequence[JsonObject] = ()

    def refusal(self, action: Update, logical_id: str, kind: str) -> str | None:
        """Return the reason why an update to a resource is denied.

        None if it is allowed. A Deny statement takes precedence.
        """
        place = f"LogicalResourceId/{logical_id}"
        allowed = not self.statements
        denied = ""
        for number, statement in enumerate(self.statements, 1):
            if not _meets(statement, action, place, kind):
                continue
            if statement["Effect"] == "Allow":
                allowed = True
            else:
                denied += f" Statement [#{number}] does not allow [{action}] for resource [{place}];"
        if denied:
            return f"Action denied by stack policy:{denied}"
        if allowed:
            return None
        return f"Action not allowed by stack policy: no statement allows [{action}] for resource [{place}];"


def read_policy(text: str | None) -> StackPolicy:
    """Parse a policy. An empty policy allows everything. Raises ValidationError."""
    if not text:
        return StackPolicy()
    try:
        policy = json.loads(text)
    except ValueError:
        raise _invalid() from None
    if not isinstance(policy, dict) or not policy.keys() <= {"Id", "Statement", "Version"}:
        raise _invalid()
    statements = policy.get("Statement", [])
    found = statements if isinstance(statements, list) else [statements]
    if not all(_is_statement(each) for each in found):
        raise _invalid()
    return StackPolicy(tuple(found))


def _invalid() -> ValidationError:
    return ValidationError(message="Error validating stack policy: Invalid stack policy")


def _is_statement(value: Any) -> bool:
    if (
        not isinstance(value, dict)
        or not value.keys() <= _KEYS
        or value.get("Effect") not in ("Allow", "Deny")
    ):
        return False
    actions = _texts(value.get("Action", value.get("NotAction")))
    condition = value.get("Condition", {})
    return (
        value.get("Effect") in ("Allow", "Deny")
        and value.get("Principal") == "*"
        and bool(actions)
        and all(each in _ACTIONS for each in actions)
        and isinstance(condition, dict)
        and all(
            operator in _OPERATORS and isinstance(names, dict) and set(names) <= {_BY_TYPE}
            for operator, names in condition.items()
        )
    )


def _meets(statement: JsonObject, action: Update, place: str, kind: str) -> bool:
    if "Action" in statement:
        named = any(fnmatchcase(action, each) for each in _texts(statement["Action"]))
    else:
        named = not any(fnmatchcase(action, each) for each in _texts(statement["NotAction"]))
    if "NotResource" in statement:
        meant = not any(fnmatchcase(place, each) for each in _texts(statement["NotResource"]))
    else:
        meant = any(fnmatchcase(place, each) for each in _texts(statement.get("Resource")))
    return named and meant and _holds(statement.get("Condition"), kind)


def _holds(condition: Json, kind: str) -> bool:
    """Return whether the conditions in a statement are met for a resource type."""
    return all(
        any(
            fnmatchcase(kind, each) if operator == "StringLike" else kind == each
            for each in _texts(names.get(_BY_TYPE))
        )
        for operator, names in (condition.items() if isinstance(condition, dict) else ())
        if isinstance(names, dict) and names
    )


def _texts(value: Json) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [each for each in found if isinstance(each, str)]
