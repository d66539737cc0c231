"""Evaluate all values in a template, with stand-ins for values that only AWS knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from harness.cloudformation.evaluate import NO_VALUE, Evaluator
from harness.cloudformation.faults import TemplateRefused
from harness.cloudformation.parameters import required_in, without_constraints
from harness.cloudformation.prepare import prepare
from harness.cloudformation.static_names import Surroundings
from harness.cloudformation.text import is_scalar, text_of
from harness.cloudformation.types import typed
from harness.gate.standins import MADE, REMADE, StandIn, Where, fixed_name
from harness.json_types import Json, JsonObject, as_dict
from harness.regions import zones_of

NESTED = "AWS::CloudFormation::Stack"
Nested = Callable[[str, JsonObject, str], JsonObject]
"""A function that resolves a nested stack from its logical ID, properties and name.

It returns the stack's outputs.
"""


@dataclass(frozen=True)
class Made:
    """A resource with its values. `policies` are the values of its DeletionPolicy and UpdateReplacePolicy."""

    type: str
    properties: JsonObject
    policies: JsonObject
    name: str


@dataclass(frozen=True)
class WorkedOut:
    """The content of a template: `parameters` as strings, resources, outputs, and exports by name."""

    parameters: Mapping[str, str]
    resources: Mapping[str, Made]
    outputs: JsonObject
    exports: JsonObject


@dataclass
class Names:
    """The names in one stack. Every name has a value.

    `exports` are the exports of the preceding stacks. `remade` are replaced resources. `renamed` maps a
    logical ID to the resource's new name.
    """

    where: Where
    exports: JsonObject
    mappings: JsonObject = field(default_factory=dict)
    remade: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)
    resources: dict[str, StandIn] = field(default_factory=dict)
    outputs: dict[str, JsonObject] = field(default_factory=dict)

    def add(self, logical_id: str, resource_type: str, properties: JsonObject) -> StandIn:
        """Add a resource. From then on, other resources can refer to its name."""
        end = REMADE if logical_id in self.remade else MADE
        made = f"{self.where.stack}-{logical_id}-{end}"
        path = properties.get("Path")
        found = StandIn(
            resource_type,
            self.renamed.get(logical_id) or fixed_name(resource_type, properties) or made,
            self.where,
            path if isinstance(path, str) and resource_type.startswith("AWS::IAM::") else "/",
        )
        self.resources[logical_id] = found
        return found

    def ref(self, name: str) -> Json:
        """Return the value of a parameter, a pseudo parameter or a resource."""
        if name in self.where.pseudo:
            return self.where.pseudo[name]
        return self.resources[name].ref if name in self.resources else f"{name}-{MADE}"

    def attribute(self, resource: str, attribute: str) -> Json:
        """Return the value of Fn::GetAtt."""
        output = attribute.removeprefix("Outputs.")
        if output in self.outputs.get(resource, {}):
            return self.outputs[resource][output]
        found = self.resources.get(resource)
        return f"{resource}-{MADE}.{attribute}" if found is None else found.attribute(attribute)

    def condition(self, name: str) -> bool:
        """Return the value of a condition. Always False, because all conditions are already evaluated."""
        return False

    def mapping(self, name: str) -> Mapping[str, Json] | None:
        """Return a mapping in the template. None if the template has no mapping with that name."""
        found = self.mappings.get(name)
        return found if isinstance(found, dict) else None

    def export(self, name: str) -> Json:
        """Return the value that another stack exports, or its stand-in."""
        return self.exports.get(name, f"import-{name}")

    def stack_output(self, stack: str, output: str, region: str, role: str) -> Json:
        """Return the stand-in for an output from another stack."""
        return f"{stack}.{output}"

    def zones(self, region: str) -> Sequence[str]:
        """Return the Availability Zones in a Region. If it is empty, use the stack's own Region."""
        return zones_of(region or self.where.region)


def worked_out(template: JsonObject, given: Mapping[str, str], names: Names, nested: Nested) -> WorkedOut:
    """Evaluate a template after its transforms with the given parameters. Other parameters get a stand-in.

    Raises:
        TemplateRefused: CloudFormation rejects the template.
    """
    declared = as_dict(template.get("Parameters"))
    values = {name: value for name, value in given.items() if name in declared}
    values |= {
        name: _value_of(name, as_dict(declared[name])) for name in required_in(template) if name not in values
    }
    names.mappings = as_dict(template.get("Mappings"))
    where = names.where
    prepared = prepare(
        without_constraints(template),
        values,
        Surroundings(where.pseudo, _stored, names.zones, region=where.region),
    )
    evaluator = Evaluator(names)
    made: dict[str, Made] = {}
    for logical_id, entry in as_dict(prepared.template["Resources"]).items():
        found = _made(as_dict(entry), evaluator)
        stand_in = names.add(logical_id, found.type, found.properties)
        made[logical_id] = found
        if found.type == NESTED:
            names.outputs[logical_id] = nested(logical_id, found.properties, stand_in.name)
    outputs, exports = _outputs(prepared.template, evaluator)
    return WorkedOut(prepared.parameters.texts, made, outputs, exports)


def _made(entry: JsonObject, evaluator: Evaluator) -> Made:
    kind = str(entry.get("Type"))
    properties: JsonObject = {}
    for name, value in as_dict(entry.get("Properties")).items():
        found = _value(value, evaluator)
        if found != NO_VALUE:
            properties[name] = found
    with suppress(TemplateRefused):  # the deployment reports it
        properties = typed(kind, properties)
    policies: JsonObject = {
        key: entry[key] for key in ("DeletionPolicy", "UpdateReplacePolicy") if key in entry
    }
    return Made(kind, properties, policies, fixed_name(kind, properties))


def _value(value: Json, evaluator: Evaluator) -> Json:
    """Evaluate all functions in a value.

    Return the value unchanged if it requires values that only AWS knows.
    """
    try:
        return evaluator.value(value)
    except (TemplateRefused, IndexError):
        return value


def _outputs(template: JsonObject, evaluator: Evaluator) -> tuple[JsonObject, JsonObject]:
    outputs: JsonObject = {}
    exports: JsonObject = {}
    for name, entry in as_dict(template.get("Outputs")).items():
        outputs[name] = _value(as_dict(entry).get("Value"), evaluator)
        export = _value(as_dict(as_dict(entry).get("Export")).get("Name"), evaluator)
        if isinstance(export, str):
            exports[export] = outputs[name]
    return outputs, exports


def _value_of(name: str, declared: JsonObject) -> str:
    """Return a value for an unset parameter: an allowed value, or a value in the usual format."""
    allowed = declared.get("AllowedValues")
    if isinstance(allowed, list) and allowed and is_scalar(allowed[0]):
        return text_of(allowed[0])
    if name.lower().endswith("arn"):
        return f"arn:aws:service:region:account:value/of-{name}"
    return f"https://value.of/{name}" if name.lower().endswith(("url", "uri")) else f"value-of-{name}"


def _stored(name: str) -> str:
    """Return the stand-in for a Parameter Store parameter."""
    return f"stored-{name}"
