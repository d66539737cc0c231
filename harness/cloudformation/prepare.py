"""Prepares a template: evaluates everything that does not depend on a resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.cloudformation import check
from harness.cloudformation.evaluate import NO_VALUE, Evaluator, is_open
from harness.cloudformation.extensions import expanded, worked_out
from harness.cloudformation.faults import TemplateRefused, raise_any, refuse
from harness.cloudformation.functions import TRANSFORM, calls
from harness.cloudformation.include import included
from harness.cloudformation.names import name_faults
from harness.cloudformation.order import dependencies, depends_on, in_order
from harness.cloudformation.parameters import Parameters, declared_in, resolve, stored_values
from harness.cloudformation.policies import policy_faults
from harness.cloudformation.rules import check_rules
from harness.cloudformation.sam import SAM, translated
from harness.cloudformation.static_names import StaticNames, Surroundings
from harness.cloudformation.structure import null_faults, structure_faults
from harness.cloudformation.text import is_scalar, text_of
from harness.cloudformation.transforms import LANGUAGE_EXTENSIONS, transform_faults, transforms_of
from harness.json_types import Json, JsonObject


@dataclass(frozen=True)
class Prepared:
    """A template without parameters, mappings, conditions, rules or loops, and the values that it used.

    `template` has Resources in creation order, Outputs and Description. The remaining functions depend on
    resources or on exports from other stacks.
    """

    template: JsonObject
    parameters: Parameters
    order: tuple[str, ...]
    after_transforms: JsonObject | None = None
    """The whole template after its transforms, with its parameters and conditions. None if it has no
    transforms.
    """
    declared: JsonObject = field(default_factory=dict)
    """The resources after the transforms, including resources whose condition is false."""
    expanded: bool = False
    """True if the template has transforms or includes."""


def check_template(template: JsonObject) -> None:
    """Check everything that is known without parameters. For a SAM template, only its transforms are checked.

    Raises:
        TemplateRefused: contains all faults of the first kind that is found.
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
    """Return the template with its includes inserted. Their locations may depend on parameters.

    Raises TemplateRefused.
    """

    def value(location: Json) -> Json:
        if isinstance(location, str):
            return location
        parameters = resolve(template, given, surroundings.look_up)
        return Evaluator(StaticNames(template, parameters, surroundings)).value(location)

    return included(template, surroundings.include, value)


def without_transforms(
    template: JsonObject, given: Mapping[str, str], surroundings: Surroundings
) -> JsonObject:
    """Return the template after its transforms: includes, loops and SAM.

    Raises:
        TemplateRefused: a transform is rejected, or is not supported.
        Open: a loop depends on values that are not known in this environment.
    """
    template = with_includes(template, given, surroundings)
    raise_any(transform_faults(template))
    if SAM not in transforms_of(template):
        return template
    extended = LANGUAGE_EXTENSIONS in transforms_of(template)
    if extended:
        parameters = resolve(template, given, surroundings.look_up)
        template = expanded(template, Evaluator(StaticNames(template, parameters, surroundings)))
    known = {**given, **stored_values(template, given, surroundings.look_up)}
    template = translated(template, known, surroundings.region)
    return {**template, "Transform": LANGUAGE_EXTENSIONS} if extended else template


def prepare(template: JsonObject, given: Mapping[str, str], surroundings: Surroundings) -> Prepared:
    """Prepare a template for these parameters.

    Raises:
        TemplateRefused: CloudFormation rejects it, or the harness does not support it.
        Open: a condition or a loop depends on values that are not known in this environment.
    """
    has_macros = bool(transforms_of(template)) or any(name == TRANSFORM for _, name, _ in calls(template, ()))
    template = without_transforms(template, given, surroundings)
    check_template(template)
    parameters = resolve(template, given, surroundings.look_up)
    names, extended = begun(template, parameters, surroundings)
    evaluator = Evaluator(names)
    after_transforms: JsonObject | None = template if has_macros else None
    template = names.template
    if extended:
        after_transforms = {
            key: worked_out(value, evaluator) for key, value in template.items() if key != "Transform"
        }
        raise_any(structure_faults(template))
    for faults in (check.condition_section_faults, check.bad_variables, check.reference_faults):
        raise_any(faults(template))
    if surroundings.look_up is not None:
        check_rules(template, declared_in(template), evaluator, parameters)
    names.find_active()
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


def begun(
    template: JsonObject, parameters: Parameters, surroundings: Surroundings
) -> tuple[StaticNames, bool]:
    """Return the names in a template with expanded loops, and whether it can contain loops.

    Raises:
        TemplateRefused, Open: see `prepare`.
    """
    names = StaticNames(template, parameters, surroundings)
    extended = LANGUAGE_EXTENSIONS in transforms_of(template)
    if extended:
        names.template = expanded(template, Evaluator(names))
    return names, extended


def _section(template: JsonObject, name: str) -> Sequence[tuple[str, JsonObject]]:
    section = template.get(name, {})
    entries = section.items() if isinstance(section, dict) else ()
    return [(key, entry) for key, entry in entries if isinstance(entry, dict)]


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


def _outputs(template: JsonObject, evaluator: Evaluator, names: StaticNames) -> JsonObject:
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
