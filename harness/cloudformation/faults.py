"""Template faults, with CloudFormation's error messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

Key = str | int
NOT_WELL_FORMED = "Template format error: YAML not well-formed."


@dataclass(frozen=True)
class Fault:
    """A template fault: the keys of its location, CloudFormation's message, and the harness's remedy.

    `place` is its line and column, counted from 1. It is set only if the text could not be parsed and
    therefore has no keys.
    """

    keys: tuple[Key, ...]
    message: str
    remedy: str = ""
    place: tuple[int, int] | None = None

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


class TemplateRefused(ValueError):
    """CloudFormation or the harness rejects a template or its parameters. `faults` are in order."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(str(faults[0]))
        self.faults = faults

    def inside(self, *keys: Key) -> TemplateRefused:
        """Return the same faults for a larger value that contains the checked value."""
        return TemplateRefused(*(replace(fault, keys=(*keys, *fault.keys)) for fault in self.faults))


def refuse(
    message: str, *keys: Key, remedy: str = "", place: tuple[int, int] | None = None
) -> TemplateRefused:
    """Return the exception for a single fault."""
    return TemplateRefused(Fault(keys, message, remedy, place))


def raise_any(faults: Iterable[Fault]) -> None:
    """Raise TemplateRefused if the template has errors."""
    found = tuple(faults)
    if found:
        raise TemplateRefused(*found)


def yaml_problem(fault: Fault) -> str:
    """Return a YAML fault's message for output that shows the location separately: `not YAML: ...`."""
    message = fault.message.removeprefix(NOT_WELL_FORMED)
    return message if message == fault.message else f"not YAML: {message.partition(': ')[2]}"
