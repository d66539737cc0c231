"""Policy sizes that IAM limits. IAM rejects a larger policy during the deployment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from harness.cloudformation.faults import Key
from harness.gate.access_rules import TOO_LARGE
from harness.gate.comparing import parsed
from harness.gate.finding import Finding
from harness.gate.grants import HOLDERS
from harness.gate.place_of_access import finding_at
from harness.gate.resolved import Resolved, Resource
from harness.json_types import Json, as_dict
from harness.quotas import IAM_INLINE_CHARACTERS, IAM_MANAGED_CHARACTERS

_SOURCE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
_Size = tuple[int, int, str]
"""The number of characters, the maximum, and the property that contains the policy."""


def size_findings(base: Resolved, head: Resolved) -> Iterator[Finding]:
    """Find policies that are too large and were not before. The lengths of generated names are estimated."""
    old = base.resources
    for address, resource in head.resources.items():
        was = _sizes(old[address]) if address in old else {}
        for what, (amount, most, name) in _sizes(resource).items():
            if amount <= most or was.get(what, (0, 0, ""))[0] > most:
                continue
            keys: tuple[Key, ...] = ("Resources", resource.logical_id, "Properties", name)
            message = (
                f"{resource.logical_id}: {what} may have at most {most:,} characters, not counting white "
                f"space; with {amount:,} the deployment fails ({_SOURCE})"
            )
            remedy = "name resources by a pattern, or split the statements into several managed policies"
            place = head.stacks[resource.stack].lines.position(*keys)
            yield finding_at(TOO_LARGE, f"{resource.logical_id}: {what}", message, remedy, place)


def _sizes(resource: Resource) -> Mapping[str, _Size]:
    """Return the sizes of a resource's policies, by description."""
    found: dict[str, _Size] = {}
    properties = resource.properties
    if resource.type == "AWS::IAM::ManagedPolicy":
        amount = _characters(properties.get("PolicyDocument"))
        found["a managed policy"] = amount, IAM_MANAGED_CHARACTERS, "PolicyDocument"
    if resource.type in HOLDERS:
        policies = properties.get("Policies")
        inline = [
            as_dict(each).get("PolicyDocument") for each in (policies if isinstance(policies, list) else ())
        ]
        kind = resource.type.rpartition("::")[2]
        amount = sum(map(_characters, inline))
        found["its inline policies together"] = amount, IAM_INLINE_CHARACTERS[kind], "Policies"
    return found


def _characters(document: Json) -> int:
    """Return the number of characters in a policy. IAM does not count white space."""
    return len("".join(json.dumps(parsed(document), ensure_ascii=False).split())) if document else 0
