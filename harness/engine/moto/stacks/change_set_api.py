"""CloudFormation's API for change sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from moto.cloudformation.utils import validate_create_change_set
from moto.core.responses import ActionResult, EmptyResult

from harness.engine.moto.stacks import change_sets, finding, shown_changes
from harness.engine.moto.stacks.model import ValidationError
from harness.engine.moto.stacks.requests import page, read


def _create_change_set(self: Any) -> ActionResult:
    name = self._get_param("ChangeSetName")
    validate_create_change_set(name)
    kind = self._get_param("ChangeSetType") or "UPDATE"
    if kind not in ("CREATE", "IMPORT", "UPDATE"):
        raise ValidationError(
            message=f"1 validation error detected: Value '{kind}' at 'changeSetType' failed to satisfy "
            "constraint: Member must satisfy enum value set: [IMPORT, UPDATE, CREATE]"
        )
    if kind == "IMPORT":
        raise ValidationError(
            message="Change sets of type IMPORT are not supported: declare the existing resources as "
            "parameters"
        )
    made = change_sets.create(read(self), name, kind)
    return ActionResult({"Id": made.id, "StackId": made.stack.id})


def _describe_change_set(self: Any) -> ActionResult:
    name, stack = self._get_param("ChangeSetName"), self._get_param("StackName")
    values = bool(self._get_bool_param("IncludePropertyValues", False))
    found = change_sets.find(self.current_account, self.region, name, stack)
    return ActionResult(shown_changes.shown(found, values=values))


def _execute_change_set(self: Any) -> EmptyResult:
    name, stack = self._get_param("ChangeSetName"), self._get_param("StackName")
    found = change_sets.find(self.current_account, self.region, name, stack)
    change_sets.execute(found, stay=bool(self._get_bool_param("DisableRollback", False)))
    return EmptyResult()


def _delete_change_set(self: Any) -> EmptyResult:
    name, stack = self._get_param("ChangeSetName"), self._get_param("StackName")
    found = change_sets.known(self.current_account, self.region, name, stack)
    if found is not None:  # a missing change set is not an error
        change_sets.delete(found)
    return EmptyResult()


def _list_change_sets(self: Any) -> ActionResult:
    return page(
        self,
        "Summaries",
        [
            shown_changes.summary(each)
            for each in change_sets.of_stack(
                finding.find(self.current_account, self.region, self._get_param("StackName"))
            )
            if each.execution in ("AVAILABLE", "UNAVAILABLE")
        ],
    )


OPERATIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "create_change_set": _create_change_set,
    "delete_change_set": _delete_change_set,
    "describe_change_set": _describe_change_set,
    "execute_change_set": _execute_change_set,
    "list_change_sets": _list_change_sets,
}
