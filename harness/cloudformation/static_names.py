"""Names in a template whose values are known before any resource is created."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.cloudformation.evaluate import Evaluator, Open
from harness.cloudformation.faults import refuse
from harness.cloudformation.include import Load, nothing_included
from harness.cloudformation.parameters import LookUp, Parameters
from harness.json_types import Json, JsonObject
from harness.regions import REGION


@dataclass(frozen=True)
class Surroundings:
    """A stack's environment: pseudo parameters by name, and functions that look up values.

    `look_up` returns Parameter Store parameters. It is None without an engine. `include` returns the content
    for AWS::Include. SAM uses the partition of `region` in ARNs.
    """

    pseudo: Mapping[str, Json]
    look_up: LookUp | None
    zones: Callable[[str], Sequence[str]]
    include: Load = nothing_included
    region: str = REGION


class StaticNames:
    """Names whose values are known before any resource is created."""

    def __init__(self, template: JsonObject, parameters: Parameters, surroundings: Surroundings) -> None:
        self.template = template
        self.active: frozenset[str] = frozenset()
        self.block = "Resources"
        self._parameters = parameters
        self._surroundings = surroundings
        self._conditions: dict[str, bool | None] = {}

    def ref(self, name: str) -> Json:
        """Return a parameter or a pseudo parameter. A resource is open."""
        if name in self._parameters.values:
            return self._parameters.values[name]
        if name in self._surroundings.pseudo:
            return self._surroundings.pseudo[name]
        self._check_active(name)
        raise Open

    def attribute(self, resource: str, attribute: str) -> Json:
        """Raise Open: no resource exists yet."""
        self._check_active(resource)
        raise Open

    def condition(self, name: str) -> bool:
        """Return the value of a condition. It is evaluated once."""
        if name not in self._conditions:
            conditions = self.template.get("Conditions", {})
            if not isinstance(conditions, dict) or name not in conditions:
                raise refuse(f"Template format error: Unresolved condition dependency {name}")
            self._conditions[name] = None
            try:
                self._conditions[name] = Evaluator(self).condition(conditions[name])
            except Open:
                del self._conditions[name]
                raise
        found = self._conditions[name]
        if found is None:
            raise refuse(f"Template format error: Circular dependency of condition {name}")
        return found

    def mapping(self, name: str) -> Mapping[str, Json] | None:
        """Return a mapping in the template."""
        mappings = self.template.get("Mappings", {})
        found = mappings.get(name) if isinstance(mappings, dict) else None
        return found if isinstance(found, dict) else None

    def export(self, name: str) -> Json:
        """Raise Open: other stacks are not known yet."""
        raise Open

    def stack_output(self, stack: str, output: str, region: str, role: str) -> Json:
        """Raise Open: other stacks are not known yet."""
        raise Open

    def find_active(self) -> None:
        """Find the resources whose condition is true."""
        resources = self.template.get("Resources", {})
        self.active = frozenset(
            name
            for name, entry in (resources.items() if isinstance(resources, dict) else ())
            if isinstance(entry, dict)
            and ("Condition" not in entry or self.condition(str(entry["Condition"])))
        )

    def zones(self, region: str) -> Sequence[str]:
        """Return the Availability Zones in a Region."""
        return self._surroundings.zones(region)

    def _check_active(self, name: str) -> None:
        resources = self.template.get("Resources", {})
        if isinstance(resources, dict) and name in resources and self.active and name not in self.active:
            raise refuse(
                f"Template format error: Unresolved resource dependencies [{name}] in the "
                f"{self.block} block of "
                "the template"
            )
