"""The messages that topics have sent, and those to phones, which nobody else keeps."""

from __future__ import annotations

from typing import Final

from harness.engine.moto.ended import Sequel
from harness.engine.seen import SentMessage

PUBLISHED: Final[Sequel[SentMessage]] = Sequel()
"""Those of this process since the last reset."""
