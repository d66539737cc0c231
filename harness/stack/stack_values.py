"""External values that stacks require, and values that they create for others, if known in advance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from harness.cloudformation.evaluate import Open
from harness.cloudformation.faults import TemplateRefused
from harness.cloudformation.wanted import WANTING, Kind, Looked, Making, look
from harness.given import Given
from harness.planned import Planned
from harness.regions import REGION, Place
from harness.stack.template import TemplateError, error_of, look_at
from harness.stack.transformed import surroundings_of


@dataclass(frozen=True)
class Made:
    """Values that stacks create: names by kind, and `outputs` by stack. Kinds in `unknown` may have more
    names.
    """

    names: Mapping[Kind, frozenset[str]] = field(default_factory=dict)
    outputs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unknown: frozenset[Kind] = frozenset()

    def with_those_of(self, stack: str, making: Making) -> Made:
        """Add the values that a stack with this name creates."""
        more: dict[Kind, frozenset[str]] = {
            "export": making.exports,
            "parameter": making.parameters,
            "secret": making.secrets,
        }
        return Made(
            {kind: self.names.get(kind, frozenset()) | names for kind, names in more.items()},
            {**self.outputs, stack: making.outputs},
            self.unknown | making.unknown,
        )

    def has(self, kind: Kind, name: str) -> bool:
        """Return whether a stack is guaranteed to create it."""
        return name in self.names.get(kind, ())


def may_want(stack: Planned, place: Place) -> bool:
    """Return whether a stack's template contains a word that can refer to an external value.

    Raises:
        TemplateError: it cannot be read.
    """
    text = json.dumps(look_at(stack.template, stack.parameters, place.region or REGION))
    return any(word in text for word in WANTING)


def looked_at(stack: Planned, given: Given, place: Place) -> Looked:
    """Return the values that a stack requires, and the values that it creates.

    Raises:
        TemplateError: its template cannot be read, or is rejected.
    """
    stored = tuple((name, each.value) for name, each in given.ssm.items() if each.type != "SecureString")
    try:
        return _looked_at(
            stack.template,
            stack.name,
            tuple(stack.parameters.items()),
            stored,
            place,
            stack.template.stat().st_mtime_ns,
            inner=stack.inner,
        )
    except TemplateRefused as refused:
        raise error_of(stack.template, refused.faults) from refused
    except OSError as error:
        raise TemplateError(f"{stack.template}: {error.strerror}; use a CloudFormation template") from error


@lru_cache(maxsize=32)
def _looked_at(
    template: Path,
    name: str,
    parameters: tuple[tuple[str, str], ...],
    stored: tuple[tuple[str, str], ...],
    place: Place,
    _changed: int,
    *,
    inner: bool,
) -> Looked:
    known = dict(stored)

    def look_up(parameter: str) -> str:
        if parameter not in known:
            raise Open
        return known[parameter]

    content = look_at(template, dict(parameters), place.region or REGION)
    return look(content, dict(parameters), surroundings_of(name, place), look_up, partial=inner)
