"""Parts that compare the templates of two commits without starting an engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from harness.gate import access, access_rules, data_loss, declared
from harness.gate.base import Base
from harness.gate.deployed import settings_of_base
from harness.gate.finding import Finding
from harness.gate.part import Context, Part
from harness.gate.resolved import Resolved, of_project, of_scenarios, of_template
from harness.permissions.check import decisions
from harness.planned import Planned
from harness.settings import Settings


def sides(context: Context) -> tuple[Resolved, Resolved]:
    """Return the resources in base and head. They are resolved only once.

    Raises:
        BaseError: the templates on one side cannot be used.
    """
    if context.sides is None:
        head = of_scenarios(context.settings, context.scenarios, context.settings_of, "this")
        context.sides = _base(context, head), head
    return context.sides


def _base(context: Context, head: Resolved) -> Resolved:
    if context.base_template is not None:
        return of_template(context.base_template, context.settings, str(context.base_template))
    assert context.base is not None, "the part needs a base"
    settings = settings_of_base(context.base, context.project)
    label = f"{context.base.ref} ({context.base.commit[:9]})"
    named = settings.template is not None or settings.stacks
    planned = () if named else tuple(_there(head.planned, context.settings, context.base))
    return of_project(settings, label, planned=planned)


def _there(planned: tuple[Planned, ...], settings: Settings, base: Base) -> Iterator[Planned]:
    """Yield the same stacks, from the files in the base."""
    for stack in planned:
        path = stack.template.resolve()
        if path.is_relative_to(settings.root.resolve()):
            place = base.project / path.relative_to(settings.root.resolve())
            if place.is_file():
                yield replace(stack, template=Path(place))


def _data_loss(context: Context) -> Iterator[Finding]:
    return data_loss.findings(*sides(context))


def _access(context: Context) -> Iterator[Finding]:
    return access.findings(*sides(context))


def _declared(context: Context) -> Iterator[Finding]:
    return declared.findings(*sides(context))


def _access_in_use(context: Context) -> Iterator[Finding]:
    """Find permissions that roles lose although scenarios use them."""
    found = access.findings(*sides(context), _used(context))
    return (each for each in found if each.rule is access_rules.LOST)


def _used(context: Context) -> Mapping[str, list[tuple[str, str | None]]]:
    """Map the logical ID of a role to the actions that scenarios used, each with its resource."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    for seen in (result.observation for result in context.results if result.observation):
        for request, _ in decisions(seen):
            role = seen.access.roles[request.role_arn].logical_id
            found.setdefault(role, []).append((request.need.action, request.need.resource))
    return found


_NEEDS: Final = frozenset({"base"})
DATA_LOSS: Final = Part("data loss", _data_loss, data_loss.RULES, _NEEDS, quick=True)
_BEFORE_RUNS: Final = tuple(rule for rule in access_rules.RULES if rule is not access_rules.LOST)
ACCESS: Final = Part("access", _access, _BEFORE_RUNS, _NEEDS, quick=True)
DECLARED: Final = Part("definitions", _declared, declared.RULES, _NEEDS, quick=True)
ACCESS_IN_USE: Final = Part(
    "access in use", _access_in_use, (access_rules.LOST,), _NEEDS | {"scenarios"}, quick=True
)
