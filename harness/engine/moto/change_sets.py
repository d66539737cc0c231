"""Change sets: of one stack, with the answers that `aws cloudformation deploy` and CDK read.

Replaced in moto.cloudformation.models: `create_change_set`, `execute_change_set` of CloudFormationBackend and
`ChangeSet._parse_template`. Replaced in moto.cloudformation.responses: the operations on change sets, and
`_validate_different_update`, which does not see that nothing changes without parameters, and refuses to make
the change set that says so.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.cloudformation import responses
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend
from moto.core.responses import ActionResult, EmptyResult

from harness.engine.moto.stack_changes import change, unchanged
from harness.engine.moto.stack_templates import prepared

NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)


class ChangeSetNotFound(CloudFormationError):
    """There is no such change set."""

    code = "ChangeSetNotFound"


class InvalidChangeSetStatus(CloudFormationError):
    """A change set cannot be executed now."""

    code = "InvalidChangeSetStatus"


class ChangeSetExists(CloudFormationError):
    """A stack has a change set of the name."""

    code = "AlreadyExistsException"


def find(backend: Any, name: str, stack_name: str | None) -> Any:
    """Find a change set by its ARN, or by its name and its stack's name or ARN. Raises ChangeSetNotFound."""
    found = _known(backend, name, stack_name)
    if found is None:
        raise ChangeSetNotFound(f"ChangeSet [{name}] does not exist")
    return found


def _known(backend: Any, name: str, stack_name: str | None) -> Any:
    for each in reversed(backend.change_sets.values()):
        named = each.change_set_name == name and stack_name in (None, each.stack_name, each.stack_id)
        if named or each.change_set_id == name:
            return each
    return None


def shown(change_set: Any) -> dict[str, Any]:
    """A change set as DescribeChangeSet shows it."""
    return {
        "ChangeSetName": change_set.change_set_name,
        "ChangeSetId": change_set.change_set_id,
        "StackId": change_set.stack_id,
        "StackName": change_set.stack_name,
        "Description": change_set.description,
        "Parameters": _parameters(change_set),
        "CreationTime": change_set.creation_time,
        "ExecutionStatus": change_set.execution_status,
        "Status": change_set.status,
        "StatusReason": change_set.status_reason,
        "NotificationARNs": change_set.notification_arns or [],
        "RollbackConfiguration": {},
        "Capabilities": change_set.capabilities,
        "Tags": [{"Key": key, "Value": value} for key, value in (change_set.tags or {}).items()],
        "Changes": [
            _change(each, change_set) for each in change_set.changes if change_set.status != "FAILED"
        ],
        "IncludeNestedStacks": False,
    }


def _parameters(change_set: Any) -> list[dict[str, str]]:
    found = change_set.prepared.parameters
    return [
        {"ParameterKey": name, "ParameterValue": "****" if name in found.hidden else text}
        for name, text in found.texts.items()
    ]


def _change(each: Any, change_set: Any) -> dict[str, Any]:
    resource = {
        "Action": each.action,
        "LogicalResourceId": each.logical_resource_id,
        "ResourceType": each.resource_type,
        "Scope": [],
        "Details": [],
    }
    if each.action != "Add":
        made = change_set.stack.resource_map[each.logical_resource_id]
        resource["PhysicalResourceId"] = getattr(made, "physical_resource_id", None)
    if each.action == "Modify":
        resource |= {"Scope": ["Properties"], "Replacement": "Conditional"}
    return {"Type": "Resource", "ResourceChange": resource}


def _summary(change_set: Any) -> dict[str, Any]:
    left_out = ("Changes", "Parameters", "Tags", "Capabilities", "NotificationARNs", "RollbackConfiguration")
    return {key: value for key, value in shown(change_set).items() if key not in left_out}


def _parse_template(self: Any) -> None:
    self.prepared = prepared(self.stack, self.template, self.parameters)
    self.template_dict = self.prepared.template
    self.capabilities = []


def _make_room(backend: Any, stack_name: str, change_set_name: str, kind: str) -> None:
    """Refuse the name of a change set that waits; forget a stack that is only there for review.

    One that was executed or failed gives its name away: `aws cloudformation deploy` names change sets by the
    second, and here two of them fit into one.
    """
    old = next((s for s in backend.stacks.values() if stack_name in (s.name, s.stack_id)), None)
    if old is None:
        return
    taken = _known(backend, change_set_name, old.name)
    if taken is not None and taken.execution_status == "AVAILABLE":
        raise ChangeSetExists(f"ChangeSet {change_set_name} already exists")
    if kind == "CREATE":
        if old.status != "REVIEW_IN_PROGRESS":
            message = f"Stack [{stack_name}] already exists and cannot be created again with the changeSet"
            raise ValidationError(message=message)
        del backend.stacks[old.stack_id]


