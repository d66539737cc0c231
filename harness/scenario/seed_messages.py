"""Messages of queues of the part `seed` of a scenario."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from harness.json_types import Json
from harness.scenario.base import Model
from harness.scenario.plain import Text

MOST_MESSAGES = 1_000
"""Messages of one entry: each is sent to the queue."""


class MessageSpec(Model):
    """A message that is in a queue before the run, or many equal ones."""

    body: str | None = Field(default=None, description="Its text.")
    json_value: Any = Field(default=None, alias="json", description="Its text as any JSON.")
    attributes: Mapping[str, Text] = Field(
        default={}, description="Its message attributes, which are of the type String."
    )
    group: str | None = Field(default=None, description="Of a FIFO queue: its message group.")
    deduplication: str | None = Field(
        default=None, description="Of a FIFO queue: its deduplication id. Default: one of its own."
    )
    count: Annotated[int, Field(strict=True, ge=1, le=MOST_MESSAGES)] = Field(
        default=1, description="Number of such messages, up to 1,000."
    )

    short_schema: ClassVar[Mapping[str, object] | None] = {"type": "string"}
    wants: ClassVar[str] = "text, or a mapping with body or json"

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """`{"body": text}` for a bare text."""
        return {"body": value} if isinstance(value, str) else value

    @property
    def text(self) -> str:
        """The text that is sent."""
        if "json_value" in self.model_fields_set:
            return json.dumps(self.json_value, ensure_ascii=False, separators=(",", ":"))
        return self.body or ""
