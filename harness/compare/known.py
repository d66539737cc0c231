"""Known differences with explanations.

[[difference]]
engine = "ministack"                 # a glob
scenario = "two-runs-*.yaml"         # a glob on the file's name
part = "history"                     # one of PARTS
lines = "Parallel.* x 1"             # optional: a regular expression that must match a whole line
reason = "Why it differs, and why that does not matter."

A difference is known if entries explain each line that only one of the engines has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from harness.expect.searching import TooCostly, is_whole
from harness.files import is_there
from harness.setting_problems import toml_type
from harness.settings import SettingsError
from harness.settings_reading import toml_of

PARTS = ("verdict", "path", "rows", "messages", "machines", "executions", "history", "loops")
ANY = "(?s:.*)"
KEYS = frozenset({"engine", "scenario", "part", "reason"})
OPTIONAL = frozenset({"lines"})


@dataclass(frozen=True)
class Known:
    """An explained difference. `engine` and `scenario` are globs, and `lines` is a regular expression."""

    engine: str
    scenario: str
    part: str
    reason: str
    lines: str = ANY

    def explains(self, engine: str, scenario: str, part: str, line: str) -> bool:
        """Return whether this entry explains a line from one engine. `scenario` is the file name.

        `history` and `loops` match the histories and loops of any execution.
        """
        return (
            part.partition(" of ")[0] == self.part
            and fnmatchcase(engine, self.engine)
            and fnmatchcase(scenario, self.scenario)
            and self._has_line(line)
        )

    def _has_line(self, line: str) -> bool:
        try:
            return self.lines == ANY or is_whole(self.lines, line)
        except TooCostly as error:
            raise SettingsError(f"known differences, {self.reason!r}: a line {error}") from error


def read_known(path: Path) -> tuple[Known, ...]:
    """Return the explained differences in a file. Empty if it does not exist. Raises SettingsError."""
    if not is_there(path):
        return ()
    listed = toml_of(path).get("difference", [])
    if not isinstance(listed, list):
        raise SettingsError(f"{path}: difference must be an array of tables; write [[difference]]")
    return tuple(_read(path, number, entry) for number, entry in enumerate(listed, start=1))


def _read(path: Path, number: int, given: object) -> Known:
    where = f"{path}: difference {number}"
    entry = given if isinstance(given, dict) else {}
    for key, value in entry.items():
        if not isinstance(value, str):
            raise SettingsError(f"{where}: {key} must be a string, not {toml_type(value)}")
    if not KEYS <= entry.keys() <= KEYS | OPTIONAL:
        raise SettingsError(f"{where}: has {', '.join(sorted(entry))}; requires {', '.join(sorted(KEYS))}")
    if entry["part"] not in PARTS:
        raise SettingsError(f"{where}: unknown part {entry['part']!r}; known: {', '.join(PARTS)}")
    if not entry["reason"].strip():
        raise SettingsError(f"{where}: the reason is empty; say why it differs")
    try:
        re.compile(entry.get("lines", ""))
    except (re.error, OverflowError, RecursionError) as error:
        raise SettingsError(f"{where}: lines is not a regular expression: {error}") from error
    return Known(**entry)
