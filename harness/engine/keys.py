"""Keys from the environment.

The engine `endpoint` signs requests with them if an emulator checks signatures.

They are read only when needed, and never appear in settings, reports or messages. `str` shows the
end of the ID.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.engine.base import EngineError

OURS = "HARNESS_ENDPOINT_"
AWS = "AWS_"
ID, SECRET, TOKEN = "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"
SHOWN = 4
"""Number of ID characters to show."""


@dataclass(frozen=True)
class Keys:
    """An access key. `prefix` is the prefix of the environment variables that contain it."""

    prefix: str
    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)

    def __str__(self) -> str:
        end = self.access_key_id[-SHOWN:] if len(self.access_key_id) > 2 * SHOWN else ""
        return f"{self.prefix}{ID} (…{end})"

    def hidden_in(self, text: str) -> str:
        """Remove the keys from a string, because a service may quote the signed values."""
        for value in (self.secret_access_key, self.session_token, self.access_key_id):
            text = text.replace(value, "…") if value else text
        return text


def keys_of(environ: Mapping[str, str], prefix: str) -> Keys | None:
    """Read the keys from the environment variables with this prefix. Return None if they are not set.

    Raises EngineError if only the ID or only the secret is set.
    """
    values = [environ.get(prefix + name, "").strip() for name in (ID, SECRET, TOKEN)]
    if not any(values):
        return None
    for name, value in zip((ID, SECRET), values, strict=False):
        if not value:
            raise EngineError(f"{prefix}{name} is not set; set both halves of the key, or neither")
    return Keys(prefix, *values)
