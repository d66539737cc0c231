"""Parameters that a template passes to its nested stacks, if known in advance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.cloudformation.evaluate import Evaluator, Open
from harness.cloudformation.faults import TemplateRefused
from harness.cloudformation.parameters import resolve
from harness.cloudformation.prepare import begun
from harness.cloudformation.static_names import Surroundings
from harness.cloudformation.text import is_scalar, text_of
from harness.json_types import Json, JsonObject, as_dict

STACK: Final = "AWS::CloudFormation::Stack"


def inner_parameters(
    template: JsonObject, given: Mapping[str, str], surroundings: Surroundings
) -> Mapping[str, Mapping[str, str]]:
    """Return the parameters for each nested stack by logical ID. Empty for a template that is rejected.

    Values that depend on a resource, or on external values, are left out. `given` are the template's own
    parameters.
    """
    try:
        names, _ = begun(template, resolve(template, given, partial=True), surroundings)
    except (Open, TemplateRefused):
        return {}
    evaluator = Evaluator(names)
    return {
        name: dict(_known(as_dict(as_dict(as_dict(entry).get("Properties")).get("Parameters")), evaluator))
        for name, entry in as_dict(names.template.get("Resources")).items()
        if as_dict(entry).get("Type") == STACK
    }


def _known(parameters: JsonObject, evaluator: Evaluator) -> Iterator[tuple[str, str]]:
    for name, value in parameters.items():
        try:
            known: Json = evaluator.value(value)
        except (Open, TemplateRefused):
            continue
        if is_scalar(known):
            yield name, text_of(known)
        elif isinstance(known, list) and all(is_scalar(each) for each in known):
            yield name, ",".join(text_of(each) for each in known if is_scalar(each))
