"""The resources of a stack as CloudFormation lists them, with the reasons of what is not served.

Patched in moto.cloudformation.responses: `CloudFormationResponse.list_stack_resources` and
`StackResourceDTO.__init__`, which know neither reasons nor that something was not made, nor drift.
"""

from __future__ import annotations

import functools
from typing import Any, Final

from moto.cloudformation.models import Event, Stack
from moto.cloudformation.responses import CloudFormationResponse, StackResourceDTO
from moto.core.responses import ActionResult

from harness.engine.moto.resources.grants import missing_grants
from harness.engine.moto.resources.not_served import NotServed
from harness.reasons import Reason

_DRIFT: Final = {"StackResourceDriftStatus": "NOT_CHECKED"}
_REASONS: Final = "harness_reasons"  # on a resource, moto's or ours


def install() -> None:
    """Patch moto in this process."""
    patched: Any = CloudFormationResponse
    patched.list_stack_resources = _list_stack_resources
    patched = StackResourceDTO
    init = patched.__init__

    @functools.wraps(init)
    def __init__(self: Any, stack: Stack, resource: Any) -> None:  # noqa: N807
        init(self, stack, resource)
        self.resource_status_reason = _told(resource, stack)
        self.drift_information = _DRIFT
        if isinstance(resource, NotServed):
            self.resource_status = _status(resource)

    patched.__init__ = __init__


def tell(resource: Any, reasons: list[Reason], stack: Stack | None) -> None:
    """Keep the reasons of a resource, and add them to the stack's events."""
    setattr(resource, _REASONS, reasons)
    if reasons and stack is not None:
        stack.events.append(
            Event(
                stack_id=stack.stack_id,
                stack_name=stack.name,
                logical_resource_id=resource.logical_resource_id,
                physical_resource_id=resource.physical_resource_id,
                resource_type=resource.cf_resource_type,
                resource_status=_status(resource),
                resource_status_reason="\n".join(map(str, reasons)),
                resource_properties=None,
            )
        )


def reasons_of(resource: Any) -> list[Reason]:
    """The reasons that a resource was given."""
    found: list[Reason] = getattr(resource, _REASONS, [])
    return found


def _told(resource: Any, stack: Stack) -> str | None:
    """The reasons of a resource, and what only the whole stack can tell: who may deliver to whom."""
    missing = [Reason(why, where, "template") for where, why in missing_grants(resource, stack.account_id)]
    return "\n".join(map(str, (*reasons_of(resource), *missing))) or None


def _status(resource: Any) -> str:
    return "CREATE_FAILED" if isinstance(resource, NotServed) else "CREATE_COMPLETE"


def _list_stack_resources(self: Any) -> ActionResult:
    stack, resources = self.cloudformation_backend.list_stack_resources(self._get_param("StackName"))
    return ActionResult(
        {
            "StackResourceSummaries": [
                {
                    "ResourceStatus": _status(resource),
                    "ResourceStatusReason": _told(resource, stack),
                    "LogicalResourceId": resource.logical_resource_id,
                    "LastUpdatedTimestamp": stack.creation_time,
                    "PhysicalResourceId": getattr(resource, "physical_resource_id", ""),
                    "ResourceType": resource.cf_resource_type,
                    "DriftInformation": _DRIFT,
                }
                for resource in resources
                if resource is not None
            ]
        }
    )
