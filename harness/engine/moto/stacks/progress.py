"""The progress of a change of a stack, and the stack as it was before, to go back to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.cloudformation.prepare import Prepared
from harness.engine.moto.resources.model import Resource
from harness.engine.moto.stacks.model import Output, Stack, StackResource
from harness.engine.moto.stacks.policy import StackPolicy


@dataclass
class Before:
    """A stack as it was before an update, to go back to."""

    prepared: Prepared | None
    text: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    outputs: dict[str, Output]
    imports: set[str]
    resources: dict[str, StackResource]


@dataclass
class Work:
    """The work of a change of a stack so far.

    `failed` and `skipped` are logical ids; `made` are resources that were not there before, in their order;
    `changed` were there, with what they were; `old` gave their place to others. `policy` says what may
    be changed; `retags` that the stack has other tags now.
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
    """An update that failed, and did not go back, or not all of the way."""

    before: Before
    work: Work


def as_now(stack: Stack) -> Before:
    """A stack as it is, to go back to."""
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
    """Take the unfinished update from a stack, which has none then."""
    found, stack.unfinished = stack.unfinished, None
    return found if isinstance(found, Unfinished) else None
