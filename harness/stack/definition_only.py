"""Generates a template for a definition that has none, with the functions that are set next to it.

Resources that the definition refers to are generated in two cases: they are set next to it (functions,
tables, further machines), or the reference contains enough information (topics, queues, activities). All
roles allow everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from harness.files import is_folder
from harness.functions.host.pythons import OWN
from harness.functions.shared.runtimes import refusal
from harness.json_types import Json, JsonObject
from harness.plain import DefinitionPath, GivenFunction, GivenTable, Plain
from harness.scenario.position import Position, Problem
from harness.stack.definition_machine import Machine
from harness.stack.definition_resources import Names, machine_name
from harness.stack.definition_text import DefinitionRefused
from harness.stack.handlers import NoHandler, handler_of
from harness.stack.model import STATE_MACHINE
from harness.stack.nodes import Key

__all__ = ["DefinitionRefused", "Made", "made"]

ROLE = "Everything"
_ALLOWED: JsonObject = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_TRUST: JsonObject = {
    "Effect": "Allow",
    "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
    "Action": "sts:AssumeRole",
}


@dataclass(frozen=True)
class Made:
    """The template that is generated for a definition.

    `machines` has the file for each machine by logical ID. `named` has the first location, a file and keys in
    it, where a definition refers to a resource.
    """

    template: JsonObject
    machines: Mapping[str, Path]
    named: Mapping[str, tuple[Path, tuple[Key, ...]]]


def made(path: DefinitionPath) -> Made:
    """Return the template for a definition and its additional parts. Do not modify it.

    Raises:
        DefinitionRefused: lists all problems in the definition and its additional parts.
    """
    given = path.given or Plain()
    files = [path, *(file for _, file in given.machines), *(each.code for _, each in given.functions)]
    return _made(path, tuple(_changed_ns(file) for file in files))


def _changed_ns(file: Path) -> int:
    try:
        modules = [*file.glob("*.py")] if is_folder(file) else []
        return max(int(each.stat().st_mtime_ns) for each in (file, *modules))
    except OSError:
        return 0


@lru_cache(maxsize=16)
def _made(path: DefinitionPath, _changed: tuple[int, ...]) -> Made:
    return _Maker(path, path.given or Plain()).made()


class _Maker:
    """Generates the template and collects problems."""

    def __init__(self, path: Path, given: Plain) -> None:
        self._given = given
        self._problems: list[Problem] = []
        self._resources: JsonObject = {}
        own = machine_name(path)
        self._files = {own: Path(path), **dict(given.machines)}
        self._names = Names(given, tuple(self._files))
        if own in dict(given.machines):
            self._problem("the definition itself has this name", "name another", "machines", own)

    def made(self) -> Made:
        """Generate everything, or reject the definition."""
        for name, function in self._given.functions:
            self._function(name, function)
        for name, table in self._given.tables:
            self._table(name, table)
        machines = [Machine(file, self._names, self._given.substitutions) for file in self._files.values()]
        for name, machine in zip(self._files, machines, strict=True):
            self._problems += machine.problems
            self._resources[self._names.id_of("machine", name)] = {
                "Type": STATE_MACHINE,
                "Properties": {
                    "StateMachineName": name,
                    "RoleArn": {"Fn::GetAtt": [ROLE, "Arn"]},
                    "DefinitionString": machine.text,
                    **({"DefinitionSubstitutions": machine.values} if machine.values else {}),
                },
            }
        self._problems += self._names.problems(self._given)
        if self._problems:
            raise DefinitionRefused(self._problems)
        self._resources |= self._names.resources()
        self._resources[ROLE] = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [_TRUST]},
                "Policies": [
                    {
                        "PolicyName": "everything",
                        "PolicyDocument": {"Version": "2012-10-17", "Statement": [_ALLOWED]},
                    }
                ],
            },
        }
        named: dict[str, tuple[Path, tuple[Key, ...]]] = {}
        for machine in machines:
            for logical_id, keys in machine.named.items():
                named.setdefault(logical_id, (machine.file, keys))
        files = {self._names.id_of("machine", name): file for name, file in self._files.items()}
        outputs: JsonObject = {f"{logical_id}Arn": {"Value": {"Ref": logical_id}} for logical_id in files}
        return Made({"Resources": self._resources, "Outputs": outputs}, files, named)

    def _function(self, name: str, function: GivenFunction) -> None:
        runtime = function.runtime or f"python{OWN}"
        if wrong := refusal(runtime):
            self._problem(*wrong, "functions", name, "runtime")
            return
        try:
            handler = function.handler or handler_of(function.code)
        except NoHandler as error:
            self._problem(error.message, error.remedy, "functions", name)
            return
        except OSError as error:
            remedy = f"paths are relative to {self._given.file.name}"
            self._problem(f"{function.code}: {error.strerror}", remedy, "functions", name)
            return
        variables: JsonObject = dict(function.environment)
        properties: JsonObject = {
            "FunctionName": name,
            "Code": str(function.code.absolute()),
            "Handler": handler,
            "Runtime": runtime,
            "Role": {"Fn::GetAtt": [ROLE, "Arn"]},
        }
        if variables:
            properties["Environment"] = {"Variables": variables}
        if function.timeout_s is not None:
            properties["Timeout"] = function.timeout_s
        if function.memory_mb is not None:
            properties["MemorySize"] = function.memory_mb
        self._resources[self._names.id_of("function", name)] = {
            "Type": "AWS::Lambda::Function",
            "Properties": properties,
        }

    def _table(self, name: str, table: GivenTable) -> None:
        key: list[Json] = [
            {"AttributeName": attribute, "KeyType": role}
            for (attribute, _), role in zip(table.key, ("HASH", "RANGE"), strict=False)
        ]
        attributes: list[Json] = [{"AttributeName": n, "AttributeType": kind} for n, kind in table.key]
        self._resources[self._names.id_of("table", name)] = {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": name,
                "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": key,
                "AttributeDefinitions": attributes,
            },
        }

    def _problem(self, message: str, remedy: str, *keys: str) -> None:
        where = Position(self._given.file, *self._given.place(*keys))
        self._problems.append(Problem(where, f"{'.'.join(keys[:2])}: {message}", remedy))
