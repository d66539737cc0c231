"""Resources in a project's stacks with all values that are known without a deployment.

Parameters, conditions, mappings and functions are evaluated. SAM, loops and includes are expanded. Generated
names are stand-ins. Nested stacks are included, with their parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from harness.cloudformation.evaluate import Open
from harness.cloudformation.faults import TemplateRefused
from harness.gate.base import BaseError
from harness.gate.resolving import Names, worked_out
from harness.gate.standins import StandIn, Where
from harness.json_types import JsonObject, as_dict
from harness.plain import DefinitionPath
from harness.planned import Planned
from harness.regions import ACCOUNT, REGION
from harness.scenario.model import Scenario
from harness.scenario.position import ScenarioError
from harness.settings import Settings, SettingsError
from harness.stack.lines import TemplateLines
from harness.stack.model import DeployError
from harness.stack.nested import stacks_in
from harness.stack.stack_choice import stack_name, stacks_for, stacks_of
from harness.stack.template import TemplateError, error_of, look_at

Address = tuple[str, str]
"""A stack name and a logical ID in that stack. A nested stack is called `shop.Inner`."""


@dataclass(frozen=True)
class Resource:
    """A created resource: its properties with all values, and its declaration as written.

    `name` is the physical name in the template, or "".
    """

    stack: str
    logical_id: str
    type: str
    properties: JsonObject
    declared: JsonObject
    template: Path
    name: str = ""

    @property
    def address(self) -> Address:
        """The stack and the logical ID."""
        return self.stack, self.logical_id

    @property
    def construct(self) -> str:
        """Return the path of its CDK construct; "" if it has none."""
        path = as_dict(self.declared.get("Metadata")).get("aws:cdk:path")
        return path if isinstance(path, str) else ""

    def policy(self, name: str) -> str:
        """Return its DeletionPolicy or UpdateReplacePolicy; "" if it has none."""
        value = self.declared.get(name)
        return value if isinstance(value, str) else ""

    @property
    def shown(self) -> str:
        """Return the resource as shown in a sentence: `OrdersTable (AWS::DynamoDB::Table)`."""
        return f"{self.logical_id} ({self.type})"


@dataclass(frozen=True)
class ResolvedStack:
    """A stack: its template after the transforms, and the resources that its conditions create.

    `parameters` are all parameters as strings. `parent` is the parent stack and its logical ID there.
    `stand_ins` replace the resources' names.
    """

    name: str
    template: Path
    source: JsonObject
    parameters: Mapping[str, str]
    resources: Mapping[str, Resource]
    parent: Address | None = None
    stand_ins: Mapping[str, StandIn] = field(default_factory=dict)

    @property
    def declared(self) -> JsonObject:
        """Return all resources in the template by logical ID, including those that a condition leaves out."""
        return as_dict(self.source.get("Resources"))

    @cached_property
    def lines(self) -> TemplateLines:
        """Return the lines of the template's entries."""
        return TemplateLines(self.template)


