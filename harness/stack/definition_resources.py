"""Resources that a definition refers to: some are set next to it, the others are generated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from harness.json_types import Json, JsonObject
from harness.plain import Plain, logical_id_of
from harness.scenario.position import Position, Problem
from harness.scenario.wording import nearest, shortened
from harness.stack.definition_names import (
    SNIPPET,
    Kind,
    Reference,
    core_of,
)

_TYPES: Final[Mapping[Kind, tuple[str, str, str]]] = {
    "topic": ("AWS::SNS::Topic", "TopicName", "TopicArn"),
    "queue": ("AWS::SQS::Queue", "QueueName", "Arn"),
    "activity": ("AWS::StepFunctions::Activity", "Name", "Arn"),
}
SAMPLES: Final[Mapping[Kind, str]] = {
    "function": "arn:aws:lambda:us-east-1:123456789012:function:f",
    "topic": "arn:aws:sns:us-east-1:123456789012:t",
    "queue": "https://sqs.us-east-1.amazonaws.com/123456789012/q",
    "machine": "arn:aws:states:us-east-1:123456789012:stateMachine:m",
    "activity": "arn:aws:states:us-east-1:123456789012:activity:a",
    "table": "table",
}
"""Sample values for the check. They stand for values that are known only after the deployment."""
_ENDINGS: Final[tuple[tuple[str, Kind], ...]] = (
    ("TopicArn", "topic"),
    ("QueueUrl", "queue"),
    ("QueueArn", "queue"),
)
"""Suffixes of placeholders and keys, with the kind of resource to generate."""
_KINDS_AT: Final[Mapping[str, tuple[Kind, ...]]] = {
    "Resource": ("function",),
    "FunctionName": ("function",),
    "TableName": ("table",),
    "StateMachineArn": ("machine",),
}
"""Kinds of resources, by the keys that refer to them."""
_BARE: Final[Mapping[str, Kind]] = {"function": "function", "lambda": "function", "table": "table"}
"""Placeholders that consist only of a kind. Each refers to the only resource of that kind."""
_GIVEN: Final[Mapping[Kind, str]] = {"function": "functions", "table": "tables", "machine": "machines"}
_SHOWN: Final[Mapping[Kind, str]] = {
    "function": "PATH",
    "table": "{key: {NAME: S}}",
    "machine": "PATH",
}


class Unresolved(Exception):
    """A resource that a definition refers to does not exist. `remedy` says how to fix this."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


def machine_name(path: Path) -> str:
    """Return the name of the machine for a definition's file: `flow` for `flow.asl.json`."""
    return "".join(each if each.isalnum() and each.isascii() else "-" for each in path.name.partition(".")[0])


