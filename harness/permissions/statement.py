"""The statement that is missing, as YAML of a CloudFormation template, ready to paste."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence

from harness.observe.access import Access
from harness.permissions.parameters import Place

# A statement with more resources than this is written with a wildcard.
MANY = 3


def missing_statement(action: str, resources: Sequence[str], place: Place, access: Access) -> str:
    """A statement that allows the action, with no account, region or partition written down."""
    if len(resources) > MANY:
        # Character by character is meant: names such as bucket-001 and bucket-002 become bucket-00*.
        resources = (os.path.commonprefix(resources) + "*",)  # noqa: RUF071
    lines = ["- Effect: Allow", f"  Action: {action}"]
    texts = [_in_template(resource, place, access) for resource in resources or ("*",)]
    if len(texts) == 1:
        lines.append(f"  Resource: {texts[0]}")
    else:
        lines += ["  Resource:", *(f"    - {text}" for text in texts)]
    return "\n".join(lines)


def missing_trust(action: str, service: str) -> str:
    """A statement for the role's AssumeRolePolicyDocument."""
    return f"- Effect: Allow\n  Principal: {{Service: {service}}}\n  Action: {action}"


def _in_template(resource: str, place: Place, access: Access) -> str:
    text = portable(resource, place, access)
    if text.startswith("!"):
        return text
    return f"!Sub {json.dumps(text)}" if "${" in text else json.dumps(text)


def portable(resource: str, place: Place, access: Access) -> str:
    """An ARN as a template has it: `!Ref Topic` or `arn:${AWS::Partition}:sns:${AWS::Region}:...`."""
    if declared := access.declared.get(resource):
        return declared
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return resource
    _, _, service, region, account, rest = parts
    region = "${AWS::Region}" if region and region == place.region else region
    account = "${AWS::AccountId}" if account and account == place.account_id else account
    if access.stack_name and account:  # a bucket, which has no account, may be called so by chance
        named = rf"(?<![^:/]){re.escape(access.stack_name)}-"
        rest = re.sub(named, "${AWS::StackName}-", rest)
    return f"arn:${{AWS::Partition}}:{service}:{region}:{account}:{rest}"
