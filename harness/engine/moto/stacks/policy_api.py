"""CloudFormation's API for stack policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult

from harness.engine.moto.stacks import finding
from harness.engine.moto.stacks.model import ValidationError
from harness.engine.moto.stacks.nested import template_at
from harness.engine.moto.stacks.policy import read_policy

_NO_STACK: Final = "Stack: {} does not exist"


def asked(request: Any, name: str) -> str | None:
    """Return the policy in a request's `<name>Body` or `<name>URL`, or None if neither is set.

    Raises ValidationError if the policy is invalid.
    """
    body, url = request._get_param(f"{name}Body"), request._get_param(f"{name}URL")
    if body and url:
        raise ValidationError(message=f"You cannot specify both {name}URL and {name}Body")
    text: str | None = template_at(url, request.current_account, request.region) if url else body
    read_policy(text)
    return text


def _get_stack_policy(self: Any) -> ActionResult:
    stack = finding.find(self.current_account, self.region, self._get_param("StackName"), _NO_STACK)
    return ActionResult({"StackPolicyBody": stack.policy or None})


def _set_stack_policy(self: Any) -> EmptyResult:
    stack = finding.find(self.current_account, self.region, self._get_param("StackName"), _NO_STACK)
    stack.policy = asked(self, "StackPolicy")
    return EmptyResult()


OPERATIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "get_stack_policy": _get_stack_policy,
    "set_stack_policy": _set_stack_policy,
}
