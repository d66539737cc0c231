"""Reads an AWS Organizations policy from a JSON file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.bounds import json_of
from harness.files import read_text
from harness.json_types import Json

_ELEMENTS = frozenset({"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"})
"""Elements in a statement. A service control policy has no principal.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
"""


def policy_in(path: Path) -> Mapping[str, Json]:
    """Return the service control policy in a file.

    Raises:
        ValueError: the file does not contain one. The message says what is wrong and how to fix it.
    """
    try:
        policy = json_of(read_text(path))
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    if not isinstance(policy, dict):
        raise ValueError(  # noqa: TRY004
            f'{path} is not a policy; write {{"Version": "2012-10-17", "Statement": [...]}}'
        )
    if problems := list(_problems(policy)):
        raise ValueError(f"{path}: {'; '.join(problems)}")
    return policy


def _problems(policy: Mapping[str, Json]) -> Iterator[str]:
    given = policy.get("Statement")
    statements = given if isinstance(given, list) else [given]
    if not given:
        yield "it has no Statement"
        return
    for number, statement in enumerate(statements, start=1):
        if not isinstance(statement, dict):
            yield f"statement {number} is not an object"
            continue
        if statement.get("Effect") not in ("Allow", "Deny"):
            yield f"statement {number}: Effect is {statement.get('Effect')!r}; write Allow or Deny"
        if ("Action" in statement) == ("NotAction" in statement):
            yield f"statement {number} needs either Action or NotAction"
        if ("Resource" in statement) == ("NotResource" in statement):
            yield f"statement {number} needs either Resource or NotResource"
        if not isinstance(statement.get("Condition", {}), dict):
            yield f"statement {number}: Condition is not an object"
        for name in statement.keys() - _ELEMENTS:
            yield f"statement {number} has {name}, which is not supported in a service control policy"
