"""Reads entries in `[[tool.harness.accept]]` and in the gate's baseline, which has the same format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from harness.acceptance import LIMITS, Acceptance

KEYS: Final = ("role", "action", "resource", "limit", "rule", "subject", "until", "reason")
_PERMISSION: Final = ("role", "action", "resource")
_GATE: Final = ("rule", "subject")


def entry_problems(name: str, entry: Mapping[str, object]) -> Iterator[str]:
    """Return the problems with an entry. `name` is its name, such as `accept[0]`."""
    wrong = list(_value_problems(name, entry))
    yield from wrong
    if "reason" not in entry:
        yield f"{name} has no reason; say why the finding is accepted"
    kinds = [kind for kind in ((*_PERMISSION,), ("limit",), _GATE) if entry.keys() & set(kind)]
    if "limit" in entry:
        if others := sorted(entry.keys() & {*_PERMISSION, *_GATE}):
            yield f"{name} has both limit and {', '.join(others)}; accept a limit, a permission or a rule"
        elif isinstance(limit := entry["limit"], str) and limit and limit not in LIMITS:
            from harness.scenario.wording import nearest  # noqa: PLC0415  (pydantic takes a while to import)

            yield f"{name}.limit {limit!r} is not a known limit; {nearest(limit, LIMITS)}"
    elif len(kinds) > 1:
        given = ", ".join(key for key in KEYS if key in entry and key in (*_PERMISSION, *_GATE))
        yield f"{name} has {given}; accept either a role's permission or a rule's finding"
    elif kinds == [_GATE]:
        if missing := [key for key in _GATE if key not in entry]:
            yield f"{name} has no {missing[0]}; specify a rule and its subject as the gate prints them"
    elif missing := [key for key in ("role", "action") if key not in entry]:
        yield f"{name} has no {' and no '.join(missing)}; name a role and an action, a limit, or a rule"


def _value_problems(name: str, entry: Mapping[str, object]) -> Iterator[str]:
    for key, value in entry.items():
        if key not in KEYS:
            from harness.scenario.wording import nearest  # noqa: PLC0415

            yield f"unknown key {key!r} in {name}; {nearest(key, KEYS)}"
        elif key == "until":
            if not isinstance(value, date) or isinstance(value, datetime):
                yield f"{name}.until must be a date without quotes, such as 2027-01-31"
        elif not isinstance(value, str):
            yield f"{name}.{key} must be a string"
        elif not value:
            yield f"{name}.{key} is empty; give it a value or remove the key"


def acceptances(entries: Sequence[Mapping[str, Any]], file: Path) -> tuple[Acceptance, ...]:
    """Return the valid entries in a file."""
    return tuple(Acceptance(**entry, file=file, index=n) for n, entry in enumerate(entries))
