"""The rules about what roles can do and who can use resources."""

from __future__ import annotations

from typing import Final

from harness.gate.finding import Rule

ACTION: Final = Rule("access-action", "A role can do what it could not do before.", "0.1")
WIDER: Final = Rule(
    "access-wider", "A role can do the same on more resources, or under fewer conditions.", "0.1"
)
PASS_ROLE: Final = Rule("access-pass-role", "A role can pass roles that it could not pass before.", "0.1")
MANAGED: Final = Rule("access-managed-policy", "A role has a policy that is not in the template.", "0.1")
BOUNDARY: Final = Rule("access-boundary", "A permissions boundary is gone, or is another one.", "0.1")
DENY: Final = Rule("access-deny", "A statement that denies something is gone, or denies less.", "0.1")
NEW_ROLE: Final = Rule("access-new-role", "A new role can use what was there before it.", "0.1", "warning")
RUNS_AS: Final = Rule("access-runs-as", "Something runs as another role, which can do more.", "0.1")
LOST: Final = Rule("access-lost", "A role cannot do any more what a scenario does with it.", "0.1")
TRUST: Final = Rule("access-trust", "A role can be assumed by somebody who could not before.", "0.1")
PUBLIC: Final = Rule("access-public", "Everybody can use a resource.", "0.1")
CROSS_ACCOUNT: Final = Rule("access-cross-account", "Another account can use a resource.", "0.1")
GRANTED: Final = Rule(
    "access-granted", "The policy of a resource lets somebody of the account do more.", "0.1"
)
TOO_LARGE: Final = Rule("access-too-large", "A policy is larger than IAM takes.", "0.1")
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
