"""Sorts resources in creation order, and finds circular dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.cloudformation.faults import refuse
from harness.cloudformation.functions import references
from harness.json_types import Json


def depends_on(resource: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the names under a resource's DependsOn."""
    named = resource.get("DependsOn", [])
    return tuple(str(name) for name in (named if isinstance(named, list) else [named]))


def dependencies(resources: Mapping[str, Json], *, certain: bool = False) -> dict[str, tuple[str, ...]]:
    """Return each resource with its dependencies. `certain` excludes dependencies in only one branch of
    Fn::If.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, resource in resources.items():
        if not isinstance(resource, dict):
            continue
        needed = [
            reference.name
            for reference in references(resource.get("Properties", {}))
            if not (certain and reference.optional)
        ]
        names = dict.fromkeys([*depends_on(resource), *needed])
        found[name] = tuple(each for each in names if each in resources)
    return found


def in_order(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the resources, each after its dependencies.

    Raises:
        TemplateRefused: the dependencies are circular.
    """
    done: dict[str, None] = {}
    left = {name: set(needed) for name, needed in needs.items()}
    while left:
        ready = [name for name, needed in left.items() if needed <= done.keys()]
        if not ready:
            raise refuse(
                f"Circular dependency between resources: [{', '.join(sorted(_circle(left)))}]",
                *("Resources", sorted(_circle(left))[0]),
            )
        # One at a time, so that each resource comes as early as the template's order allows.
        done[ready[0]] = None
        del left[ready[0]]
    return list(done)


def _circle(left: Mapping[str, set[str]]) -> set[str]:
    """Return the resources that depend on themselves through others."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        ahead = [start]
        while ahead:
            for name in left.get(ahead.pop(), ()):
                if name in left and name not in found:
                    found.add(name)
                    ahead.append(name)
        return found

    return {name for name in left if name in reached(name)}
