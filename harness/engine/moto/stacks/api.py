"""CloudFormation's API for stacks and change sets.

moto's response class parses the requests and writes the responses. Replaced in
moto.cloudformation.responses: the methods of `CloudFormationResponse` for the operations in
`OPERATIONS`, and the serialization of their results. moto still handles stack sets. Replaced in
moto.cloudformation.models, for stack sets and for moto's reset: `create_stack` and `delete_stack`
of CloudFormationBackend.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from moto.cloudformation import models, responses
from moto.cloudformation.utils import generate_stack_id
from moto.core.responses import ActionResult, EmptyResult

from harness.engine.moto import given
from harness.engine.moto.resources.types import register
from harness.engine.moto.stacks import (
    capabilities,
    change_set_api,
    change_sets,
    deletion,
    deployment,
    finding,
    policy_api,
    recovery_api,
    shown,
)
from harness.engine.moto.stacks.changes import check_types_stay, is_same
from harness.engine.moto.stacks.model import AlreadyExistsException, Stack, StackResource, ValidationError
from harness.engine.moto.stacks.nested import NestedStack, template_at
from harness.engine.moto.stacks.policy import read_policy
from harness.engine.moto.stacks.requests import Asked, check, check_can_change, page, read
from harness.engine.moto.stacks.templates import prepared, summary, validated, validation
from harness.regions import partition_of

_NOT_FOUND: Final = "Stack with id {} does not exist"


def create(asked: Asked, **more: Any) -> Stack:
    """Create a stack.

    Raises CloudFormation's errors for requests that are rejected before anything is created.
    """
    old = finding.known(asked.account_id, asked.region, asked.stack_name)
    if old is not None and old.status != "REVIEW_IN_PROGRESS":
        raise AlreadyExistsException(f"Stack [{asked.stack_name}] already exists")
    stack = old or Stack(
        generate_stack_id(asked.stack_name, asked.region, asked.account_id),
        asked.stack_name,
        asked.account_id,
        asked.region,
    )
    parameters = asked.parameters_of(stack)
    stack.notification_arns = asked.notification_arns or ()
    new = prepared(stack, asked.text, parameters)
    check(asked, new)
    asked.apply_to(stack)
    stack.tags, stack.on_failure = asked.tags or {}, asked.on_failure
    for name, value in more.items():
        setattr(stack, name, value)
    stack.backend.stacks[stack.id] = stack
    deployment.create(stack, asked.text, new, parameters)
    change_sets.make_obsolete(stack)
    return stack


def _create_stack(self: Any) -> ActionResult:
    made = create(
        read(self),
        protected=bool(self._get_bool_param("EnableTerminationProtection", False)),
        timeout_minutes=self._get_param("TimeoutInMinutes"),
        policy=policy_api.asked(self, "StackPolicy"),
    )
    return ActionResult({"StackId": made.id})


def _update_stack(self: Any) -> ActionResult:
    asked = read(self)
    stack = finding.find(asked.account_id, asked.region, asked.stack_name)
    stay = bool(self._get_bool_param("DisableRollback", False))
    check_can_change(stack, stay=stay)
    policy, during = policy_api.asked(self, "StackPolicy"), policy_api.asked(self, "StackPolicyDuringUpdate")
    parameters = asked.parameters_of(stack)
    text = asked.text_of(stack)
    new = prepared(stack, text, parameters)
    check(asked, new)
    with validation():
        check_types_stay(stack, new)
    if not new.expanded and is_same(stack, new, asked.tags):  # a template with macros is always updated
        raise ValidationError(message="No updates are to be performed.")
    asked.apply_to(stack)
    stack.change_set_id = None
    override = read_policy(during) if during is not None else None
    deployment.update(stack, text, new, parameters, asked.tags, stay=stay, policy=override)
    if policy is not None and stack.status == "UPDATE_COMPLETE":
        stack.policy = policy
    change_sets.make_obsolete(stack)
    return ActionResult({"StackId": stack.id})


def _delete_stack(self: Any) -> EmptyResult:
    stack = finding.known(self.current_account, self.region, self._get_param("StackName"))
    if stack is not None and stack.deleted is None:
        delete(stack, self._get_param("RetainResources", []))
    return EmptyResult()  # a missing stack is not an error


def delete(stack: Stack, retained: list[str]) -> None:
    """Delete a stack.

    Raises ValidationError if the stack is protected, or cannot retain resources in its current status.
    """
    if stack.protected:
        raise ValidationError(
            message=f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
        )
    if retained and stack.status != "DELETE_FAILED":
        raise ValidationError(
            message=f"Invalid operation on stack [{stack.id}]. When you delete a stack, specify which "
            "resources to retain only when the stack is in the DELETE_FAILED state."
        )
    if stack.status == "REVIEW_IN_PROGRESS":
        stack.tell("DELETE_COMPLETE")
        deletion.forget(stack)
        return
    deletion.delete(stack, retained)


def _describe_stacks(self: Any) -> ActionResult:
    name = self._get_param("StackName")
    if name:
        found = [finding.find(self.current_account, self.region, name, _NOT_FOUND)]
    else:
        found = finding.stacks_of(self.current_account, self.region)
    return page(self, "Stacks", [shown.stack(each) for each in found])


def _list_stacks(self: Any) -> ActionResult:
    backend = self.cloudformation_backend
    wanted = self._get_param("StackStatusFilter", [])
    every = [*backend.stacks.values(), *backend.deleted_stacks.values()]
    found = [each for each in every if isinstance(each, Stack) and (not wanted or each.status in wanted)]
    return page(self, "StackSummaries", [shown.stack_summary(each) for each in found])


def _stack(self: Any, message: str = "Stack [{}] does not exist") -> Stack:
    """Return the stack specified in a request. Raises ValidationError."""
    return finding.find(self.current_account, self.region, self._get_param("StackName"), message)


def _describe_stack_events(self: Any) -> ActionResult:
    stack = _stack(self)
    return page(self, "StackEvents", [shown.event(stack, each) for each in reversed(stack.events)])


def _describe_stack_resource(self: Any) -> ActionResult:
    stack = _stack(self, "Stack '{}' does not exist")
    name = self._get_param("LogicalResourceId")
    if name not in stack.resources:
        asked = self._get_param("StackName")
        raise ValidationError(message=f"Resource {name} does not exist for stack {asked}")
    return ActionResult({"StackResourceDetail": shown.resource_detail(stack, stack.resources[name])})


def _describe_stack_resources(self: Any) -> ActionResult:
    name, physical = self._get_param("LogicalResourceId"), self._get_param("PhysicalResourceId")
    if physical and not self._get_param("StackName"):
        stacks = finding.stacks_of(self.current_account, self.region)
        owners = [each for each in stacks if any(r.physical_id == physical for r in each.resources.values())]
        if not owners:
            raise ValidationError(message=f"Stack for {physical} does not exist")
        stack = owners[0]
    else:
        stack = _stack(self, _NOT_FOUND)
    found = [
        shown.resource(stack, each) for each in _by_name(stack) if (name is None or each.logical_id == name)
    ]
    if name is not None and not found:
        raise ValidationError(message=f"Resource {name} does not exist for stack {stack.name}")
    return ActionResult({"StackResources": found})


def _by_name(stack: Stack) -> list[StackResource]:
    """Return the resources in a stack, sorted by logical ID."""
    return [stack.resources[name] for name in sorted(stack.resources)]


def _list_stack_resources(self: Any) -> ActionResult:
    stack = _stack(self, _NOT_FOUND)
    found = [shown.resource_summary(stack, each) for each in stack.resources.values()]
    return page(self, "StackResourceSummaries", found)


def _get_template(self: Any) -> ActionResult:
    name, change_set = self._get_param("StackName"), self._get_param("ChangeSetName")
    if not name and not (change_set or "").startswith("arn:"):
        raise ValidationError(
            message="StackName is a required parameter."
            if change_set
            else "StackName is required if ChangeSetName is not specified."
        )
    if change_set:
        found = change_sets.find(self.current_account, self.region, change_set, name)
        text, processed = found.asked.text, found.new.after_transforms
    else:
        stack = _stack(self, _NOT_FOUND)
        if stack.status == "REVIEW_IN_PROGRESS":
            raise ValidationError(message="GetTemplate cannot be called on REVIEW_IN_PROGRESS stacks.")
        text, processed = stack.text, stack.prepared.after_transforms if stack.prepared else None
    if self._get_param("TemplateStage") == "Processed" and processed is not None:
        text = json.dumps(processed)
    return ActionResult({"TemplateBody": text, "StagesAvailable": ["Original", "Processed"]})


def _get_template_summary(self: Any) -> ActionResult:
    if self._get_param("StackName"):
        stack = _stack(self, _NOT_FOUND)
        if stack.status == "REVIEW_IN_PROGRESS":
            raise ValidationError(message="GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.")
        return ActionResult(summary(stack.text))
    return ActionResult(summary(_text(self)))


def _validate_template(self: Any) -> ActionResult:
    return ActionResult(validated(_text(self)))


def _text(self: Any) -> str | None:
    url: str | None = self._get_param("TemplateURL")
    if url:
        return template_at(url, self.current_account, self.region)
    body: str | None = self._get_param("TemplateBody")
    return body


def _list_exports(self: Any) -> ActionResult:
    exports = finding.exports_of(self.current_account, self.region)
    made = {name: (stack.id, value) for stack, name, value in exports}
    here = f"arn:{partition_of(self.region)}:cloudformation:{self.region}:{self.current_account}"
    elsewhere = f"{here}:stack/elsewhere/{UUID(int=0)}"
    found = {**{name: (elsewhere, value) for name, value in given.now().exports.items()}, **made}
    return page(
        self,
        "Exports",
        [{"ExportingStackId": id_, "Name": name, "Value": value} for name, (id_, value) in found.items()],
    )


def _list_imports(self: Any) -> ActionResult:
    name = self._get_param("ExportName")
    exports = finding.exports_of(self.current_account, self.region)
    if name not in given.now().exports and all(export != name for _, export, _ in exports):
        raise ValidationError(message=f"Export '{name}' does not exist.")
    importers = finding.importers(self.current_account, self.region, name)
    if not importers:
        raise ValidationError(message=f"Export '{name}' is not imported by any stack.")
    return ActionResult({"Imports": importers})


def _update_termination_protection(self: Any) -> ActionResult:
    stack = _stack(self)
    stack.protected = bool(self._get_bool_param("EnableTerminationProtection", False))
    return ActionResult({"StackId": stack.id})


OPERATIONS: Final[dict[str, Callable[[Any], Any]]] = {
    **change_set_api.OPERATIONS,
    **policy_api.OPERATIONS,
    **recovery_api.OPERATIONS,
    "create_stack": _create_stack,
    "delete_stack": _delete_stack,
    "describe_stack_events": _describe_stack_events,
    "describe_stack_resource": _describe_stack_resource,
    "describe_stack_resources": _describe_stack_resources,
    "describe_stacks": _describe_stacks,
    "get_template": _get_template,
    "get_template_summary": _get_template_summary,
    "list_exports": _list_exports,
    "list_imports": _list_imports,
    "list_stack_resources": _list_stack_resources,
    "list_stacks": _list_stacks,
    "update_stack": _update_stack,
    "update_termination_protection": _update_termination_protection,
    "validate_template": _validate_template,
}
NEW: Final = ("list_imports", "update_termination_protection", *recovery_api.OPERATIONS)
"""Operations that moto does not support."""


def install() -> None:
    """Patch moto in this process."""
    patched: Any = responses.CloudFormationResponse
    for name, answer in OPERATIONS.items():
        setattr(patched, name, answer)
    patched.RESPONSE_KEY_PATH_TO_TRANSFORMER = {
        path: transformer
        for path, transformer in patched.RESPONSE_KEY_PATH_TO_TRANSFORMER.items()
        if path.startswith("DescribeStackSet")
    }
    register(NestedStack)
    backend: Any = models.CloudFormationBackend
    backend.create_stack, backend.delete_stack = _of_stack_set, _deleted


def _of_stack_set(self: Any, name: str, template: str, parameters: dict[str, str], **_: Any) -> Stack:
    listed = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    asked = Asked(
        self.account_id, self.region_name, name, template, given=listed, capabilities=capabilities.ALL
    )  # results of a stack set are not stored
    return create(asked)


def _deleted(self: Any, name_or_stack_id: str) -> None:
    stack = finding.known(self.account_id, self.region_name, name_or_stack_id)
    if stack is not None and stack.deleted is None:
        delete(stack, [])
