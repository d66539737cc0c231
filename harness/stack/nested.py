"""Stacks in stacks: what is in them is found like everything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from harness.engine.clients import Clients
from harness.files import is_file
from harness.planned import Planned
from harness.stack.artifacts import NESTED_STACK, uses
from harness.stack.assets import Assets
from harness.stack.deploy import describe
from harness.stack.model import Stack
from harness.stack.template import look_at


def with_nested(planned: Sequence[Planned]) -> tuple[Planned, ...]:
    """The stacks, each followed by those in it, which are called `shop.Inner` by their logical ids.

    Raises:
        TemplateError: a template cannot be read.
    """
    return tuple(each for stack in planned for each in _planned(stack, ()))


def deployed_nested(clients: Clients, stack: Stack, planned: Planned) -> Iterator[Stack]:
    """The stacks in a deployed one, whose outputs and notes are told with it.

    Raises:
        DeployError: one is not there.
        TemplateError: a template cannot be read.
    """
    for logical_id, template in templates_in(planned.template):
        if logical_id in stack.resources:
            inner = Planned(template, f"{planned.name}.{logical_id}")
            found = describe(clients, stack.resources[logical_id].physical_id, template, label=inner.name)
            yield replace(found, outputs={}, notes=())
            yield from deployed_nested(clients, found, inner)


def _planned(stack: Planned, parents: tuple[Path, ...]) -> Iterator[Planned]:
    yield stack
    parents = (*parents, stack.template.resolve())
    for logical_id, template in templates_in(stack.template):
        if template.resolve() not in parents:
            yield from _planned(Planned(template, f"{stack.name}.{logical_id}"), parents)


def templates_in(template: Path) -> Iterator[tuple[str, Path]]:
    """The logical ids of the stacks in a template, each with the file of its template.

    Raises:
        TemplateError: the template cannot be read.
    """
    found = [use for use in uses(look_at(template)) if use.artifact is NESTED_STACK]
    assets = Assets(template) if found else None
    for use in found:
        local = assets.local(use.value, "", "") if assets else None
        if local is not None and is_file(local):
            yield use.resource, local
