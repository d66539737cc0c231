"""The capabilities that a template requires. They acknowledge its IAM resources and its macros."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from harness.cloudformation.prepare import Prepared
from harness.cloudformation.transforms import transforms_of
from harness.engine.moto.stacks.model import CloudFormationError, ValidationError
from harness.json_types import Json, JsonObject

AUTO_EXPAND: Final = "CAPABILITY_AUTO_EXPAND"
IAM: Final = "CAPABILITY_IAM"
NAMED_IAM: Final = "CAPABILITY_NAMED_IAM"
ALL: Final = (IAM, NAMED_IAM, AUTO_EXPAND)

_NAMED_BY: Final[Mapping[str, str]] = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}
"""Types that require CAPABILITY_NAMED_IAM if this property is set, and CAPABILITY_IAM otherwise.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html
"""
_IAM_TYPES: Final = (
    *_NAMED_BY,
    "AWS::IAM::AccessKey",
    "AWS::IAM::Policy",
    "AWS::IAM::UserToGroupAddition",
)


class InsufficientCapabilities(CloudFormationError):
    """The error for a template that requires capabilities missing from the request."""

    code = "InsufficientCapabilitiesException"


def check_names(capabilities: Iterable[str]) -> None:
    """Reject unknown capabilities. Raises ValidationError."""
    given = list(capabilities)
    if any(each not in ALL for each in given):
        raise ValidationError(
            message=f"1 validation error detected: Value '[{', '.join(given)}]' at 'capabilities' failed to "
            "satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: "
            f"[{', '.join(ALL)}]]"
        )


def shown_needs(template: JsonObject) -> dict[str, Any]:
    """Return the required capabilities of a template, the reason, and the transforms, as in
    GetTemplateSummary.
    """
    kinds = list(dict.fromkeys(str(entry["Type"]) for entry in _of_iam(template.get("Resources"))))
    transforms = list(transforms_of(template))
    found: dict[str, Any] = {"DeclaredTransforms": transforms} if transforms else {}
    if kinds:
        found["Capabilities"] = [_of_resources(template.get("Resources"))]
        found["CapabilitiesReason"] = f"The following resource(s) require capabilities: [{', '.join(kinds)}]"
    return found


def missing(resources: Json, given: Sequence[str]) -> str:
    """Return the message for a missing IAM capability, or "" if none is missing."""
    needed = _of_resources(resources)
    return "" if not needed or needed in given or NAMED_IAM in given else needs(needed)


def check(new: Prepared, given: Sequence[str]) -> None:
    """Without a change set, reject macros and IAM resources if a capability is missing.

    Raises InsufficientCapabilities.
    """
    if new.expanded and AUTO_EXPAND not in given:
        raise InsufficientCapabilities(needs(AUTO_EXPAND))
    if reason := missing(new.declared, given):
        raise InsufficientCapabilities(reason)


def needs(capability: str) -> str:
    """Return the message for a missing capability."""
    return f"Requires capabilities : [{capability}]"


def _of_resources(resources: Json) -> str:
    entries = _of_iam(resources)
    named = any(
        isinstance(properties := entry.get("Properties"), dict)
        and _NAMED_BY.get(str(entry["Type"]), "Ref") in properties
        for entry in entries
    )
    return "" if not entries else NAMED_IAM if named else IAM


def _of_iam(resources: Json) -> list[JsonObject]:
    entries = resources.values() if isinstance(resources, dict) else ()
    return [entry for entry in entries if isinstance(entry, dict) and entry.get("Type") in _IAM_TYPES]
