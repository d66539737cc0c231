"""Names that a template declares, if they are known before the deployment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from harness.cloudformation.parameters import required_in
from harness.files import read_text
from harness.json_types import Json, JsonObject, as_dict
from harness.stack.model import STATE_MACHINE, DeployError, Stack
from harness.stack.template import read_template
from harness.stack.unserved_tasks import inline_maps
from harness.stack.waiting import FILLED, inner_workflows, waiting_states

TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "bucket": ("AWS::S3::Bucket",),
    "event bus": ("AWS::Events::EventBus",),
    "function": ("AWS::Lambda::Function",),
    "parameter": ("AWS::SSM::Parameter",),
    "queue": ("AWS::SQS::Queue",),
    "rule": ("AWS::Events::Rule",),
    "secret": ("AWS::SecretsManager::Secret",),
    "state machine": (STATE_MACHINE,),
    "table": ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"),
    "topic": ("AWS::SNS::Topic",),
}
"""Kinds of names, and the resource types for each kind."""

_SUBSTITUTION: Final = re.compile(r"\$\{[^}]*\}")
_HARMLESS: Final = "arn:aws:iam::aws:policy/service-role/"
_CREATES: Final = "states:createstatemachine"


def of_kind(stack: Stack, kind: str) -> dict[str, str]:
    """Logical ID -> physical ID for all resources of a kind in a stack; see `TYPES`."""
    return {name: id_ for type_ in TYPES[kind] for name, id_ in stack.of_type(type_).items()}


def physical_id(stack: Stack, kind: str, name: str) -> str:
    """Return the physical ID of the resource of this kind that a name refers to in a stack. "" if there is
    none.
    """
    resources = of_kind(stack, kind)
    if name in resources:
        return resources[name]
    try:
        found = stack.resource(name).physical_id
    except DeployError:
        return ""
    return found if found in resources.values() else ""


@dataclass(frozen=True)
class Parameters:
    """Return a template's parameters: all of them, and the ones without a default."""

    names: tuple[str, ...]
    required: tuple[str, ...]


@dataclass(frozen=True)
class Declared:
    """The names that a template declares. None means that the names are known only after the deployment.

    `resources` has the logical IDs by kind; see `TYPES`. `states` are the states of all declared state
    machines. `waiting` are the states that may wait for an external caller. `maps` are the inline Map states.
    `makes_machines` is True if functions or tasks in the template may create further state machines.
    """

    parameters: Parameters
    resources: Mapping[str, tuple[str, ...]] | None
    states: frozenset[str] | None
    waiting: frozenset[str]
    makes_machines: bool
    maps: frozenset[str] = frozenset()


def declared(path: Path) -> Declared:
    """Return the names that the template at a path declares. Raises TemplateError if it cannot be read."""
    template = read_template(path)
    entries = as_dict(template.get("Parameters"))
    parameters = Parameters(tuple(entries), required_in(template))
    resources = as_dict(template["Resources"])
    if not _is_plain(template, resources):
        return Declared(parameters, None, None, frozenset(), True)
    by_kind = {
        kind: tuple(name for name, resource in resources.items() if _type(resource) in wanted)
        for kind, wanted in TYPES.items()
    }
    machines = [
        as_dict(as_dict(resource).get("Properties"))
        for resource in resources.values()
        if _type(resource) == STATE_MACHINE
    ]
    definitions = [_definition(path, properties) for properties in machines]
    found = [_states(definition) for definition in definitions]
    states = frozenset(name for names in found if names is not None for name in names)
    makes = any(map(_may_create, resources.values())) or any(map(_creates, definitions))
    waiting = {
        name
        for definition, properties in zip(definitions, machines, strict=True)
        for name in waiting_states(definition, as_dict(properties.get("DefinitionSubstitutions")), resources)
    }
    maps = frozenset(name for definition in definitions for name in inline_maps(definition))
    return Declared(parameters, by_kind, None if None in found else states, frozenset(waiting), makes, maps)


def _is_plain(template: JsonObject, resources: JsonObject) -> bool:
    """Return whether the template lists all its resources: no macro or loop generates any."""
    return "Transform" not in template and not any(name.startswith("Fn::") for name in resources)


def _definition(path: Path, properties: JsonObject) -> Json:
    """Return the definition of a state machine. None if it is not known."""
    if isinstance(definition := properties.get("Definition"), dict):
        return definition
    where = properties.get("DefinitionS3Location")
    if isinstance(where, str) and not where.startswith(("s3://", "https://")):
        try:
            return _parsed(read_text(path.parent / where))
        except (OSError, UnicodeDecodeError):
            return None
    return _parsed(_text(properties.get("DefinitionString")))


def _text(value: Json) -> str:
    """Return a string in which `FILLED` replaces unknown parts. Empty if every part is unknown."""
    if isinstance(value, str):
        return value
    function, argument = next(iter(as_dict(value).items()), ("", None))
    if function == "Fn::Sub":
        return _text(argument[0] if isinstance(argument, list) and argument else argument)
    if function == "Fn::Join" and isinstance(argument, list) and len(argument) == 2:
        separator, parts = argument
        if isinstance(separator, str) and isinstance(parts, list):
            return separator.join(part if isinstance(part, str) else FILLED for part in parts)
    return ""


def _parsed(text: str) -> Json:
    try:
        definition: Json = json.loads(_SUBSTITUTION.sub(FILLED, text))
    except (ValueError, RecursionError):
        return None
    return definition


def _states(machine: Json) -> frozenset[str] | None:
    """Return the names of a machine's states, including nested states. None if they are not known."""
    states = as_dict(machine).get("States")
    if not isinstance(states, dict) or any(FILLED in name or name.startswith("Fn::") for name in states):
        return None
    found = set(states)
    for state in states.values():
        if not isinstance(state, dict):
            return None
        for inner in inner_workflows(state):
            if (names := _states(inner)) is None:
                return None
            found |= names
    return frozenset(found)


def _creates(definition: Json) -> bool:
    """Return whether a task is known to create state machines."""
    return definition is None or "createstatemachine" in json.dumps(definition).lower()


def _may_create(resource: Json) -> bool:
    """Return whether a resource grants, or may grant, permission to create state machines."""
    properties = as_dict(as_dict(resource).get("Properties"))
    if _type(resource) == "AWS::CloudFormation::Stack":
        return True
    if _type(resource) == "AWS::Lambda::Function" and not isinstance(properties.get("Role"), dict):
        return True  # the role is not in this template
    managed = properties.get("ManagedPolicyArns", [])
    for policy in managed if isinstance(managed, list) else [managed]:
        # Statements in the template itself have their own Action.
        if not isinstance(policy, dict | str) or (isinstance(policy, str) and _HARMLESS not in policy):
            return True
        if isinstance(policy, dict) and "Ref" not in policy and _HARMLESS not in json.dumps(policy):
            return True
    return any(map(_allows, _statements(properties)))


def _statements(value: Json) -> Iterator[JsonObject]:
    """Return all policy statements inside a value."""
    if isinstance(value, dict):
        if "Effect" in value:
            yield value
        for entry in value.values():
            yield from _statements(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _statements(entry)


def _allows(statement: JsonObject) -> bool:
    if statement.get("Effect") == "Deny":
        return False
    if "Action" not in statement:
        return True  # NotAction
    actions = statement["Action"]
    return any(
        not isinstance(action, str) or fnmatchcase(_CREATES, action.lower())
        for action in (actions if isinstance(actions, list) else [actions])
    )


def _type(resource: Json) -> Json:
    return as_dict(resource).get("Type")
