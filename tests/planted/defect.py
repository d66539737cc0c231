"""A defect planted in a copy of the project, and the line at which the gate must report it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from update_projects import SCENARIO, Change, Copy

TEMPLATE = "lambdas/template.yaml"
DEFINITION = "lambdas/orchestrator.asl.json"
CODE = "lambdas/src/usage_report/"


@dataclass(frozen=True)
class Defect:
    """A change to the project with the finding that the gate must report.

    `file` is the location. `line` is a string on its line, the first match after a line with `after`.
    `says` is part of the message. `parts` of the gate run `scenarios`; `point` selects the update events.
    """

    plant: Change
    rule: str
    file: str
    line: str
    says: str
    parts: tuple[str, ...]
    after: str = ""
    of_base: bool = False
    scenarios: tuple[str, ...] = ()
    point: str = ""

    def place(self, copy: Copy, base: Copy) -> tuple[str, int]:
        """The file and the line."""
        lines = ((base if self.of_base else copy).folder / self.file).read_text().splitlines()
        begin = next(n for n, text in enumerate(lines) if self.after in text)
        return self.file, next(n for n in range(begin, len(lines)) if self.line in lines[n]) + 1


def template(before: str, after: str, *, everywhere: bool = False) -> Change:
    """Edit the template."""
    return lambda copy: copy.template(before, after, everywhere=everywhere)


def resource(logical_id: str, before: str, after: str) -> Change:
    """Edit a resource in the template, at the first match of a string."""

    def change(copy: Copy) -> None:
        block = copy.block(logical_id)
        assert before in block, (logical_id, before)
        copy.template(block, block.replace(before, after, 1))

    return change


def added(text: str) -> Change:
    """Add a resource to the template."""
    return template("\nOutputs:\n", f"\n{text}\nOutputs:\n")


def code(module: str, before: str, after: str) -> Change:
    """Edit a function module."""
    return lambda copy: copy.code(module, before, after)


def definition(before: str, after: str) -> Change:
    """Edit the orchestrator's definition."""
    return lambda copy: copy.definition(before, after)


def of(*parts: str, scenarios: tuple[str, ...] = ()) -> Callable[..., Defect]:
    """Create defects that these parts of the gate find."""

    def made(plant: Change, rule: str, file: str, line: str, says: str, **more: object) -> Defect:
        return Defect(plant, rule, file, line, says, parts, **{"scenarios": scenarios, **more})  # type: ignore[arg-type]

    return made


TWO = (SCENARIO,)
