"""The values in a stack's resources and outputs, as CloudFormation makes them.

Replaced in moto.cloudformation.parsing: `clean_json`, and `parse_output`; `parse_resource` gives properties
of the types that a resource has.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import UnformattedGetAttTemplateException, ValidationError
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ssm.models import ssm_backends

from harness.cloudformation.dynamic import DynamicReferences
from harness.cloudformation.evaluate import Evaluator
from harness.cloudformation.faults import TemplateRefused, refuse
from harness.cloudformation.text import is_scalar, text_of
from harness.cloudformation.types import attributes_of, identifier_of, typed
from harness.json_types import Json, JsonObject

BOOTSTRAP_PREFIX = "/cdk-bootstrap/"
BOOTSTRAP_VERSION = "30"
"""The version of CDK's bootstrap stack that an account has here: newer than every template asks for."""


class Resources(Protocol):
    """The part of moto's ResourceMap that is used here."""

    _parsed_resources: dict[str, Any]
    _resource_json_map: dict[str, JsonObject]
    _account_id: str
    _region_name: str
    cross_stack_resources: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any: ...


class StackNames:
    """The names of a stack whose resources are made when they are asked for."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def ref(self, name: str) -> Json:
        """The physical id of a resource."""
        made = self._made(name)
        found: Json = getattr(made, "physical_resource_id", made)
        return found

    def attribute(self, resource: str, attribute: str) -> Json:
        """The value of an attribute, from moto, or the resource's id where that is what the attribute is."""
        made = self._made(resource)
        kind = str(self._resources._resource_json_map[resource].get("Type"))
        try:
            found: Json = made.get_cfn_attribute(attribute)
        except (UnformattedGetAttTemplateException, NotImplementedError, AttributeError, KeyError):
            found = None
        if found is None and attribute == identifier_of(kind):
            found = made.physical_resource_id
        if found is None:
            raise _no_attribute(kind, attribute)
        return found

    def _made(self, name: str) -> Any:
        if name not in self._resources._resource_json_map and name not in self._resources._parsed_resources:
            raise refuse(
                f"Template format error: Unresolved resource dependencies [{name}] in the Resources block of "
                "the template"
            )
        made = self._resources[name]
        if made is None:
            kind = self._resources._resource_json_map[name].get("Type")
            raise refuse(f"{name} ({kind}) is not served here, and something refers to it")
        return made

    def condition(self, name: str) -> bool:
        """Never asked: conditions are evaluated before."""
        raise refuse(f"Template format error: Unresolved condition dependency {name}")

    def mapping(self, name: str) -> Mapping[str, Json] | None:
        """Nothing: mappings are looked up before, but where a key depends on a resource."""
        return None

    def export(self, name: str) -> Json:
        """The value that a stack exports under the name."""
        exports = self._resources.cross_stack_resources or {}
        for export in exports.values():
            if export.name == name:
                value: Json = export.value
                return value
        raise refuse(f"No export named {name} found.")

    def zones(self, region: str) -> Sequence[str]:
        """The availability zones of a region."""
        return zones_of(region or self._resources._region_name)


def _no_attribute(kind: str, attribute: str) -> TemplateRefused:
    known = attributes_of(kind)
    if known is not None and attribute in known:
        return refuse(f"{kind} has no attribute {attribute} here: the engine does not serve it")
    short = kind.rpartition("::")[2]
    return refuse(
        f"Template error: resource {short} does not support attribute type {attribute} in Fn::GetAtt"
        + (f"; known: {', '.join(sorted(known))}" if known else "")
    )


def zones_of(region: str) -> Sequence[str]:
    """The names of a region's availability zones."""
    return [zone.name for zone in RegionsAndZonesBackend.zones.get(region, [])]


def stored(account_id: str, region: str, name: str, version: str = "", *, secure: bool = False) -> str | None:
    """The value of a parameter of the Parameter Store; None if there is none of the name and type.

    `/cdk-bootstrap/*/version` is there as after `cdk bootstrap`.
    """
    try:
        found = ssm_backends[account_id][region].get_parameter(f"{name}:{version}" if version else name)
    except Exception:  # a name that is malformed, or a version that is not there
        found = None
    if found is None:
        bootstrap = name.startswith(BOOTSTRAP_PREFIX) and name.endswith("/version")
        return BOOTSTRAP_VERSION if bootstrap else None
    if (found.parameter_type == "SecureString") is not secure:
        return None
    return str(found.response_object(decrypt=True)["Value"])


def secret(account_id: str, region: str, name: str, stage: str, version: str) -> str | None:
    """The text of a secret; None if there is none."""
    from moto.secretsmanager.exceptions import SecretsManagerClientError  # noqa: PLC0415  (start-up)
    from moto.secretsmanager.models import secretsmanager_backends  # noqa: PLC0415

    backend = secretsmanager_backends[account_id][region]
    try:
        found = backend.get_secret_value(name, version, stage or ("" if version else "AWSCURRENT"))
    except SecretsManagerClientError:
        return None
    text: str | None = found.get("SecretString")
    return text


def evaluated(value: Any, resources: Any) -> Any:
    """A value with its functions evaluated; resources that it needs are made. Raises ValidationError."""
    try:
        return Evaluator(StackNames(resources)).value(value)
    except TemplateRefused as error:
        raise ValidationError(message=str(error)) from error


def output(name: str, entry: JsonObject, resources: Any) -> parsing.Output:
    """An output of a stack. Raises ValidationError."""
    value = evaluated(entry["Value"], resources)
    if not is_scalar(value):
        raise ValidationError(message=f"Output {name}: its value is no text: {value!r}")
    description: Any = entry.get("Description")
    return parsing.Output(key=name, value=text_of(value), description=description)


def properties_of(kind: str, properties: JsonObject, resources: Any) -> JsonObject:
    """Evaluated properties with dynamic references resolved, and of the types that the resource has.

    Raises ValidationError.
    """
    account_id, region = resources._account_id, resources._region_name
    dynamic = DynamicReferences(
        lambda name, version, secure: stored(account_id, region, name, version, secure=secure),
        lambda name, stage, version: secret(account_id, region, name, stage, version),
    )
    try:
        found = dynamic.resolved(kind, properties)
        assert isinstance(found, dict)
        return typed(kind, found)
    except TemplateRefused as error:
        raise ValidationError(message=str(error)) from error


def install() -> None:
    """Patch moto in this process."""
    patched: Any = parsing
    parse: Callable[..., Any] = patched.parse_resource

    @functools.wraps(parse)
    def parse_resource(resource: JsonObject, resources: Any) -> Any:
        found = parse(
            dict(resource), resources
        )  # it adds Properties, and then a change is seen where none is
        if not found:
            return found
        model, made, kind = found
        return model, {**made, "Properties": properties_of(kind, made["Properties"], resources)}, kind

    patched.clean_json = evaluated
    patched.parse_output = output
    patched.parse_resource = parse_resource
