"""Joins several deployed stacks into a single stack in which every resource has a unique name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from harness.engine.clients import Clients
from harness.planned import Planned
from harness.stack.deploy import delete, deploy, update
from harness.stack.environment import environment_notes
from harness.stack.model import Stack
from harness.stack.naming import Naming
from harness.stack.nested import deployed_nested
from harness.stack.packaging import Code

T = TypeVar("T")


def deploy_all(
    clients: Clients, planned: Sequence[Planned], naming: Naming, code: Code | None = None
) -> Stack:
    """Deploy stacks in order. Return all of them and their nested stacks as a single stack.

    Raises:
        DeployError: one of them cannot be deployed.
        TemplateError: a template cannot be read.
    """
    stacks: list[Stack] = []
    for each in planned:
        made = deploy(clients, each.template, each.name, each.parameters, code)
        stacks += [made, *deployed_nested(clients, made, each)]
    stack = joined(stacks, naming)
    return replace(stack, notes=(*environment_notes(planned, clients.endpoint), *stack.notes))


def update_all(
    clients: Clients,
    before: Sequence[Planned],
    planned: Sequence[Planned],
    naming: Naming,
    code: Code | None = None,
) -> Stack:
    """Update the stacks `before` to `planned`, in the order of `planned`, like `cdk deploy --all`.

    Stacks with new names are created. Stacks that are no longer planned are deleted at the end.

    Raises:
        DeployError: one of them cannot be updated.
        TemplateError: a template cannot be read.
    """
    there = {each.name for each in before}
    stacks: list[Stack] = []
    for each in planned:
        change = update if each.name in there else deploy
        made = change(clients, each.template, each.name, each.parameters, code)
        stacks += [made, *deployed_nested(clients, made, each)]
    for name in reversed([each.name for each in before]):
        if name not in {each.name for each in planned}:
            delete(clients, name)
    return joined(stacks, naming)


def joined(stacks: Sequence[Stack], naming: Naming, code: Code | None = None) -> Stack:
    """Return the stacks of a scenario as a single stack.

    `naming` defines the resource names. Outputs that occur in several stacks are called `StackName.Output`.
    """
    names = naming.names({each.name: (*each.resources, *each.not_served) for each in stacks})
    count: dict[str, int] = {}
    for each in stacks:
        for key in each.outputs:
            count[key] = count.get(key, 0) + 1

    def renamed(stack: Stack, of_stack: Mapping[str, T]) -> dict[str, T]:
        return {names[stack.name, id_]: value for id_, value in of_stack.items()}

    return Stack(
        name="+".join(each.name for each in stacks),
        outputs={
            f"{each.name}.{key}" if count[key] > 1 else key: value
            for each in stacks
            for key, value in each.outputs.items()
        },
        resources={name: r for each in stacks for name, r in renamed(each, each.resources).items()},
        not_served={name: r for each in stacks for name, r in renamed(each, each.not_served).items()},
        origins={name: o for each in stacks for name, o in renamed(each, each.origins).items()},
        fingerprint="".join(each.fingerprint for each in stacks),
        notes=tuple(note for each in stacks for note in each.notes),
        ids={name: id_ for each in stacks for name, id_ in each.ids.items()},
    )
