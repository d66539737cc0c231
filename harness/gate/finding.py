"""Findings of the gate, and the rules that they break."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Rule:
    """A rule of the gate.

    `id` is in kebab case and begins with the part that finds it, such as `data-loss-replaced`. `title` is a
    sentence that says what it finds. `since` is the version of the harness that brought it: it warns during
    that minor release and fails from the next one on, unless `level` is lower.
    """

    id: str
    title: str
    since: str
    level: Level = "error"


@dataclass(frozen=True)
class Finding:
    """Something that a rule found.

    `subject` is what it concerns, in words that do not change when lines move: a logical id, or a logical id
    and a property, a state, an action. It names the finding in accepted entries and in baselines, with the
    rule's id. `message` is one sentence, `remedy` another. `line` and `column` count from 1; 0 where there is
    none. `details` are further lines.
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
        """The place as `file:line:column`, as far as it is known."""
        if self.file is None:
            return ""
        numbers = [str(number) for number in (self.line, self.column if self.line else 0) if number]
        return ":".join([str(self.file), *numbers])
