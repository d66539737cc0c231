"""Resolves values in stack resources and outputs like CloudFormation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ssm.models import ssm_backends

from harness.cloudformation.dynamic import DynamicReferences
from harness.cloudformation.evaluate import Evaluator
from harness.cloudformation.faults import TemplateRefused, refuse
from harness.cloudformation.text import is_scalar, text_of
from harness.cloudformation.types import attributes_of, identifier_of, typed
from harness.engine.moto import given
from harness.engine.moto.resources.model import Resource
from harness.engine.moto.resources.of_moto import OfMoto
from harness.engine.moto.stacks.changes import at
from harness.engine.moto.stacks.finding import exports_of, known
from harness.engine.moto.stacks.model import Output, Stack
from harness.json_types import Json, JsonObject

BOOTSTRAP_PREFIX = "/cdk-bootstrap/"
BOOTSTRAP_VERSION = "30"
"""The version of CDK's bootstrap stack in every engine account.

It is newer than the version that any template requires.
"""


class StackNames:
    """Resolves names in a stack whose resources are created in dependency order.

    `imports` collects the names of the requested exports.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.imports: set[str] = set()

    def ref(self, name: str) -> Json:
        """Return the physical ID of a resource."""
        return self._made(name)[1].physical_resource_id

    def attribute(self, resource: str, attribute: str) -> Json:
        """Return the value of a resource's attribute, or the resource's ID if the attribute is the ID."""
        kind, made = self._made(resource)
        try:
            value = made.get_cfn_attribute(attribute)
        except UnformattedGetAttTemplateException:
            if attribute == identifier_of(kind):
                return made.physical_resource_id
        else:
            # moto's Redshift returns the whole Endpoint for Endpoint.Address.
            inner = isinstance(made, OfMoto) and isinstance(value, dict)
            return at(value, attribute.split(".")[1:]) if inner else value
        declared = at(self._stack.resources[resource].properties, attribute.split("."))
        # for many types, properties such as a topic's DisplayName are also attributes
        if declared is not None:
            return declared
        raise _no_attribute(kind, attribute)

    def _made(self, name: str) -> tuple[str, Resource]:
        found = self._stack.resources.get(name)
        if found is None or found.made is None:
            raise refuse(
                f"Template format error: Unresolved resource dependencies [{name}] in the Resources block of "
                "the template"
            )
        return found.type, found.made

    def condition(self, name: str) -> bool:
        """Raise an error. Conditions have already been evaluated, so this is never called."""
        raise refuse(f"Template format error: Unresolved condition dependency {name}")

    def mapping(self, name: str) -> Mapping[str, Json] | None:
        """Return None. Mappings have already been resolved, unless a key depends on a resource."""
        return None

    def export(self, name: str) -> Json:
        """Return the value of the export with this name."""
        for _, export, value in exports_of(self._stack.account_id, self._stack.region):
            if export == name:
                self.imports.add(name)
                return value
        if name in given.now().exports:
            self.imports.add(name)
            return given.now().exports[name]
        raise refuse(f"No export named {name} found.")

    def stack_output(self, stack: str, output: str, region: str, role: str) -> Json:
        """Return the value of a stack output, from the role's account if a role is specified."""
        account_id = role.split(":")[4] if role.count(":") >= 5 else self._stack.account_id
        found = known(account_id, region or self._stack.region, stack)
        where = f" in {account_id}, {region or self._stack.region}"
        if (found is None or found.deleted is not None) and stack in given.now().outputs:
            return _given_output(stack, output)
        if found is None or found.deleted is not None:
            raise refuse(f"Fn::GetStackOutput: Stack [{stack}] does not exist{where}")
        if output not in found.outputs:
            names = ", ".join(sorted(found.outputs)) or "none"
            raise refuse(f"Fn::GetStackOutput: stack {stack} has no output {output}; its outputs: {names}")
        return found.outputs[output].value

    def zones(self, region: str) -> Sequence[str]:
        """Return the availability zones in a region."""
        return zones_of(region or self._stack.region)


def _given_output(stack: str, output: str) -> str:
    outputs = given.now().outputs[stack].values
    if output not in outputs:
        names = ", ".join(sorted(outputs))
        raise refuse(
            f"Fn::GetStackOutput: the provided outputs of stack {stack} do not include {output}; they "
            f"are: {names}"
        )
    return outputs[output]