class Names:
    """Names that are set next to definitions, and names that are generated from a definition."""

    def __init__(self, given: Plain, machines: Sequence[str]) -> None:
        self.known: Mapping[Kind, tuple[str, ...]] = {
            "function": tuple(name for name, _ in given.functions),
            "table": tuple(name for name, _ in given.tables),
            "machine": tuple(machines),
        }
        self._ids: dict[tuple[Kind, str], str] = {}
        self._taken: dict[str, tuple[Kind, str]] = {}
        self._clashes: list[tuple[Kind, str, str]] = []
        self._resources: JsonObject = {}
        for kind, names in self.known.items():
            for name in names:
                self._add(kind, name)

    def id_of(self, kind: Kind, name: str) -> str:
        """Return the logical ID of the resource with this name."""
        return self._ids[kind, name]

    def problems(self, given: Plain) -> Iterator[Problem]:
        """Report names of one kind that have the same letters and digits."""
        for kind, name, other in self._clashes:
            where = Position(given.file, *given.place(_GIVEN[kind], name))
            message = f"{_GIVEN[kind]}: {name} and {other} have the same letters and digits"
            yield Problem(where, message, "rename one")

    def resources(self) -> JsonObject:
        """The resources that are generated because a definition refers to them."""
        return dict(self._resources)

    def value(self, found: Reference) -> Json:
        """Return the value in the template for a reference. Raises Unresolved."""
        if found.kind in _TYPES:
            return self._made(found)
        names = self.known[found.kind]
        if found.kind == "function" and found.name in SNIPPET - set(names):
            if len(names) != 1:
                said = found.name or "nothing"
                raise Unresolved(
                    f"the definition calls function {said!r}, a placeholder from AWS's examples",
                    f"replace it with the name of a function: {shortened(names)}",
                )
            found = Reference("function", names[0], found.qualifier, found.form)
        if found.name not in names:
            raise Unresolved(*_missing(found, names))
        name = self.id_of(found.kind, found.name)
        if found.kind == "function" and found.qualifier:
            return {"Ref": self._version(name, found.qualifier)}
        if found.form == "name":
            return {"Ref": name} if found.kind != "machine" else {"Fn::GetAtt": [name, "Name"]}
        if found.kind == "machine":
            return {"Ref": name}
        return {"Fn::GetAtt": [name, "Arn"]}

    def version(self, function: str, qualifier: str) -> Json:
        """Return the value for a `Qualifier`: a version number, or the alias itself."""
        made = self._version(self.id_of("function", function), qualifier)
        return {"Fn::GetAtt": [made, "Version"]} if qualifier.isdecimal() else qualifier

    def like(self, placeholder: str, key: str) -> Reference | None:
        """Find the resource for a placeholder such as `${ListObjectsFunctionArn}`, by its name or its key."""
        core = core_of(placeholder)
        kinds = _KINDS_AT.get(key, tuple(self.known))
        found = [(kind, name) for kind in kinds for name in self.known[kind] if core_of(name) == core]
        if not found and (kind := _BARE.get(core)) in kinds and len(self.known[kind]) == 1:
            found = [(kind, self.known[kind][0])]
        if len(found) == 1:
            ((kind, name),) = found
            is_name = kind == "table" and not placeholder.lower().endswith("arn")
            return Reference(kind, name, form="name" if is_name or placeholder.endswith("Name") else "arn")
        for ending, made in _ENDINGS:
            if not found and (key == ending or placeholder.endswith(ending)):
                name = placeholder.removesuffix(ending) or ending[:5]
                return Reference(made, name, form="url" if ending == "QueueUrl" else "arn")
        return None

    def _made(self, found: Reference) -> Json:
        kind = found.kind
        if (kind, found.name) not in self._ids:
            type_, name, _ = _TYPES[kind]
            properties: JsonObject = {name: found.name}
            if found.name.endswith(".fifo"):
                properties["FifoTopic" if kind == "topic" else "FifoQueue"] = True
            self._resources[self._add(kind, found.name)] = {"Type": type_, "Properties": properties}
        logical_id = self.id_of(kind, found.name)
        if found.form == "url" or kind != "queue":
            return {"Ref": logical_id}
        return {"Fn::GetAtt": [logical_id, _TYPES[kind][2]]}

    def _version(self, function: str, qualifier: str) -> str:
        """Add a function version, and the alias if the qualifier is one. Return the logical ID."""
        version = f"{function}Version"
        self._resources[version] = {
            "Type": "AWS::Lambda::Version",
            "Properties": {"FunctionName": {"Ref": function}},
        }
        if qualifier.isdecimal():
            return version
        alias = f"{function}Alias{logical_id_of(qualifier)}"
        self._resources[alias] = {
            "Type": "AWS::Lambda::Alias",
            "Properties": {
                "Name": qualifier,
                "FunctionName": {"Ref": function},
                "FunctionVersion": {"Fn::GetAtt": [version, "Version"]},
            },
        }
        return alias

    def _add(self, kind: Kind, name: str) -> str:
        """Choose a logical ID. Functions take precedence."""
        logical_id = logical_id_of(name) or kind.capitalize()
        if logical_id in self._taken:
            other = self._taken[logical_id]
            if other[0] == kind:
                self._clashes.append((kind, name, other[1]))
            logical_id += kind.capitalize()
        self._taken[logical_id] = kind, name
        self._ids[kind, name] = logical_id
        return logical_id


def _missing(found: Reference, names: Sequence[str]) -> tuple[str, str]:
    kind, given = found.kind, _GIVEN[found.kind]
    verb = {"function": "calls", "table": "uses", "machine": "names"}[kind]
    noun = {"machine": "state machine"}.get(kind, kind)
    remedy = f"add it: {given}: {{{found.name}: {_SHOWN[kind]}}}"
    if names and kind != "machine":
        remedy += f"; {nearest(found.name, names, 'given')}"
    return f"the definition {verb} {noun} {found.name}, which is not under `{given}`", remedy