@dataclass(frozen=True)
class Resolved:
    """The stacks on one side of a comparison, including nested stacks.

    `label` is the name of the side in messages ("main"). `root` is its folder. `values` are parameters that
    override the settings. `remade` are replaced resources, whose names differ. `renamed` maps a resource
    address to the resource's new name.
    """

    label: str
    root: Path
    planned: tuple[Planned, ...]
    account: str = ACCOUNT
    region: str = REGION
    values: Mapping[str, str] = field(default_factory=dict)
    remade: frozenset[Address] = frozenset()
    renamed: Mapping[Address, str] = field(default_factory=dict)

    @cached_property
    def stacks(self) -> Mapping[str, ResolvedStack]:
        """Stack name -> stack. Raises BaseError if a template cannot be used."""
        made: dict[str, ResolvedStack] = {}
        exports: JsonObject = {}
        for each in self.planned:
            where = Where(each.name, self.account, self.region)
            try:
                self._add(made, exports, each, where, each.name, None, ())
            except TemplateRefused as error:
                raise self._error(error_of(each.template, error.faults)) from error
            except (TemplateError, DeployError, Open) as error:
                raise self._error(error) from error
        return made

    def _error(self, error: Exception) -> BaseError:
        return BaseError(f"{self.label}: {error}".replace(f"{self.root}/", ""))

    @property
    def resources(self) -> Mapping[Address, Resource]:
        """Return all resources in all stacks."""
        return {each.address: each for stack in self.stacks.values() for each in stack.resources.values()}

    def stand_in(self, address: Address) -> StandIn:
        """Return the stand-ins for a resource's name and ARN."""
        stack, name = address
        return self.stacks[stack].stand_ins[name]

    def again(
        self,
        *,
        values: Mapping[str, str] | None = None,
        remade: Iterable[Address] = (),
        renamed: Mapping[Address, str] | None = None,
    ) -> Resolved:
        """Return the same stacks with different parameter values or resource names."""
        return replace(
            self,
            values=self.values if values is None else values,
            remade=self.remade | frozenset(remade),
            renamed=self.renamed if renamed is None else renamed,
        )

    def _add(
        self,
        made: dict[str, ResolvedStack],
        exports: JsonObject,
        planned: Planned,
        where: Where,
        label: str,
        parent: Address | None,
        parents: tuple[Path, ...],
    ) -> JsonObject:
        """Add a stack and its nested stacks. Return its outputs."""
        source = look_at(planned.template, planned.parameters, self.region)
        given = {**planned.parameters, **({} if parent else self.values)}
        inner: dict[str, Path] = {}
        if planned.template.resolve() not in parents:
            inner = {name: stack.template for name, stack in stacks_in(planned)}
        names = Names(where, exports, {}, self._of_stack(label), self._renamed(label))

        def nested(logical_id: str, properties: JsonObject, physical: str) -> JsonObject:
            if logical_id not in inner:
                return {}
            passed = {
                name: ",".join(map(str, value)) if isinstance(value, list) else str(value)
                for name, value in as_dict(properties.get("Parameters")).items()
            }
            return self._add(
                made,
                exports,
                Planned(inner[logical_id], f"{label}.{logical_id}", passed),
                replace(where, stack=physical),
                f"{label}.{logical_id}",
                (label, logical_id),
                (*parents, planned.template.resolve()),
            )

        found = worked_out(source, given, names, nested)
        made[label] = ResolvedStack(
            label,
            planned.template,
            source,
            found.parameters,
            {
                name: Resource(
                    label,
                    name,
                    each.type,
                    each.properties,
                    {**as_dict(as_dict(source["Resources"]).get(name)), **each.policies},
                    planned.template,
                    each.name,
                )
                for name, each in found.resources.items()
            },
            parent,
            names.resources,
        )
        exports.update(found.exports)
        return found.outputs

    def _of_stack(self, label: str) -> frozenset[str]:
        return frozenset(name for stack, name in self.remade if stack == label)

    def _renamed(self, label: str) -> Mapping[str, str]:
        return {name: other for (stack, name), other in self.renamed.items() if stack == label}


def of_project(settings: Settings, label: str, *, planned: Sequence[Planned] = ()) -> Resolved:
    """Return the stacks in a project's settings, or the stacks `planned` for its scenarios.

    Raises:
        BaseError: the settings contain no readable stack.
    """
    try:
        stacks = tuple(planned) or stacks_for(settings)
    except (SettingsError, TemplateError) as error:
        raise BaseError(f"{label}: {error}") from error
    if not stacks:
        raise BaseError(f"{label}: the settings do not specify a template; set `template` in [tool.harness]")
    return _resolved(label, settings, stacks)


def of_scenarios(
    settings: Settings, scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings], label: str
) -> Resolved:
    """Return the stacks in a project's settings or, by default, the stacks of its scenarios.

    `settings_of` returns the settings for a scenario file. Stacks that only wrap a definition exist only in
    this result.

    Raises:
        BaseError: no readable stack exists.
    """
    if settings.template is not None or settings.stacks:
        return of_project(settings, label)
    found: dict[tuple[Path, str], Planned] = {}
    try:
        for scenario in scenarios:
            for each in stacks_of(scenario, settings_of(scenario.path)):
                if not isinstance(each.template, DefinitionPath):
                    found.setdefault((each.template.resolve(), each.name), each)
    except (ScenarioError, SettingsError, TemplateError) as error:
        raise BaseError(f"{label}: {error}") from error
    if len({name for _, name in found}) < len(found):  # each scenario deploys its own
        found = {key: replace(each, name=_name(each.template, settings)) for key, each in found.items()}
    return of_project(settings, label, planned=tuple(found.values()))


def _name(template: Path, settings: Settings) -> str:
    """Return a stack name derived from the full path of its template: `orders-template`."""
    try:
        way = template.resolve().relative_to(settings.root.resolve())
    except ValueError:
        way = template
    return stack_name(Path("-".join(part for part in way.with_suffix("").parts if part != "/")))


def of_template(template: Path, settings: Settings, label: str, name: str = "") -> Resolved:
    """Return the stack for a single template with the parameters from the settings.

    Raises:
        BaseError: the file, or the stack in the app, does not exist.
    """
    try:
        stacks = stacks_for(settings, template, name or settings.stack_name, settings.parameters)
    except (SettingsError, TemplateError) as error:
        raise BaseError(f"{label}: {error}") from error
    return _resolved(label, settings, stacks)


def _resolved(label: str, settings: Settings, stacks: Sequence[Planned]) -> Resolved:
    found = Resolved(
        label, settings.root, tuple(stacks), settings.account or ACCOUNT, settings.region or REGION
    )
    assert found.stacks, "an unusable template was already reported"
    return found
