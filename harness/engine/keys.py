"""Keys of the environment, with which the engine `endpoint` signs where an emulator checks signatures.

They are read when they are needed, and are in no setting, report or message; `str` shows the end of the id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.engine.base import EngineError

OURS = "HARNESS_ENDPOINT_"
AWS = "AWS_"
ID, SECRET, TOKEN = "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"
SHOWN = 4
"""Characters of an id that are shown."""


@dataclass(frozen=True)
class Keys:
    """An access key; `prefix` is how the names of its variables begin."""

    prefix: str
    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)

    def __str__(self) -> str:
        end = self.access_key_id[-SHOWN:] if len(self.access_key_id) > 2 * SHOWN else ""
        return f"{self.prefix}{ID} (…{end})"

    def hidden_in(self, text: str) -> str:
        """Return the text without them: a service may quote what was signed."""
        for value in (self.secret_access_key, self.session_token, self.access_key_id):
            text = text.replace(value, "…") if value else text
        return text


def keys_of(environ: Mapping[str, str], prefix: str) -> Keys | None:
    """Read the keys whose variables begin with the prefix; None when there are none.

    Raises EngineError when only one of id and secret is there.
    """
    values = [environ.get(prefix + name, "").strip() for name in (ID, SECRET, TOKEN)]
    if not any(values):
        return None
    for name, value in zip((ID, SECRET), values, strict=False):
        if not value:
            raise EngineError(f"{prefix}{name} is not set; set it with the other half of the key, or neither")
    return Keys(prefix, *values)
