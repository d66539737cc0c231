"""Settings of `harness replay`: the table `[tool.harness.replay]`.

[tool.harness.replay]
accepted = [
  {state = "Charge", renamed = "ChargeCard", reason = "the console shows it to support"},
  {added = "Log", reason = "an audit asked for it"},
  {removed = "Audit", reason = "the audit is a machine of its own now"},
]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from harness.json_types import Json
from harness.setting_problems import unknown_key

_KINDS: Final = ("renamed", "added", "removed")
_KEYS: Final = ("state", *_KINDS, "result", "reason")


@dataclass(frozen=True)
class AcceptedChange:
    """A change of a definition that is meant: one of `renamed` (of `state`), `added` and `removed`.

    `result` is what an added task gives.
    """

    reason: str
    state: str = ""
    renamed: str = ""
    added: str = ""
    removed: str = ""
    result: Json = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        if self.renamed:
            return f"{self.state} is renamed {self.renamed}"
        return f"{self.added} is added" if self.added else f"{self.removed} is removed"


@dataclass(frozen=True)
class ReplaySettings:
    """The table; its fields are described above."""

    accepted: tuple[AcceptedChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.accepted)

    def __str__(self) -> str:
        return "; ".join(map(str, self.accepted)) or "-"


def replay_problems(name: str, value: object) -> Iterator[str]:
    """The problems of the table, each in a sentence."""
    if not isinstance(value, dict):
        yield f"{name} must be a table; write [tool.harness.{name}]"
        return
    for key in value:
        if key != "accepted":
            yield unknown_key(name, key, ("accepted",))
    entries = value.get("accepted", [])
    if not isinstance(entries, list):
        yield f"{name}.accepted must be an array of tables; write [[tool.harness.{name}.accepted]]"
        return
    for index, entry in enumerate(entries):
        yield from _entry_problems(f"{name}.accepted[{index}]", entry)


def _entry_problems(where: str, entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f'{where} must be a table such as {{added = "Log", reason = "..."}}'
        return
    for key in entry:
        if key not in _KEYS:
            yield unknown_key(where, key, _KEYS)
    for key in ("state", *_KINDS, "reason"):
        if key in entry and (not isinstance(entry[key], str) or not entry[key].strip()):
            yield f"{where}.{key} is {entry[key]!r}; write a text"
    if "reason" not in entry:
        yield f"{where} has no reason; say why the change is meant"
    kinds = [key for key in _KINDS if key in entry]
    if len(kinds) != 1:
        shown = " and ".join(kinds) or "none of them"
        yield f"{where} has {shown}; give one of {', '.join(_KINDS)}"
    elif ("state" in entry) != (kinds == ["renamed"]):
        remedy = "state = the old name" if kinds == ["renamed"] else f"leave state out, or write {kinds[0]}"
        yield f"{where}: state goes with renamed, and only with it; {remedy}"
    if "result" in entry and kinds != ["added"]:
        yield f"{where}.result goes with added only; leave it out"


def replay_settings(value: Any, _root: Path) -> ReplaySettings:
    """The settings of a table without problems."""
    return ReplaySettings(tuple(AcceptedChange(**entry) for entry in value.get("accepted", ())))
