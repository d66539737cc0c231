"""The base class for all scenario file models: frozen, rejects unknown keys, expands short forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from harness.json_types import Json, JsonObject
from harness.plain import logical_id_of
from harness.scenario import units
from harness.scenario.position import RefusedError

Natural = Annotated[int, Field(strict=True, ge=0)]
Positive = Annotated[int, Field(strict=True, ge=1)]
MOST_OBJECTS = 1_000_000_000_000
"""The maximum number of objects for one pattern. The objects do not use memory."""
MOST_BUCKETS = 1_000_000
"""The largest quota: https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html."""

# `$comment` is the type's name in the reference.
SIZE_SCHEMA: JsonObject = {
    "$comment": "size",
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*([kKmMgGtTpP][iI]?)?[bB]\s*$"},
    ],
}
Size = Annotated[int, BeforeValidator(units.size_bytes), WithJsonSchema(SIZE_SCHEMA)]
TIME_SCHEMA: JsonObject = {
    "$comment": "time",
    "type": "string",
    "pattern": r"^\s*\d+(\.\d+)?\s*(ms|s|min|h)\s*$",
}
Seconds = Annotated[float, BeforeValidator(units.seconds), WithJsonSchema(TIME_SCHEMA)]


_LOGICAL_ID = re.compile(r"([A-Za-z][A-Za-z0-9-]*\.)*[A-Za-z0-9]+", re.ASCII)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html"""
_CONSTRUCT = re.compile(r"[^/\s][^/\n]*(/[^/\n]+)+")
"""https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html"""


def logical_id(text: str) -> str:
    """Return the logical ID that a string refers to (see `LogicalId`). Raises RefusedError if invalid."""
    if (text.isascii() and text.isalnum()) or _LOGICAL_ID.fullmatch(text):
        return text
    if _NAME.fullmatch(text):
        return logical_id_of(text)
    if _CONSTRUCT.fullmatch(text) and text.isprintable():
        return text
    raise RefusedError(
        f"{text!r} is not a logical ID in a template", "use the resource's name in the template"
    )


def _function(text: str) -> str:
    if _LOGICAL_ID.fullmatch(text) or not _NAME.fullmatch(text):
        return text
    return logical_id_of(text)


FunctionId = Annotated[str, AfterValidator(_function)]
"""The logical ID of a function, or its name in a project with a plain definition."""
LogicalId = Annotated[str, AfterValidator(logical_id)]
"""The name of a resource in a template: `Orders`. In a project with several stacks: `shop.Orders`.

In a CDK app, the construct path or the end of that path is also accepted: `Orders/Handler`. In a project
with a plain definition, use the name in the definition.
"""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_RUN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


def _run_name(text: str) -> str:
    if not _RUN_NAME.fullmatch(text):
        raise RefusedError(
            f"invalid run name {text!r}", "use up to 40 letters, digits, hyphens and underscores"
        )
    return text


RunName = Annotated[str, AfterValidator(_run_name)]
"""The name of a run. It becomes part of the execution name."""
OF_RUN = Field(
    default="",
    description="The name of a run: only events from this run and anything it starts. Default: all.",
)


def _iterations(given: Mapping[str, int]) -> Mapping[str, int]:
    if not given:
        raise RefusedError(
            "no Map state is specified", "write its name and the index: {Orders: 3}, or remove it"
        )
    return given


Iterations = Annotated[Mapping[str, Natural], AfterValidator(_iterations)]
"""Names of inline Maps, with iteration indexes."""
OF_ITERATIONS: Any = Field(
    default={},
    description="Only in these iterations of inline Maps: the name of each Map and the iteration index. "
    "Like `$$.Map.Item.Index`, it starts at 0: `{Orders: 3}`.",
)


NTH: Any = Field(
    default=None, description="Only the nth match, counted separately for each state of each execution."
)
FIRST: Any = Field(default=None, description="Only the first n matches, counted in the same way.")
FROM: Any = Field(
    default=None, alias="from", description="Only the nth match and all later ones, counted in the same way."
)


def which(nth: int | None, first: int | None, from_: int | None) -> tuple[int, int | None]:
    """Return the first and the last match, counted from 1. None: no limit."""
    if nth is not None:
        return nth, nth
    return (1, first) if first is not None else (from_ or 1, None)


class Model(BaseModel):
    """A mapping in a scenario file.

    A subclass that also has a short form (`text` for `{equals: text}`) converts it to the long form in
    `long_form`, returns its JSON Schema from `short_schema`, and describes the accepted values in `wants`. If
    the schema is another type's schema, it contains that type: `{"type": "array", "items": Matcher}`. A model
    that must not be empty sets `may_be_empty` to False. `renamed_keys` maps former key names to current ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=(), defer_build=True)

    renamed_keys: ClassVar[Mapping[str, str]] = {}
    short_schema: ClassVar[Mapping[str, object] | None] = None
    wants: ClassVar[str] = "a mapping"
    may_be_empty: ClassVar[bool] = True

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """Return `value` as a mapping if it is a short form; otherwise return it unchanged."""
        return value

    @field_validator("*", mode="before")
    @classmethod
    def _given(cls, value: object, info: ValidationInfo) -> object:
        """Reject null, so that a key without a value is not mistaken for a missing key."""
        field = cls.model_fields[info.field_name or ""]
        if value is None and field.default is None and field.annotation not in (Any, object):
            raise RefusedError(
                f"{field.alias or info.field_name} has no value", "add a value or remove the key"
            )
        return value

    @model_validator(mode="before")
    @classmethod
    def _lengthen(cls, value: Json) -> Json:
        long = cls.long_form(value)
        if long == {} and not cls.may_be_empty:
            keys = ", ".join(field.alias or name for name, field in cls.model_fields.items())
            raise RefusedError("this entry is empty", f"add at least one of {keys}")
        return long
