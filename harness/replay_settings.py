"""Settings of `harness replay`: the table `[tool.harness.replay]`.

[tool.harness.replay]
accepted = [
  {state = "Charge", renamed = "ChargeCard", reason = "the support team sees it in the console"},
  {added = "Log", reason = "an audit required it"},
  {removed = "Audit", reason = "the audit is now a separate machine"},
]
ignored = [
  {state = "Charge", path = "receipt.number", reason = "it is random"},
  {path = "items[*].checked_at", reason = "the time of the check"},
]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from harness.json_types import Json
from harness.setting_problems import unknown_key

_KINDS: Final = ("renamed", "added", "removed")
_KEYS: Final = ("state", *_KINDS, "result", "reason")
_IGNORED_KEYS: Final = ("state", "path", "reason")
_LISTS: Final = ("accepted", "ignored")
_PART: Final = re.compile(r"[^.\[\]]+|\[(?:\d+|\*)\]")
_PATH: Final = re.compile(r"[^.\[\]]+(?:\.[^.\[\]]+|\[(?:\d+|\*)\])*")


@dataclass(frozen=True)
class AcceptedChange:
    """An intended change to a definition: one of `renamed` (with `state`), `added` and `removed`.

    `result` is the result of an added task.
    """

    reason: str
    state: str = ""
    renamed: str = ""
    added: str = ""
    removed: str = ""
    result: Json = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        if self.renamed:
            return f"{self.state} is renamed to {self.renamed}"
        return f"{self.added} is added" if self.added else f"{self.removed} is removed"


@dataclass(frozen=True)
class IgnoredValue:
    """A value whose differences are ignored. The path matches the end of a member's full path.

    With `state`, only events in that state match. The path `receipt.number` matches `output.receipt.number`
    and `input.order.receipt.number`, and everything inside them. `*` matches any name, `[*]` any index.
    """

    path: str
    reason: str
    state: str = ""

    def __str__(self) -> str:
        return f"{self.path} of {self.state}" if self.state else self.path

    def is_at(self, way: str, state: str) -> bool:
        """Return whether the path matches the end of a full path such as `output.items[3].at`."""
        if self.state and self.state != state:
            return False
        wanted, parts = _PART.findall(self.path), _PART.findall(way)
        return len(wanted) <= len(parts) and all(
            one in (other, "*" if other[0] != "[" else "[*]")
            for one, other in zip(reversed(wanted), reversed(parts), strict=False)
        )


@dataclass(frozen=True)
class ReplaySettings:
    """The settings in the table: accepted changes and ignored values."""

    accepted: tuple[AcceptedChange, ...] = ()
    ignored: tuple[IgnoredValue, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.accepted or self.ignored)

    def __str__(self) -> str:
        ignored = [f"{each} is ignored" for each in self.ignored]
        return "; ".join([*map(str, self.accepted), *ignored]) or "-"


def ignored_path_problem(path: str) -> str:
    """Return the problem with an ignored value's path, or "" if it is valid."""
    if _PATH.fullmatch(path) and not path.startswith("$."):
        return ""
    return f"{path!r} is not a valid path; write names separated by dots, such as payment.id or items[*].at"


def replay_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems in the table, one sentence each."""
    if not isinstance(value, dict):
        yield f"{name} must be a table; write [tool.harness.{name}]"
        return
    for key in value:
        if key not in _LISTS:
            yield unknown_key(name, key, _LISTS)
    for key, problems in zip(_LISTS, (_entry_problems, _ignored_problems), strict=True):
        entries = value.get(key, [])
        if not isinstance(entries, list):
            yield f"{name}.{key} must be an array of tables; write [[tool.harness.{name}.{key}]]"
            continue
        for index, entry in enumerate(entries):
            yield from problems(f"{name}.{key}[{index}]", entry)


def _ignored_problems(where: str, entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f'{where} must be a table such as {{path = "payment.id", reason = "..."}}'
        return
    for key in entry:
        if key not in _IGNORED_KEYS:
            yield unknown_key(where, key, _IGNORED_KEYS)
    for key in _IGNORED_KEYS:
        if key in entry and (not isinstance(entry[key], str) or not entry[key].strip()):
            yield f"{where}.{key} is {entry[key]!r}; write a string"
        elif key == "path" and key in entry and (problem := ignored_path_problem(entry[key])):
            yield f"{where}.path: {problem}"
    if "path" not in entry:
        yield f"{where} has no path; name the value to ignore"
    if "reason" not in entry:
        yield f"{where} has no reason; say why the value may differ"


def _entry_problems(where: str, entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f'{where} must be a table such as {{added = "Log", reason = "..."}}'
        return
    for key in entry:
        if key not in _KEYS:
            yield unknown_key(where, key, _KEYS)
    for key in ("state", *_KINDS, "reason"):
        if key in entry and (not isinstance(entry[key], str) or not entry[key].strip()):
            yield f"{where}.{key} is {entry[key]!r}; write a string"
    if "reason" not in entry:
        yield f"{where} has no reason; say why the change is intended"
    kinds = [key for key in _KINDS if key in entry]
    if len(kinds) != 1:
        shown = " and ".join(kinds) or "none of them"
        yield f"{where} has {shown}; set exactly one of {', '.join(_KINDS)}"
    elif ("state" in entry) != (kinds == ["renamed"]):
        remedy = (
            "add state with the old name" if kinds == ["renamed"] else f"remove state, or write {kinds[0]}"
        )
        yield f"{where}: state and renamed must be used together; {remedy}"
    if "result" in entry and kinds != ["added"]:
        yield f"{where}.result is only valid with added; remove it"


def replay_settings(value: Any, _root: Path) -> ReplaySettings:
    """Return the settings in a valid table."""
    return ReplaySettings(
        tuple(AcceptedChange(**entry) for entry in value.get("accepted", ())),
        tuple(IgnoredValue(**entry) for entry in value.get("ignored", ())),
    )
