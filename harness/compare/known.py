"""Differences that are known and explained.

[[difference]]
engine = "ministack"                 # a glob
scenario = "two-runs-*.yaml"         # a glob on the file's name
part = "history"                     # verdict, path, rows, messages, machines or history
reason = "Why it differs, and why that does not matter."
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from harness.settings import SettingsError

PARTS = ("verdict", "path", "rows", "messages", "machines", "history")
KEYS = frozenset({"engine", "scenario", "part", "reason"})


@dataclass(frozen=True)
class Known:
    """One explained difference; `engine` and `scenario` are globs."""

    engine: str
    scenario: str
    part: str
    reason: str

    def covers(self, engine: str, scenario: str, part: str) -> bool:
        """Whether it explains this difference; `scenario` is the file's name."""
        return part == self.part and fnmatchcase(engine, self.engine) and fnmatchcase(scenario, self.scenario)


def read_known(path: Path) -> tuple[Known, ...]:
    """The explained differences in a file; none when it does not exist. Raises SettingsError."""
    if not path.exists():
        return ()
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8")).get("difference", [])
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not TOML: {error}") from error
    return tuple(_read(path, number, entry) for number, entry in enumerate(listed, start=1))


def _read(path: Path, number: int, entry: dict[str, str]) -> Known:
    where = f"{path}: difference {number}"
    if entry.keys() != KEYS:
        raise SettingsError(f"{where}: has {', '.join(sorted(entry))}; needs {', '.join(sorted(KEYS))}")
    if entry["part"] not in PARTS:
        raise SettingsError(f"{where}: no part {entry['part']!r}; known: {', '.join(PARTS)}")
    if not entry["reason"].strip():
        raise SettingsError(f"{where}: the reason is empty; say why it differs")
    return Known(**entry)
