"""Prepares a template: what stands in it once everything is known that does not depend on a resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.cloudformation import check
from harness.cloudformation.evaluate import NO_VALUE, Evaluator, Open, is_open
from harness.cloudformation.extensions import expanded, worked_out
from harness.cloudformation.faults import TemplateRefused, raise_any, refuse
from harness.cloudformation.functions import TRANSFORM, calls
from harness.cloudformation.include import Load, included, nothing_included
from harness.cloudformation.names import name_faults
from harness.cloudformation.order import dependencies, depends_on, in_order
from harness.cloudformation.parameters import LookUp, Parameters, declared_in, resolve, stored_values
from harness.cloudformation.policies import policy_faults
from harness.cloudformation.rules import check_rules
from harness.cloudformation.sam import SAM, translated
from harness.cloudformation.structure import null_faults, structure_faults
from harness.cloudformation.text import is_scalar, text_of
from harness.cloudformation.transforms import LANGUAGE_EXTENSIONS, transform_faults, transforms_of
from harness.json_types import Json, JsonObject
from harness.regions import REGION


@dataclass(frozen=True)
class Surroundings:
    """The place where a stack is made: pseudo parameters by name, and what it looks up.

    `look_up` gives parameters of the Parameter Store; None where there is none, such as on the host.
    `include` gives what AWS::Include names. SAM writes ARNs of the partition of `region`.
    """

    pseudo: Mapping[str, Json]
    look_up: LookUp | None
    zones: Callable[[str], Sequence[str]]
    include: Load = nothing_included
    region: str = REGION


@dataclass(frozen=True)
class Prepared:
    """A template without parameters, mappings, conditions, rules and loops, and the values that it took.

    `template` has Resources in the order in which they are made, Outputs and Description. What is left of
    functions depends on resources or on the exports of other stacks.
    """

    template: JsonObject
    parameters: Parameters
    order: tuple[str, ...]
    after_transforms: JsonObject | None = None
    """The whole template after its transforms, with its parameters and conditions; None if it has none."""
    declared: JsonObject = field(default_factory=dict)
    """The resources after the transforms, those whose condition does not hold, too."""
    expanded: bool = False
    """Tells whether the template has transforms, or includes something."""


def check_template(template: JsonObject) -> None:
    """Check what can be known without parameters; of a SAM template, that is its transforms.

    Raises:
        TemplateRefused: with all faults of the first kind that is found.
    """
    raise_any(transform_faults(template))
    if SAM in transforms_of(template):
        return
    for faults in (
        null_faults,
        structure_faults,
        check.function_faults,
        check.form_faults,
        check.selection_faults,
        check.mapping_faults,
    ):
        raise_any(faults(template))
    declared_in(template)


def with_includes(template: JsonObject, given: Mapping[str, str], surroundings: Surroundings) -> JsonObject:
    """The template with its includes in place; their locations may depend on parameters.

    Raises TemplateRefused.
    """

    def value(location: Json) -> Json:
        if isinstance(location, str):
            return location
        parameters = resolve(template, given, surroundings.look_up)
        return Evaluator(_Static(template, parameters, surroundings)).value(location)

    return included(template, surroundings.include, value)


def without_transforms(
    template: JsonObject, given: Mapping[str, str], surroundings: Surroundings
) -> JsonObject:
    """The template that CloudFormation makes of one with transforms: includes, loops and SAM.

    Raises:
        TemplateRefused: a transform is refused, or is not served here.
        Open: a loop depends on what is not known in these surroundings.
    """
    template = with_includes(template, given, surroundings)
    raise_any(transform_faults(template))
    if SAM not in transforms_of(template):
        return template
    extended = LANGUAGE_EXTENSIONS in transforms_of(template)
    if extended:
        parameters = resolve(template, given, surroundings.look_up)
        template = expanded(template, Evaluator(_Static(template, parameters, surroundings)))
    known = {**given, **stored_values(template, given, surroundings.look_up)}
    template = translated(template, known, surroundings.region)
    return {**template, "Transform": LANGUAGE_EXTENSIONS} if extended else template


def prepare(template: JsonObject, given: Mapping[str, str], surroundings: Surroundings) -> Prepared:
    """Prepare a template for the given parameters.

    Raises:
        TemplateRefused: CloudFormation refuses it, or it is not served here.
        Open: a condition or a loop depends on what is not known in these surroundings.
    """
    has_macros = bool(transforms_of(template)) or any(name == TRANSFORM for _, name, _ in calls(template, ()))
    template = without_transforms(template, given, surroundings)
    check_template(template)
    parameters = resolve(template, given, surroundings.look_up)
    names = _Static(template, parameters, surroundings)
    evaluator = Evaluator(names)
    after_transforms: JsonObject | None = template if has_macros else None
    if LANGUAGE_EXTENSIONS in transforms_of(template):
        template = expanded(template, evaluator)
        after_transforms = {
            key: worked_out(value, evaluator) for key, value in template.items() if key != "Transform"
        }
        names.template = template
        raise_any(structure_faults(template))
    for faults in (check.condition_section_faults, check.bad_variables, check.reference_faults):
        raise_any(faults(template))
    if surroundings.look_up is not None:
        check_rules(template, declared_in(template), evaluator, parameters)
    names.active = frozenset(_active(template.get("Resources", {}), names))
    resources: JsonObject = {
        name: _resource(name, entry, evaluator)
        for name, entry in _section(template, "Resources")
        if name in names.active
    }
    raise_any(policy_faults(resources))
    raise_any(name_faults(resources))
    order = in_order(dependencies(resources, certain=surroundings.look_up is None))
    made: JsonObject = {
        "Resources": {name: resources[name] for name in order},
        "Outputs": _outputs(template, evaluator, names),
    }
    if isinstance(description := template.get("Description"), str):
        made["Description"] = description
    declared: JsonObject = dict(_section(template, "Resources"))
    return Prepared(made, parameters, tuple(order), after_transforms, declared, has_macros)


def _section(template: JsonObject, name: str) -> Sequence[tuple[str, JsonObject]]:
    section = template.get(name, {})
    entries = section.items() if isinstance(section, dict) else ()
    return [(key, entry) for key, entry in entries if isinstance(entry, dict)]


def _active(resources: Json, names: _Static) -> list[str]:
    """The resources whose condition holds."""
    return [
        name
        for name, entry in (resources.items() if isinstance(resources, dict) else ())
        if isinstance(entry, dict) and ("Condition" not in entry or names.condition(str(entry["Condition"])))
    ]


def _resource(name: str, entry: JsonObject, evaluator: Evaluator) -> JsonObject:
    made = {key: value for key, value in entry.items() if key not in ("Condition", "DependsOn")}
    if "Properties" in made:
        try:
            properties = evaluator.value(made["Properties"])
        except TemplateRefused as error:
            raise error.inside("Resources", name, "Properties") from None
        made["Properties"] = properties if properties != NO_VALUE else {}
    for key in ("DeletionPolicy", "UpdateReplacePolicy"):
        if key in made:
            made[key] = evaluator.value(made[key])
    if needed := depends_on(entry):
        made["DependsOn"] = list(needed)
    return made


def _outputs(template: JsonObject, evaluator: Evaluator, names: _Static) -> JsonObject:
    made: JsonObject = {}
    names.block = "Outputs"
    for name, entry in _section(template, "Outputs"):
        if "Condition" in entry and not names.condition(str(entry["Condition"])):
            continue
        try:
            value = evaluator.value(entry["Value"])
        except TemplateRefused as error:
            raise error.inside("Outputs", name, "Value") from None
        if not is_scalar(value) and not is_open(value):
            raise refuse(
                "Template format error: The Value field of every Outputs member must evaluate to a "
                f"String. [{name}]",
                *("Outputs", name, "Value"),
            )
        output: JsonObject = {"Value": text_of(value) if is_scalar(value) else value}
        export = entry.get("Export")
        if isinstance(export, dict) and "Name" in export:
            output["Export"] = {"Name": evaluator.value(export["Name"])}
        if isinstance(entry.get("Description"), str):
            output["Description"] = entry["Description"]
        made[name] = output
    return made


class _Static:
    """The names whose values are known before any resource is made."""

    def __init__(self, template: JsonObject, parameters: Parameters, surroundings: Surroundings) -> None:
        self.template = template
        self.active: frozenset[str] = frozenset()
        self.block = "Resources"
        self._parameters = parameters
        self._surroundings = surroundings
        self._conditions: dict[str, bool | None] = {}

    def ref(self, name: str) -> Json:
        if name in self._parameters.values:
            return self._parameters.values[name]
        if name in self._surroundings.pseudo:
            return self._surroundings.pseudo[name]
        self._check_active(name)
        raise Open

    def attribute(self, resource: str, attribute: str) -> Json:
        self._check_active(resource)
        raise Open

    def condition(self, name: str) -> bool:
        if name not in self._conditions:
            conditions = self.template.get("Conditions", {})
            if not isinstance(conditions, dict) or name not in conditions:
                raise refuse(f"Template format error: Unresolved condition dependency {name}")
            self._conditions[name] = None
            try:
                self._conditions[name] = Evaluator(self).condition(conditions[name])
            except Open:
                del self._conditions[name]
                raise
        found = self._conditions[name]
        if found is None:
            raise refuse(f"Template format error: Circular dependency of condition {name}")
        return found

    def mapping(self, name: str) -> Mapping[str, Json] | None:
        mappings = self.template.get("Mappings", {})
        found = mappings.get(name) if isinstance(mappings, dict) else None
        return found if isinstance(found, dict) else None

    def export(self, name: str) -> Json:
        raise Open

    def stack_output(self, stack: str, output: str, region: str, role: str) -> Json:
        raise Open

    def zones(self, region: str) -> Sequence[str]:
        return self._surroundings.zones(region)

    def _check_active(self, name: str) -> None:
        resources = self.template.get("Resources", {})
        if isinstance(resources, dict) and name in resources and self.active and name not in self.active:
            raise refuse(
                f"Template format error: Unresolved resource dependencies [{name}] in the "
                f"{self.block} block of "
                "the template"
            )
