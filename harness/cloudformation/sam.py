"""`AWS::Serverless-2016-10-31` (SAM): translates a template offline with AWS's own translator.

See https://github.com/aws/serverless-application-model. Uses no credentials and sends no requests.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

from harness.cloudformation.faults import Fault, Key, TemplateRefused, raise_any
from harness.cloudformation.functions import FOR_EACH
from harness.cloudformation.managed_policies import arns
from harness.cloudformation.parameters import required_in
from harness.json_types import Json, JsonObject, as_dict

SAM: Final = "AWS::Serverless-2016-10-31"
PREFIX: Final = "AWS::Serverless::"
FUNCTION: Final = f"{PREFIX}Function"
URIS: Final[Mapping[str, str]] = {
    FUNCTION: "CodeUri",
    f"{PREFIX}LayerVersion": "ContentUri",
    f"{PREFIX}StateMachine": "DefinitionUri",
    f"{PREFIX}Api": "DefinitionUri",
    f"{PREFIX}HttpApi": "DefinitionUri",
    f"{PREFIX}WebSocketApi": "DefinitionUri",
}
"""The property that accepts a local path, by SAM type."""

_ELSEWHERE: Final = ("s3://", "http://", "https://")
_LOCAL: Final = "local-paths-of-the-template"
_NOT_SERVED: Final[Mapping[str, str]] = {
    f"{PREFIX}WebFunction": "declare an AWS::Serverless::Function with the same code and an event",
    f"{PREFIX}CapacityProvider": "remove it: the harness runs functions without one",
    f"{PREFIX}MicrovmImage": "remove it for the harness",
    f"{PREFIX}NetworkConnector": "remove it for the harness",
}
"""Types that SAM's translator supports and the harness does not, each with a workaround."""
_PROPERTIES_NOT_SERVED: Final[Mapping[str, tuple[str, str]]] = {
    "DurableConfig": (
        "a durable function",
        "use a state machine for the workflow, or a function without it",
    ),
    "CapacityProviderConfig": ("a function on a capacity provider", "remove the property for the harness"),
}
_NAMES: Final = re.compile(r"\[([^\[\]]+)\]|'([^']+)'|property (\w+) not")
"""The names in a SAM message: `Resource with id [Fn] is invalid. property CodeUr not defined ...`."""


def translated(template: JsonObject, given: Mapping[str, str], region: str) -> JsonObject:
    """Return the CloudFormation template that SAM generates from a template, which may contain local paths.

    The result contains local paths in the format of `aws cloudformation package`: `Code: ./fn`.

    Args:
        given: parameter values. Default: the template's default, otherwise the parameter's name.
        region: determines the partition in ARNs.

    Raises:
        TemplateRefused: SAM rejects the template, or the harness does not support part of it.
    """
    raise_any(_faults(template))
    source = deepcopy(template)
    _drop_transform(source)
    paths = _LocalPaths()
    for kind, properties in _with_paths(source):
        paths.hide(kind, properties)
    looked_at = {name: name for name in required_in(template)}
    made = paths.shown(_translate(source, {**looked_at, **given}, region))
    assert isinstance(made, dict), "a template stays a template"
    return made


def _faults(template: JsonObject) -> Iterator[Fault]:
    for name, resource in as_dict(template.get("Resources")).items():
        kind = str(as_dict(resource).get("Type"))
        if kind in _NOT_SERVED:
            keys: tuple[Key, ...] = ("Resources", name, "Type")
            yield Fault(keys, f"{name} ({kind}) is not served here", _NOT_SERVED[kind])
        properties = as_dict(as_dict(resource).get("Properties"))
        if kind == f"{PREFIX}Application" and not isinstance(properties.get("Location"), str):
            yield Fault(
                ("Resources", name, "Properties", "Location"),
                f"{name}: an application from the Serverless Application Repository is not served here",
                "use a local template as its Location (`sam init`, or the application's source)",
            )
        if kind == FUNCTION:
            yield from function_faults(("Resources", name, "Properties"), name, properties)
    yield from function_faults(
        ("Globals", "Function"), "Globals", as_dict(as_dict(template.get("Globals")).get("Function"))
    )


def function_faults(keys: tuple[Key, ...], name: str, properties: JsonObject) -> Iterator[Fault]:
    """Find functions of a kind that is not supported. `keys` are the location of the properties."""
    for key, (meaning, remedy) in _PROPERTIES_NOT_SERVED.items():
        if key in properties:
            yield Fault((*keys, key), f"{name}.{key}: {meaning} is not served here", remedy)


def _drop_transform(template: JsonObject) -> None:
    """Keep only SAM under Transform. Other transforms have been applied or rejected."""
    template["Transform"] = SAM


