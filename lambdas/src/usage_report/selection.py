"""Selects the buckets that a run reports on."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Self

from usage_report.errors import BadInput

# The part of the patterns that an email shows. An input may contain 256 KB of them.
MOST_CHARACTERS = 1_000
_SHAPE = 'expected {"include": [patterns], "exclude": [patterns]}, both optional'


@dataclass(frozen=True)
class Selection:
    """Glob patterns (`*`, `?`, `[abc]`, case-sensitive) of the buckets to read; no `include` means all."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @classmethod
    def of_template(cls, include: str, exclude: str) -> Self:
        """Return the selection in the template's comma-separated parameters."""
        return cls(_split(include), _split(exclude))

    def overridden_by(self, run_input: Any) -> "Selection":
        """Return this selection, overridden by the orchestrator's input.

        Raises:
            BadInput: if the input is not an object with "include" and "exclude", lists of patterns.
        """
        if not isinstance(run_input, dict):
            raise BadInput(f"the input is {_kind(run_input)}, not an object; {_SHAPE}")
        if unknown := sorted(run_input.keys() - {"include", "exclude"}):
            names = ", ".join(f'"{name}"' for name in unknown)
            raise BadInput(f"the input has the unknown key {names}; {_SHAPE}")
        return Selection(
            _patterns(run_input, "include", self.include), _patterns(run_input, "exclude", self.exclude)
        )

    def select(self, buckets: Iterable[str]) -> list[str]:
        """Return the buckets that are included and not excluded, sorted."""
        return sorted(
            bucket
            for bucket in buckets
            if (not self.include or _matches(bucket, self.include)) and not _matches(bucket, self.exclude)
        )

    def in_words(self) -> dict[str, str]:
        """Return the patterns for an email, one line per kind: `{"include": "logs-*", "exclude": ""}`."""
        return {"include": _in_one_line(self.include), "exclude": _in_one_line(self.exclude)}


def _in_one_line(patterns: tuple[str, ...]) -> str:
    """Return the patterns in one line of about 1,000 characters; if there are more, the first ones.

    >>> _in_one_line(("logs-*", "web-*"))
    'logs-*, web-*'
    """
    shown: list[str] = []
    room = MOST_CHARACTERS
    for pattern in (" ".join(pattern.split()) for pattern in patterns):
        room -= len(pattern) + 2
        if room < 0:
            break
        shown.append(pattern)
    if left := len(patterns) - len(shown):
        shown.append(f"... ({left:,} more)")
    return ", ".join(shown)


def _matches(bucket: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(bucket, pattern) for pattern in patterns)


def _split(patterns: str) -> tuple[str, ...]:
    return tuple(stripped for pattern in patterns.split(",") if (stripped := pattern.strip()))


def _patterns(run_input: dict[str, Any], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    if key not in run_input:
        return default
    patterns = run_input[key]
    if not isinstance(patterns, list):
        raise BadInput(f'"{key}" is {_kind(patterns)}, not a list of patterns; {_SHAPE}')
    for pattern in patterns:
        if not isinstance(pattern, str) or not pattern.strip():
            problem = "an empty pattern" if isinstance(pattern, str) else _kind(pattern)
            raise BadInput(f'"{key}" contains {problem}, not a pattern such as "logs-*"; {_SHAPE}')
    return tuple(patterns)


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")
