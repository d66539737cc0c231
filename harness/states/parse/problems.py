"""Problems in a definition, with AWS's codes and messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SCHEMA_VALIDATION_FAILED: Final = "SCHEMA_VALIDATION_FAILED"
TOO_DEEPLY_NESTED: Final = "TOO_DEEPLY_NESTED"
MISSING_TRANSITION_TARGET: Final = "MISSING_TRANSITION_TARGET"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem in a definition.

    Attributes:
        code: AWS's code, e.g. `MISSING_TRANSITION_TARGET`.
        location: the position in AWS's format: `/States/P/Branches[0]/States/A/Next`; None for the definition
            as a whole.
    """

    code: str
    message: str
    location: str | None

    def __str__(self) -> str:
        where = "null" if self.location is None else self.location
        if self.message.endswith(f" at {where}"):  # Jackson's messages already contain the position
            return f"{self.code}: {self.message}"
        return f"{self.code}: {self.message} at {where}"


class InvalidDefinition(ValueError):
    """A definition that AWS would reject. The message is AWS's.

    Attributes:
        problems: all problems, in AWS's order.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("Invalid State Machine Definition: '" + ", ".join(map(str, problems)) + "'")
        self.problems = problems


class Problems:
    """The problems found so far."""

    def __init__(self) -> None:
        self.found: Final[list[Problem]] = []

    def add(self, code: str, message: str, location: str | None) -> None:
        """Add a problem."""
        self.found.append(Problem(code, message, location))

    def schema(self, message: str, location: str) -> None:
        """Add a SCHEMA_VALIDATION_FAILED problem."""
        self.add(SCHEMA_VALIDATION_FAILED, message, location)

    def unsupported(self, what: str, location: str) -> None:
        """Report an AWS feature that this interpreter does not support, so that the definition is not run
        without it.
        """
        self.add("NOT_SUPPORTED_HERE", f"{what} is not supported by this interpreter", location)
