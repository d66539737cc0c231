"""Parameters for requests that create or update a stack."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Final

from moto.core.responses import ActionResult

from harness.cloudformation.prepare import Prepared
from harness.engine.moto.stacks import capabilities
from harness.engine.moto.stacks.guards import check_role, check_rollback, check_topics
from harness.engine.moto.stacks.model import FAILED_AND_STAYED, OnFailure, Stack, ValidationError
from harness.engine.moto.stacks.nested import template_at

_PAGE: Final = 100
_NAME: Final = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*")
_CHANGEABLE: Final = (
    "CREATE_COMPLETE",
    "IMPORT_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
)


@dataclass(frozen=True)
class Asked:
    """The parameters of CreateStack, UpdateStack and CreateChangeSet. Missing ones are None."""

    account_id: str
    region: str
    stack_name: str
    text: str
    previous_template: bool = False
    given: Sequence[Mapping[str, Any]] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: dict[str, str] | None = None
    capabilities: Sequence[str] = ()
    notification_arns: Sequence[str] | None = None
    role_arn: str | None = None
    description: str | None = None
    stack_failure: str | None = None
    resource_types: Sequence[str] = ()
    rollback: Mapping[str, Any] | None = None

    @property
    def on_failure(self) -> OnFailure:
        """The action to take if stack creation fails."""
        found: OnFailure = "ROLLBACK"
        if self.stack_failure in ("DELETE", "DO_NOTHING"):
            found = self.stack_failure  # type: ignore[assignment]
        return found

    def text_of(self, stack: Stack) -> str:
        """Return the template in the request, or the stack's previous template."""
        return stack.text if self.previous_template else self.text

    def parameters_of(self, stack: Stack) -> dict[str, str]:
        """Return the parameter values, including the stack's values for UsePreviousValue."""
        before = stack.prepared.parameters.texts if stack.prepared else {}
        found: dict[str, str] = {}
        for each in self.given:
            name = str(each.get("ParameterKey"))
            if not each.get("UsePreviousValue"):
                found[name] = str(each.get("ParameterValue", ""))
            elif each.get("ParameterValue"):
                raise ValidationError(
                    message=f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as "
                    "true and non empty value for a parameter"
                )
            elif name in before:
                found[name] = before[name]
        return found

    def resolved(self, text: str, parameters: Mapping[str, str]) -> Asked:
        """Return a copy with a template and parameters that no longer depend on the stack."""
        return replace(self, text=text, previous_template=False, parameters=parameters)

    def apply_to(self, stack: Stack) -> None:
        """Apply the request's settings to a stack, except its template and tags."""
        stack.capabilities = self.capabilities
        stack.rollback = stack.rollback if self.rollback is None else self.rollback
        stack.role_arn = self.role_arn or stack.role_arn
        if self.notification_arns is not None:
            stack.notification_arns = self.notification_arns


def read(response: Any) -> Asked:
    """Read a request from moto's response object, which holds the parameters. Raises ValidationError."""
    get: Callable[..., Any] = response._get_param
    name = get("StackName") or ""
    if not name.startswith("arn:") and not (_NAME.fullmatch(name) and len(name) <= 128):
        raise ValidationError(
            message=f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: "
            "[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"
        )
    account_id, region = response.current_account, response.region
    body, url, previous = (
        get("TemplateBody"),
        get("TemplateURL"),
        bool(response._get_bool_param("UsePreviousTemplate", False)),
    )
    if (body or url) and previous:
        raise ValidationError(
            message="You cannot specify both usePreviousTemplate and Template Body/Template URL."
        )
    if not (body or url or previous):
        raise ValidationError(message="Either Template URL or Template Body must be specified.")
    capabilities.check_names(get("Capabilities", []))
    rollback = get("RollbackConfiguration")
    check_rollback(rollback)
    check_topics(get("NotificationARNs"), account_id)
    check_role(get("RoleARN"), account_id, region)
    tags = {tag["Key"]: tag["Value"] for tag in get("Tags", [])}
    failure = get("OnFailure") or get("OnStackFailure")
    stays = response._get_bool_param("DisableRollback", False)
    if stays and get("OnFailure"):
        message = "You can specify either DisableRollback or OnFailure, but not both."
        raise ValidationError(message=message)
    if stays:
        failure = "DO_NOTHING"
    return Asked(
        account_id,
        region,
        name,
        template_at(url, account_id, region) if url else body or "",
        previous_template=previous,
        given=get("Parameters", []),
        tags=tags or None,
        capabilities=get("Capabilities", []),
        notification_arns=get("NotificationARNs"),
        role_arn=get("RoleARN"),
        description=get("Description"),
        stack_failure=failure,
        resource_types=get("ResourceTypes", []),
        rollback=rollback,
    )


def page(self: Any, member: str, found: list[dict[str, Any]]) -> ActionResult:
    """Return one page of a response. The token is the index of its first entry. Raises ValidationError."""
    token = str(self._get_param("NextToken") or "0")
    if not token.isdecimal():
        raise ValidationError(message=f"NextToken {token!r} was not issued by CloudFormation")
    start = int(token)
    more = {"NextToken": str(start + _PAGE)} if len(found) > start + _PAGE else {}
    return ActionResult({member: found[start : start + _PAGE], **more})


def check_can_change(stack: Stack, *, stay: bool = True) -> None:
    """Reject an update that AWS does not allow in the stack's status. Raises ValidationError.

    `stay` is False if a failed update must be rolled back. That is not possible for a stack with a
    failed change that was not rolled back.
    """
    if stack.status in FAILED_AND_STAYED:
        if stay:
            return
        raise ValidationError(
            message=f"This stack is currently in a non-terminal [{stack.status}] state. To update the stack "
            "from this state, please use the disable-rollback parameter with update-stack API. To rollback "
            "to the last known good state, use the rollback-stack API"
        )
    if stack.status not in _CHANGEABLE:
        raise ValidationError(message=f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


def check(asked: Asked, new: Prepared) -> None:
    """Reject a template that requires more than the request allows. Raises CloudFormation's errors."""
    check_resource_types(asked, new)
    capabilities.check(new, asked.capabilities)


def check_resource_types(asked: Asked, new: Prepared) -> None:
    """Reject types that the request's ResourceTypes parameter does not allow. Raises ValidationError."""
    allowed = asked.resource_types
    kinds = [str(entry.get("Type")) for entry in new.declared.values() if isinstance(entry, dict)]
    for kind in kinds:
        if allowed and not any(fnmatchcase(kind, each) for each in allowed):
            raise ValidationError(
                message=f"Resource type {kind} is not allowed by parameter ResourceTypes "
                f"[{', '.join(allowed)}]"
            )