def _executed(backend: Any, change_set_name: str, stack_name: str | None = None) -> None:
    found = find(backend, change_set_name, stack_name)
    if found.execution_status != "AVAILABLE":
        status = found.status if found.status == "FAILED" else found.execution_status
        raise InvalidChangeSetStatus(
            f"ChangeSet [{found.change_set_id}] cannot be executed in its current status of [{status}]"
        )
    stack = found.stack
    new = prepared(stack, found.template, found.parameters)
    found.execution_status = "EXECUTE_IN_PROGRESS"
    stack.change_set_id, stack.capabilities = found.change_set_id, found.capabilities
    stack.role_arn = found.role_arn or stack.role_arn
    if found.tags:
        stack.tags = stack.resource_map.tags = found.tags
    change(stack, found.template, new, found.parameters, found.change_set_type)
    found.execution_status = "EXECUTE_COMPLETE"
    for each in [*backend.change_sets.values()]:  # the others were made for what the stack was before
        if each.stack is stack and each is not found:
            del backend.change_sets[each.change_set_id]


def _prepare_backend() -> None:
    patched: Any = ChangeSet
    backend: Any = CloudFormationBackend
    create = backend.create_change_set

    @functools.wraps(create)
    def create_change_set(
        self: Any, stack_name: str, change_set_name: str, *args: Any, change_set_type: str, **kwargs: Any
    ) -> Any:
        _make_room(self, stack_name, change_set_name, change_set_type)
        before = set(self.stacks)
        try:
            made = create(self, stack_name, change_set_name, *args, change_set_type=change_set_type, **kwargs)
        except Exception:
            for stack_id in self.stacks.keys() - before:  # a change set that is refused makes no stack
                del self.stacks[stack_id]
            raise
        _judge(self.change_sets[made[0]])
        return made

    patched._parse_template = _parse_template
    backend.create_change_set = create_change_set
    backend.execute_change_set = _executed


def _judge(change_set: Any) -> None:
    same = change_set.change_set_type == "UPDATE" and unchanged(
        change_set.stack, change_set.template, change_set.prepared, change_set.tags
    )
    change_set.status = "FAILED" if same else "CREATE_COMPLETE"
    change_set.execution_status = "UNAVAILABLE" if same else "AVAILABLE"
    change_set.status_reason = NO_CHANGES if same else None


def _describe(self: Any) -> ActionResult:
    name, stack = self._get_param("ChangeSetName"), self._get_param("StackName")
    return ActionResult(shown(find(self.cloudformation_backend, name, stack)))


def _delete(self: Any) -> EmptyResult:
    backend = self.cloudformation_backend
    found = _known(backend, self._get_param("ChangeSetName"), self._get_param("StackName"))
    if found is not None:  # one that is not there is no error
        del backend.change_sets[found.change_set_id]
    return EmptyResult()


def _list(self: Any) -> ActionResult:
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    every = self.cloudformation_backend.change_sets.values()
    return ActionResult({"Summaries": [_summary(each) for each in every if each.stack is stack]})


def _prepare_responses() -> None:
    patched: Any = responses.CloudFormationResponse
    create = patched.create_change_set

    @functools.wraps(create)
    def create_change_set(self: Any) -> Any:
        answer = create(self)
        made = self.cloudformation_backend.change_sets[answer.result["Id"]]
        made.capabilities = self._get_param("Capabilities", [])
        return answer

    patched.RESPONSE_KEY_PATH_TO_TRANSFORMER = {
        path: transformer
        for path, transformer in patched.RESPONSE_KEY_PATH_TO_TRANSFORMER.items()
        if not path.startswith("DescribeChangeSetOutput.")
    }
    patched.create_change_set = create_change_set
    patched.describe_change_set, patched.delete_change_set = _describe, _delete
    patched.list_change_sets = _list
    patched._validate_different_update = lambda *_: None


def install() -> None:
    """Patch moto in this process."""
    _prepare_backend()
    _prepare_responses()
