"""Resource names. Observations use the names that the scenario uses.

The name of a resource is its logical ID, or `StackName.LogicalId` if several stacks have that ID. For a CDK
app, a scenario may also use the path of a construct, or the end of that path.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.planned import Planned
from harness.scenario.model import Scenario
from harness.scenario.position import Position, Problem, ScenarioError
from harness.scenario.used_names import names_used
from harness.stack.declared import TYPES
from harness.stack.model import Stack
from harness.stack.nested import with_nested
from harness.stack.origin import Origin
from harness.stack.origins import origins_in

MACHINE = "state machine"


@dataclass(frozen=True)
class Naming:
    """The names that a scenario uses, by stack and logical ID. Other resources have their default names."""

    used: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def names(self, stacks: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], str]:
        """Return a unique name for each resource. `stacks` has the logical IDs by stack."""
        keys = [(stack, logical_id) for stack, ids in stacks.items() for logical_id in dict.fromkeys(ids)]
        count = Counter(logical_id for _, logical_id in keys)
        taken = set(self.used.values())
        return {
            (stack, id_): self.used.get((stack, id_))
            or (f"{stack}.{id_}" if count[id_] > 1 or id_ in taken else id_)
            for stack, id_ in keys
        }


OWN_NAMES = Naming()
"""Return a naming in which every resource is called by its logical ID."""


@dataclass(frozen=True)
class Declarations:
    """The resources that stacks declare."""

    stacks: tuple[str, ...]
    resources: tuple[Origin, ...]

    @classmethod
    def of(cls, planned: Sequence[Planned]) -> Declarations:
        """Return the declarations in templates, as they are written.

        Raises:
            TemplateError: a template cannot be read.
        """
        every = with_nested(planned)
        found = (origin for each in every for origin in origins_in(each.template, each.name).values())
        return cls(tuple(stack.name for stack in every), tuple(found))

    def called(self, text: str, kind: str) -> tuple[Origin, ...]:
        """Return the resources of a kind that a string can refer to. An exact match takes precedence."""
        of_kind = self._of(kind)
        exact = [each for each in of_kind if each.logical_id == text]
        qualified = [each for each in of_kind if text in (".".join(each.key), each.construct)]
        return tuple(exact or qualified or [each for each in of_kind if each.is_called(text)])

    def known(self, kind: str) -> tuple[str, ...]:
        """Names that a scenario can use for the resources of a kind."""
        of_kind = self._of(kind)
        count = Counter(each.logical_id for each in of_kind)
        return tuple(
            each.qualified if count[each.logical_id] > 1 or each.path else each.logical_id for each in of_kind
        )

    def _of(self, kind: str) -> list[Origin]:
        return [each for each in self.resources if each.type in TYPES[kind]]

    def made_up(self, text: str) -> tuple[str, str] | None:
        """Split `StackName.LogicalId` into the stack and the logical ID. A transform may create the
        resource.
        """
        stack, dot, logical_id = text.rpartition(".")
        return (stack, logical_id) if dot and stack in self.stacks else None


class _Used(NamedTuple):
    """A name and the location where it is used."""

    kind: str
    text: str
    where: Position


def naming_of(scenario: Scenario, planned: Sequence[Planned], machine: str | None = None) -> Naming:
    """The names that a scenario uses for the resources of its stacks.

    Names that no template declares are ignored. `machine` is the machine from the settings.

    Raises:
        ScenarioError: a name is ambiguous, or a resource has several names.
        TemplateError: a template cannot be read.
    """
    declarations = Declarations.of(planned)
    used: dict[tuple[str, str], str] = {}
    problems: list[Problem] = []
    for kind, text, where in _used(scenario, machine):
        found = declarations.called(text, kind)
        if len(found) > 1:
            ways = ", ".join(each.qualified for each in found)
            message = f"{text!r} matches {len(found)} {kind}s"
            problems.append(Problem(where, message, f"choose one: {ways}"))
            continue
        key = found[0].key if found else declarations.made_up(text)
        if key is None:
            continue
        if (before := used.setdefault(key, text)) != text:
            message = f"{text!r} is the {kind} that is called {before!r} elsewhere in the file"
            problems.append(Problem(where, message, "use one name for it"))
        elif any(other == text for others, other in used.items() if others != key):
            message = f"{text!r} is the name of resources of several kinds"
            ways = ", ".join(each.qualified for each in found) or f"{key[0]}.{key[1]}"
            problems.append(Problem(where, message, f"write {ways} for the {kind}"))
    if problems:
        raise ScenarioError(problems)
    return Naming(used)


def _used(scenario: Scenario, machine: str | None) -> Iterator[_Used]:
    for name in names_used(scenario):
        if name.kind in TYPES:
            yield _Used(name.kind, name.name, scenario.position(*name.at, of=name.of))
    for n, run in enumerate(scenario.runs):
        if run.state_machine is not None:
            yield _Used(MACHINE, run.state_machine, machine_position(scenario, n))
    if machine is not None and any(run.state_machine is None for run in scenario.runs):
        yield _Used(MACHINE, machine, scenario.position())


def machine_position(scenario: Scenario, n: int) -> Position:
    """Return the location where the run with this number, counted from 0, specifies its state machine."""
    at = ("run", n) if ("run", n) in scenario.source.marks else ("run",)
    return scenario.position(*at, "state_machine", of="value")


def executions_of(scenario: Scenario, stack: Stack) -> Mapping[str, str]:
    """Return the ARNs of the executions that the runs start, by run name.

    Raises DeployError for a state machine that the stack does not contain.
    """
    machines = {run.name: stack.state_machine(run.state_machine) for run in scenario.runs}
    return {
        name: f"{machine.replace(':stateMachine:', ':execution:', 1)}:{name}"
        for name, machine in machines.items()
    }
