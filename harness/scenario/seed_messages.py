"""Queue messages in a scenario's `seed` section."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from harness.json_types import Json
from harness.scenario.base import Model
from harness.scenario.plain import Text

MOST_MESSAGES = 1_000
"""The maximum number of messages for one entry. Each is sent to the queue."""


class MessageSpec(Model):
    """One message, or several identical ones, in a queue before the run."""

    body: str | None = Field(default=None, description="Its text.")
    json_value: Any = Field(default=None, alias="json", description="Its text, as any JSON value.")
    attributes: Mapping[str, Text] = Field(
        default={}, description="Its message attributes, all of type String."
    )
    group: str | None = Field(default=None, description="For FIFO queues: the message group.")
    deduplication: str | None = Field(
        default=None, description="For FIFO queues: the deduplication ID. Default: a unique ID."
    )
    count: Annotated[int, Field(strict=True, ge=1, le=MOST_MESSAGES)] = Field(
        default=1, description="Number of identical messages, up to 1,000."
    )

    short_schema: ClassVar[Mapping[str, object] | None] = {"type": "string"}
    wants: ClassVar[str] = "text, or a mapping with body or json"

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """Convert a bare string into `{"body": string}`."""
        return {"body": value} if isinstance(value, str) else value

    @property
    def text(self) -> str:
        """The message body to send."""
        if "json_value" in self.model_fields_set:
            return json.dumps(self.json_value, ensure_ascii=False, separators=(",", ":"))
        return self.body or ""
