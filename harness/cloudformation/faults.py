"""Faults of a template, in CloudFormation's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

Key = str | int
NOT_WELL_FORMED = "Template format error: YAML not well-formed."


@dataclass(frozen=True)
class Fault:
    """A fault of a template: the keys that lead to it, CloudFormation's message, and the harness's remedy.

    `place` is its line and column, counted from 1, where the text could not be read so far that it has keys.
    """

    keys: tuple[Key, ...]
    message: str
    remedy: str = ""
    place: tuple[int, int] | None = None

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


class TemplateRefused(ValueError):
    """CloudFormation, or the harness, refuses a template or its parameters; `faults` are in their order."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(str(faults[0]))
        self.faults = faults

    def inside(self, *keys: Key) -> TemplateRefused:
        """The same faults, when what they were found in is an entry of something larger."""
        return TemplateRefused(*(replace(fault, keys=(*keys, *fault.keys)) for fault in self.faults))


def refuse(
    message: str, *keys: Key, remedy: str = "", place: tuple[int, int] | None = None
) -> TemplateRefused:
    """The exception for a single fault."""
    return TemplateRefused(Fault(keys, message, remedy, place))


def raise_any(faults: Iterable[Fault]) -> None:
    """Raise TemplateRefused when there is a fault."""
    found = tuple(faults)
    if found:
        raise TemplateRefused(*found)


def yaml_problem(fault: Fault) -> str:
    """The message of a fault in YAML for somebody to whom its place is told apart: `not YAML: ...`."""
    message = fault.message.removeprefix(NOT_WELL_FORMED)
    return message if message == fault.message else f"not YAML: {message.partition(': ')[2]}"
