"""Rules for role permissions and resource access."""

from __future__ import annotations

from typing import Final

from harness.gate.finding import Rule

ACTION: Final = Rule("access-action", "A role can perform an action that it could not perform before.", "0.1")
WIDER: Final = Rule(
    "access-wider", "A role can perform an action on more resources, or under fewer conditions.", "0.1"
)
PASS_ROLE: Final = Rule("access-pass-role", "A role can pass roles that it could not pass before.", "0.1")
MANAGED: Final = Rule("access-managed-policy", "A role has a policy that is not in the template.", "0.1")
BOUNDARY: Final = Rule("access-boundary", "A permissions boundary was removed or replaced.", "0.1")
DENY: Final = Rule("access-deny", "A Deny statement was removed or narrowed.", "0.1")
NEW_ROLE: Final = Rule(
    "access-new-role", "A new role can use resources that already existed.", "0.1", "warning"
)
RUNS_AS: Final = Rule(
    "access-runs-as", "A resource runs with a different role that has more permissions.", "0.1"
)
LOST: Final = Rule("access-lost", "A role lost a permission that a scenario uses.", "0.1")
TRUST: Final = Rule("access-trust", "A principal can assume a role that it could not assume before.", "0.1")
PUBLIC: Final = Rule("access-public", "Everybody can use a resource.", "0.1")
CROSS_ACCOUNT: Final = Rule("access-cross-account", "Another account can use a resource.", "0.1")
GRANTED: Final = Rule(
    "access-granted",
    "A resource policy grants a service or a principal in the same account more access than before.",
    "0.1",
)
TOO_LARGE: Final = Rule("access-too-large", "A policy exceeds IAM's size quota.", "0.1")
RULES: Final = (
    ACTION,
    WIDER,
    PASS_ROLE,
    MANAGED,
    BOUNDARY,
    DENY,
    NEW_ROLE,
    RUNS_AS,
    LOST,
    TRUST,
    PUBLIC,
    CROSS_ACCOUNT,
    GRANTED,
    TOO_LARGE,
)
