"""The templates of stacks, prepared before moto makes anything of them.

A template is read, checked and evaluated as far as it does not depend on resources, see
`harness.cloudformation.prepare`. Replaced in moto.cloudformation:
- in models: `Stack.__init__`, `_parse_template`, `update`, `has_template`, `parameter_list`, `stack_parameters`,
  `ChangeSet._parse_template` and `apply`, and `CloudFormationBackend._resolve_update_parameters`.
- in parsing: what `ResourceMap` does with parameters, mappings, conditions and the order of resources.
- in responses: `get_template_summary_response_from_template`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.cloudformation import models, parsing, responses
from moto.cloudformation.exceptions import AlreadyExistsException, ValidationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Stack
from moto.cloudformation.parsing import LazyDict, ResourceMap
from moto.cloudformation.utils import generate_stack_id

from harness.cloudformation.faults import TemplateRefused
from harness.cloudformation.functions import references
from harness.cloudformation.order import dependencies, in_order
from harness.cloudformation.parameters import declared_in
from harness.cloudformation.prepare import Prepared, Surroundings, prepare
from harness.cloudformation.reading import read
from harness.cloudformation.text import is_scalar, text_of
from harness.engine.moto.stack_values import stored, zones_of
from harness.json_types import Json, JsonObject

HIDDEN = "****"
EMPTY: JsonObject = {"Resources": {}}


@contextmanager
def validation() -> Iterator[None]:
    """Let what a template is refused for be CloudFormation's ValidationError."""
    try:
        yield
    except TemplateRefused as error:
        raise ValidationError(message=str(error)) from error


def prepared(stack: Stack, text: str, given: Mapping[str, str]) -> Prepared:
    """A template prepared for a stack. Raises ValidationError."""
    account_id, region = stack.account_id, stack.region_name
    pseudo: dict[str, Json] = {
        "AWS::AccountId": account_id,
        "AWS::NotificationARNs": list(stack.notification_arns or []),
        "AWS::Partition": "aws",
        "AWS::Region": region,
        "AWS::StackId": stack.stack_id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com",
    }
    surroundings = Surroundings(
        pseudo, lambda name: stored(account_id, region, name), lambda zone: zones_of(zone or region)
    )
    with validation():
        return prepare(read(text, aliases=False), given, surroundings)


