"""Keys in a scenario file and in `[tool.harness]` for a definition without a template."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from harness.json_types import Json
from harness.plain import GivenFunction, GivenTable
from harness.quotas import LAMBDA_TIMEOUT_S
from harness.scenario.base import Model, Seconds
from harness.scenario.position import RefusedError

MEMORY_MB = (128, 10_240)
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
# https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
_FUNCTION_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_VARIABLE = re.compile(r"[a-zA-Z]\w+")
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
_TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
_TABLE_REMEDY = "use 3 to 255 letters, digits, dots, hyphens and underscores"
_SUBSTITUTION = re.compile(r"[a-zA-Z0-9_]+")
_MACHINE_NAME = re.compile(r"[a-zA-Z0-9_-]{1,80}")


def _path(text: str) -> str:
    if not text or "\0" in text:
        raise RefusedError(f"{text!r} is not a valid path", "specify a file or a folder")
    return text


def named(pattern: re.Pattern[str], what: str, remedy: str) -> AfterValidator:
    """Return a validator that rejects names that do not match the pattern."""

    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            article = "an" if what[0] in "aeo" else "a"
            raise RefusedError(f"{text!r} is not a valid name for {article} {what}", remedy)
        return text

    return AfterValidator(check)


def table_name(text: str) -> str:
    """Return a valid table name. Raises RefusedError if it is invalid."""
    if not _TABLE_NAME.fullmatch(text):
        raise RefusedError(f"{text!r} is not a valid table name", _TABLE_REMEDY)
    return text


def _variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise RefusedError(f"{text!r} is not a valid variable name", "use two or more letters, digits and _")
    return text


def _text(value: Json) -> Json:
    """Convert a variable or a substitution to a string."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _timeout(value: float) -> float:
    if value != int(value) or not 1 <= value <= LAMBDA_TIMEOUT_S:
        raise RefusedError(
            f"a function's timeout cannot be {value:g} s",
            f"write whole seconds from 1 to {LAMBDA_TIMEOUT_S:g}",
        )
    return value


def key_of_table(given: Mapping[str, str]) -> Mapping[str, str]:
    """Return the attributes of a table key. Raises RefusedError unless there are one or two."""
    if not 1 <= len(given) <= 2:
        raise RefusedError(
            f"a table's key cannot have {len(given)} attributes",
            "define a partition key, and optionally a sort key",
        )
    return given


CodePath = Annotated[str, AfterValidator(_path)]
FunctionName = Annotated[
    str, named(_FUNCTION_NAME, "function", "use up to 64 letters, digits, hyphens and underscores")
]
MachineName = Annotated[
    str, named(_MACHINE_NAME, "state machine", "use up to 80 letters, digits, hyphens and underscores")
]
TableName = Annotated[str, AfterValidator(table_name)]
SubstitutionName = Annotated[
    str, named(_SUBSTITUTION, "substitution", "write the text between ${ and }: letters, digits and _")
]
Text = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Variable = Annotated[str, AfterValidator(_variable)]


class FunctionCode(Model):
    """A function that the definition calls, under the name in its ARN."""

    code: CodePath = Field(description="Path to its folder, Python file or zip file, relative to this file.")
    handler: str | None = Field(
        default=None,
        description="Its handler, for example `app.handler`. Default: the only handler found in the code.",
    )
    runtime: str | None = Field(
        default=None,
        description="Its runtime, for example `python3.13`. Default: the harness's Python version.",
    )
    environment: Mapping[Variable, Text] = Field(default={}, description="Its environment variables.")
    timeout_s: Annotated[Seconds, AfterValidator(_timeout)] | None = Field(
        default=None, alias="timeout", description="Its timeout. Default: 3 s."
    )
    memory_mb: Annotated[int, Field(strict=True, ge=MEMORY_MB[0], le=MEMORY_MB[1])] | None = Field(
        default=None, alias="memory", description="Its memory in MB. Default: 128."
    )

    short_schema: ClassVar[Mapping[str, object] | None] = {"type": "string"}
    wants: ClassVar[str] = "a path, or a mapping with code"

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """Convert a bare path into `{"code": path}`."""
        return {"code": value} if isinstance(value, str) else value

    def given(self, root: Path) -> GivenFunction:
        """Return the function, with its path below `root`."""
        return GivenFunction(
            code=Path(os.path.normpath(root / self.code)),
            handler=self.handler,
            runtime=self.runtime,
            environment=tuple(self.environment.items()),
            timeout_s=None if self.timeout_s is None else int(self.timeout_s),
            memory_mb=self.memory_mb,
        )


class TableKey(Model):
    """An empty table that exists before the run."""

    key: Annotated[Mapping[str, Literal["S", "N", "B"]], AfterValidator(key_of_table)] = Field(
        description="Key attributes with their types: the partition key, then the sort key."
    )

    def given(self) -> GivenTable:
        """Return the table."""
        return GivenTable(tuple(self.key.items()))


class GivenParts(Model):
    """The keys that can be used with a definition."""

    functions: Mapping[FunctionName, FunctionCode] = {}
    machines: Mapping[MachineName, CodePath] = {}
    tables: Mapping[TableName, TableKey] = {}

    def given(self, root: Path) -> Mapping[str, Mapping[str, Any]]:
        """Return the parts by key, with paths below `root`."""
        return {
            "functions": {name: each.given(root) for name, each in self.functions.items()},
            "machines": {name: root / path for name, path in self.machines.items()},
            "tables": {name: each.given() for name, each in self.tables.items()},
        }
