"""Several deployed stacks as one, in which every resource has a name of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from harness.stack.model import Stack
from harness.stack.naming import Naming

T = TypeVar("T")


def joined(stacks: Sequence[Stack], naming: Naming) -> Stack:
    """The stacks of a scenario as one.

    The resources have the names that `naming` gives them; outputs that several stacks have are called
    `StackName.Output`.
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
