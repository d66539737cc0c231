"""The templates of stacks, prepared before moto makes anything of them.

A template is read, checked and evaluated as far as it does not depend on resources, see
`harness.cloudformation.prepare`. Replaced in moto.cloudformation:
- in models: `Stack.__init__`, `_parse_template`, `has_template`, `parameter_list`,
  `stack_parameters` and `stack_resources`.
- in parsing: what `ResourceMap` does with parameters, mappings, conditions and the order of resources.
- in responses: `get_template_summary_response_from_template`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.cloudformation import responses
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.parsing import LazyDict, ResourceMap

from harness.cloudformation.evaluate import Open
from harness.cloudformation.faults import TemplateRefused, refuse
from harness.cloudformation.order import dependencies, in_order
from harness.cloudformation.parameters import declared_in
from harness.cloudformation.prepare import Prepared, Surroundings, check_template, prepare
from harness.cloudformation.pseudo import pseudo_of
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
    except (Open, TemplateRefused) as error:
        raise ValidationError(message=str(error)) from error


def prepared(stack: Stack, text: str, given: Mapping[str, str]) -> Prepared:
    """A template prepared for a stack. Raises ValidationError."""
    account_id, region = stack.account_id, stack.region_name
    pseudo: dict[str, Json] = {
        **pseudo_of(region, stack.notification_arns or ()),
        "AWS::AccountId": account_id,
        "AWS::Region": region,
        "AWS::StackId": stack.stack_id,
        "AWS::StackName": stack.name,
    }
    surroundings = Surroundings(
        pseudo, lambda name: stored(account_id, region, name), lambda zone: zones_of(zone or region)
    )
    with validation():
        return prepare(_sent(text), given, surroundings)


def _prepare_stacks() -> None:
    patched: Any = Stack
    init = patched.__init__

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

    def has_template(self: Any, other: str) -> bool:
        with validation():
            return bool(self.template) and read(self.template) == read(other)

    patched.__init__ = __init__
    patched._parse_template = _parse_template
    patched.has_template = has_template
    patched.stack_resources = property(
        # None stands for a resource that was not made
        lambda self: [made for made in self.resource_map.values() if made is not None]
    )
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


def _sent(text: str | None) -> JsonObject:
    """The template of a request, which may have none. Raises TemplateRefused."""
    if not text:
        raise refuse("Either Template URL or Template Body must be specified.")
    return read(text, aliases=False)


def validate(self: Any, text: str) -> list[Any]:
    """Check a template for ValidateTemplate, which needs no parameters. Raises ValidationError."""
    with validation():
        check_template(_sent(text))
    return []


def summary(text: str) -> dict[str, Any]:
    """The answer of GetTemplateSummary. Raises ValidationError."""
    with validation():
        template = _sent(text)
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
    _prepare_resource_maps()
    backend: Any = CloudFormationBackend
    backend.validate_template = validate
    patched: Any = responses
    patched.get_template_summary_response_from_template = summary
