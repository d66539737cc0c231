"""The messages published to topics and phone numbers, which are not stored anywhere else."""

from __future__ import annotations

from typing import Final

from harness.engine.moto.ended import Sequel
from harness.engine.seen import SentMessage

PUBLISHED: Final[Sequel[SentMessage]] = Sequel()
"""The messages in this process since the last reset."""
