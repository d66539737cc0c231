"""CloudFormation's API for rolling back failed stacks and continuing rollbacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult

from harness.engine.moto.stacks import deployment, finding
from harness.engine.moto.stacks.model import FAILED_AND_STAYED, Stack, ValidationError


def _stack(self: Any) -> Stack:
    """Return the stack specified in a request. Raises ValidationError."""
    return finding.find(self.current_account, self.region, self._get_param("StackName"))


def _rollback_stack(self: Any) -> ActionResult:
    stack = _stack(self)
    if stack.status not in FAILED_AND_STAYED:
        raise ValidationError(
            message=f"Stack:{stack.id} is in {stack.status} state and can not be rolled back: its status "
            "must be CREATE_FAILED or UPDATE_FAILED after a failed change with DisableRollback"
        )
    deployment.roll_back(stack)
    return ActionResult({"StackId": stack.id})


def _continue_update_rollback(self: Any) -> EmptyResult:
    stack = _stack(self)
    skipped = self._get_param("ResourcesToSkip", [])
    if stack.status != "UPDATE_ROLLBACK_FAILED":
        raise ValidationError(
            message=f"Stack:{stack.id} is in {stack.status} state and can not continue rollback."
        )
    odd = [name for name in skipped if name not in _failed(stack)]
    if odd:
        raise ValidationError(
            message=f"Resources [{', '.join(odd)}] cannot be skipped: they are not in the state "
            f"UPDATE_FAILED; resources in that state: {', '.join(_failed(stack))}"
        )
    deployment.go_on_back(stack, skipped)
    return EmptyResult()


def _failed(stack: Stack) -> list[str]:
    return [name for name, resource in stack.resources.items() if resource.status == "UPDATE_FAILED"]


def _cancel_update_stack(self: Any) -> EmptyResult:
    _stack(self)  # every update completes before its request gets a response
    raise ValidationError(message="CancelUpdateStack cannot be called from current stack status")


OPERATIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "cancel_update_stack": _cancel_update_stack,
    "continue_update_rollback": _continue_update_rollback,
    "rollback_stack": _rollback_stack,
}