def _no_attribute(kind: str, attribute: str) -> TemplateRefused:
    known = attributes_of(kind)
    if known is not None and attribute in known:
        return refuse(f"the engine does not support the attribute {attribute} of {kind}")
    short = kind.rpartition("::")[2]
    return refuse(
        f"Template error: resource {short} does not support attribute type {attribute} in Fn::GetAtt"
        + (f"; known: {', '.join(sorted(known))}" if known else "")
    )


def zones_of(region: str) -> Sequence[str]:
    """Return the names of the availability zones in a region."""
    return [zone.name for zone in RegionsAndZonesBackend.zones.get(region, [])]


def stored(account_id: str, region: str, name: str, version: str = "", *, secure: bool = False) -> str | None:
    """Return the value of a parameter in Parameter Store. None if no parameter has this name and type.

    The parameter `/cdk-bootstrap/*/version` always exists, as if `cdk bootstrap` had been run.
    """
    try:
        found = ssm_backends[account_id][region].get_parameter(f"{name}:{version}" if version else name)
    except Exception:  # an invalid name, or a version that does not exist
        found = None
    if found is None and name in given.now().ssm:  # in any region and version
        parameter = given.now().ssm[name]
        return parameter.value if (parameter.type == "SecureString") is secure else None
    if found is None:
        bootstrap = name.startswith(BOOTSTRAP_PREFIX) and name.endswith("/version")
        return BOOTSTRAP_VERSION if bootstrap else None
    if (found.parameter_type == "SecureString") is not secure:
        return None
    return str(found.response_object(decrypt=True)["Value"])


def secret(account_id: str, region: str, name: str, stage: str, version: str) -> str | None:
    """Return the string value of a secret.

    None if the secret does not exist. A user-provided secret has the same value in all stages and versions.
    """
    from moto.secretsmanager.exceptions import SecretsManagerClientError  # noqa: PLC0415  (start-up)
    from moto.secretsmanager.models import secretsmanager_backends  # noqa: PLC0415

    backend = secretsmanager_backends[account_id][region]
    try:
        found = backend.get_secret_value(name, version, stage or ("" if version else "AWSCURRENT"))
    except SecretsManagerClientError:
        return given.secret_text(name)
    text: str | None = found.get("SecretString")
    return text


class Values:
    """Resolves the values in a stack. `imports` collects the exports that these values need."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._names = StackNames(stack)
        self._evaluator = Evaluator(self._names)
        account_id, region = stack.account_id, stack.region
        self._dynamic = DynamicReferences(
            lambda name, version, secure: stored(account_id, region, name, version, secure=secure),
            lambda name, stage, version: secret(account_id, region, name, stage, version),
        )

    @property
    def imports(self) -> set[str]:
        """The names of the exports requested from other stacks."""
        return self._names.imports

    def properties(self, kind: str, declared: JsonObject) -> JsonObject:
        """Return the properties of a resource, converted to the types in its schema.

        Raises TemplateRefused.
        """
        written: Any = declared.get("Properties", {})
        found = self._dynamic.resolved(kind, self._evaluator.value(written))
        self._stack.secrets |= self._dynamic.secrets
        if not isinstance(found, dict):
            raise refuse("Template format error: Properties must be an object", "Properties")
        return typed(kind, found)

    def outputs(self, declared: JsonObject) -> dict[str, Output]:
        """Return the stack's outputs. Raises TemplateRefused."""
        found: dict[str, Output] = {}
        for name, entry in declared.items():
            assert isinstance(entry, dict)
            value = self._value(entry["Value"], ("Outputs", name, "Value"))
            if not is_scalar(value):
                raise refuse(
                    f"Output {name}: the value must be a string, not {value!r}", "Outputs", name, "Value"
                )
            description: Any = entry.get("Description")
            found[name] = Output(text_of(value), description, self._export(name, entry.get("Export")))
        return found

    def _export(self, output: str, export: Json) -> str | None:
        if not isinstance(export, dict):
            return None
        name = self._value(export["Name"], ("Outputs", output, "Export", "Name"))
        if not is_scalar(name):
            raise refuse(f"Output {output}: the export name must be a string, not {name!r}")
        return text_of(name)

    def _value(self, value: Json, keys: tuple[str, ...]) -> Json:
        try:
            return self._evaluator.value(value)
        except TemplateRefused as error:
            raise error.inside(*keys) from None
