"""The data model of deployments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.acceptance import Acceptance
from harness.errors import HarnessError
from harness.notes import Note
from harness.stack.origin import Origin

STATE_MACHINE = "AWS::StepFunctions::StateMachine"
WHICH_MACHINE = "choose one in `run: {state_machine: ...}` or `[tool.harness] state_machine`; declared"
"""Remedy for an ambiguous state machine. A list of names follows."""


class DeployError(HarnessError):
    """The template could not be deployed. The message says which resource failed, and why."""

    code = "stack-failed"


@dataclass(frozen=True)
class Resource:
    """A deployed resource: `{"OrderTopic": Resource("AWS::SNS::Topic", "arn:aws:sns:...")}`."""

    type: str
    physical_id: str


@dataclass(frozen=True)
class Stack:
    """A deployed template: its outputs, and its resources by name. The names are logical IDs.

    `fingerprint` identifies the template and its parameters. It is empty when they are not known.
    `default_machine` is the logical ID of the state machine that runs start by default. `origins` are the
    declarations of its resources, if they are known. `notes` list the differences from AWS and the parts of
    the template that the engine does not support. `scp` and `accept` are the project's settings: the service
    control policies that apply to its roles, and the findings that it accepts. `not_served` are the declared
    resources that were not created, with placeholders for their physical IDs. `ids` maps the stack name to
    its ARN, which ends in a UUID.

    When a scenario has several stacks, they are joined into one; see `joined`. The names of its resources
    then come from `Naming`, and `ids` contains all stacks.
    """

    name: str
    outputs: Mapping[str, str]
    resources: Mapping[str, Resource]
    fingerprint: str = ""
    default_machine: str | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    scp: tuple[Path, ...] = ()
    accept: tuple[Acceptance, ...] = ()
    not_served: Mapping[str, Resource] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)

    def of_type(self, resource_type: str) -> dict[str, str]:
        """Logical ID -> physical ID for all resources of a type."""
        return {name: r.physical_id for name, r in self.resources.items() if r.type == resource_type}

    def resource(self, name: str) -> Resource:
        """Return a resource by its name, by the path of its CDK construct, or by the end of that path.

        Raises:
            DeployError: no resource or more than one has this name. The message lists the candidates.
        """
        if name in self.resources:
            return self.resources[name]
        found = [each for each in self.resources if each in self.origins and self._is_called(each, name)]
        if len(found) == 1:
            return self.resources[found[0]]
        if not found:
            known = ", ".join(sorted(self.resources)) or "none"
            raise DeployError(f"resource {name!r} not found; known: {known}")
        meant = ", ".join(map(self.shown, found))
        raise DeployError(f"{len(found)} resources are called {name!r}; choose one: {meant}")

    def _is_called(self, name: str, text: str | None) -> bool:
        origin = self.origins[name]
        return text is not None and (text == ".".join(origin.key) or origin.is_called(text))

    def logical_id(self, name: str) -> str:
        """Return the logical ID of a resource in its template."""
        return self.origins[name].logical_id if name in self.origins else name

    def may_mention(self, word: str) -> bool:
        """Return whether a word occurs in a template, ignoring case. True if the templates are not known."""
        templates = {origin.template for origin in self.origins.values()}
        return not templates or any(
            word.lower() in template.read_text("utf-8", "replace").lower() for template in templates
        )

    def shown(self, name: str) -> str:
        """Return a resource in the format used in findings: `Orders (AWS::SNS::Topic)`; see
        `Origin.shown`.
        """
        if name in self.origins:
            return self.origins[name].shown()
        return f"{name} ({(self.resources.get(name) or self.not_served[name]).type})"

    def state_machine(self, logical_id: str | None = None) -> str:
        """Return the ARN of a state machine in the stack. Default: the default machine, or the only one.

        Raises:
            DeployError: the machine does not exist, or the choice is ambiguous. The message lists all
            machines.
        """
        logical_id = logical_id or self.default_machine
        machines = self.of_type(STATE_MACHINE)
        if logical_id is None and len(machines) == 1:
            return next(iter(machines.values()))
        if logical_id in machines:
            return machines[logical_id]
        called = [name for name in machines if name in self.origins and self._is_called(name, logical_id)]
        if len(called) == 1:
            return machines[called[0]]
        for name, resource in self.not_served.items():
            if resource.type == STATE_MACHINE and logical_id in (name, None):
                said = [f": {note.text}" for note in self.notes if note.subject == self.shown(name)]
                raise DeployError(f"state machine {name} is not served here{''.join(said)}")
        wanted = f"no state machine {logical_id}" if logical_id else f"{len(machines)} state machines"
        raise DeployError(
            f"the template declares {wanted}; {WHICH_MACHINE}: {', '.join(sorted(machines)) or 'none'}"
        )
