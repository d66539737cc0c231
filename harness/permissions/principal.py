"""The Principal element in resource policies and trust policies.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum, auto

from harness.json_types import Json
from harness.permissions.condition import listed
from harness.permissions.model import Principal, Statement

Matcher = Callable[[Statement], "Match"]


class Match(Enum):
    """The forms in which a statement can name a principal.

    DELEGATES: it names the account and delegates to the policies of the account's roles; a Deny counts.
    TO_ROLE: it names the role, whose permissions boundary limits the grant. GRANTS: it names the role's
    session, everyone, or a service, and no boundary limits the grant.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    """

    NONE = auto()
    DELEGATES = auto()
    TO_ROLE = auto()
    GRANTS = auto()


REGIONAL = frozenset({"codedeploy", "logs", "states"})
"""Services with a documented principal for each Region, such as `states.eu-west-1.amazonaws.com`.

If a service has both forms, they are the same principal.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html (logs),
https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html (codedeploy)
"""
_REGIONAL = re.compile(r"([a-z-]+)\.[a-z]{2}(?:-[a-z]+)+-\d\.amazonaws\.com(?:\.cn)?")


def matched(statement: Statement, principal: Principal) -> Match:
    """Return the form in which a statement with a Principal or NotPrincipal names `principal`."""
    if "NotPrincipal" in statement:
        named = max(_matches(statement["NotPrincipal"], principal), key=lambda m: m.value, default=Match.NONE)
        return Match.GRANTS if named is Match.NONE else Match.NONE
    found = _matches(statement.get("Principal", {}), principal)
    return max(found, key=lambda m: m.value, default=Match.NONE)


def _matches(named: Json, principal: Principal) -> Iterator[Match]:
    if not isinstance(named, Mapping):  # "*", the same as {"AWS": "*"}
        named = {"AWS": named}
    if principal.service:
        if principal.service in map(_global, listed(named.get("Service", ()))):
            yield Match.GRANTS
        return
    yield from (_match(text, principal.role_arn) for text in listed(named.get("AWS", ())))


def _global(service: str) -> str:
    """Return a service principal without its Region."""
    found = _REGIONAL.fullmatch(service)
    return f"{found[1]}.amazonaws.com" if found and found[1] in REGIONAL else service


def _match(named: str, role_arn: str) -> Match:
    _, partition, _, _, account, resource = role_arn.split(":", 5)
    session = f"arn:{partition}:sts::{account}:assumed-role/{resource.rsplit('/', 1)[-1]}/"
    if named == role_arn:
        return Match.TO_ROLE
    if named == "*" or named.startswith(session):
        return Match.GRANTS
    if named in (account, f"arn:{partition}:iam::{account}:root"):
        return Match.DELEGATES
    return Match.NONE
