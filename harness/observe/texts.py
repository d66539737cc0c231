"""Removes the parts of message texts that differ from run to run."""

from __future__ import annotations

import re
from dataclasses import replace

from harness.observe.model import Message

# Time formats in texts, such as "2026-11-27T07:17:39.123Z", "2026-11-27" and "07:17:39".
_TIME = re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?)?\b|\b\d\d:\d\d:\d\d\b")


def without_times(message: Message) -> Message:
    """Return the message with each date and time of day replaced with TIME."""
    return replace(message, body=_TIME.sub("TIME", message.body))
