"""Settings of `harness gate`: the table `[tool.harness.gate]`.

[tool.harness.gate]
base = "main"                        # the deployed version; --base and --base-template take precedence
budget = "2m"                        # real time that the gate may take; --budget takes precedence
since = "0.1"                        # the version of the harness that the project has adopted
fail = ["lint-warning"]              # IDs of rules that fail, with * and ?
warn = ["sweep-*"]                   # rules that only warn
off = ["access-new-action"]          # rules that are disabled
baseline = "gate-baseline.toml"      # entries of `accept` that --write-baseline has written
prices = {lambda-gb-second = 0.0000166667}
limit-margin = 0.1                   # a quota may be reached earlier by up to this fraction without a warning
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from harness.setting_problems import unknown_key

LISTS: Final = ("fail", "warn", "off")
TEXTS: Final = ("base", "budget", "since", "baseline")
KEYS: Final = (*TEXTS, *LISTS, "prices", "limit-margin")
PRICES: Final = ("lambda-gb-second", "lambda-request", "states-transition")
"""Amounts in `harness.gate.behaviour` that can have a price."""
FIRST: Final = "0.1"
"""The version of the harness that introduced the gate."""
_UNITS: Final = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?) ?(s|min|m|h) ?")
BUDGET_REMEDY: Final = "write a number and a unit, such as 90s, 2m or 1h30m"
_VERSION: Final = re.compile(r"\d+\.\d+(\.\d+)?")
_LONGEST_S: Final = 86_400.0


@dataclass(frozen=True)
class GateSettings:
    """Settings for the gate. `budget` is the original text, and `baseline` is a path."""

    base: str = ""
    budget: str = "5m"
    since: str = FIRST
    fail: tuple[str, ...] = ()
    warn: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    baseline: Path | None = None
    prices: Mapping[str, float] = field(default_factory=dict)
    limit_margin: float = 0.1

    def __str__(self) -> str:
        shown = [(each.name, getattr(self, each.name)) for each in fields(self)]
        return ", ".join(f"{name.replace('_', '-')} = {value}" for name, value in shown if value)


def seconds_of(text: str) -> float:
    """Return the number of seconds in a budget.

    >>> seconds_of("2m"), seconds_of("1h30m"), seconds_of("90 s")
    (120.0, 5400.0, 90.0)

    Raises:
        ValueError: it is not a duration, is zero, or is more than a day. The message shows the valid format.
    """
    parts = list(_PART.finditer(text))
    if not text or "".join(part[0] for part in parts) != text:
        raise ValueError(f"invalid budget {text!r}: {BUDGET_REMEDY}")
    total = sum(float(part[1]) * _UNITS[part[2]] for part in parts)
    if total == 0:
        raise ValueError(f"a budget of {text} is too short; {BUDGET_REMEDY}")
    if total > _LONGEST_S:
        raise ValueError(f"a budget of {text} is more than a day; {BUDGET_REMEDY}")
    return total


def gate_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems in the table."""
    if not isinstance(value, dict):
        yield f"{name} must be a table; write [tool.harness.{name}]"
        return
    for key, entry in value.items():
        if key not in KEYS:
            yield unknown_key(name, key, KEYS)
        else:
            yield from _key_problems(f"{name}.{key}", key, entry)
    for rule in sorted(_twice(value)):
        yield f"{name}: {rule!r} is in more than one of {', '.join(LISTS)}; keep it in one"


def _key_problems(name: str, key: str, entry: object) -> Iterator[str]:
    if key in LISTS:
        if not isinstance(entry, list) or not all(isinstance(each, str) and each for each in entry):
            yield f'{name} must be an array of rule IDs, such as ["sweep-*"]'
    elif key == "prices":
        yield from _prices_problems(name, entry)
    elif key == "limit-margin":
        if not isinstance(entry, int | float) or isinstance(entry, bool) or not 0 <= entry < 1:
            yield f"{name} must be a number from 0 up to 1, such as 0.1"
    elif not isinstance(entry, str) or not entry:
        yield f"{name} must be a non-empty string"
    elif key == "since" and not _VERSION.fullmatch(entry):
        yield f'{name} {entry!r} is not a harness version; write one such as "{FIRST}"'
    elif key == "budget":
        try:
            seconds_of(entry)
        except ValueError as error:
            yield f"{name}: {error}"


def _prices_problems(name: str, entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"{name} must be a table of numbers"
        return
    for key, price in entry.items():
        if key not in PRICES:
            yield unknown_key(name, key, PRICES)
        elif not isinstance(price, int | float) or isinstance(price, bool) or not 0 <= price < float("inf"):
            yield f"{name}.{key} must be a number, 0 or more"


def _twice(value: Mapping[str, object]) -> set[str]:
    seen: set[str] = set()
    twice: set[str] = set()
    for key in LISTS:
        entries = value.get(key)
        here = {each for each in entries if isinstance(each, str)} if isinstance(entries, list) else set()
        twice |= seen & here
        seen |= here
    return twice


def gate_settings(value: object, root: Path) -> GateSettings:
    """Return the settings in a valid table. The baseline path is relative to `root`."""
    table = dict(value) if isinstance(value, dict) else {}
    given: dict[str, Any] = {
        key.replace("-", "_"): tuple(entry) if key in LISTS else entry for key, entry in table.items()
    }
    if "baseline" in given:
        given["baseline"] = root / str(given["baseline"])
    return GateSettings(**given)
