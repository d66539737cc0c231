"""Finds the external values that a template requires, and the values that it creates for other templates.

External values are exports and outputs from other stacks, parameters in the Parameter Store, and secrets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from harness.cloudformation.dynamic import REFERENCE
from harness.cloudformation.evaluate import Evaluator, Open
from harness.cloudformation.faults import Key, TemplateRefused
from harness.cloudformation.functions import function_of
from harness.cloudformation.parameters import LISTS, SSM_VALUE, LookUp, resolve
from harness.cloudformation.prepare import begun
from harness.cloudformation.static_names import StaticNames, Surroundings
from harness.json_types import Json, JsonObject, as_dict

Kind = Literal["export", "output", "parameter", "secret"]
WANTING: Final = ("Fn::ImportValue", "Fn::GetStackOutput", "{{resolve:", SSM_VALUE)
"""Strings that occur in every template that requires an external value."""
_KINDS: Final[Mapping[str, Kind]] = {
    "AWS::SSM::Parameter": "parameter",
    "AWS::SecretsManager::Secret": "secret",
}
_CUSTOM: Final = ("Custom::", "AWS::CloudFormation::CustomResource")
"""Prefixes of types that may create parameters and secrets with names that are not known in advance."""
_HARMLESS: Final = frozenset(
    (
        "Custom::CDKBucketDeployment",
        "Custom::LogRetention",
        "Custom::S3AutoDeleteObjects",
        "Custom::S3BucketNotifications",
        "Custom::VpcRestrictDefaultSG",
    )
)
"""CDK types that create none: packages/@aws-cdk/custom-resource-handlers in https://github.com/aws/aws-cdk.
"""


@dataclass(frozen=True)
class Want:
    """A required external value: an export, a stack output, a parameter or a secret.

    `keys` is the location of the reference in the template. `reference` is the reference as a string.
    `secure` marks a parameter that must be a SecureString, and `several` a parameter whose value is a list.
    `member` is a key in the secret's JSON.
    """

    kind: Kind
    name: str
    keys: tuple[Key, ...]
    reference: str
    output: str = ""
    secure: bool = False
    several: bool = False
    member: str = ""


@dataclass(frozen=True)
class Making:
    """Names of the values that a template creates, if known in advance.

    `unknown` are kinds for which it may create more values, with names that only the engine knows.
    """

    exports: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    unknown: frozenset[Kind] = frozenset()


@dataclass(frozen=True)
class Looked:
    """Return the values that a template requires and creates. Empty if its loops depend on values that
    only the engine knows.
    """

    wants: tuple[Want, ...] = ()
    making: Making = field(default_factory=Making)


def look(
    template: JsonObject,
    given: Mapping[str, str],
    surroundings: Surroundings,
    look_up: LookUp,
    *,
    partial: bool = False,
) -> Looked:
    """Find the values that a template requires and creates. Its transforms, except loops, have been applied.

    Args:
        given: its parameters. With `partial`, only the parameters that are known in advance.
        look_up: returns the known parameters in the Parameter Store.

    Raises:
        TemplateRefused: the template or its parameters are rejected.
    """
    try:
        parameters = resolve(template, given, look_up, partial=partial)
        names, _ = begun(template, parameters, surroundings)
    except Open:
        return Looked(making=Making(unknown=frozenset({"export", "output", "parameter", "secret"})))
    search = _Search(names)
    wants = [
        Want(
            "parameter",
            text,
            ("Parameters", name, "Default"),
            f"parameter {name}",
            several=kind.startswith(LISTS),
        )
        for name, text in parameters.texts.items()
        if (kind := _type_of(template, name)).startswith(SSM_VALUE)
    ]
    for name, entry, sure in search.entries("Resources"):
        keys = ("Resources", name, "Properties")
        wants += search.wants(entry.get("Properties"), keys, sure=sure, dynamic=True)
    for name, entry, sure in search.entries("Outputs"):
        wants += search.wants(entry.get("Value"), ("Outputs", name, "Value"), sure=sure)
    return Looked(tuple(dict.fromkeys(wants)), search.making())


def _type_of(template: JsonObject, parameter: str) -> str:
    return str(as_dict(as_dict(template.get("Parameters")).get(parameter)).get("Type"))


class _Search:
    """Searches the values in a template."""

    def __init__(self, names: StaticNames) -> None:
        self._names = names
        self._evaluator = Evaluator(names)

    def entries(self, section: str) -> Iterator[tuple[str, JsonObject, bool]]:
        """Return the entries in a section that may be created, and whether this is certain."""
        for name, value in as_dict(self._names.template.get(section)).items():
            entry = as_dict(value)
            holds = self._holds(entry["Condition"]) if "Condition" in entry else True
            if holds is not False:
                yield name, entry, holds is True

    def wants(
        self, value: Json, keys: tuple[Key, ...], *, sure: bool, dynamic: bool = False
    ) -> Iterator[Want]:
        """Return the definite requirements of a value. With `dynamic`, includes dynamic references."""
        if not sure:
            return
        called = function_of(value)
        if called is not None and called[0] == "Fn::If":
            yield from self._of_if(called[1], keys, dynamic=dynamic)
            return
        if called is not None and called[0] in ("Fn::ImportValue", "Fn::GetStackOutput"):
            yield from self._of_stack(*called, keys)
        if dynamic and isinstance(known := self._known(value), str):
            yield from _dynamic(known, keys)
            dynamic = dynamic and not isinstance(value, dict)  # its parts have been searched
        if isinstance(value, dict):
            for key, entry in value.items():
                yield from self.wants(entry, (*keys, key), sure=sure, dynamic=dynamic)
        elif isinstance(value, list):
            for number, entry in enumerate(value):
                yield from self.wants(entry, (*keys, number), sure=sure, dynamic=dynamic)

    def _of_if(self, argument: Json, keys: tuple[Key, ...], *, dynamic: bool) -> Iterator[Want]:
        parts = argument if isinstance(argument, list) else []
        holds = self._holds(parts[0]) if len(parts) == 3 else None
        if holds is not None:
            index = 1 if holds else 2
            yield from self.wants(parts[index], (*keys, "Fn::If", index), sure=True, dynamic=dynamic)

    def _of_stack(self, function: str, argument: Json, keys: tuple[Key, ...]) -> Iterator[Want]:
        known = self._known(argument)
        if function == "Fn::ImportValue" and isinstance(known, str):
            yield Want("export", known, keys, function)
        if function == "Fn::GetStackOutput" and isinstance(known, dict):
            stack, output = known.get("StackName"), known.get("OutputName")
            if isinstance(stack, str) and isinstance(output, str):
                yield Want("output", stack, keys, function, output)

    def _holds(self, condition: Json) -> bool | None:
        """Return the value of a condition. None if only the engine knows it, or if it is invalid."""
        try:
            return self._names.condition(str(condition))
        except (Open, TemplateRefused):
            return None

    def _known(self, value: Json) -> Json:
        """Return a value with its functions evaluated. None if it is unknown or invalid; other checks
        report invalid values.
        """
        try:
            return self._evaluator.value(value)
        except (Open, TemplateRefused):
            return None

    def making(self) -> Making:
        """Return the names that the template creates."""
        unknown: set[Kind] = set()
        exports, outputs = set(), set()
        for name, entry, _ in self.entries("Outputs"):
            outputs.add(name)
            if isinstance(export := entry.get("Export"), dict):
                known = self._known(export.get("Name"))
                exports.add(known) if isinstance(known, str) else unknown.add("export")
        stored: dict[Kind, set[str]] = {"parameter": set(), "secret": set()}
        for _, entry, _ in self.entries("Resources"):
            made = str(entry.get("Type"))
            if made.startswith(_CUSTOM) and made not in _HARMLESS:
                unknown |= {"parameter", "secret"}
            kind, properties = _KINDS.get(made), as_dict(entry.get("Properties"))
            if kind is None or "Name" not in properties:
                continue
            known = self._known(properties["Name"])
            stored[kind].add(known) if isinstance(known, str) else unknown.add(kind)
        return Making(
            frozenset(exports),
            frozenset(outputs),
            frozenset(stored["parameter"]),
            frozenset(stored["secret"]),
            frozenset(unknown),
        )


def _dynamic(text: str, keys: tuple[Key, ...]) -> Iterator[Want]:
    """Return the dynamic references in a string. The engine reports malformed references."""
    for match in REFERENCE.finditer(text):
        service, named = match.groups()
        if service in ("ssm", "ssm-secure"):
            name = named.partition(":")[0]
            yield Want("parameter", name, keys, match[0], secure=service == "ssm-secure")
        elif service == "secretsmanager":
            parts = named.split(":")
            own = 7 if parts[0] == "arn" else 1
            member = parts[own + 1] if len(parts) > own + 1 else ""
            yield Want("secret", ":".join(parts[:own]), keys, match[0], member=member)
