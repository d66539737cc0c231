"""The progress of a stack change, and the previous state of the stack for a rollback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.cloudformation.prepare import Prepared
from harness.engine.moto.resources.model import Resource
from harness.engine.moto.stacks.model import Output, Stack, StackResource
from harness.engine.moto.stacks.policy import StackPolicy


@dataclass
class Before:
    """The state of a stack before an update, for a rollback."""

    prepared: Prepared | None
    text: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    outputs: dict[str, Output]
    imports: set[str]
    resources: dict[str, StackResource]


@dataclass
class Work:
    """The progress of a stack change.

    `failed` and `skipped` contain logical IDs. `made` lists new resources in order. `changed` lists the
    previous states of existing resources. `old` lists replaced resources. `policy` restricts the
    changes. `retags` is True if the stack has new tags.
    """

    failed: dict[str, str] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    made: list[tuple[StackResource, Resource]] = field(default_factory=list)
    changed: list[StackResource] = field(default_factory=list)
    old: list[StackResource] = field(default_factory=list)
    policy: StackPolicy = field(default_factory=StackPolicy)
    retags: bool = False


@dataclass
class Unfinished:
    """A failed update that was not rolled back, or was rolled back only partly."""

    before: Before
    work: Work


def as_now(stack: Stack) -> Before:
    """Return the current state of a stack, for a rollback."""
    return Before(
        stack.prepared,
        stack.text,
        stack.parameters,
        stack.tags,
        stack.outputs,
        stack.imports,
        {name: resource.as_now() for name, resource in stack.resources.items()},
    )


def taken(stack: Stack) -> Unfinished | None:
    """Remove the unfinished update from a stack, and return it."""
    found, stack.unfinished = stack.unfinished, None
    return found if isinstance(found, Unfinished) else None
