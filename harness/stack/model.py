"""The nouns of deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.acceptance import Acceptance
from harness.errors import HarnessError
from harness.notes import Note
from harness.stack.origin import Origin

STATE_MACHINE = "AWS::StepFunctions::StateMachine"
WHICH_MACHINE = "say which one in `run: {state_machine: ...}` or `[tool.harness] state_machine`; declared"
"""The remedy where it is not clear which state machine is meant; a list of names follows."""


class DeployError(HarnessError):
    """The template could not be deployed; the message says which resource and why."""

    code = "stack-failed"


@dataclass(frozen=True)
class Resource:
    """A deployed resource: `{"OrderTopic": Resource("AWS::SNS::Topic", "arn:aws:sns:...")}`."""

    type: str
    physical_id: str


@dataclass(frozen=True)
class Stack:
    """A deployed template: its outputs, and its resources by their names, which are logical ids.

    `fingerprint` is of the template and its parameters; empty when they are not known. `default_machine` is
    the logical id of the state machine that runs start when they name none. `origins` are the declarations of
    its resources, if they are known. `notes` say what of the template the engine does not serve, and where it
    differs from AWS. `scp` and `accept` are the project's settings: the service control policies that hold
    for its roles, and the findings that it accepts. `not_served` are the resources that are declared and not
    made, with what stands for their physical ids. `ids`: name of the stack -> its ARN, which ends in a UUID.

    Several stacks of a scenario are one of these, see `joined`: then names of resources are those of
    `Naming`, and `ids` has all of the stacks.
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
        """Logical id -> physical id of all resources of a type."""
        return {name: r.physical_id for name, r in self.resources.items() if r.type == resource_type}

    def resource(self, name: str) -> Resource:
        """A resource by its name, or by the path of its construct in CDK, or the end of that.

        Raises:
            DeployError: there is none of this name, or there are several. It lists those that are meant.
        """
        if name in self.resources:
            return self.resources[name]
        found = [each for each in self.resources if each in self.origins and self._is_called(each, name)]
        if len(found) == 1:
            return self.resources[found[0]]
        if not found:
            known = ", ".join(sorted(self.resources)) or "none"
            raise DeployError(f"there is no resource {name!r}; known: {known}")
        meant = ", ".join(map(self.shown, found))
        raise DeployError(f"{len(found)} resources are called {name!r}; say which one: {meant}")

    def _is_called(self, name: str, text: str | None) -> bool:
        origin = self.origins[name]
        return text is not None and (text == ".".join(origin.key) or origin.is_called(text))

    def logical_id(self, name: str) -> str:
        """The logical id of a resource in its template."""
        return self.origins[name].logical_id if name in self.origins else name

    def may_mention(self, word: str) -> bool:
        """Tell whether a word is in a template, in any case; also where the templates are not known."""
        templates = {origin.template for origin in self.origins.values()}
        return not templates or any(
            word.lower() in template.read_text("utf-8", "replace").lower() for template in templates
        )

    def shown(self, name: str) -> str:
        """A resource as findings name it: `Orders (AWS::SNS::Topic)`, see `Origin.shown`."""
        if name in self.origins:
            return self.origins[name].shown()
        return f"{name} ({(self.resources.get(name) or self.not_served[name]).type})"

    def state_machine(self, logical_id: str | None = None) -> str:
        """The ARN of a state machine of the stack; without a name, of the default or the only one.

        Raises:
            DeployError: there is no such machine, or there are several. It lists those that there are.
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