def _prepare_stacks() -> None:
    patched: Any = Stack
    init, complete = patched.__init__, patched.mark_creation_complete

    @functools.wraps(init)
    def __init__(  # noqa: N807
        self: Any,
        stack_id: str,
        name: str,
        template: Any,
        parameters: dict[str, str],
        account_id: str,
        region_name: str,
        notification_arns: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        self.prepared = None
        self.stack_id, self.name, self.parameters = stack_id, name, parameters
        self.account_id, self.region_name = account_id, region_name
        self.notification_arns = notification_arns or []
        init(
            self,
            stack_id,
            name,
            template,
            parameters,
            account_id,
            region_name,
            notification_arns,
            *args,
            **kwargs,
        )

    def _parse_template(self: Any) -> None:
        self.prepared = prepared(self, self.template, self.parameters)
        self.template_dict = self.prepared.template

    def update(
        self: Any, template: str, role_arn: Any = None, parameters: Any = None, tags: Any = None
    ) -> None:
        change(self, template, prepared(self, template, parameters or {}), parameters or {}, "UPDATE")
        self.role_arn = role_arn
        if tags is not None:
            self.tags = tags

    def has_template(self: Any, other: str) -> bool:
        with validation():
            return bool(self.template) and read(self.template) == read(other)

    def mark_creation_complete(self: Any) -> None:
        exported(self)  # outputs are evaluated once all resources are there
        complete(self)

    patched.mark_creation_complete = mark_creation_complete
    patched.__init__ = __init__
    patched._parse_template = _parse_template
    patched.update = update
    patched.has_template = has_template
    patched.stack_parameters = property(
        lambda self: dict(self.prepared.parameters.texts) if self.prepared else {}
    )
    patched.parameter_list = property(_shown_parameters)


def _shown_parameters(stack: Any) -> list[dict[str, str]]:
    if stack.prepared is None:
        return []
    found = stack.prepared.parameters
    return [
        {"ParameterKey": name, "ParameterValue": HIDDEN if name in found.hidden else text}
        for name, text in found.texts.items()
    ]


def change(stack: Any, text: str, new: Prepared, parameters: dict[str, str], verb: str) -> None:
    """Give a stack another template; `verb` is CREATE or UPDATE.

    Raises ValidationError when a resource cannot be made, changed or deleted.
    """
    stack._add_stack_event(f"{verb}_IN_PROGRESS", resource_status_reason="User Initiated")
    with failing(stack, f"{verb}_FAILED"):
        stack.resource_map.update(new.template, {})
        stack.template, stack.prepared, stack.parameters = text, new, parameters
        stack.template_dict = new.template
        stack.description = new.template.get("Description")
        exported(stack)
    stack._add_stack_event(f"{verb}_COMPLETE")
    stack.status = f"{verb}_COMPLETE"


@contextmanager
def failing(stack: Any, status: str) -> Iterator[None]:
    """Give the stack a status, with the reason in its events, when what is done to it fails."""
    try:
        yield
    except Exception as error:
        stack.status = status
        stack._add_stack_event(status, resource_status_reason=getattr(error, "message", None) or str(error))
        raise


def exported(stack: Any) -> None:
    """Evaluate a stack's outputs, and put its exports where other stacks find them. Raises ValidationError."""
    stack.output_map = stack._create_output_map()
    list(stack.output_map.values())
    backend = models.cloudformation_backends[stack.account_id][stack.region_name]
    for name in [
        name for name, export in backend.exports.items() if export.exporting_stack_id == stack.stack_id
    ]:
        del backend.exports[name]
    for export in stack.exports:
        if export.name in backend.exports:
            raise ValidationError(
                message=f"Export with name {export.name} is already exported by another stack"
            )
        backend.exports[export.name] = export


def _prepare_change_sets() -> None:
    patched: Any = ChangeSet

    def _parse_template(self: Any) -> None:
        self.prepared = prepared(self.stack, self.template, self.parameters)
        self.template_dict = self.prepared.template

    def execute_change_set(self: Any, change_set_name: str, stack_name: str | None = None) -> None:
        found = self.describe_change_set(change_set_name)
        new = prepared(found.stack, found.template, found.parameters)
        found.execution_status = "EXECUTE_IN_PROGRESS"
        change(found.stack, found.template, new, found.parameters, found.change_set_type)
        found.execution_status = "EXECUTE_COMPLETE"

    patched._parse_template = _parse_template
    backend: Any = CloudFormationBackend
    backend.execute_change_set = execute_change_set


def _prepare_backends() -> None:
    patched: Any = CloudFormationBackend
    resolve = patched._resolve_update_parameters
    made: Any = Stack

    def _resolve_update_parameters(self: Any, instance: Any, incoming_params: Any) -> dict[str, str]:
        if not isinstance(instance, Stack):
            found: dict[str, str] = resolve(self, instance, incoming_params)
            return found
        previous: Mapping[str, str] = instance.stack_parameters
        given: dict[str, str] = {}
        for each in incoming_params:
            name = each["ParameterKey"]
            if not each.get("UsePreviousValue"):
                given[name] = each.get("ParameterValue", "")
            elif name in previous:
                given[name] = previous[name]
        return given

    def create_stack(self: Any, name: str, template: str, parameters: Any, **kwargs: Any) -> Any:
        if any(stack.name == name for stack in self.stacks.values()):
            raise AlreadyExistsException(f"Stack [{name}] already exists")
        stack_id = generate_stack_id(name, self.region_name, self.account_id)
        stack = made(
            stack_id,
            name,
            template,
            parameters,
            self.account_id,
            self.region_name,
            cross_stack_resources=self.exports,
            **kwargs,
        )
        self.stacks[stack_id] = stack
        stack._add_stack_event("CREATE_IN_PROGRESS", resource_status_reason="User Initiated")
        with failing(stack, "CREATE_FAILED"):
            stack.create_resources()
        return stack

    patched.create_stack = create_stack
    patched._resolve_update_parameters = _resolve_update_parameters


def _prepare_resource_maps() -> None:
    patched: Any = ResourceMap
    diff: Callable[..., dict[str, list[str]]] = patched.build_resource_diff

    def load(self: Any) -> None:
        self.resolved_parameters = {}
        self.no_echo_parameter_keys = []
        self.lazy_condition_map = LazyDict()

    def nothing(self: Any) -> None:
        """Do nothing: the template is prepared."""

    def ordered(self: Any) -> list[str]:
        with validation():
            return in_order(dependencies(self._resource_json_map))

    @functools.wraps(diff)
    def build_resource_diff(self: Any, other: JsonObject, parameters: Any = None) -> dict[str, list[str]]:
        return diff(self, other, None)

    patched.load = load
    for name in ("load_mapping", "load_parameters", "load_conditions"):
        setattr(patched, name, nothing)
    patched._ResourceMap__get_resources_in_dependency_order = ordered
    patched.build_resource_diff = build_resource_diff


def summary(text: str) -> dict[str, Any]:
    """The answer of GetTemplateSummary. Raises ValidationError."""
    with validation():
        template = read(text, aliases=False)
        declared = declared_in(template)
    resources = template.get("Resources", {})
    entries = resources.values() if isinstance(resources, dict) else ()
    kinds = [str(entry.get("Type")) for entry in entries if isinstance(entry, dict)]
    parameters = [_shown_declaration(name, entry) for name, entry in declared.items()]
    found: dict[str, Any] = {**template, "ResourceTypes": kinds, "Parameters": parameters}
    if "AWSTemplateFormatVersion" in template:
        found["Version"] = template["AWSTemplateFormatVersion"]
    return found


def _shown_declaration(name: str, entry: JsonObject) -> dict[str, Any]:
    default = entry.get("Default")
    allowed = entry.get("AllowedValues")
    constraints = (
        {"AllowedValues": [text_of(value) for value in allowed if is_scalar(value)]}
        if isinstance(allowed, list)
        else {}
    )
    return {
        "ParameterKey": name,
        "Description": entry.get("Description", ""),
        "DefaultValue": text_of(default) if is_scalar(default) else None,
        "NoEcho": str(entry.get("NoEcho", "")).lower() == "true",
        "ParameterType": entry["Type"],
        "ParameterConstraints": constraints,
    }


def install() -> None:
    """Patch moto in this process."""
    _prepare_stacks()
    _prepare_change_sets()
    _prepare_backends()
    _prepare_resource_maps()
    patched: Any = responses
    patched.get_template_summary_response_from_template = summary
