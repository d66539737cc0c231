"""Nested stacks. Their resources are found in the same way as the resources in any other stack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from harness.cloudformation.inner import inner_parameters
from harness.engine.clients import Clients
from harness.files import is_file
from harness.planned import Planned
from harness.regions import REGION, Place
from harness.stack.artifacts import NESTED_STACK, uses
from harness.stack.assets import Assets
from harness.stack.deploy import describe
from harness.stack.model import Stack
from harness.stack.template import look_at
from harness.stack.transformed import surroundings_of

_SOMEWHERE: Final = Place(REGION, "")


def with_nested(planned: Sequence[Planned], place: Place = _SOMEWHERE) -> tuple[Planned, ...]:
    """Return the stacks, each followed by its nested stacks, with names such as `shop.Inner` from their
    logical IDs.

    Nested stacks have the parameters that are known before the deployment.

    Raises:
        TemplateError: a template cannot be read.
    """
    return tuple(each for stack in planned for each in _planned(stack, place, ()))


def deployed_nested(clients: Clients, stack: Stack, planned: Planned) -> Iterator[Stack]:
    """Return the nested stacks in a deployed stack. Their outputs and notes are reported with it.

    Raises:
        DeployError: a nested stack does not exist.
        TemplateError: a template cannot be read.
    """
    place = Place(clients.endpoint.region, clients.endpoint.account_id)
    for logical_id, inner in stacks_in(planned, place):
        if logical_id in stack.resources:
            arn = stack.resources[logical_id].physical_id
            found = describe(clients, arn, inner.template, inner.name, inner.parameters)
            yield replace(found, outputs={}, notes=())
            yield from deployed_nested(clients, found, inner)


def _planned(stack: Planned, place: Place, parents: tuple[Path, ...]) -> Iterator[Planned]:
    yield stack
    parents = (*parents, stack.template.resolve())
    for _, inner in stacks_in(stack, place):
        if inner.template.resolve() not in parents:
            yield from _planned(inner, place, parents)


def stacks_in(stack: Planned, place: Place = _SOMEWHERE) -> Iterator[tuple[str, Planned]]:
    """Return the nested stacks in a stack whose templates are on this machine, by logical ID.

    Raises:
        TemplateError: a template cannot be read.
    """
    content = look_at(stack.template, stack.parameters, place.region or REGION)
    found = [use for use in uses(content) if use.artifact is NESTED_STACK]
    if not found:
        return
    assets = Assets(stack.template)
    given = inner_parameters(content, stack.parameters, surroundings_of(stack.name, place))
    for use in found:
        local = assets.local(use.value, "", "")
        if local is not None and is_file(local):
            name = f"{stack.name}.{use.resource}"
            yield (
                use.resource,
                Planned(local, name, given.get(use.resource, {}), stack.environment, inner=True),
            )
