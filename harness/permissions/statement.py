"""The missing statement as YAML for a CloudFormation template, ready to paste."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence

from harness.observe.access import Access
from harness.permissions.parameters import Place

# A statement for more resources than this uses a wildcard.
MANY = 3


def missing_statement(
    action: str, resources: Sequence[str], place: Place, access: Access, principal: str = ""
) -> str:
    """Return a statement that allows the action, without a literal account, Region or partition.

    `principal` is the role's ARN, for a resource's policy.
    """
    if len(resources) > MANY:
        # Compare character by character: names such as bucket-001 and bucket-002 become bucket-00*.
        resources = (os.path.commonprefix(resources) + "*",)  # noqa: RUF071
    lines = ["- Effect: Allow"]
    if principal:
        lines.append(f"  Principal: {{AWS: {_in_template(principal, place, access)}}}")
    lines.append(f"  Action: {action}")
    texts = [_in_template(resource, place, access) for resource in resources or ("*",)]
    if len(texts) == 1:
        lines.append(f"  Resource: {texts[0]}")
    else:
        lines += ["  Resource:", *(f"    - {text}" for text in texts)]
    return "\n".join(lines)


def stack_of(access: Access, role_arn: str) -> str:
    """Return the name of the stack that declares a role, or "" if it is not known."""
    origin = access.origins.get(access.roles[role_arn].logical_id) if role_arn in access.roles else None
    return origin.stack if origin else ""


def missing_trust(action: str, service: str) -> str:
    """Return a statement for the role's AssumeRolePolicyDocument."""
    return f"- Effect: Allow\n  Principal: {{Service: {service}}}\n  Action: {action}"


def _in_template(resource: str, place: Place, access: Access) -> str:
    group, stream, _ = resource.partition(":log-stream:")  # its name is different every time
    text = portable(f"{group}:*" if stream else resource, place, access)
    if text.startswith("!"):
        return text
    return f"!Sub {json.dumps(text)}" if "${" in text else json.dumps(text)


def portable(resource: str, place: Place, access: Access) -> str:
    """Return an ARN in template format: `!Ref Topic` or `arn:${AWS::Partition}:sns:${AWS::Region}:...`."""
    if declared := access.declared.get(resource):
        return declared
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return resource
    if within := _within(resource, access):
        return within
    _, _, service, region, account, rest = parts
    region = "${AWS::Region}" if region and region == place.region else region
    account = "${AWS::AccountId}" if account and account == place.account_id else account
    if account:  # a bucket has no account, and may have this name by chance
        rest = _named(rest, access)
    return f"arn:${{AWS::Partition}}:{service}:{region}:{account}:{rest}"


def _within(resource: str, access: Access) -> str:
    """Return a part of a declared resource, such as an object: `${Photos.Arn}/a/b`. Return "" for others."""
    ends = [n for n, character in enumerate(resource) if character in "/:"]
    for end in reversed(ends):
        if declared := access.declared.get(resource[:end]):
            return f"${{{declared.partition(' ')[2]}}}{resource[end:]}"
    return ""


def _named(rest: str, access: Access) -> str:
    """Return the last part of an ARN without generated names, and without the stack's name."""
    rest = access.with_references(rest)
    of_any_stack = access.without_stack_id(rest, "*")
    if len(access.stacks) == 1 and of_any_stack == rest:  # with its ID it is not a prefix
        ((name, arn),) = access.stacks.items()
        name = arn.split("/")[1] if "/" in arn else name  # the name of a nested stack is generated
        return re.sub(rf"(?<![^:/]){re.escape(name)}-", "${AWS::StackName}-", rest)
    return of_any_stack
