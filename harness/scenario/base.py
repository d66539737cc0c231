"""What all models of a scenario file have in common: frozen, no unknown keys, short forms made long."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from harness.scenario import units

Whole = Annotated[int, Field(strict=True)]
Natural = Annotated[int, Field(strict=True, ge=0)]
Positive = Annotated[int, Field(strict=True, ge=1)]

SIZE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*([kKmMgGtTpP][iI]?)?[bB]\s*$"},
    ]
}
Size = Annotated[int, BeforeValidator(units.size_bytes), WithJsonSchema(SIZE_SCHEMA)]
Seconds = Annotated[
    float,
    BeforeValidator(units.seconds),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\s*\d+(\.\d+)?\s*(ms|s|min|h)\s*$",
        }
    ),
]


class Model(BaseModel):
    """A mapping of a scenario file.

    A subclass that may also be written in a short form (`text` for `{equals: text}`) gives the long form in
    `long_form`, the short one's JSON Schema in `short_schema` (it may refer to other models by
    `#/$defs/Name`), and says in `wants` what it takes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    short_schema: ClassVar[dict[str, Any] | None] = None
    wants: ClassVar[str] = "a mapping"

    @classmethod
    def long_form(cls, value: Any) -> Any:
        """`value` as a mapping if it is a short form, else unchanged."""
        return value

    @model_validator(mode="before")
    @classmethod
    def _lengthen(cls, value: Any) -> Any:
        return cls.long_form(value)
