"""The Principal element of resource policies and trust policies.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum, auto

from harness.json_types import Json
from harness.permissions.condition import listed
from harness.permissions.model import Principal, Statement

Matcher = Callable[[Statement], "Match"]


class Match(Enum):
    """The ways in which a statement can name a principal.

    DELEGATES: it names the account, which leaves it to the policies of the account's roles; a Deny counts.
    """

    NONE = auto()
    DELEGATES = auto()
    GRANTS = auto()


def matched(statement: Statement, principal: Principal) -> Match:
    """The way in which a statement with a Principal or NotPrincipal names `principal`."""
    if "NotPrincipal" in statement:
        named = max(_matches(statement["NotPrincipal"], principal), key=lambda m: m.value, default=Match.NONE)
        return Match.GRANTS if named is Match.NONE else Match.NONE
    found = _matches(statement.get("Principal", {}), principal)
    return max(found, key=lambda m: m.value, default=Match.NONE)


def _matches(named: Json, principal: Principal) -> Iterator[Match]:
    if not isinstance(named, Mapping):  # "*", the same as {"AWS": "*"}
        named = {"AWS": named}
    if principal.service:
        if principal.service in listed(named.get("Service", ())):
            yield Match.GRANTS
        return
    yield from (_match(text, principal.role_arn) for text in listed(named.get("AWS", ())))


def _match(named: str, role_arn: str) -> Match:
    _, partition, _, _, account, resource = role_arn.split(":", 5)
    session = f"arn:{partition}:sts::{account}:assumed-role/{resource.rsplit('/', 1)[-1]}/"
    if named in ("*", role_arn) or named.startswith(session):
        return Match.GRANTS
    if named in (account, f"arn:{partition}:iam::{account}:root"):
        return Match.DELEGATES
    return Match.NONE
