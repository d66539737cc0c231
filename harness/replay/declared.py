"""Reads a template's state machines and their definitions, with marks for values that only AWS knows.

Parameters, conditions, mappings and functions are evaluated. SAM, loops and includes are expanded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.cloudformation.evaluate import Evaluator, Open
from harness.cloudformation.faults import TemplateRefused
from harness.cloudformation.parameters import required_in, without_constraints
from harness.cloudformation.prepare import prepare
from harness.cloudformation.pseudo import pseudo_of
from harness.cloudformation.static_names import Surroundings
from harness.cloudformation.text import is_scalar, text_of
from harness.json_types import Json, JsonObject, as_dict
from harness.planned import Planned
from harness.regions import REGION, partition_of, zones_of
from harness.replay.open_values import mark
from harness.stack.definition_names import PLACEHOLDER
from harness.stack.definition_text import read_definition
from harness.stack.model import STATE_MACHINE
from harness.stack.template import TemplateError, error_of, look_at

Substituted = Callable[[str], str]


@dataclass(frozen=True)
class Declared:
    """A state machine in a template: its logical ID, its definition, and its name on AWS. The last two can
    contain marks.
    """

    logical_id: str
    definition: Json
    name: str
    express: bool


def declared_in(planned: Planned, region: str = REGION) -> Iterator[Declared]:
    """Yield a stack's state machines with readable definitions.

    Raises:
        TemplateError: the template cannot be used.
        DefinitionRefused: a definition is neither JSON nor YAML.
    """
    for name, properties in _machines(planned, region):
        definition = _definition(planned.template, properties)
        if definition is not None:
            chosen = properties.get("StateMachineName")
            shown = chosen if isinstance(chosen, str) else f"{name}-{mark(f'the rest of the name of {name}')}"
            yield Declared(name, definition, shown, properties.get("StateMachineType") == "EXPRESS")


def _machines(planned: Planned, region: str) -> Iterator[tuple[str, JsonObject]]:
    source = look_at(planned.template, planned.parameters, region)
    declared = as_dict(source.get("Parameters"))
    values = {name: value for name, value in planned.parameters.items() if name in declared}
    values |= {name: mark(name) for name in required_in(source) if name not in values}
    pseudo = _pseudo(region)
    names = _Names(pseudo)
    try:
        prepared = prepare(
            without_constraints(source), values, Surroundings(pseudo, _stored, names.zones, region=region)
        )
    except TemplateRefused as error:
        raise error_of(planned.template, error.faults) from error
    except Open as error:
        raise TemplateError(f"{planned.template}: {error}") from error
    evaluator = Evaluator(names)
    for name, entry in as_dict(prepared.template["Resources"]).items():
        if as_dict(entry).get("Type") == STATE_MACHINE:
            properties = as_dict(as_dict(entry).get("Properties"))
            yield name, {key: _value(each, evaluator) for key, each in properties.items()}


def _value(value: Json, evaluator: Evaluator) -> Json:
    """Evaluate all functions in a value. Return the value unchanged if that is not possible."""
    with suppress(TemplateRefused, IndexError):
        return evaluator.value(value)
    return value


def _definition(template: Path, properties: JsonObject) -> Json:
    """Return a machine's definition, or None if it is stored elsewhere, such as in a bucket."""
    given = as_dict(properties.get("DefinitionSubstitutions"))

    def substituted(text: str) -> str:
        def one(name: str, text: str) -> str:
            value = given.get(name)
            return text_of(value) if is_scalar(value) else text

        return PLACEHOLDER.sub(lambda match: one(match[1], match[0]), text)

    location = properties.get("DefinitionS3Location")
    if isinstance(location, str) and "://" not in location:
        return _filled(read_definition(template.parent / location, substituted)[1], substituted)
    if isinstance(text := properties.get("DefinitionString"), str):
        value: Json = None
        with suppress(ValueError, RecursionError):
            value = json.loads(substituted(text))
        return value
    definition = properties.get("Definition")
    return _filled(definition, substituted) if isinstance(definition, dict) else None


def _filled(value: Json, substituted: Substituted) -> Json:
    """Return a definition with its substitutions applied to each of its strings."""
    if isinstance(value, str):
        return substituted(value)
    if isinstance(value, list):
        return [_filled(each, substituted) for each in value]
    if isinstance(value, dict):
        found: JsonObject = {substituted(key): _filled(each, substituted) for key, each in value.items()}
        return found
    return value


def _pseudo(region: str) -> JsonObject:
    partition = partition_of(region)
    account, here, stack = (mark(f"AWS::{name}") for name in ("AccountId", "Region", "StackName"))
    id = "-".join(mark(f"part {number} of the ID in AWS::StackId") for number in range(1, 6))
    return {
        **pseudo_of(region),
        "AWS::AccountId": account,
        "AWS::Region": here,
        "AWS::StackName": stack,
        "AWS::StackId": f"arn:{partition}:cloudformation:{here}:{account}:stack/{stack}/{id}",
    }


def _stored(name: str) -> str:
    return mark(f"the parameter {name} in Parameter Store")


class _Names:
    """Marks for resource names and for exports from other stacks. Other values are already evaluated."""

    def __init__(self, pseudo: Mapping[str, Json]) -> None:
        self._pseudo = pseudo

    def ref(self, name: str) -> Json:
        """Return a mark for a resource's name."""
        return self._pseudo.get(name, mark(name))

    def attribute(self, resource: str, attribute: str) -> Json:
        """Return a mark for the value of Fn::GetAtt."""
        return mark(f"{resource}.{attribute}")

    def condition(self, name: str) -> bool:
        """Return a condition's value. Always False, because all conditions are already evaluated."""
        del name
        return False

    def mapping(self, name: str) -> Mapping[str, Json] | None:
        """Return a mapping from the template. Always None, because all mappings are already evaluated."""
        del name
        return None

    def export(self, name: str) -> Json:
        """Return a mark for a value that a different stack exports."""
        return mark(f"the export {name}")

    def stack_output(self, stack: str, output: str, region: str, role: str) -> Json:
        """Return a mark for an output of a different stack."""
        del region, role
        return mark(f"{stack}.{output}")

    def zones(self, region: str) -> Sequence[str]:
        """Return the Availability Zones in a Region. Default: the stack's Region."""
        return zones_of(region or str(self._pseudo["AWS::Region"]))
