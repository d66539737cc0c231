"""Parses and checks stack templates, and evaluates the parts that do not depend on resources.

See `harness.cloudformation.prepare`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlparse

from harness.cloudformation.evaluate import Open
from harness.cloudformation.faults import TemplateRefused, refuse
from harness.cloudformation.parameters import declared_in
from harness.cloudformation.prepare import Prepared, check_template, prepare
from harness.cloudformation.pseudo import pseudo_of
from harness.cloudformation.reading import read
from harness.cloudformation.static_names import Surroundings
from harness.cloudformation.text import is_scalar, text_of
from harness.engine.moto.resources import aws_types
from harness.engine.moto.resources.definitions import text_in_s3
from harness.engine.moto.resources.types import check_attributes, check_types
from harness.engine.moto.stacks.capabilities import shown_needs
from harness.engine.moto.stacks.model import Stack, ValidationError
from harness.engine.moto.stacks.values import stored, zones_of
from harness.json_types import Json, JsonObject
from harness.stepfunctions.arns import Caller

HIDDEN = "****"


@contextmanager
def validation() -> Iterator[None]:
    """Convert a template error to CloudFormation's ValidationError."""
    try:
        yield
    except (Open, TemplateRefused) as error:
        raise ValidationError(message=str(error)) from error


def prepared(stack: Stack, text: str, given: Mapping[str, str]) -> Prepared:
    """Return a template prepared for a stack. Raises ValidationError."""
    account_id, region = stack.account_id, stack.region
    pseudo: dict[str, Json] = {
        **pseudo_of(region, stack.notification_arns or ()),
        "AWS::AccountId": account_id,
        "AWS::Region": region,
        "AWS::StackId": stack.id,
        "AWS::StackName": stack.name,
    }
    surroundings = Surroundings(
        pseudo,
        lambda name: stored(account_id, region, name),
        lambda zone: zones_of(zone or region),
        lambda location: read(text_in_s3(Caller(account_id, region), *_bucket_and_key(location))),
        region,
    )
    with validation():
        found = prepare(_sent(text), given, surroundings)
        check_types(found.template)
        check_attributes(found.template)
        return found


def _bucket_and_key(location: str) -> tuple[str, str]:
    """Return the location of an included file. Raises TemplateRefused."""
    place = urlparse(location)
    if place.scheme != "s3" or not place.netloc or not place.path.strip("/"):
        raise refuse("The location parameter is not a valid S3 uri.")
    return place.netloc, place.path.lstrip("/")


def _sent(text: str | None) -> JsonObject:
    """Return the template in a request. Raises TemplateRefused if there is none."""
    if not text:
        raise refuse("Either Template URL or Template Body must be specified.")
    return read(text, aliases=False)


def shown_parameters(prepared: Prepared | None) -> list[dict[str, str]]:
    """Return the template parameters as shown in a stack, with values from Parameter Store."""
    if prepared is None:
        return []
    found = prepared.parameters
    shown = []
    for name, text in found.texts.items():
        hidden = name in found.hidden
        shown.append({"ParameterKey": name, "ParameterValue": HIDDEN if hidden else text})
        value = found.values.get(name)
        if isinstance(value, str) and value != text and not hidden:
            shown[-1]["ResolvedValue"] = value
    return shown


def validated(text: str | None) -> dict[str, Any]:
    """Return the ValidateTemplate response, for which no parameter values are needed.

    Raises ValidationError.
    """
    with validation():
        template = _sent(text)
        check_template(template)
        declared = declared_in(template)
    return {
        **({"Description": template["Description"]} if "Description" in template else {}),
        "Parameters": [
            {key: value for key, value in _shown_declaration(name, entry).items() if key in _VALIDATED}
            for name, entry in declared.items()
        ],
        **shown_needs(template),
    }


_VALIDATED = ("ParameterKey", "DefaultValue", "NoEcho", "Description")


def summary(text: str | None) -> dict[str, Any]:
    """Return the GetTemplateSummary response. Raises ValidationError."""
    with validation():
        template = _sent(text)
        check_template(template)
        declared = declared_in(template)
    resources = template.get("Resources", {})
    entries = resources.values() if isinstance(resources, dict) else ()
    kinds = [str(entry.get("Type")) for entry in entries if isinstance(entry, dict)]
    found: dict[str, Any] = {
        "ResourceTypes": kinds,
        "Parameters": [_shown_declaration(name, entry) for name, entry in declared.items()],
        **shown_needs(template),
    }
    found["Version"] = template.get("AWSTemplateFormatVersion", "2010-09-09")
    found["ResourceIdentifierSummaries"] = _identifiers(template)
    if "Description" in template:
        found["Description"] = template["Description"]
    if "Metadata" in template:
        found["Metadata"] = str(template["Metadata"])  # in single quotes, like AWS
    return found


def _identifiers(template: JsonObject) -> list[dict[str, Any]]:
    """Return the properties that identify resources, by type."""
    resources: Any = template.get("Resources", {})
    found: dict[str, list[str]] = {}
    for name, entry in resources.items():
        if isinstance(entry, dict):
            found.setdefault(str(entry.get("Type")), []).append(name)
    return [
        {
            "ResourceType": kind,
            "LogicalResourceIds": names,
            "ResourceIdentifiers": list(aws_types.identifiers(kind)),
        }
        for kind, names in found.items()
    ]


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
        **({"Description": entry["Description"]} if "Description" in entry else {}),
        **({"DefaultValue": text_of(default)} if is_scalar(default) else {}),
        "NoEcho": str(entry.get("NoEcho", "")).lower() == "true",
        "ParameterType": entry["Type"],
        "ParameterConstraints": constraints,
    }