def _with_paths(template: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Return the properties that may contain a local path, with their resource type. Includes Globals.

    A function without code uses the template's folder, as with `sam build`.
    """
    shared = as_dict(template.get("Globals"))
    for kind in URIS:
        properties = shared.get(kind.removeprefix(PREFIX))
        if isinstance(properties, dict):
            yield kind, properties
    of_functions = as_dict(shared.get("Function"))
    for name, resource in as_dict(template.get("Resources")).items():
        kind = str(as_dict(resource).get("Type"))
        if kind not in URIS or name.startswith(FOR_EACH):
            continue
        assert isinstance(resource, dict), "it has a type"
        properties = resource.setdefault("Properties", {})
        if not isinstance(properties, dict):
            continue
        if kind == FUNCTION and _lacks_code({**of_functions, **properties}):
            properties["CodeUri"] = "."
        yield kind, properties


def _lacks_code(properties: JsonObject) -> bool:
    return properties.get("PackageType") != "Image" and not (
        {"CodeUri", "InlineCode", "ImageUri"} & properties.keys()
    )


@dataclass
class _LocalPaths:
    """Local paths in a template. S3 objects replace them during the translation."""

    _paths: list[str] = field(default_factory=list)

    def hide(self, kind: str, properties: JsonObject) -> None:
        """Replace a local path with an S3 object."""
        path = properties.get(URIS[kind])
        if isinstance(path, str) and not path.startswith(_ELSEWHERE):
            properties[URIS[kind]] = f"s3://{_LOCAL}/{len(self._paths)}"
            self._paths.append(path)

    def shown(self, value: Json) -> Json:
        """Return a value with the S3 objects replaced by their local paths."""
        if isinstance(value, list):
            return [self.shown(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        if _LOCAL in (value.get("S3Bucket"), value.get("Bucket")):
            return self._paths[int(str(value.get("S3Key") or value.get("Key")))]
        return {key: self.shown(entry) for key, entry in value.items()}


def _translate(template: JsonObject, given: dict[str, Any], region: str) -> Json:
    """Return the template that SAM generates from another template. Modifies the original."""
    import boto3  # noqa: PLC0415  (start-up)
    from samtranslator.model import apigateway  # noqa: PLC0415  (start-up)
    from samtranslator.model.exceptions import InvalidDocumentException  # noqa: PLC0415  (start-up)
    from samtranslator.parser.parser import Parser  # noqa: PLC0415  (start-up)
    from samtranslator.translator.translator import Translator  # noqa: PLC0415  (start-up)
    from samtranslator.utils.py27hash_fix import (  # noqa: PLC0415  (start-up)
        to_py27_compatible_template,
        undo_mark_unicode_str_in_template,
    )

    apigateway.time = SimpleNamespace(time=lambda: 0.0)  # AlwaysDeploy derives a logical ID from it
    logging.getLogger("samtranslator").addHandler(logging.NullHandler())
    translator = Translator(None, Parser(), boto_session=boto3.session.Session(region_name=region))
    try:
        to_py27_compatible_template(template, given)
        made = translator.translate(
            template,
            parameter_values=given,
            passthrough_metadata=True,
            get_managed_policy_map=_managed_policies,
        )
    except InvalidDocumentException as error:
        raise TemplateRefused(*_refusals(template, error)) from error
    except Exception as error:  # AWS's translator raises other exceptions for unexpected input
        message = f"Transform {SAM} failed with: {type(error).__name__}: {error}"
        raise TemplateRefused(
            Fault(("Transform",), message, "correct the part that SAM cannot translate")
        ) from error
    finally:
        translator.metrics.publish()  # sends nothing; without this call, the translator complains at exit
    found: Json = undo_mark_unicode_str_in_template(made)
    return found


def _managed_policies() -> dict[str, str]:
    """Return the ARNs of AWS managed policies by name, for policies that the translator does not contain."""
    return dict(arns())


def _refusals(template: JsonObject, error: Any) -> Iterator[Fault]:
    resources = as_dict(template.get("Resources"))
    for cause in error.causes:
        message = str(cause.message)
        named = ["".join(groups) for groups in _NAMES.findall(message)]
        found = next((name for name in named if name in resources), None)
        keys: tuple[Key, ...] = ("Globals",) if "Globals" in message else ("Resources",)
        if found is not None:
            keys = ("Resources", found, "Properties", *_property_of(named, as_dict(resources[found])))
        yield Fault(keys, f"Transform {SAM} failed with: {message}")


def _property_of(named: list[str], resource: JsonObject) -> tuple[Key, ...]:
    """Return the property of a resource in a message, if the message mentions one."""
    properties = as_dict(resource.get("Properties"))
    return tuple(name for name in named if name in properties)[:1]
