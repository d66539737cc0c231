"""Patterns for strings, JSON values, numbers and times. `harness.expect.matcher` applies them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from harness.json_types import Json
from harness.scenario.base import Model, Natural, Seconds
from harness.scenario.position import RefusedError


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise RefusedError(
            f"invalid regular expression {text!r} ({error})",
            "correct it, or use contains, which matches text literally",
        ) from None
    except (OverflowError, RecursionError, MemoryError):
        raise RefusedError(
            f"the regular expression {text[:40]!r} is too large", "use a smaller one"
        ) from None
    return text


def _several(value: Json) -> Json:
    if not isinstance(value, str | list):
        raise RefusedError(
            "expected text or a list of strings", "write text in quotes, or several strings in [ ]"
        )
    return [value] if isinstance(value, str) else value


_TEXTS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
Texts = Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(_several), WithJsonSchema(_TEXTS)]


class Matcher(Model):
    """A pattern for a string. If several keys are set, all must match."""

    equals: str | None = Field(default=None, description="The string equals this.")
    contains: Texts | None = Field(
        default=None, description="The string contains this, or every item in this list."
    )
    matches: Annotated[str, AfterValidator(_regex)] | None = Field(
        default=None, description="The string contains a match for this regular expression (Python syntax)."
    )
    not_: Matcher | None = Field(default=None, alias="not", description="The string does not match this.")

    short_schema: ClassVar[Mapping[str, object] | None] = {"type": "string"}
    wants: ClassVar[str] = "text, or a mapping with equals, contains, matches or not"
    may_be_empty: ClassVar[bool] = False

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """Convert a bare string into `{"equals": string}`."""
        return {"equals": value} if isinstance(value, str) else value

    @property
    def has_equals(self) -> bool:
        """Return whether `equals` is set. For JSON it may be null."""
        return "equals" in self.model_fields_set


class JsonMatcher(Matcher):
    """A pattern for a JSON value: JSON that the value must equal, or a matcher for the value's JSON text."""

    equals: Any = Field(default=None, description="The value equals this JSON.")

    short_schema: ClassVar[Mapping[str, object] | None] = {
        "description": "Any JSON value: the actual value must equal it."
    }
    wants: ClassVar[str] = "any JSON, or a mapping with equals, contains, matches or not"

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """Convert any value into `{"equals": value}`, unless it is a mapping that has only matcher keys."""
        if isinstance(value, dict) and value and value.keys() <= {"equals", "contains", "matches", "not"}:
            return value
        return {"equals": value}


class Count(Model):
    """A number, or a range of numbers."""

    min: Natural = Field(default=0, description="Minimum.")
    max: Natural | None = Field(default=None, description="Maximum.")

    short_schema: ClassVar[Mapping[str, object] | None] = {"type": "integer", "minimum": 0}
    wants: ClassVar[str] = "a whole number, or a mapping with min and max"
    may_be_empty: ClassVar[bool] = False

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """Convert a bare number into `{"min": n, "max": n}`."""
        if isinstance(value, int) and not isinstance(value, bool):
            return {"min": value, "max": value}
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Count:
        if self.max is not None and self.max < self.min:
            raise RefusedError(f"max {self.max} is less than min {self.min}", "exchange them")
        return self

    def __contains__(self, number: int) -> bool:
        return self.min <= number and (self.max is None or number <= self.max)

    def __str__(self) -> str:
        if self.max is None:
            return f"at least {self.min}"
        return str(self.min) if self.min == self.max else f"{self.min} to {self.max}"


class Span(Model):
    """A range for the time from start to end."""

    over: Seconds | None = Field(default=None, description="Longer than this.")
    under: Seconds | None = Field(default=None, description="Shorter than this.")

    wants: ClassVar[str] = "a mapping with under or over"
    may_be_empty: ClassVar[bool] = False

    @model_validator(mode="after")
    def _in_order(self) -> Span:
        if self.over is not None and self.under is not None and self.under <= self.over:
            raise RefusedError(
                f"no time is over {self.over:g} s and under {self.under:g} s", "swap them, or remove one"
            )
        return self

    def __contains__(self, seconds: float) -> bool:
        return (self.over is None or seconds > self.over) and (self.under is None or seconds < self.under)
