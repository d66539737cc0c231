"""The `[tool.harness]` table, without settings for other commands and engines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_ELSEWHERE: Final = frozenset(
    {
        "endpoint_ca_bundle",
        "endpoint_region",
        "endpoint_url",
        "engine",
        "gate",
        "invariants",
        "isolation",
        "known_differences",
        "localstack_version",
        "network",
        "seeds",
    }
)
"""Settings that are not needed to run a bundle."""
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def table_alone(entries: Mapping[str, object], root: Path) -> str:
    """Return a pyproject.toml with the entries of a table. Paths below `root` are relative to it."""
    kept = {name: value for name, value in entries.items() if name not in _ELSEWHERE}
    lines = [f"{_key(name)} = {_toml(value, root)}" for name, value in kept.items()]
    return "\n".join(("[tool.harness]", *lines)) + "\n"


def _toml(value: object, root: Path) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(name)} = {_toml(entry, root)}" for name, entry in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(_toml(entry, root) for entry in value)}]"
    if isinstance(value, str):
        return _text(value.removeprefix(f"{root}/") if value.startswith(f"{root}/") else value)
    return str(value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
