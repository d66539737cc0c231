"""Gate findings, and the rules that they violate."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Rule:
    """A gate rule.

    `id` is in kebab case and begins with the part that applies the rule, such as `data-loss-replaced`.
    `title` is a sentence about the violation. `since` is the harness version that introduced the rule. The
    rule warns during that minor release and fails from the next one on, unless `level` is lower.
    """

    id: str
    title: str
    since: str
    level: Level = "error"


@dataclass(frozen=True)
class Finding:
    """A rule violation.

    `subject` identifies the object in words that do not change when lines move: a logical ID, a logical ID
    and a property, a state, or an action. Accepted entries and baselines identify the finding by `subject`
    and rule ID. `message` and `remedy` are one sentence each. `line` and `column` count from 1, and are 0 if
    not known. `details` are additional lines.
    """

    rule: Rule
    subject: str
    message: str
    remedy: str
    file: Path | None = None
    line: int = 0
    column: int = 0
    details: tuple[str, ...] = field(default=())

    @property
    def place(self) -> str:
        """The location as `file:line:column`, or the known part of it."""
        if self.file is None:
            return ""
        numbers = [str(number) for number in (self.line, self.column if self.line else 0) if number]
        return ":".join([str(self.file), *numbers])
