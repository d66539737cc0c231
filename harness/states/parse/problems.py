"""What is wrong with a definition, in AWS's codes and words."""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA_VALIDATION_FAILED = "SCHEMA_VALIDATION_FAILED"
MISSING_TRANSITION_TARGET = "MISSING_TRANSITION_TARGET"
INVALID_JSONATA_EXPRESSION = "INVALID_JSONATA_EXPRESSION"
UNSUPPORTED_JSONATA_EXPRESSION = "UNSUPPORTED_JSONATA_EXPRESSION"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a definition.

    Attributes:
        code: AWS's code, e.g. `MISSING_TRANSITION_TARGET`.
        location: where, in AWS's form: `/States/P/Branches[0]/States/A/Next`; None for all of it.
    """

    code: str
    message: str
    location: str | None

    def __str__(self) -> str:
        where = "null" if self.location is None else self.location
        return f"{self.code}: {self.message} at {where}"


class InvalidDefinition(ValueError):
    """A definition that AWS would refuse; its text is AWS's message.

    Attributes:
        problems: all of them, in AWS's order.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("Invalid State Machine Definition: '" + ", ".join(map(str, problems)) + "'")
        self.problems = problems
